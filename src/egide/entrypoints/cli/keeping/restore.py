"""`egide restore`: an installation begins again from a back-up, in an empty directory; what is gone is said."""

import math
import os
from pathlib import Path

import click

from egide.common.clock import SystemClock, utc
from egide.common.config import Config
from egide.common.settings import NotSetUp
from egide.common.text import _
from egide.entrypoints.backup import restoring as r
from egide.entrypoints.backup.making import Manifest
from egide.entrypoints.stack.children import Child
from egide.journal.errors import JournalError, JournalUnavailable

ERASE_AGAIN = "egide.entrypoints.backup.erase_again"
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)

place_option = click.option(
    "--second-place",
    "place",
    type=_FOLDER,
    help=_("the copies of checkpoints (EGIDE_CHECKPOINTS_TO), with the list of erased files"),
)
without_option = click.option(
    "--without-second-place",
    "is_without",
    is_flag=True,
    help=_("it is lost: nobody can say what is missing, and erased files may come back"),
)


@click.command(
    help=_(
        "Restore the back-up FILE into an empty directory, prove it whole, erase what was erased since, and say what is"
        " missing. Nothing starts on the directory before all of that is done."
    )
)
@click.argument("file", type=_FILE)
@click.option("--to", "directory", required=True, type=click.Path(file_okay=False, path_type=Path))
@click.option("--key", required=True, type=_FILE, help=_("the file that `egide keys backup` wrote"))
@click.option(
    "--master", type=_FILE, help=_("master.key; not needed where EGIDE_MASTER_PARTS names its parts")
)
@place_option
@without_option
@click.option(
    "--files-only",
    "is_files",
    is_flag=True,
    help=_("journal, keys and records stand in PostgreSQL, and come back by its own tools"),
)
def restore(
    file: Path,
    directory: Path,
    key: Path,
    master: Path | None,
    place: Path | None,
    is_without: bool,
    is_files: bool,
) -> None:
    """Restore the back-up FILE into an empty directory."""
    check_one_place(place, is_without)
    clock, settings = SystemClock(), Config.from_env()
    if is_files and not settings.journal:
        raise NotSetUp(_("--files-only is for a journal in PostgreSQL, and EGIDE_JOURNAL names none."))
    try:
        with r.restoring(directory.absolute()) as folder:
            config = r.installation_in(settings, folder)
            manifest = r.unpack(file, key, config)
            r.with_master(config, master)
            if is_files:
                unsigned = r.leave_database(config, settings, place)
            else:
                done = r.prove(config, clock, manifest, place)
                _erase_or_refuse(config, done.to_erase)
    except (OSError, JournalUnavailable) as error:
        raise click.ClickException(_("Nothing was restored: {why}.").format(why=error)) from error
    except (r.RestoreRefused, JournalError, NotSetUp) as error:
        raise click.ClickException(str(error)) from error
    if is_files:
        _say_files(directory, manifest, unsigned)
        return
    text = _("Restored to {place}: the chain is whole up to event {head} ({time}).")
    click.echo(text.format(place=directory, head=manifest.head, time=at(manifest.at_us)))
    say(done, clock.now_us())


def _erase_or_refuse(config: Config, cases: tuple[str, ...]) -> None:
    """Raises RestoreRefused."""
    if not erase_again(config, cases):
        raise r.RestoreRefused(
            _("What was erased since could not be erased again (see above): nothing was restored.")
        )


def check_one_place(place: Path | None, is_without: bool) -> None:
    """Raises ClickException where nobody says whether there is a second place, or says both."""
    if (place is None) != is_without:
        raise click.ClickException(
            _("Name the second place with --second-place, or say --without-second-place when it is lost.")
        )


def erase_again(config: Config, cases: tuple[str, ...]) -> bool:
    """Those that were erased after what was restored; False when that failed, and why was said."""
    if not cases:
        return True
    ended = Child.finish(ERASE_AGAIN, {**os.environ, **config.environment()}, "\n".join(cases))
    click.echo(ended.stderr, err=True, nl=False)
    return ended.returncode == 0


def say(done: r.Restored, now_us: int) -> None:
    """What is gone, and what somebody has to look at."""
    manifest = done.manifest
    if not done.seen:
        text = _("Nobody can say what is missing: it is what happened since then (minutes: {minutes}).")
        click.echo(text.format(minutes=_minutes(now_us - manifest.at_us)))
    elif done.missing:
        text = _(
            "Missing, as the second place saw it: events {count}, minutes {minutes}, up to {time}; and what came after"
            " that without a checkpoint."
        )
        minutes = _minutes(done.seen_us - manifest.at_us)
        click.echo(text.format(count=done.missing, minutes=minutes, time=at(done.seen_us)))
    else:
        click.echo(_("The second place saw nothing that is missing here."))
    if done.to_erase:
        click.echo(
            _("Erased again, since they were erased after this back-up: {count}.").format(
                count=len(done.to_erase)
            )
        )
    _say_unsigned(done.unsigned)
    click.echo(
        _(
            "Everybody signs in again. Look at what was decided since then and is gone: accounts closed, readers"
            " barred, kits issued or returned, alarms closed. Phones that press are received as before."
        )
    )


def _say_files(directory: Path, manifest: Manifest, unsigned: int) -> None:
    """What is there, and what has to follow."""
    text = _(
        "Restored to {place}: files alone, as they were ({time}). Now bring the database back by its own tools, and run"
        " `egide journal restored` before anything starts."
    )
    click.echo(text.format(place=directory, time=at(manifest.at_us)))
    _say_unsigned(unsigned)


def _say_unsigned(count: int) -> None:
    if count:
        click.echo(_("Lines of the list of erased files that nobody signed: {count}.").format(count=count))


def at(at_us: int) -> str:
    """A time for people, in UTC."""
    return utc(at_us).isoformat(sep=" ", timespec="seconds")


def _minutes(span_us: int) -> int:
    """Begun minutes: nobody is told of less than is missing."""
    return max(0, math.ceil(span_us / 60_000_000))
