"""Messages that arrived while the journal could not be written, in the order in which they came.

In a file of its own, on the disk before anything is answered, each sealed under a key that needs no other database; a
row goes as soon as the journal holds its message. Clear is only what the journal's own columns say: which phone, which
counter, when.
"""

import fcntl
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import msgspec

from egide.common.config import Config
from egide.common.database import one_step, open_database, open_to_read
from egide.common.files import lock_file
from egide.common.sealing import SealingKey, UnsealError
from egide.journal.errors import JournalFull, JournalUnavailable, or_unavailable

# A message of two hundred bytes takes half a kilobyte: half a million of them.
MOST_PAGES = 65_536
_BUSY_S = 5.0
# Of the system's key (`KeyStore.purpose_key`).
PURPOSE = b"egide-kept-1\0"
_FULL = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)

_SQL = """
CREATE TABLE IF NOT EXISTS kept (
    number INTEGER PRIMARY KEY AUTOINCREMENT, kid TEXT NOT NULL, counter INTEGER NOT NULL,
    digest BLOB NOT NULL UNIQUE, at_us INTEGER NOT NULL, body BLOB NOT NULL
);
"""
_ADD = """
INSERT INTO kept (kid, counter, digest, at_us, body) VALUES (?,?,?,?,?) ON CONFLICT (digest) DO NOTHING
"""
_AT = "SELECT at_us FROM kept WHERE digest = ?"
_READ = "SELECT number, kid, digest, at_us, body FROM kept WHERE number > ? ORDER BY number LIMIT ?"


class KeptMessage(msgspec.Struct, frozen=True):
    """One message: its key id, its SHA-256, when it came (microseconds), its bytes, None where they cannot be unsealed.

    `number` gives the order; `by_sms` is the road by which it came first.
    """

    number: int
    kid: str
    digest: bytes
    at_us: int
    data: bytes | None
    by_sms: bool = False


class KeptFacts(msgspec.Struct, frozen=True):
    """How many messages wait for the journal, and when the oldest of them came (microseconds; 0 for none)."""

    count: int
    oldest_us: int


class Kept:
    """kept.db beside the journal. Used by one thread only; all of it raises JournalUnavailable."""

    @or_unavailable
    def __init__(self, config: Config, key: SealingKey) -> None:
        path = file_of(config)
        self._key = key
        self._connection = open_database(path, synchronous="FULL", timeout_s=_BUSY_S, check_same_thread=False)
        self._connection.execute(f"PRAGMA max_page_count={MOST_PAGES}")
        self._connection.executescript(_SQL)
        self._lock = lock_file(path.with_suffix(".lock"))

    @or_unavailable
    def add(self, messages: Sequence[tuple[str, int, bytes, bytes, bool]], now_us: int) -> list[int]:
        """Keep messages (key id, counter, SHA-256, bytes, by SMS) in one durable step; returns when each first came.

        The same bytes again change nothing. Raises JournalFull.
        """
        execute = self._connection.execute
        try:
            with one_step(self._connection):
                for kid, counter, digest, data, by_sms in messages:
                    sealed = self._key.seal(data, _label(kid, digest, by_sms=by_sms))
                    execute(_ADD, (kid, counter, digest, now_us, sealed))
                return [execute(_AT, (message[2],)).fetchone()[0] for message in messages]
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode in _FULL:
                raise JournalFull("the disk, or what is allowed on it, is full; nothing was kept") from error
            raise

    @or_unavailable
    def read(self, after: int, limit: int) -> list[KeptMessage]:
        """Up to `limit` messages behind `after`, in their order."""
        rows = self._connection.execute(_READ, (after, limit)).fetchall()
        return [
            KeptMessage(number, kid, digest, at_us, *self._unsealed(kid, digest, body))
            for number, kid, digest, at_us, body in rows
        ]

    def _unsealed(self, kid: str, digest: bytes, body: bytes) -> tuple[bytes | None, bool]:
        # The label alone says by which road: the columns are those of files that earlier releases left.
        for by_sms in (False, True):
            with suppress(UnsealError):
                return self._key.unseal(body, _label(kid, digest, by_sms=by_sms)), by_sms
        return None, False

    @or_unavailable
    def remove(self, numbers: Sequence[int]) -> None:
        """The journal holds these, or will never take them."""
        with one_step(self._connection) as connection:
            connection.executemany("DELETE FROM kept WHERE number = ?", [(number,) for number in numbers])

    @or_unavailable
    def is_empty(self) -> bool:
        """Whether nothing waits."""
        return self._connection.execute("SELECT 1 FROM kept LIMIT 1").fetchone() is None

    def can_be_read(self) -> bool:
        """Whether the file is still what it should be."""
        try:
            self.is_empty()
        except JournalUnavailable:
            return False
        return True

    @or_unavailable
    def empty_log(self) -> None:
        """Nothing that was removed stays in the file's log either."""
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    @contextmanager
    def bringing_back(self) -> Iterator[bool]:
        """Whether it is for this process to bring messages into the journal now: never for two of a machine at once."""
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        try:
            yield True
        finally:
            fcntl.flock(self._lock, fcntl.LOCK_UN)


@or_unavailable
def facts(config: Config) -> KeptFacts:
    """What waits on this machine, without any key. Raises JournalUnavailable."""
    path = file_of(config)
    if not path.exists():
        return KeptFacts(0, 0)
    with closing(open_to_read(path)) as connection:
        count, oldest_us = connection.execute("SELECT count(*), min(at_us) FROM kept").fetchone()
    return KeptFacts(count, oldest_us or 0)


def file_of(config: Config) -> Path:
    """The file of this machine."""
    return config.data_dir / "kept.db"


def _label(kid: str, digest: bytes, *, by_sms: bool) -> bytes:
    return b"%s %s%s" % (kid.encode(), digest, b" sms" if by_sms else b"")
