"""Which phones there are, as the journal said last: a copy on this machine, for an intake that cannot ask it.

A file beside kept.db, never older than the moment that stands in it. Public keys stand in the clear, because who reads
what strangers send holds no key, and so does which sessions ended, for live. Whose a phone is, and what may be shown of
it, is sealed under the key of what is kept; that key lies here too, wrapped by the master key, since the keys' database
is away with the journal's.
"""

import fcntl
import logging
import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec

from egide.common.config import Config
from egide.common.database import one_step, open_database, open_to_read
from egide.common.files import lock_file
from egide.common.sealing import SealingKey, UnsealError
from egide.common.ticket import LIFETIME_S
from egide.journal.chain import Clear
from egide.journal.errors import JournalUnavailable, or_unavailable
from egide.protocol.keys import kid_of

log = logging.getLogger("egide.intake")

_BUSY_S = 5.0
# Longer than any ticket lasts.
_ENDED_US = 2 * LIFETIME_S * 1_000_000
# Written by its own account alone: who shares the folder may not say whose presses are believed.
_MODE = 0o640

_SQL = """
CREATE TABLE IF NOT EXISTS phone (
    kid TEXT PRIMARY KEY, public_key BLOB NOT NULL, body BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS ended (
    kind TEXT NOT NULL, stream TEXT NOT NULL, at_us INTEGER NOT NULL, PRIMARY KEY (kind, stream)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS moment (
    single INTEGER PRIMARY KEY CHECK (single = 1), at_us INTEGER NOT NULL, lent BLOB NOT NULL
);
"""
_KEEP = """
INSERT INTO phone VALUES (?,?,?) ON CONFLICT (kid) DO UPDATE
  SET public_key = excluded.public_key, body = excluded.body
"""
_END = """
INSERT INTO ended VALUES (?,?,?) ON CONFLICT (kind, stream) DO UPDATE SET at_us = max(at_us, excluded.at_us)
"""
_AS_OF = """
INSERT INTO moment VALUES (1,?,?) ON CONFLICT (single) DO UPDATE SET at_us = excluded.at_us, lent = excluded.lent
"""


class KnownPhone(msgspec.Struct, frozen=True):
    """An enrolled phone: its key id, its key (32 bytes), and what is known `about` it, as who knows it wrote that."""

    kid: str
    public_key: bytes
    about: bytes


class KnownFacts(msgspec.Struct, frozen=True):
    """How many phones there are in the copy, and as of when (microseconds; 0 where there is none)."""

    count: int
    at_us: int


class Known:
    """known.db beside kept.db, for who holds the key. Used by one thread only; all of it raises JournalUnavailable."""

    @or_unavailable
    def __init__(self, config: Config, key: SealingKey) -> None:
        path = file_of(config)
        self._key = key
        try:
            self._connection = _opened(path)
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError:
            # Damaged. It is a copy, and whole again after the next look at the journal.
            log.exception("%s is made anew", path.name)
            for part in path.parent.glob(f"{path.name}*"):
                part.unlink()
            self._connection = _opened(path)
        self._lock = lock_file(path.with_suffix(".lock"), 0o600)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Of this machine's processes no other one reads the journal for the copy meanwhile: none puts in what was true
        before."""
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(self._lock, fcntl.LOCK_UN)

    @or_unavailable
    def keep(self, phones: Iterable[KnownPhone], gone: Iterable[str] = ()) -> None:
        """These are known from now on, and those are not any more."""
        rows = [(one.kid, one.public_key, self._sealed(one)) for one in phones]
        with one_step(self._connection) as connection:
            connection.executemany(_KEEP, rows)
            connection.executemany("DELETE FROM phone WHERE kid = ?", [(kid,) for kid in gone])

    @or_unavailable
    def note_endings(self, rows: Iterable[Clear]) -> None:
        """These events ended tickets for live."""
        with one_step(self._connection) as connection:
            connection.executemany(_END, [(row.kind, row.stream, row.at_us) for row in rows])

    @or_unavailable
    def note_moment(self, at_us: int, lent: bytes) -> None:
        """All of it is as of this moment; `lent` is the key, wrapped (`KeyStore.lent`)."""
        with one_step(self._connection) as connection:
            connection.execute("DELETE FROM ended WHERE at_us < ?", (at_us - _ENDED_US,))
            connection.execute(_AS_OF, (at_us, lent))

    @or_unavailable
    def kids(self) -> set[str]:
        """All that are known."""
        return {kid for (kid,) in self._connection.execute("SELECT kid FROM phone")}

    @or_unavailable
    def all(self) -> list[KnownPhone]:
        """All that can be read: what somebody changed is as if it were not there."""
        rows = self._connection.execute("SELECT kid, public_key, body FROM phone")
        return [found for row in rows if (found := self._opened(*row)) is not None]

    def _sealed(self, phone: KnownPhone) -> bytes:
        return self._key.seal(phone.about, _label(phone.kid, phone.public_key))

    def _opened(self, kid: str, public_key: bytes, body: bytes) -> KnownPhone | None:
        try:
            return KnownPhone(kid, public_key, self._key.unseal(body, _label(kid, public_key)))
        except UnsealError:
            return None


class PublicKeys:
    """The keys of known.db, for the process that verifies. It holds no key itself, so it believes of a row no more than
    that this key has this id: whether there is such a phone is for the writer to say.
    """

    def __init__(self, config: Config) -> None:
        self._path = file_of(config)
        self._connection: sqlite3.Connection | None = None

    @or_unavailable
    def find(self, kid: str) -> bytes | None:
        """The key (32 bytes) with this id. Raises JournalUnavailable."""
        if self._connection is None:
            if not self._path.exists():
                return None
            self._connection = open_to_read(self._path)
        row = self._connection.execute("SELECT public_key FROM phone WHERE kid = ?", (kid,)).fetchone()
        return row[0] if row and kid_of(row[0]).hex() == kid else None


@or_unavailable
def endings(config: Config) -> list[Clear]:
    """The events that ended tickets for live of late, without their seqs. Raises JournalUnavailable, also where this
    machine has no copy.
    """
    path = file_of(config)
    if not path.exists():
        raise JournalUnavailable("this machine has no copy of what ended of late")
    with closing(open_to_read(path)) as connection:
        if connection.execute("SELECT 1 FROM moment").fetchone() is None:
            raise JournalUnavailable("this machine has not copied what ended of late")
        rows = connection.execute("SELECT kind, stream, at_us FROM ended ORDER BY at_us").fetchall()
    return [Clear(0, kind, stream, at_us, "", "", "") for kind, stream, at_us in rows]


@or_unavailable
def lent_key(config: Config) -> bytes | None:
    """The key of this machine's copy, wrapped; None where it has no copy. Raises JournalUnavailable."""
    row = _asked(config, "SELECT lent FROM moment")
    return row[0] if row else None


@or_unavailable
def facts(config: Config) -> KnownFacts:
    """What is known on this machine, without any key. Raises JournalUnavailable."""
    row = _asked(config, "SELECT (SELECT count(*) FROM phone), at_us FROM moment")
    return KnownFacts(*row) if row else KnownFacts(0, 0)


def file_of(config: Config) -> Path:
    """The file of this machine."""
    return config.data_dir / "known.db"


def _opened(path: Path) -> sqlite3.Connection:
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _MODE))
    connection = open_database(path, synchronous="NORMAL", timeout_s=_BUSY_S, check_same_thread=False)
    connection.executescript(_SQL)
    return connection


def _asked(config: Config, sql: str) -> Any:
    path = file_of(config)
    if not path.exists():
        return None
    with closing(open_to_read(path)) as connection:
        return connection.execute(sql).fetchone()


def _label(kid: str, public_key: bytes) -> bytes:
    return b"known-phone:%s:%s" % (kid.encode(), public_key)
