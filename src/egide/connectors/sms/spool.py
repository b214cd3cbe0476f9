"""What came from the gateway and is not in the journal yet: kept before the gateway gets its answer. Sealed.

A row without content is one that was dealt with: it stays for as long as a gateway may repeat it, so that half of a
press that came twice is not taken for half of another one. A number is here only where an answer was asked for, until
it was sent, and for an hour at most.
"""

import hashlib
import threading
from typing import Any

import msgspec

from egide.common.config import Config
from egide.common.database import one_step, open_database
from egide.common.files import secret_file
from egide.common.sealing import SealingKey
from egide.connectors.sms.rules import Half

WHOLE = 0
# For how long networks try to deliver a message at most, in practice; and how many halves may wait.
KEPT_S = 7 * 24 * 3600
MOST_HALVES = 500
# What is older is not answered: no number is kept longer, and what somebody recorded and sends later tells nothing.
ANSWERED_WITHIN_S = 3600
MOST_ANSWERS = 3
_ASKED = b"asked"
_KEEP = "INSERT OR IGNORE INTO piece (digest, number, sealed, call, at_us) VALUES (?,?,?,?,?)"

_SQL = """
CREATE TABLE IF NOT EXISTS piece (
    digest BLOB PRIMARY KEY, number INTEGER NOT NULL, sealed BLOB, call TEXT NOT NULL, at_us INTEGER NOT NULL,
    told INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
-- `device`: the phone that is to be answered, '' until its press is in the journal, and the number of that event.
-- Without content: dealt with.
CREATE TABLE IF NOT EXISTS answer (
    digest BLOB PRIMARY KEY, device TEXT NOT NULL DEFAULT '', sealed BLOB, at_us INTEGER NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0, next_us INTEGER NOT NULL DEFAULT 0, press INTEGER NOT NULL DEFAULT 0,
    reported INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
"""
# Tables of earlier versions lack them; what waits there is answered, and noted nowhere.
_LATER = ("press", "reported")


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


class AskedAnswer(msgspec.Struct, frozen=True):
    """To which number which answer goes (by its number in `answers.ANSWERS`)."""

    to: str
    answer: int


class Due(msgspec.Struct, frozen=True):
    """An answer that waits to be sent to a phone, for the event number `press`, and how often that was tried."""

    digest: bytes
    device: str
    press: int
    asked: AskedAnswer
    tries: int


class Sent(msgspec.Struct, frozen=True):
    """An answer that was handed over: to which phone, for which event number, at which try."""

    device: str
    press: int
    attempt: int


class NotYet(Exception):
    """The answer is still being handed over."""


class Spool:
    """sms.db in the data directory; safe to share between threads. Whatever is called raises sqlite3.Error."""

    def __init__(self, config: Config) -> None:
        self._key = SealingKey(secret_file(config.data_dir / "sms.key", 32))
        self._lock = threading.Lock()
        self._connection = open_database(
            config.data_dir / "sms.db", synchronous="FULL", check_same_thread=False
        )
        self._connection.executescript(_SQL)
        known = {row[1] for row in self._connection.execute("PRAGMA table_info(answer)")}
        for column in _LATER:
            if column not in known:
                self._connection.execute(f"ALTER TABLE answer ADD COLUMN {column} INTEGER NOT NULL DEFAULT 0")

    def keep(
        self, number: int, data: bytes, call: str, now_us: int, asked: AskedAnswer | None = None
    ) -> bytes:
        """Keep a piece, on the disk when this returns; its digest. One that is known stays as it is, unanswered."""
        digest = digest_of(number, data)
        row = (digest, number, self._key.seal(data, digest), call, now_us)
        with self._lock, one_step(self._connection) as connection:
            is_new = connection.execute(_KEEP, row).rowcount
            if asked is not None and is_new:
                connection.execute(
                    "INSERT OR IGNORE INTO answer (digest, sealed, at_us) VALUES (?,?,?)",
                    (digest, self._key.seal(msgspec.json.encode(asked), _ASKED), now_us),
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
        row = (digest, WHOLE, self._key.seal(whole, digest), call, now_us)
        with self._lock, one_step(self._connection) as connection:
            is_new = connection.execute(_KEEP, row).rowcount
            connection.execute("UPDATE piece SET sealed = NULL WHERE digest IN (?, ?)", (first, second))
            if is_new:
                connection.execute(
                    "UPDATE OR IGNORE answer SET digest = ? WHERE digest = ?", (digest, second)
                )
            connection.execute("DELETE FROM answer WHERE digest = ?", (second,))
        return digest

    def do_finish(self, digest: bytes, device: str = "", press: int = 0) -> None:
        """It was dealt with. Who asked for an answer gets one when it is for `device`, which had too few of late.

        `press`: the number of the event that it became.
        """
        with self._lock, one_step(self._connection) as connection:
            connection.execute("UPDATE piece SET sealed = NULL WHERE digest = ?", (digest,))
            if device:
                connection.execute(
                    "UPDATE answer SET device = ?, press = ? WHERE digest = ? AND device = ''"
                    " AND (SELECT count(*) FROM answer WHERE device = ?) < ?",
                    (device, press, digest, device, MOST_ANSWERS),
                )
            connection.execute("DELETE FROM answer WHERE digest = ? AND device = ''", (digest,))

    def due(self, now_us: int) -> list[Due]:
        """Answers to send now, those that were tried least first. Raises UnsealError."""
        rows = self._read(
            "SELECT digest, device, press, sealed, tries FROM answer WHERE device <> '' AND sealed IS NOT NULL"
            " AND next_us <= ? AND at_us >= ? ORDER BY tries, at_us LIMIT 20",
            (now_us, now_us - ANSWERED_WITHIN_S * 1_000_000),
        )
        return [
            Due(
                digest,
                device,
                press,
                msgspec.json.decode(self._key.unseal(sealed, _ASKED), type=AskedAnswer),
                tries,
            )
            for digest, device, press, sealed, tries in rows
        ]

    def do_put_off(self, digest: bytes, next_us: int) -> None:
        """An answer was not taken; when it is tried again."""
        with self._lock, one_step(self._connection) as connection:
            connection.execute(
                "UPDATE answer SET tries = tries + 1, next_us = ? WHERE digest = ?", (next_us, digest)
            )

    def do_forget_number(self, digest: bytes) -> None:
        """An answer was sent, or will not be: that there was one is remembered for an hour."""
        with self._lock, one_step(self._connection) as connection:
            connection.execute("UPDATE answer SET sealed = NULL WHERE digest = ?", (digest,))

    def do_note_report(self, digest: bytes) -> Sent | None:
        """The gateway told what became of an answer; None where that was told before, or the answer is not known any
        more. Raises NotYet."""
        with self._lock, one_step(self._connection) as connection:
            row = connection.execute(
                "SELECT device, press, tries, sealed IS NULL, reported FROM answer WHERE digest = ? AND device <> ''",
                (digest,),
            ).fetchone()
            if row is None or row[4]:
                return None
            if not row[3]:
                raise NotYet
            connection.execute("UPDATE answer SET reported = 1 WHERE digest = ?", (digest,))
        return Sent(row[0], row[1], row[2] + 1)

    def do_mark_notified(self, digest: bytes) -> None:
        """The centre was notified that its other half has not come."""
        with self._lock, one_step(self._connection) as connection:
            connection.execute("UPDATE piece SET told = 1 WHERE digest = ?", (digest,))

    def do_forget(self, now_us: int) -> tuple[int, int]:
        """Drop what is too old, and the oldest of too many: how many halves expired, and were crowded out."""
        with self._lock, one_step(self._connection) as connection:
            oldest_us = now_us - ANSWERED_WITHIN_S * 1_000_000
            connection.execute("DELETE FROM answer WHERE at_us < ?", (oldest_us,))
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
        """Once nobody reads or writes any more: SQLite would free what another thread is still using."""
        with self._lock:
            self._connection.close()

    def _read(self, sql: str, parameters: tuple[object, ...]) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._connection.execute(sql, parameters).fetchall()


def digest_of(number: int, data: bytes) -> bytes:
    """By what a piece is known, whichever way it came."""
    return hashlib.sha256(bytes([number]) + data).digest()
