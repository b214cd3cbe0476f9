"""Back-ups of the database by pgBackRest: their age, whether they are sealed, whether what comes since is archived.

They are made by the account of the database on its own machine; here only what pgBackRest tells of them is read, from
a file, so that no account of Egide needs their passphrase.
"""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from egide.common.clock import Clock
from egide.common.config import Config
from egide.common.encoding import NotJson, from_json
from egide.common.postgres.server import Archiver
from egide.common.text import _
from egide.entrypoints.doctor.finding import LOOK, OK, WRONG, Finding
from egide.entrypoints.doctor.kept import HOUR_S, LOOK_HOURS, WRONG_HOURS

CHECK = "database-backup"
_IN_CLEAR = "none"


class Times(msgspec.Struct, frozen=True):
    """When it began and ended, in seconds since 1970."""

    start: int
    stop: int


class BaseBackup(msgspec.Struct, frozen=True):
    """One back-up of the whole database, or of what has changed in it."""

    timestamp: Times


class Status(msgspec.Struct, frozen=True):
    """`code` is 0 where all is well, and `message` says what is not."""

    code: int
    message: str = ""


class Stanza(msgspec.Struct, frozen=True):
    """One database, as `pgbackrest info --output=json` tells of it; oldest back-up first."""

    status: Status
    cipher: str = _IN_CLEAR
    backup: tuple[BaseBackup, ...] = ()


def database_backups(config: Config, clock: Clock) -> Iterator[Finding]:
    """Nothing where the journal is a file, or where nobody says that the database is backed up by its own tools."""
    if not config.journal or not config.database_backups:
        return
    file = Path(config.database_backups)
    try:
        (stanza,) = from_json(file.read_bytes(), tuple[Stanza, ...])
    except (OSError, NotJson, ValueError) as error:
        text = _(
            "{file} does not tell of one database ({why}): journalctl -u 'pgbackrest-backup@*' says why."
        )
        yield Finding(CHECK, WRONG, text.format(file=file, why=error))
        return
    from egide.journal.engines.postgres_facts import archiver

    yield _of_stanza(stanza, clock.now_us() // 1_000_000, config.backup_days) or of_archive(
        archiver(config), stanza, clock.now_us()
    )


def _of_stanza(stanza: Stanza, now_s: int, days: int) -> Finding | None:
    """What is wrong with the back-ups themselves."""
    if stanza.cipher == _IN_CLEAR:
        text = _(
            "The back-ups of the database lie in clear: give their repository a cipher (repo1-cipher-type)."
        )
        return Finding(CHECK, WRONG, text)
    if stanza.status.code or not stanza.backup:
        text = _("pgBackRest says of its back-ups: {why}. journalctl -u 'pgbackrest-backup@*' says more.")
        return Finding(CHECK, WRONG, text.format(why=stanza.status.message or "-"))
    hours = (now_s - stanza.backup[-1].timestamp.stop) / HOUR_S
    oldest_days = (now_s - stanza.backup[0].timestamp.start) / HOUR_S / 24
    if hours > LOOK_HOURS:
        text = _(
            "The last back-up of the database is old (hours: {hours}): see why its timer does not make one."
        )
        return Finding(CHECK, WRONG if hours > WRONG_HOURS else LOOK, text.format(hours=round(hours)))
    if oldest_days > days:
        text = _(
            "A back-up of the database is older than erasing promises (days: {days}): see repo1-retention-full."
        )
        return Finding(CHECK, WRONG, text.format(days=round(oldest_days)))
    return None


def of_archive(archiver: Archiver, stanza: Stanza, now_us: int) -> Finding:
    """Whether what happens since the last back-up leaves the machine."""
    if not archiver.is_on:
        text = _(
            "The database archives nothing (archive_mode): what came since its last back-up would be lost."
        )
        return Finding(CHECK, WRONG, text)
    if archiver.failed_us > archiver.archived_us:
        minutes = (now_us - archiver.archived_us) // 60_000_000 if archiver.archived_us else 0
        text = _(
            "The database cannot archive what it writes (minutes: {minutes}): look at the repository of pgBackRest"
            " before the disk is full."
        )
        return Finding(CHECK, WRONG, text.format(minutes=minutes))
    hours = round((now_us / 1_000_000 - stanza.backup[-1].timestamp.stop) / HOUR_S)
    text = _("The last back-up of the database is fresh (hours: {hours}), and what comes since is archived.")
    return Finding(CHECK, OK, text.format(hours=hours))
