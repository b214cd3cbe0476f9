"""An installation that begins again from a back-up, in an empty directory. Nothing starts on half of one.

All is put together below `restoring/`, where nobody looks for it, proven there, and moved up at the end; as long as
that folder is there, no process starts on this directory (`common.config`).
"""

import io
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import IO

import msgspec

from egide.common.clock import Clock
from egide.common.config import RESTORING, Config
from egide.common.database import damage_of
from egide.common.files import sync_folder
from egide.common.sealing import UnsealError
from egide.common.text import _
from egide.entrypoints.backup.archive import KEYS, MANIFEST, ArchiveRefused, read_archive
from egide.entrypoints.backup.making import FORMAT, Manifest
from egide.journal.ending.erasing import state_of
from egide.journal.engines.chosen import ELSEWHERE
from egide.journal.engines.chosen import KEYS as KEYS_FILE
from egide.journal.errors import ChainBroken, JournalError, JournalUnavailable
from egide.journal.proof import checkpoints as c
from egide.journal.proof import erased as e
from egide.journal.proof.checkpoint import Checkpoint, Trust, read_checkpoints, sign
from egide.journal.proof.lines import append_lines
from egide.journal.proof.verify import Proof, verify
from egide.journal.sealing.keys import SYSTEM, KeyRows, KeyStore, write_rows
from egide.journal.sealing.master import MASTER_FILE, MasterKeyError
from egide.journal.service import Journal

_CHUNK = 1 << 20
# Of the group of all processes, where the umask leaves a group anything (decision 0049); all else is its owner's.
SHARED = ("journal.db", "checkpoints.jsonl", "erased.jsonl", "canary.pub", "receipt-keys")
# A directory whose group is inherited and may write.
_OF_A_GROUP = 0o2070
# What is made anew at each start, or holds as long as a process alone.
_OF_PROCESSES = ("bells", "journal.lock", "app.lock")


class RestoreRefused(Exception):
    """Nothing was restored; the message says why, and what to do."""


class Restored(msgspec.Struct, frozen=True):
    """What was restored. `seen`: the last event that the second place saw, at `seen_us`; 0 where no place was asked.

    `to_erase`: cases that were erased after the back-up was made, and stand in it as if they were not. `unsigned`
    lines of the second place's list counted for nothing.
    """

    manifest: Manifest
    proof: Proof
    seen: int
    seen_us: int
    to_erase: tuple[str, ...]
    unsigned: int

    @property
    def missing(self) -> int:
        """How many events the second place saw that are gone."""
        return max(0, self.seen - self.manifest.head)


@contextmanager
def restoring(directory: Path) -> Iterator[Path]:
    """The folder in which an installation is put together; it becomes `directory` when all went well. Raises
    RestoreRefused, OSError.

    Whatever fails leaves the directory as empty as it was; what ends while all is moved up leaves the folder there, so
    that nothing starts on a half.
    """
    folder = directory / RESTORING
    if folder.exists():
        raise _unfinished(directory)
    if directory.exists() and any(directory.iterdir()):
        text = _("{place} is not empty: restore into a directory without anything in it.")
        raise RestoreRefused(text.format(place=directory))
    if directory.exists() and directory.stat().st_mode & _OF_A_GROUP == _OF_A_GROUP:
        # As `egide init` makes it where processes have accounts of their own (decision 0049).
        os.umask(0o007)
    folder.mkdir(mode=0o770, parents=True)
    try:
        yield folder
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    try:
        _move_up(folder, directory)
    except OSError as error:
        raise _unfinished(directory) from error


def unpack(file: Path, key: Path, config: Config) -> Manifest:
    """Everything in the back-up, written to the data directory of `config`. Raises RestoreRefused."""
    manifest: Manifest | None = None

    def take(name: str, content: IO[bytes]) -> None:
        nonlocal manifest
        if manifest is None:
            manifest = _manifest(name, content.read())
        elif name == KEYS:
            write_rows(config.data_dir / "keys.db", _key_rows(content.read()))
        else:
            is_shared = name in SHARED or "/" in name
            _write(config.data_dir / name, content, 0o660 if is_shared else 0o600)

    try:
        with file.open("rb") as sealed:
            read_archive(sealed, key, take)
    except ArchiveRefused as error:
        raise RestoreRefused(str(error)) from error
    except (OSError, JournalUnavailable) as error:
        raise RestoreRefused(_("Nothing was restored: {why}.").format(why=error)) from error
    if manifest is None or not (config.data_dir / "keys.db").exists() or not config.journal_db.exists():
        raise RestoreRefused(_("{file} is no back-up of Egide.").format(file=file))
    _check_records(config.app_db)
    return manifest


def prove(config: Config, clock: Clock, manifest: Manifest, place: Path | None) -> Restored:
    """Hold what was unpacked against itself, the master key, and the second place. Raises RestoreRefused,
    MasterKeyError.

    What is gone is noted, signed, among the checkpoints.
    """
    keys = KeyStore.open(config)
    journal = Journal.open(config, clock, keys)
    try:
        _check_master(journal)
        public_key = bytes(c.signing_key(config).verify_key)
        trust, seen = _seen(config, public_key, place)
        comparison = c.Comparison([one for one in seen if one.seq <= manifest.head])
        proof = verify(comparison.passing(journal.every()))
        comparison.check()
        if proof.last_seq != manifest.head:
            raise ChainBroken(proof.last_seq + 1, _("events are missing at the end"))
        last = max(seen, key=lambda one: (one.seq, one.at_us), default=None)
        last_seq = max(1, proof.last_seq, last.seq if last else 0) if place else 0
        _note(config, clock, proof, last_seq or c.UNKNOWN_SEQ)
        cases, unsigned = _erased(config, trust, place)
        to_erase = tuple(case for case in cases if not state_of(journal, case).erased)
        return Restored(manifest, proof, last_seq, last.at_us if last and place else 0, to_erase, unsigned)
    except ChainBroken as error:
        text = _("The journal in this back-up is broken at event {seq}: {why}. Take another back-up.")
        raise RestoreRefused(text.format(seq=error.seq, why=error.why)) from error
    except MasterKeyError:
        raise
    except JournalError as error:
        raise RestoreRefused(str(error)) from error
    finally:
        journal.close()
        keys.close()


def leave_database(config: Config, settings: Config, place: Path | None) -> int:
    """Of what was unpacked, keep files alone: journal and keys stand in PostgreSQL, by `settings`, and come back by its
    own tools. Returns how many lines of the second place's list of erased files nobody signed. Raises RestoreRefused,
    CheckpointDisagrees, NoList.

    That list comes along, so that nothing starts on keys that are erased (`journal.proof.returned`).
    """
    trust, _seen_there = _seen(config, bytes(c.signing_key(config).verify_key), place)
    _cases, unsigned = _erased(config, trust, place)
    left = ["journal.db", KEYS_FILE, *(["app.db"] if settings.records else [])]
    for path in (config.data_dir / f"{name}{suffix}" for name in left for suffix in ("", "-wal", "-shm")):
        path.unlink(missing_ok=True)
    (config.data_dir / ELSEWHERE).touch(mode=0o640)
    return unsigned


def with_master(config: Config, master: Path | None) -> None:
    """Put the master key where processes look for it, unless the settings name its parts. Raises RestoreRefused."""
    if master is None:
        if not config.master_parts and not config.master_token:
            raise RestoreRefused(
                _(
                    "The master key is in no back-up: name its file with --master, or its two parts in"
                    " EGIDE_MASTER_PARTS."
                )
            )
        return
    try:
        key = master.read_bytes()
    except OSError as error:
        text = _("{file} cannot be read: {why}")
        raise RestoreRefused(text.format(file=master, why=error.strerror)) from error
    _write(config.data_dir / MASTER_FILE, io.BytesIO(key))


def installation_in(config: Config, folder: Path) -> Config:
    """The same settings with the data in this folder, and nothing copied anywhere while it is put together.

    Journal and records are files there, also where they are to stand in PostgreSQL: `egide journal move` and `egide
    records move` bring them over.
    """
    return replace(
        config,
        data_dir=folder,
        journal="",
        journal_password="",
        records="",
        records_password="",
        checkpoints_to="",
        backup_to="",
    )


def _manifest(name: str, content: bytes) -> Manifest:
    """What the back-up says of itself, which comes first. Raises RestoreRefused."""
    try:
        found = msgspec.json.decode(content, type=Manifest) if name == MANIFEST else None
    except msgspec.MsgspecError:
        found = None
    if found is None or found.format != FORMAT:
        raise RestoreRefused(_("This file is no back-up of Egide."))
    if found.egide != version("egide"):
        text = _(
            "This back-up is of Egide {of}, and this is {here}: restore it with that version, then upgrade."
        )
        raise RestoreRefused(text.format(of=found.egide, here=version("egide")))
    return found


def _key_rows(content: bytes) -> KeyRows:
    """Raises RestoreRefused."""
    try:
        return msgspec.json.decode(content, type=KeyRows)
    except msgspec.MsgspecError as error:
        raise RestoreRefused(_("This file is no back-up of Egide.")) from error


def _check_records(app_db: Path) -> None:
    """Of the journal the chain tells whether it is whole, of the records SQLite. Raises RestoreRefused."""
    if app_db.exists() and (found := damage_of(app_db)):
        raise RestoreRefused(_("Nothing was restored: {why}.").format(why=f"{app_db.name}: {found}"))


def _check_master(journal: Journal) -> None:
    """Raises MasterKeyError when the master key opens nothing of the system: there may be no case whose key would
    tell.
    """
    for row in journal.every():
        if row.key == SYSTEM:
            try:
                journal.open_event(row)
            except UnsealError as error:
                raise MasterKeyError(
                    _("This master key does not open this back-up: it belongs to another installation.")
                ) from error
            return


def _seen(config: Config, public_key: bytes, place: Path | None) -> tuple[Trust, list[Checkpoint]]:
    """Whose signature counts, and what it stands under, here and in the second place, without what earlier restores say
    is gone. Raises RestoreRefused, CheckpointDisagrees.
    """
    own_file = config.data_dir / c.FILE_NAME
    data = own_file.read_bytes() if own_file.exists() else b""
    if place is not None:
        try:
            there = (place / c.FILE_NAME).read_bytes()
        except OSError as error:
            text = _("{place} holds no checkpoints ({why}): name the directory of EGIDE_CHECKPOINTS_TO.")
            raise RestoreRefused(text.format(place=place, why=error.strerror)) from error
        if not any(public_key in (one.public_key, one.next_key) for one in read_checkpoints(there)[0]):
            text = _("The checkpoints in {place} are those of another installation.")
            raise RestoreRefused(text.format(place=place))
        data += b"\n" + there
    found, _unreadable = read_checkpoints(data)
    trust = Trust(public_key, found)
    own = trust.of(found)
    restored = [one for one in own if one.seen]
    return trust, [one for one in own if not one.was_lost(restored)]


def _note(config: Config, clock: Clock, proof: Proof, seen: int) -> None:
    """A signed line that what came after `proof` is gone: watch would call it cut off for ever."""
    line = sign(c.signing_key(config), proof.last_seq, proof.running, clock.now_us(), seen)
    append_lines(config.data_dir / c.FILE_NAME, [msgspec.json.encode(line)])


def _erased(config: Config, trust: Trust, place: Path | None) -> tuple[list[str], int]:
    """The cases on the list of the second place, which goes with this installation from now on. Raises NoList."""
    if place is None:
        return [], 0
    found, unsigned = e.read_erased(place / e.FILE_NAME, trust.covers)
    own = config.data_dir / e.FILE_NAME
    own.touch(mode=0o660)
    known = set(own.read_bytes().splitlines())
    lines = {msgspec.json.encode(one) for one in found}
    append_lines(own, sorted(lines - known))
    return sorted({one.case for one in found}), unsigned


def _write(path: Path, content: IO[bytes], mode: int = 0o600) -> None:
    """A new file, durable. Raises RestoreRefused when the disk does not take it."""
    try:
        path.parent.mkdir(mode=0o770, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        # To close it is to write, too.
        with os.fdopen(descriptor, "wb") as file:
            while chunk := content.read(_CHUNK):
                file.write(chunk)
            file.flush()
            os.fsync(descriptor)
    except OSError as error:
        raise _not_written(path, error) from error


def _not_written(path: Path, error: OSError) -> RestoreRefused:
    text = _("{file} cannot be written: {why}")
    return RestoreRefused(text.format(file=path, why=error.strerror))


def _unfinished(directory: Path) -> RestoreRefused:
    text = _("{place} holds a restore that did not end: empty this directory, and restore again.")
    return RestoreRefused(text.format(place=directory))


def _move_up(folder: Path, directory: Path) -> None:
    for name in _OF_PROCESSES:
        path = folder / name
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    os.sync()
    for path in sorted(folder.iterdir()):
        path.rename(directory / path.name)
    sync_folder(directory)
    folder.rmdir()
    sync_folder(directory)
