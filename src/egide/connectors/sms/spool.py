"""What came from the gateway and is not in the journal yet: kept before the gateway is told so. Sealed; no numbers.

A row without content is one that was dealt with: it stays for as long as a gateway may repeat it, so that half of a
press that came twice is not taken for half of another one.
"""

import hashlib
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec

from egide.common.config import Config
from egide.common.database import open_database
from egide.common.files import secret_file
from egide.common.sealing import SealingKey
from egide.connectors.sms.rules import Half

WHOLE = 0
# For how long networks try to deliver a message at most, in practice; and how many halves may wait.
KEPT_S = 7 * 24 * 3600
MOST_HALVES = 500

_SQL = """
CREATE TABLE IF NOT EXISTS piece (
    digest BLOB PRIMARY KEY, number INTEGER NOT NULL, sealed BLOB, call TEXT NOT NULL, at_us INTEGER NOT NULL,
    told INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
"""


class Kept(msgspec.Struct, frozen=True):
    """A piece that waits: a whole message (number 0) or half of one. `call` is the gateway's own name for it."""

    digest: bytes
    number: int
    data: bytes
    call: str
    at_us: int
    told: bool

    @property
    def half(self) -> Half:
        return Half(self.number, self.data)


class Spool:
    """sms.db in the data directory; safe to share between threads. Whatever is called raises sqlite3.Error."""

    def __init__(self, config: Config) -> None:
        self._key = SealingKey(secret_file(config.data_dir / "sms.key", 32))
        self._lock = threading.Lock()
        self._connection = open_database(
            config.data_dir / "sms.db", synchronous="FULL", check_same_thread=False
        )
        self._connection.executescript(_SQL)

    def keep(self, number: int, data: bytes, call: str, now_us: int) -> bytes:
        """Keep a piece, on the disk when this returns; its digest. One that is known stays as it is."""
        digest = digest_of(number, data)
        sealed = self._key.seal(data, digest)
        with self._writing() as connection:
            connection.execute(
                "INSERT OR IGNORE INTO piece (digest, number, sealed, call, at_us) VALUES (?,?,?,?,?)",
                (digest, number, sealed, call, now_us),
            )
        return digest

    def is_done(self, digest: bytes) -> bool:
        """Whether this piece was dealt with before."""
        row = self._read("SELECT sealed FROM piece WHERE digest = ?", (digest,))
        return bool(row) and row[0][0] is None

    def waiting(self, number: int) -> list[Kept]:
        """Pieces that wait, the newest first. Raises UnsealError."""
        rows = self._read(
            "SELECT digest, number, sealed, call, at_us, told FROM piece"
            " WHERE number = ? AND sealed IS NOT NULL ORDER BY at_us DESC",
            (number,),
        )
        return [
            Kept(digest, piece, self._key.unseal(sealed, digest), call, at_us, bool(told))
            for digest, piece, sealed, call, at_us, told in rows
        ]

    def join(self, first: bytes, second: bytes, whole: bytes, call: str, now_us: int) -> bytes:
        """Two halves become one message that waits, in one step; its digest."""
        digest = digest_of(WHOLE, whole)
        sealed = self._key.seal(whole, digest)
        with self._writing() as connection:
            connection.execute(
                "INSERT OR IGNORE INTO piece (digest, number, sealed, call, at_us) VALUES (?,?,?,?,?)",
                (digest, WHOLE, sealed, call, now_us),
            )
            connection.execute("UPDATE piece SET sealed = NULL WHERE digest IN (?, ?)", (first, second))
        return digest

    def do_finish(self, digest: bytes) -> None:
        """It was dealt with."""
        with self._writing() as connection:
            connection.execute("UPDATE piece SET sealed = NULL WHERE digest = ?", (digest,))

    def do_mark_told(self, digest: bytes) -> None:
        """Somebody was told that its other half has not come."""
        with self._writing() as connection:
            connection.execute("UPDATE piece SET told = 1 WHERE digest = ?", (digest,))

    def do_forget(self, now_us: int) -> tuple[int, int]:
        """Drop what is too old, and the oldest of too many: how many halves expired, and were crowded out."""
        with self._writing() as connection:
            expired = connection.execute(
                "DELETE FROM piece WHERE at_us < ? AND (number > 0 OR sealed IS NULL) RETURNING sealed IS NOT NULL",
                (now_us - KEPT_S * 1_000_000,),
            ).fetchall()
            crowded = connection.execute(
                "DELETE FROM piece WHERE digest IN (SELECT digest FROM piece WHERE number > 0 AND sealed IS NOT NULL"
                " ORDER BY at_us DESC LIMIT -1 OFFSET ?) RETURNING 1",
                (MOST_HALVES,),
            ).fetchall()
        return sum(was_waiting for (was_waiting,) in expired), len(crowded)

    def close(self) -> None:
        self._connection.close()

    def _read(self, sql: str, parameters: tuple[object, ...]) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._connection.execute(sql, parameters).fetchall()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            finally:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")


def digest_of(number: int, data: bytes) -> bytes:
    """By what a piece is known, whoever brings it."""
    return hashlib.sha256(bytes([number]) + data).digest()
