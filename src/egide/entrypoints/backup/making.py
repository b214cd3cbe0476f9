"""Making a back-up: copied at one moment, sealed to whom the settings name, never there by half; then old ones go."""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path

import msgspec

from egide.common.clock import Clock, utc
from egide.common.config import Config, NotSetUp
from egide.common.files import sync_folder
from egide.common.settings import settings_of
from egide.common.text import _
from egide.entrypoints.backup.archive import (
    KEYS,
    MANIFEST,
    SETTINGS,
    ArchiveRefused,
    Member,
    is_known,
    write_archive,
)
from egide.entrypoints.backup.generations import expired, name_at
from egide.entrypoints.cli.refusing import check_journal
from egide.entrypoints.stack.migrated import MODULE as MIGRATED
from egide.entrypoints.stack.migrated import migrated
from egide.journal.errors import JournalUnavailable
from egide.journal.snapshot import Records, Snapshot, at_one_moment, blobs_with_a_key
from egide.outbox.place import check_place

FORMAT = "egide-backup-1"
STAGING = "backing-up"
_LOCK = "backup.lock"
# Small, and each as it is: they are written once, or only ever get further lines.
_AS_THEY_ARE = (
    "canary.key", "canary.pub", "checkpoint.key", "receipt.key", "receipt-keys", "surveys.key", "team-codes.key",
    "vapid.key", "spooled-readings", "retention.toml", "erased.jsonl",
)  # fmt: skip
_CHECKPOINTS = "checkpoints.jsonl"


class Manifest(msgspec.Struct, frozen=True):
    """What a back-up says of itself: the version of Egide, its moment, and the last event with its time
    (microseconds).
    """

    format: str
    egide: str
    at_us: int
    head: int
    last_us: int


class Made(msgspec.Struct, frozen=True):
    """A back-up that is there, and which earlier ones went."""

    file: Path
    manifest: Manifest
    size_bytes: int
    gone: tuple[str, ...]


class BackupRefused(Exception):
    """No back-up was made; the message says why, and what to do."""


def do_backup(config: Config, clock: Clock) -> Made:
    """Make a back-up. Raises NotSetUp, BackupRefused."""
    place = _place(config)
    try:
        with _alone(config, place), _staging(config) as staging:
            manifest, members = _copy(config, clock, staging)
            file = _free(place, utc(manifest.at_us))
            _write(file, config.backup_recipient, members)
            return Made(file, manifest, file.stat().st_size, _expire(config, clock, place))
    except ArchiveRefused as error:
        raise BackupRefused(str(error)) from error
    except (OSError, JournalUnavailable) as error:
        text = _("The back-up was not made, nothing half is left ({why}).")
        raise BackupRefused(text.format(why=error)) from error


def _free(place: Path, moment: datetime) -> Path:
    """The file of a back-up of this moment, or of the next second that has none: no back-up replaces another."""
    while (place / name_at(moment)).exists():
        moment += timedelta(seconds=1)
    return place / name_at(moment)


def _place(config: Config) -> Path:
    if not config.backup_to:
        raise NotSetUp(_("Set EGIDE_BACKUP_TO to the directory that gets the back-ups."))
    if not config.backup_recipient:
        raise NotSetUp(
            _(
                "Set EGIDE_BACKUP_RECIPIENT to what `egide keys backup FILE` prints: back-ups are sealed to it."
            )
        )
    place = Path(config.backup_to)
    if not place.is_dir():
        # Not made here: the mount of another machine that is not there looks like a directory that is missing.
        raise NotSetUp(_("EGIDE_BACKUP_TO: {place} is no directory. Make or mount it.").format(place=place))
    check_journal(config)
    check_place(config)
    return place


@contextmanager
def _alone(config: Config, place: Path) -> Iterator[None]:
    """One back-up at a time; what an earlier one left half when it was killed goes first."""
    lock = os.open(config.data_dir / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BackupRefused(_("Another back-up is being made at this moment.")) from error
        shutil.rmtree(config.data_dir / STAGING, ignore_errors=True)
        for left in place.glob(".egide-*.part"):
            left.unlink()
        yield
    finally:
        os.close(lock)


@contextmanager
def _staging(config: Config) -> Iterator[Path]:
    """A directory beside the originals, where who could read the copies could read those too."""
    staging = config.data_dir / STAGING
    staging.mkdir(mode=0o700)
    try:
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _copy(config: Config, clock: Clock, staging: Path) -> tuple[Manifest, Iterator[Member]]:
    """What goes into the back-up. Everything that must be of one moment has been copied when this returns."""
    # Before the moment: none of these saw more than the copy of the journal holds.
    with suppress(FileNotFoundError):
        shutil.copyfile(config.data_dir / _CHECKPOINTS, staging / _CHECKPOINTS)
    with _elsewhere(config, staging) as records, at_one_moment(config, clock, records) as snapshot:
        manifest = Manifest(FORMAT, version("egide"), snapshot.at_us, snapshot.head, snapshot.last_us)
        snapshot.copy_journal(staging / "journal.db")
        snapshot.copy_records(staging / "app.db")
    return manifest, _members(config, manifest, snapshot, staging)


@contextmanager
def _elsewhere(config: Config, staging: Path) -> Iterator[Records | None]:
    """A reader of the records where they stand in PostgreSQL. Raises NotSetUp, OSError."""
    if not config.records:
        yield None
        return
    # Its driver is loaded where the settings name a database.
    from egide.outbox.postgres.address import check_reached
    from egide.outbox.postgres.copying import RecordsCopier

    check_reached(config)
    empty = migrated()
    if not empty.exists():
        # Django reads its settings once: this belongs into a process of its own.
        empty = staging / "empty.db"
        command = [sys.executable, "-m", MIGRATED, str(empty)]
        if subprocess.run(command, check=False).returncode != 0:
            raise OSError(_("The tables of app.db cannot be made (see above)."))
    with closing(RecordsCopier(config, empty)) as reader:
        yield reader


def _members(config: Config, manifest: Manifest, snapshot: Snapshot, staging: Path) -> Iterator[Member]:
    yield MANIFEST, msgspec.json.encode(manifest)
    yield KEYS, msgspec.json.encode(snapshot.keys)
    for name in (_CHECKPOINTS, "journal.db", "app.db"):
        yield name, staging / name
    for name in _AS_THEY_ARE:
        yield name, config.data_dir / name
    yield SETTINGS, _settings(config)
    yield from _below(config, snapshot)


def _below(config: Config, snapshot: Snapshot) -> Iterator[Member]:
    """Sound, zones and films. A piece of sound that came since stays out: the journal does not know it yet, and it
    would lie in the way when its phone sends it again."""
    found = sorted(
        path.relative_to(config.data_dir).as_posix()
        for folder in ("blobs", "zones", "sign")
        for path in (config.data_dir / folder).rglob("*")
        if path.is_file()
    )
    # A piece gets its key before its file: this is asked after the files were listed.
    since = blobs_with_a_key(config) - {digest for digest, _case, _wrapped in snapshot.keys.blobs}
    for name in found:
        if is_known(name) and name.rpartition("/")[2] not in since:
            yield name, config.data_dir / name


def _settings(config: Config) -> bytes:
    declared = {each.variable for each in settings_of(config).values()}
    lines = (f"{name}={value}" for name, value in config.environment().items() if value and name in declared)
    return ("\n".join(lines) + "\n").encode()


def _write(file: Path, recipient: str, members: Iterator[Member]) -> None:
    """Written aside, forced to the disk, then named: a back-up is whole or not there."""
    draft = file.with_name(f".{file.name}.part")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as out:
            write_archive(out, recipient, members)
            out.flush()
            os.fsync(descriptor)
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)
    sync_folder(file.parent)


def _expire(config: Config, clock: Clock, place: Path) -> tuple[str, ...]:
    gone = expired((path.name for path in place.iterdir()), utc(clock.now_us()), config.backup_days)
    for name in gone:
        (place / name).unlink(missing_ok=True)
    if gone:
        sync_folder(place)
    return tuple(gone)
