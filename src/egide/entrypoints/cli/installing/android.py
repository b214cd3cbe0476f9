"""`egide android`: hand out the app for Android from the authority's own host, or no longer."""

from pathlib import Path

import click

from egide.common.config import Config
from egide.common.text import _
from egide.entrypoints.cli.refusing import CommandRefused
from egide.fleet.native import apk as apks
from egide.fleet.native import published as publishing
from egide.fleet.native.apk import Apk, ApkError
from egide.fleet.native.published import Unfit


@click.group(help=_("The app for Android: hand it out from your own host, see what is handed out, or stop."))
def android() -> None:
    """The app for Android: hand it out from your own host, see what is handed out, or stop."""


@android.command(
    help=_(
        "Hand out FILE, a signed APK. A wrong or changed one, or one that phones would refuse for the one they have,"
        " changes nothing."
    )
)
@click.argument("file", type=click.Path(path_type=Path))
def publish(file: Path) -> None:
    """Hand out FILE, a signed APK."""
    config = Config.from_env()
    try:
        if file.stat().st_size > apks.MOST_BYTES:
            raise ApkError(apks.TOO_LARGE)
        done = publishing.do_publish(file.read_bytes(), config.android_dir)
    except ApkError as error:
        raise CommandRefused(_refusal(file, error.reason)) from error
    except Unfit as error:
        raise CommandRefused(_unfit(error)) from error
    except OSError as error:
        text = _("{file} cannot be read, or {place} cannot be written: {error}")
        raise CommandRefused(text.format(file=file, place=config.android_dir, error=error)) from error
    click.echo(_told(done, config))


@android.command(help=_("What is handed out, with the figures to compare."))
def show() -> None:
    """What is handed out, with the figures to compare."""
    config = Config.from_env()
    found = publishing.published(config.android_dir)
    click.echo(_("No app is handed out.") if found is None else _told(found, config))


@android.command(help=_("Hand out no app any more. Phones that have it keep it."))
def withdraw() -> None:
    """Hand out no app any more."""
    config = Config.from_env()
    try:
        before = publishing.do_withdraw(config.android_dir)
    except OSError as error:
        text = _("{place} cannot be written: {error}")
        raise CommandRefused(text.format(place=config.android_dir, error=error)) from error
    text = _("Withdrawn: version {version}.")
    click.echo(_("No app is handed out.") if before is None else text.format(version=before.version))


def _told(apk: Apk, config: Config) -> str:
    text = _(
        "Handed out: {package}, version {version} ({code}), {bytes} bytes\n"
        "SHA-256 of the file: {sha256}\n"
        "fingerprint of the signer: {signer}\n"
        "page: {page}"
    )
    told = text.format(
        package=apk.package,
        version=apk.version,
        code=apk.version_code,
        bytes=apk.bytes,
        sha256=apk.sha256,
        signer=apk.signer,
        page=config.app_page("android/"),
    )
    return told if _is_where_phones_ask(config) else f"{told}\n{_unasked(config)}"


def _is_where_phones_ask(config: Config) -> bool:
    """They know the addresses of intake alone, and ask there."""
    page = config.app_page("android/")
    return any(page == f"{address.rstrip('/')}/app/android/" for address in config.intake_urls)


def _unasked(config: Config) -> str:
    text = _(
        "Phones that have the app ask for newer versions where they send ({addresses}), and find none: the page is"
        " under another address. Let the same names lead to both, as docs/operations/nginx.conf does."
    )
    return text.format(addresses=", ".join(config.intake_urls))


def _refusal(file: Path, reason: str) -> str:
    texts = {
        apks.TOO_LARGE: _("{file} is larger than {most} MB: no app of ours is. Nothing was changed."),
        apks.NO_APP: _("{file} is no app for Android (an APK). Nothing was changed."),
        apks.NOT_SIGNED: _(
            "{file} is not signed in a way that phones take: sign it with make android and your key."
            " Nothing was changed."
        ),
        apks.CHANGED: _(
            "{file} was changed after it was signed. Fetch or build it anew. Nothing was changed."
        ),
    }
    return texts[reason].format(file=file, most=apks.MOST_BYTES // 1024 // 1024)


def _unfit(error: Unfit) -> str:
    texts = {
        publishing.OTHER_NAME: _(
            "Phones have the app {package}; this one has another name, and would stand beside it."
            " egide android withdraw first, if that is meant."
        ),
        publishing.OTHER_SIGNER: _(
            "The app that phones have was signed by {signer}; they refuse one signed by another key."
            " egide android withdraw first, if each phone is to be set up anew."
        ),
        publishing.OLDER: _("Version {code} is handed out already; phones refuse an older one."),
    }
    before = error.published
    return texts[error.reason].format(package=before.package, signer=before.signer, code=before.version_code)
