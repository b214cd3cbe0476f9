"""`egide keys rotate`: a new key in the place of one in force. Each goes in two steps: the new one comes beside the old
one, and when everybody who needs it has it, the old one is forgotten.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from egide.common.clock import SystemClock
from egide.common.config import Config
from egide.common.sealing import SealingKey
from egide.common.text import _
from egide.journal.engines.base import KeyPlace
from egide.journal.engines.chosen import keys_of
from egide.journal.errors import JournalError
from egide.journal.sealing import renewing
from egide.journal.sealing.keys import KeysInUse
from egide.journal.sealing.master import (
    join_parts,
    open_master,
    read_part,
    split_key,
    write_part,
)
from egide.journal.sealing.token import do_make, read_uri

finish_option = click.option("--finish", is_flag=True, help=_("the second step: the old key counts no more"))
_RESTART = "systemctl restart egide-intake egide-sms egide-web egide-worker"


@click.group(help=_("Put a new key in the place of one in force, without a pause."))
def rotate() -> None:
    """Put a new key in the place of one in force, without a pause."""


@rotate.command(
    help=_(
        "Wrap the key of every case with a new master key, while everything runs; a key that is split needs --parts."
        " Back-ups made before open with the old one alone: keep its copy until they have expired."
    )
)
@click.option(
    "--parts",
    nargs=2,
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FIRST SECOND",
    help=_("write the new key as two new files, as `split` does"),
)
@click.option(
    "--token",
    metavar="URI",
    help=_(
        "take the new key from a hardware module, which makes it: pkcs11:token=NAME;object=KEY?module-path=/PATH"
    ),
)
@finish_option
def master(parts: tuple[Path, Path] | None, token: str | None, finish: bool) -> None:
    """Wrap the key of every case with a new master key, while everything runs."""
    config = installation()
    place = keys_of(config)
    with in_a_sentence():
        if finish:
            _forget_master(config)
        elif parts:
            _renew_to_parts(config, place, parts)
        elif token:
            _renew_to_token(config, place, token)
        elif config.master_parts or config.master_token:
            raise click.ClickException(
                _(
                    "master.key is not in use here: say with --parts or --token where the new master key is to be."
                )
            )
        else:
            _say_renewed(renewing.do_renew_file(config, SystemClock()))
            renewing.scrub(place, open_master(config, place))
            _say_what_next(
                _("Put a copy of {path} into the safe.").format(path=config.data_dir / "master.key")
            )


def _renew_to_parts(config: Config, place: KeyPlace, parts: tuple[Path, Path]) -> None:
    """Parts that are there already, both, are those of a try that was cut off."""
    old = open_master(config, place)
    if not (parts[0].exists() and parts[1].exists()):
        for part, path in zip(split_key(SealingKey.fresh().raw), parts, strict=True):
            write_part(part, path)
    new = SealingKey(join_parts((read_part(parts[0]), read_part(parts[1]))))
    _say_renewed(renewing.do_renew(place, old, new, SystemClock()))
    renewing.scrub(place, new)
    first, second = (path.absolute() for path in parts)
    _say_what_next(
        _(
            "Give each file to another authority, with a copy in its safe: if one is lost, everything is lost. Name"
            " them in the settings: EGIDE_MASTER_PARTS={first}:{second}"
        ).format(first=first, second=second)
    )


def _renew_to_token(config: Config, place: KeyPlace, text: str) -> None:
    """A key of this name that is in the token already is taken as it is: a try was cut off, or an officer made it."""
    uri = read_uri(text)
    old = open_master(config, place)
    new = do_make(config, uri)
    _say_renewed(renewing.do_renew(place, old, new, SystemClock()))
    renewing.scrub(place, new)
    _say_what_next(
        _(
            "Name it in the settings: EGIDE_MASTER_TOKEN={uri} When the module breaks, nothing opens: write the key"
            " that it gives into two safes as two parts (egide keys split), or copy the module as its maker says."
        ).format(uri=text)
    )


def _forget_master(config: Config) -> None:
    if renewing.do_forget(config):
        click.echo(_("The old master key is forgotten here. Back-ups made with it open until they expire."))
    else:
        click.echo(_("No old master key waits here to be forgotten."))


def _say_renewed(renewed: renewing.Renewed | None) -> None:
    if renewed is None:
        click.echo(_("The keys were under the new master key already; the last step is done now."))
        return
    click.echo(_("Keys that the new master key wraps now: {count}.").format(count=renewed.keys))
    if renewed.damaged:
        text = _("Damaged keys, which did not open before either: {count}.")
        click.echo(text.format(count=renewed.damaged), err=True)


def _say_what_next(first: str) -> None:
    """What a person has to do, in its order."""
    click.echo(first)
    click.echo(
        _(
            "Make a back-up now, and keep the copy of the old key until all before it have expired: egide backup"
        )
    )
    click.echo(
        _("Then start the processes again, and forget the old key: {restart} && {finish}").format(
            restart=_RESTART, finish="egide keys rotate master --finish"
        )
    )


def installation() -> Config:
    """The settings of an installation that has keys."""
    config = Config.from_env()
    if not keys_of(config).is_there():
        text = _("There are no keys in {place}. Set EGIDE_DATA to the data directory.")
        raise click.ClickException(text.format(place=config.data_dir))
    return config


@contextmanager
def in_a_sentence() -> Iterator[None]:
    """What went wrong, and with which file."""
    try:
        yield
    except KeysInUse as error:
        text = _(
            "The keys are being read by somebody else, and were not cleaned: give the command once more."
        )
        raise click.ClickException(text) from error
    except FileExistsError as error:
        text = _("{file} exists; name another file.")
        raise click.ClickException(text.format(file=error.filename)) from error
    except OSError as error:
        text = _("{file} cannot be written: {why}")
        raise click.ClickException(text.format(file=error.filename, why=error.strerror)) from error
    except (JournalError, ValueError) as error:
        raise click.ClickException(str(error)) from error
