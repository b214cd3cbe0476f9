"""`egide init`: a new installation on this machine, from a handful of answers to the first administrator's link."""

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import click
import msgspec

from egide.common.config import Config
from egide.common.settings import settings_of
from egide.common.settings.file import DEFAULT, VARIABLE, path_in_force
from egide.common.settings.sources import Sources
from egide.common.text import _, language
from egide.entrypoints.cli.installing.filling import MODULE, Filled, Wanted
from egide.entrypoints.cli.installing.places import Places, account_for, free_file
from egide.entrypoints.cli.refusing import CommandRefused
from egide.entrypoints.stack.children import surroundings
from egide.journal.sealing.master import MASTER_FILE

DATA = Path("/var/lib/egide")


@click.command(
    help=_(
        "Make an installation on this machine: file of settings, keys, databases, zones, the first administrator's"
        " link. What is not given is asked for."
    )
)
@click.option(
    "--data", type=click.Path(path_type=Path), default=DATA, show_default=True, help=_("data directory")
)
@click.option("--pages", metavar="URL", help=_("where people will open the pages, https://NAME"))
@click.option(
    "--phones",
    metavar="URL",
    help=_("where phones will send, https://NAME: a name that tells nobody anything"),
)
@click.option("--admin", metavar="NAME", help=_("account of the first administrator"))
@click.option("--title", default="", help=_("What colleagues see; the name when left out."))
@click.option(
    "--email",
    metavar="ADDRESS",
    default="",
    help=_("of the service, for the operators of push services; without it no page is woken"),
)
@click.option(
    "--proxy",
    "proxies",
    multiple=True,
    metavar="ADDRESS",
    default=["127.0.0.1"],
    show_default=True,
    help=_("the proxy in front, which ends TLS; can be given several times"),
)
@click.option("--account", metavar="NAME", help=_("whose the data are, when root gives the command [egide]"))
@click.option(
    "--link",
    type=click.Path(path_type=Path),
    help=_("a new file for the administrator's link; needed where the output is no terminal"),
)
def init(
    data: Path,
    pages: str | None,
    phones: str | None,
    admin: str | None,
    title: str,
    email: str,
    proxies: tuple[str, ...],
    account: str | None,
    link: Path | None,
) -> None:
    """Make an installation on this machine."""
    path = _path()
    _check_environment()
    if link is None and not sys.stdout.isatty():
        raise CommandRefused(
            _(
                "The output is no terminal, and what is kept of it would keep the link: name a new file with --link."
            )
        )
    if link is not None and link.exists():
        raise CommandRefused(_("{file} exists; name another file.").format(file=link))
    places = Places(path, data.absolute(), account_for(account))
    places.check_new()
    pages = _answer(pages, "--pages", _("Where will people open the pages (https://NAME)?"), _origin)
    phones = _answer(phones, "--phones", _("Where will phones send (https://NAME, another name)?"), _origin)
    if urlsplit(pages).hostname == urlsplit(phones).hostname:
        raise CommandRefused(
            _("Phones need a name of their own, which tells nobody anything: --phones is that of the pages.")
        )
    admin = _answer(
        admin, "--admin", _("Account of the first administrator (small letters, digits, dashes)?")
    )
    config = _config(places.data, pages, phones, proxies, email)
    names = [name for name, each in settings_of(Config).items() if getattr(config, name) != each.default]
    with places.drafted(config.as_file(names)):
        places.do_begin()
        filled = _filled(config, Wanted(admin, title or admin, language()), places)
        address = config.page(f"/invitation/{filled.token}")
        if link is not None:
            with os.fdopen(free_file(link), "w") as file:
                file.write(f"{address}\n")
        _tell(places, filled, admin, address if link is None else str(link.absolute()))
        places.do_finish()


def _path() -> Path:
    path = path_in_force(os.environ)
    if path is None and os.environ.get(VARIABLE, "").strip():
        raise CommandRefused(_("Name the file to write with --config."))
    return path or DEFAULT


def _check_environment() -> None:
    """What it sets would count before the file that is written, here and nowhere else."""
    # In which language somebody is asked says nothing of the installation.
    found = [
        each.variable
        for name, each in settings_of(Config).items()
        if name != "language" and os.environ.get(each.variable, "").strip()
    ]
    if found:
        text = _("{names} would count before the file of settings: unset it, and give options.")
        raise CommandRefused(text.format(names=", ".join(found)))


def _answer(given: str | None, option: str, question: str, read: Callable[[str], str] = str.strip) -> str:
    """What was given or is answered. Raises CommandRefused."""
    if given is None:
        try:
            given = click.prompt(question, prompt_suffix=" ", err=True)
        except click.Abort:
            raise CommandRefused(_("Nobody answers: give {option}.").format(option=option)) from None
    try:
        return read(str(given))
    except ValueError as error:
        raise CommandRefused(f"{option}: {error}") from None


def _origin(text: str) -> str:
    """https:// and a name that others reach. Raises ValueError."""
    parts = urlsplit(text.strip().rstrip("/"))
    name = parts.hostname or ""
    with suppress(ValueError):
        is_bare = parts.netloc == (f"{name}:{parts.port}" if parts.port else name)
        is_here = name in ("localhost", "127.0.0.1", "::1") or name.endswith(".localhost")
        if parts.scheme == "https" and name and is_bare and not is_here and not (parts.path or parts.query):
            return f"https://{parts.netloc}"
    raise ValueError(
        _("{text} is not https:// and a name that other machines reach, with nothing behind it.").format(
            text=repr(text)
        )
    )


def _config(data: Path, pages: str, phones: str, proxies: tuple[str, ...], email: str) -> Config:
    """Raises NotSetUp naming what is wrong."""
    if email and ("@" not in email or not email.isprintable() or " " in email):
        raise CommandRefused(_("{email} is no e-mail address.").format(email=repr(email)))
    return Config.of(
        Sources(
            {
                "EGIDE_DATA": str(data),
                "EGIDE_WEB_ORIGINS": pages,
                "EGIDE_LIVE_URL": pages,
                "EGIDE_INTAKE_URLS": phones,
                "EGIDE_PHONE_URL": f"{phones}/app/",
                "EGIDE_TRUSTED_PROXIES": ",".join(proxies),
                "EGIDE_PUSH_CONTACT": f"mailto:{email}" if email else "",
            }
        )
    )


def _filled(config: Config, wanted: Wanted, places: Places) -> Filled:
    """Let a process of the data's account do the work. Raises CommandRefused."""
    click.echo(_("Making keys, databases and zones …"), err=True)
    done = subprocess.run(
        [sys.executable, "-m", MODULE],
        input=msgspec.json.encode(wanted),
        stdout=subprocess.PIPE,
        env=surroundings(config.environment()),
        check=False,
        **places.owner(),
    )
    if done.returncode != 0:
        raise CommandRefused(
            _("It was not finished. What is wrong stands above; then give the same command again.")
        )
    filled = msgspec.json.decode(done.stdout, type=Filled)
    if filled.refused:
        from egide.entrypoints.cli.accounts import why_not

        raise CommandRefused(why_not(filled.refused, wanted.name))
    return filled


def _tell(places: Places, filled: Filled, admin: str, link: str) -> None:
    texts = [
        _("Settings: {config}. Data: {data}.").format(config=places.config, data=places.data),
        _(
            "Master key: {master}. It opens everything, and without it nothing opens: copy it now into a safe, apart"
            " from this machine and from its back-ups. Then split it between two authorities, as text that can be kept"
            " on paper: egide keys split FIRST SECOND --remove"
        ).format(master=places.data / MASTER_FILE),
        _("Public key of checkpoints, for whoever keeps their copies: {key}").format(
            key=filled.checkpoint_key
        ),
        _(
            "Still to do: TLS by a proxy in front (docs/operations/guide.md); a second road for alarms (alert_smtp,"
            " alert_url) and a second place for checkpoints (checkpoints_to) in the settings; the first data-protection"
            " officer: egide accounts first NAME --role data-protection"
        ),
        _("What is missing, each with what to do: egide doctor"),
        _(
            "This opens the account {admin} once, until {until}. Give it to that person alone, by hand: not by mail,"
            " not in a ticket. If it is lost: egide accounts first {admin} --again"
        ).format(admin=admin, until=filled.until),
        link,
    ]
    if os.geteuid() == 0 and not places.owner():
        texts.insert(
            1, _("Everything belongs to root, and so must the processes: there is no account egide here.")
        )
    click.echo("\n".join(texts))
