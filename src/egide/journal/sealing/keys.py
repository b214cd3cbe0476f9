"""Keys of cases: one random key each, kept wrapped by the master key; a stream's key is derived from it.

They stand in keys.db, or beside a journal in PostgreSQL (`engines.keys`).

A blob has a random key of its own, wrapped by its case's, because sound may have to go before its case does.
The system's key is derived from the first master key, and stands beside those of cases since that was replaced
(`renewing`).

Destroying one row makes every event, record and back-up sealed for that case unreadable. The list of erased cases
tells every other process to forget the key that it remembers, and that no new one may be made.
"""

import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import msgspec

from egide.common.config import Config
from egide.common.sealing import SealingKey, UnsealError
from egide.common.text import _
from egide.journal.engines.base import Asking, KeyPlace
from egide.journal.engines.chosen import keys_of
from egide.journal.engines.keys.sqlite import KeyFile
from egide.journal.errors import JournalUnavailable, or_unavailable
from egide.journal.sealing.master import MasterKeyError, case_label, masters, open_master, opens_keys

SYSTEM = "system"
HANDED_LABEL = b"master-key-handed-on"
_INTO_CASES = "INSERT INTO case_key VALUES (?, ?)"
_INTO_BLOBS = "INSERT INTO blob_key VALUES (?, ?, ?)"
_INTO_ERASED = "INSERT INTO erased_case (case_id) VALUES (?)"
# Under a master key that was replaced meanwhile it would never open again.
_ENSURE = """
INSERT INTO case_key SELECT ?, ?
WHERE NOT EXISTS (SELECT 1 FROM erased_case WHERE case_id = ?)
  AND (SELECT coalesce(max(generation), 0) FROM master_key) = ?
ON CONFLICT DO NOTHING
"""
_LENT = b"lent-key:"
_STREAM = b"egide-stream-1\0"
_RECORD = b"egide-record-1\0"


class KeyRows(msgspec.Struct, frozen=True):
    """All keys, each of them wrapped: cases, blobs with their cases, erased cases in their order."""

    cases: tuple[tuple[str, bytes], ...]
    blobs: tuple[tuple[str, str, bytes], ...]
    erased: tuple[str, ...]


class KeyErased(Exception):
    """There is no key for this case (any more): what was sealed for it cannot be read."""


class MasterReplaced(Exception):
    """Another master key is in force, and this process cannot come by it: it must be started again.

    No error of the journal, and nobody catches it: a process that went on would refuse every new case.
    """


class KeysInUse(Exception):
    """The keys could not be written anew because another process was reading them for seconds; try again."""


class KeyStore:
    """Unwraps and makes keys; safe to share between threads."""

    def __init__(
        self, place: KeyPlace, master: SealingKey, renew: Callable[[], SealingKey] | None = None
    ) -> None:
        """`renew` gives the master key that the settings name now. Raises MasterKeyError."""
        self._master = master
        self._renew = renew
        self._generation = 0
        self._system: SealingKey | None = None
        self._lock = threading.Lock()
        self._cases: dict[str, SealingKey] = {}
        self._listeners: list[Callable[[str], None]] = []
        # What this process saw last of what others do, and of the erased cases.
        self._seen_version: object = None
        self._seen_erased = 0
        self._place = place
        try:
            self._follow_master()
        except MasterReplaced as error:
            raise MasterKeyError(_opens_none()) from error

    @classmethod
    @or_unavailable
    def open(cls, config: Config) -> "KeyStore":
        """The store of an installation; makes master.key at the first start. Raises MasterKeyError."""
        place = keys_of(config)
        store = cls(place, open_master(config, place), lambda: open_master(config, keys_of(config)))
        store.check_master()
        return store

    @or_unavailable
    def ensure(self, case: str) -> SealingKey:
        """The key of `case`, made now if there is none. Raises KeyErased when the case was erased."""
        with self._lock:
            is_kept = False
            while not is_kept:
                wrapped = self._master.seal(SealingKey.fresh().raw, case_label(case))
                with self._place.step(alone=False) as execute:
                    execute(_ENSURE, (case, wrapped, case, self._generation))
                is_kept = not self._follow_master()
        self.forget_erased(exact=True)
        return self.remembered_key(case)

    def ensure_all(self, cases: Iterable[str]) -> None:
        """Make the keys of many new cases in one step. Raises ValueError when one has a key already."""
        with self._lock, self._place.step() as execute:
            self._follow_master()
            for case in cases:
                wrapped = self._master.seal(SealingKey.fresh().raw, case_label(case))
                if execute(f"{_INTO_CASES} ON CONFLICT DO NOTHING", (case, wrapped)).rowcount != 1:
                    raise ValueError(f"case {case} has a key already")

    @or_unavailable
    def has(self, case: str) -> bool:
        """Whether there is a key of `case`, without unwrapping or remembering it: there may be a million of them."""
        self.forget_erased()
        with self._lock:
            if case in self._cases:
                return True
            sql = "SELECT 1 FROM case_key WHERE case_id = ?"
            return self._place.execute(sql, (case,)).fetchone() is not None

    @or_unavailable
    def count(self, cases: Iterable[str]) -> int:
        """How many of these have a key, in one question."""
        sql = "SELECT count(*) FROM case_key WHERE case_id IN (SELECT value FROM json_each(?))"
        with self._lock:
            return int(self._place.execute(sql, (msgspec.json.encode(sorted(cases)).decode(),)).fetchone()[0])

    @or_unavailable
    def case_key(self, case: str) -> SealingKey:
        """The key of `case`. Raises KeyErased, also when another process erased it a moment ago."""
        self.forget_erased()
        return self.remembered_key(case)

    def remembered_key(self, case: str) -> SealingKey:
        """The same as of the last `forget_erased`: for holders of the journal's lock, under which nobody erases."""
        if case == SYSTEM:
            return self._system_key()
        with self._lock:
            key = self._cases.get(case)
            if key is None:
                key = self._cases[case] = self._unwrap(case)
        return key

    def remembers(self, case: str) -> bool:
        """Whether this process had the key of `case` at the last `forget_erased`."""
        with self._lock:
            return case in self._cases

    def stream_key(self, case: str, stream: str) -> SealingKey:
        """The key for the events of one stream: enough to read this stream and nothing else."""
        return stream_key(self.case_key(case), stream)

    def record_key(self, case: str) -> SealingKey:
        """The key for the personal fields of ordinary records of `case`."""
        return self.case_key(case).derive(_RECORD)

    def purpose_key(self, purpose: bytes) -> SealingKey:
        """The system's key for one purpose. Raises JournalUnavailable."""
        return self.remembered_key(SYSTEM).derive(purpose)

    def lent(self, purpose: bytes) -> bytes:
        """The same, wrapped by the master key in force, for `borrowed`: whoever keeps it opens it while these keys are
        away. Raises JournalUnavailable.
        """
        raw = self.purpose_key(purpose).raw
        with self._lock:
            return self._master.seal(raw, _LENT + purpose)

    def opens_lent(self, wrapped: bytes, purpose: bytes) -> bool:
        """Whether the master key in force opens this still."""
        with self._lock:
            return _borrowed([self._master], wrapped, purpose) is not None

    @or_unavailable
    def ensure_blob(self, case: str, digest: str) -> SealingKey:
        """The key of one blob of `case`, made now if there is none: it can be destroyed alone. Raises KeyErased."""
        wrapped = self.record_key(case).seal(SealingKey.fresh().raw, _blob_label(digest))
        with self._lock:
            self._place.execute(f"{_INTO_BLOBS} ON CONFLICT DO NOTHING", (digest, case, wrapped))
        return self.blob_key(case, digest)

    @or_unavailable
    def blob_key(self, case: str, digest: str) -> SealingKey:
        """The key of one blob. Raises KeyErased when it was destroyed, or the case's was."""
        with self._lock:
            row = self._place.execute(
                "SELECT wrapped FROM blob_key WHERE digest = ? AND case_id = ?", (digest, case)
            ).fetchone()
        if row is None:
            raise KeyErased(f"no key for blob {digest}")
        return SealingKey(self.record_key(case).unseal(row[0], _blob_label(digest)))

    @or_unavailable
    def destroy_blobs(self, digests: Iterable[str]) -> None:
        """Delete the keys of these blobs for good. Call `scrub` afterwards, as after `destroy`."""
        with self._lock, self._place.step() as execute:
            for digest in digests:
                execute("DELETE FROM blob_key WHERE digest = ?", (digest,))

    @or_unavailable
    def warm(self, limit: int = 200_000) -> None:
        """Unwrap the keys of up to `limit` cases ahead and prepare them, so that a press does not wait for it.

        One that cannot be unwrapped fails when it is asked for: the others must not suffer.
        """
        with self._lock:
            self._follow_master()
            rows = self._place.execute("SELECT case_id, wrapped FROM case_key LIMIT ?", (limit,)).fetchall()
            for case, wrapped in rows:
                with suppress(UnsealError):
                    key = self._cases[case] = SealingKey(self._master.unseal(wrapped, case_label(case)))
                    key.prepare()

    def on_erased(self, forget: Callable[[str], None]) -> None:
        """Call `forget(case)` whenever this process learns that a case was erased: to drop what it remembers of it."""
        self._listeners.append(forget)

    def forget_erased(self, *, exact: bool = False) -> None:
        """Forget the keys that other processes erased since the last look; two microseconds when nothing changed.

        In PostgreSQL others' erasures of the last fifth of a second may be passed over, unless it is to be `exact`.
        """
        with self._lock:
            try:
                version = self._place.version(exact=exact)
                if version == self._seen_version:
                    return
                rows = self._place.execute(
                    "SELECT number, case_id FROM erased_case WHERE number > ? ORDER BY number",
                    (self._seen_erased,),
                ).fetchall()
                self._follow_master()
            except sqlite3.Error as error:
                raise JournalUnavailable(str(error)) from error
            self._seen_version = version
            self._seen_erased = rows[-1][0] if rows else self._seen_erased
            for _number, case in rows:
                self._cases.pop(case, None)
        for _number, case in rows:
            self._tell(case)

    @or_unavailable
    def destroy(self, case: str) -> None:
        """Delete the key of `case` for good. Call `scrub` afterwards: only then is it in no file any more."""
        with self._lock:
            with self._place.step() as execute:
                execute("DELETE FROM case_key WHERE case_id = ?", (case,))
                execute("DELETE FROM blob_key WHERE case_id = ?", (case,))
                execute(f"{_INTO_ERASED} ON CONFLICT DO NOTHING", (case,))
            self._cases.pop(case, None)
        self._tell(case)

    @or_unavailable
    def scrub(self) -> None:
        """Write the keys anew, so that no page still holds a deleted one. Raises KeysInUse."""
        with self._lock:
            is_done = self._place.scrub()
        if not is_done:
            raise KeysInUse("the keys are being read; run the command again")

    def check_master(self) -> None:
        """Raises MasterKeyError when the master key opens none of the keys here: it belongs to another installation."""
        with self._lock:
            opens = opens_keys(self._place, self._master)
        if opens is False:
            raise MasterKeyError(_opens_none())

    def close(self) -> None:
        """Close the database; this store is of no use any more."""
        with self._lock:
            self._place.close()

    def _tell(self, case: str) -> None:
        for forget in self._listeners:
            forget(case)

    def _unwrap(self, case: str) -> SealingKey:
        """The key of `case` from the database; the lock is held."""
        row = self._place.execute("SELECT wrapped FROM case_key WHERE case_id = ?", (case,)).fetchone()
        if row is None:
            raise KeyErased(f"no key for case {case}")
        try:
            return SealingKey(self._master.unseal(row[0], case_label(case)))
        except UnsealError:
            # Wrapped anew since this process last looked.
            if not self._follow_master():
                raise
        return self._unwrap(case)

    def _system_key(self) -> SealingKey:
        if self._system is None:
            with self._lock:
                try:
                    self._system = self._unwrap(SYSTEM)
                except KeyErased:
                    self._system = system_key(self._master)
        return self._system

    def _follow_master(self) -> bool:
        """Take the master key in force when it was replaced; whether it was. The lock is held. Raises MasterReplaced,
        sqlite3.Error, JournalUnavailable.
        """
        sought = self._generation
        while True:
            row = self._place.execute("SELECT generation, handed FROM master_key").fetchone()
            if row is None or row[0] == self._generation:
                return False
            for master in self._candidates(row[1]):
                if opens_keys(self._place, master):
                    self._master, self._generation = master, row[0]
                    return True
            # Replaced once more while it was sought: the one that is in force now is another.
            if row[0] == sought:
                raise MasterReplaced("the master key was replaced: start this process again")
            sought = row[0]

    def _candidates(self, handed: bytes | None) -> Iterator[SealingKey]:
        yield self._master
        if handed is not None:
            with suppress(UnsealError):
                yield SealingKey(self._master.unseal(handed, HANDED_LABEL))
        if self._renew is not None:
            with suppress(MasterKeyError, OSError, ValueError):
                yield self._renew()


def read_rows(keys: Asking) -> KeyRows:
    """All keys, for a back-up: no copy of a wrapped key lies in a file of its own meanwhile. Raises sqlite3.Error,
    JournalUnavailable.
    """
    return KeyRows(
        cases=tuple(keys.execute("SELECT case_id, wrapped FROM case_key").fetchall()),
        blobs=tuple(keys.execute("SELECT digest, case_id, wrapped FROM blob_key").fetchall()),
        erased=tuple(case for (case,) in keys.execute("SELECT case_id FROM erased_case ORDER BY number")),
    )


@or_unavailable
def write_rows(path: Path, rows: KeyRows) -> None:
    """A new keys.db with these rows. Raises FileExistsError."""
    if path.exists():
        raise FileExistsError(17, "exists already", str(path))
    with closing(KeyFile(path)) as place, place.step() as execute:
        for case in rows.cases:
            execute(_INTO_CASES, case)
        for blob in rows.blobs:
            execute(_INTO_BLOBS, blob)
        for erased in rows.erased:
            execute(_INTO_ERASED, (erased,))


def borrowed(config: Config, wrapped: bytes, purpose: bytes) -> SealingKey:
    """The key that `KeyStore.lent` has wrapped, by what the settings name alone. Raises MasterKeyError."""
    key = _borrowed(masters(config), wrapped, purpose)
    if key is None:
        text = _(
            "The master key was replaced since this machine last reached its journal: it can keep nothing until the"
            " journal's database is back."
        )
        raise MasterKeyError(text)
    return key


def _borrowed(named: Iterable[SealingKey], wrapped: bytes, purpose: bytes) -> SealingKey | None:
    for master in named:
        with suppress(UnsealError):
            return SealingKey(master.unseal(wrapped, _LENT + purpose))
    return None


def stream_key(case_key: SealingKey, stream: str) -> SealingKey:
    """The key for the events of one stream, by the key of its case."""
    return case_key.derive(_STREAM + stream.encode())


def _blob_label(digest: str) -> bytes:
    return b"blob-key:" + digest.encode()


def system_key(first_master: SealingKey) -> SealingKey:
    """The key of what belongs to no case, by the first master key of an installation."""
    return first_master.derive(b"egide-system-1")


def _opens_none() -> str:
    return _("This master key opens none of the keys here: it belongs to another installation.")
