"""`egide restore`: an installation begins again from a back-up, in an empty directory; what is gone is said."""

import math
import os
import subprocess
import sys
from pathlib import Path

import click

from egide.common.clock import SystemClock, utc
from egide.common.config import Config
from egide.common.settings import NotSetUp
from egide.common.text import _
from egide.entrypoints.backup import restoring as r

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


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
@click.option(
    "--second-place",
    "place",
    type=_FOLDER,
    help=_("the copies of checkpoints (EGIDE_CHECKPOINTS_TO), with the list of erased files"),
)
@click.option(
    "--without-second-place",
    "is_without",
    is_flag=True,
    help=_("it is lost: nobody can say what is missing, and erased files may come back"),
)
def restore(
    file: Path, directory: Path, key: Path, master: Path | None, place: Path | None, is_without: bool
) -> None:
    """Restore the back-up FILE into an empty directory."""
    if (place is None) != is_without:
        raise click.ClickException(
            _("Name the second place with --second-place, or say --without-second-place when it is lost.")
        )
    clock, settings = SystemClock(), Config.from_env()
    try:
        with r.restoring(directory.absolute()) as folder:
            config = r.installation_in(settings, folder)
            manifest = r.unpack(file, key, config)
            r.with_master(config, master)
            done = r.prove(config, clock, manifest, place)
            _erase_again(config, done.to_erase)
    except (r.RestoreRefused, NotSetUp) as error:
        raise click.ClickException(str(error)) from error
    _say(directory, done, clock.now_us())


def _erase_again(config: Config, cases: tuple[str, ...]) -> None:
    """Raises RestoreRefused."""
    if not cases:
        return
    ended = subprocess.run(
        [sys.executable, "-m", "egide.entrypoints.backup.erase_again"],
        env={**os.environ, **config.environment()},
        input="\n".join(cases),
        text=True,
    )
    if ended.returncode != 0:
        raise r.RestoreRefused(
            _("What was erased since could not be erased again (see above): nothing was restored.")
        )


def _say(directory: Path, done: r.Restored, now_us: int) -> None:
    """What was restored, what is gone, and what somebody has to look at."""
    manifest = done.manifest
    click.echo(
        _("Restored to {place}: the chain is whole up to event {head} ({time}).").format(
            place=directory, head=manifest.head, time=_time(manifest.at_us)
        )
    )
    if not done.seen:
        text = _("Nobody can say what is missing: it is what happened since then (minutes: {minutes}).")
        click.echo(text.format(minutes=_minutes(now_us - manifest.at_us)))
    elif done.missing:
        text = _(
            "Missing, as the second place saw it: events {count}, minutes {minutes}, up to {time}; and what came after"
            " that without a checkpoint."
        )
        minutes = _minutes(done.seen_us - manifest.at_us)
        click.echo(text.format(count=done.missing, minutes=minutes, time=_time(done.seen_us)))
    else:
        click.echo(_("The second place saw nothing that is missing here."))
    if done.to_erase:
        click.echo(
            _("Erased again, since they were erased after this back-up: {count}.").format(
                count=len(done.to_erase)
            )
        )
    if done.unsigned:
        click.echo(
            _("Lines of the list of erased files that nobody signed: {count}.").format(count=done.unsigned)
        )
    click.echo(
        _(
            "Everybody signs in again. Look at what was decided since then and is gone: accounts closed, readers"
            " barred, kits issued or returned, alarms closed. Phones that press are received as before."
        )
    )


def _time(at_us: int) -> str:
    return utc(at_us).isoformat(sep=" ", timespec="seconds")


def _minutes(span_us: int) -> int:
    """Begun minutes: nobody is told of less than is missing."""
    return max(0, math.ceil(span_us / 60_000_000))
