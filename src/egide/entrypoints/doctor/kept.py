"""What is kept elsewhere: back-ups, their age, and the second place of checkpoints."""

import math
from collections.abc import Iterator
from pathlib import Path

from egide.common.clock import Clock, utc
from egide.common.config import Config
from egide.common.text import _
from egide.entrypoints.backup.generations import moment_of
from egide.entrypoints.doctor.finding import LOOK, OK, WRONG, Finding, on_one_disk
from egide.journal.proof import checkpoints as c
from egide.journal.proof.checkpoint import read_checkpoints
from egide.journal.proof.erased import FILE_NAME as ERASED

BACKUP, PLACE = "backup", "second-place"
LOOK_HOURS, WRONG_HOURS = 26, 72
HOUR_S = 3600


def age_s(config: Config, now_us: int) -> float | None:
    """Since the last back-up; infinite when there is none, None where no place is set."""
    if not config.backup_to:
        return None
    try:
        names = [path.name for path in Path(config.backup_to).iterdir()]
    except OSError:
        names = []
    last = max((moment for name in names if (moment := moment_of(name))), default=None)
    return (utc(now_us) - last).total_seconds() if last else math.inf


def backup(config: Config, clock: Clock) -> Iterator[Finding]:
    """How old the newest is, and whether one is older than erasing promises (safety rule 29)."""
    unset = LOOK if config.demo else WRONG
    if not config.backup_to or not config.backup_recipient:
        text = _(
            "No back-ups are set (EGIDE_BACKUP_TO, EGIDE_BACKUP_RECIPIENT): a lost disk loses everything."
        )
        yield Finding(BACKUP, unset, text)
        return
    place, now = Path(config.backup_to), utc(clock.now_us())
    if not place.is_dir():
        text = _("EGIDE_BACKUP_TO: {place} is no directory. Make or mount it.")
        yield Finding(BACKUP, WRONG, text.format(place=place))
        return
    moments = sorted(moment for path in place.iterdir() if (moment := moment_of(path.name)))
    if not moments:
        yield Finding(BACKUP, WRONG, _("There is no back-up yet: run `egide backup`, and see its timer."))
        return
    hours = (now - moments[-1]).total_seconds() / HOUR_S
    oldest_days = (now - moments[0]).total_seconds() / HOUR_S / 24
    if hours > LOOK_HOURS:
        text = _(
            "The last back-up is old (hours: {hours}): run `egide backup`, and see why its timer does not."
        )
        yield Finding(BACKUP, WRONG if hours > WRONG_HOURS else LOOK, text.format(hours=round(hours)))
    elif oldest_days > config.backup_days + 2:
        text = _("A back-up is older than erasing promises (days: {days}): see why `egide backup` left it.")
        yield Finding(BACKUP, WRONG, text.format(days=round(oldest_days)))
    elif on_one_disk(place, config.data_dir):
        yield Finding(
            BACKUP, LOOK, _("Back-ups lie on the disk that they are for: put them on another machine.")
        )
    else:
        yield Finding(BACKUP, OK, _("The last back-up is fresh (hours: {hours}).").format(hours=round(hours)))


def second_place(config: Config, clock: Clock) -> Iterator[Finding]:
    """Whether checkpoints and the list of erased files leave the house (rules 36 and 48)."""
    if not config.checkpoints_to:
        text = _("No second place is set (EGIDE_CHECKPOINTS_TO): a removed alarm would not show.")
        yield Finding(PLACE, LOOK if config.demo else WRONG, text)
        return
    place = Path(config.checkpoints_to)
    try:
        found, _unreadable = read_checkpoints((place / c.FILE_NAME).read_bytes())
        is_listed = (place / ERASED).exists()
    except OSError as error:
        text = _("The second place {place} cannot be read ({why}): mount it, and see watch.")
        yield Finding(PLACE, WRONG, text.format(place=place, why=error.strerror))
        return
    newest_us = max((one.at_us for one in found), default=0)
    minutes = (clock.now_us() - newest_us) / 60_000_000
    if minutes * 60 > 2 * config.checkpoint_every_s:
        text = _(
            "No checkpoint has reached the second place lately (minutes: {minutes}): see the log of watch."
        )
        yield Finding(PLACE, WRONG, text.format(minutes=round(minutes)))
    elif not is_listed:
        text = _("The list of erased files is missing in {place}: ask who removed it, and start watch again.")
        yield Finding(PLACE, WRONG, text.format(place=place))
    elif on_one_disk(place, config.data_dir):
        yield Finding(
            PLACE, LOOK, _("The second place is on this machine's disk: who changes one changes both.")
        )
    else:
        text = _("The second place is fresh (minutes: {minutes}).")
        yield Finding(PLACE, OK, text.format(minutes=round(minutes)))
