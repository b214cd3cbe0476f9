"""Copies the outbox into the journal, without the web framework: plain sqlite3 on app.db, or psycopg where the records
stand in PostgreSQL."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from typing import Any, Protocol

from egide.common.config import Config
from egide.common.database import one_step, open_database
from egide.events.base import decode
from egide.events.register import HEARD_BY_THE_ZONE
from egide.journal.errors import AlreadyDone
from egide.journal.sealing.keys import KeyErased
from egide.journal.service import Entry, Journal

_WAITING = """
SELECT number, id, stream, kind, body, "case" FROM outbox_outboxrow
WHERE copied_seq IS NULL ORDER BY number LIMIT ?
"""
_CAUSE_HEX_DIGITS = 15
# In one commit; few enough that a press, which waits for the journal's lock meanwhile, waits for milliseconds.
_TOGETHER = 32


class OutboxUnavailable(Exception):
    """The records cannot be asked now; what waits there is copied later."""


class Outbox(Protocol):
    """A connection to the records, as far as copying goes."""

    def is_there(self) -> bool:
        """Whether its table has been made."""
        ...

    def waiting(self, limit: int) -> list[tuple[Any, ...]]:
        """Number, id, stream, kind, body and case of the first rows that wait, in order."""
        ...

    def note(self, seqs: Sequence[tuple[int, int]]) -> None:
        """Note the seq of rows by their number, all in one step."""
        ...

    def wait_again(self, after: int) -> int:
        """Have rows wait that were copied to a seq after that one; how many."""
        ...

    def close(self) -> None: ...


class SqliteOutbox:
    """That of app.db. Raises sqlite3.Error."""

    def __init__(self, config: Config) -> None:
        self.connection = open_database(config.app_db, synchronous="FULL", timeout_s=10)

    def is_there(self) -> bool:
        sql = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'outbox_outboxrow'"
        return self.connection.execute(sql).fetchone() is not None

    def waiting(self, limit: int) -> list[tuple[Any, ...]]:
        return self.connection.execute(_WAITING, (limit,)).fetchall()

    def note(self, seqs: Sequence[tuple[int, int]]) -> None:
        with one_step(self.connection) as connection:
            connection.executemany("UPDATE outbox_outboxrow SET copied_seq = ? WHERE number = ?", seqs)

    def wait_again(self, after: int) -> int:
        with one_step(self.connection) as connection:
            sql = "UPDATE outbox_outboxrow SET copied_seq = NULL WHERE copied_seq > ?"
            return connection.execute(sql, (after,)).rowcount

    def close(self) -> None:
        self.connection.close()


def row_label(row_id: str) -> bytes:
    """What binds a sealed body to its row."""
    return b"outbox:" + row_id.encode()


def cause_of(row_id: str) -> int:
    """The row's identity as a cause in the journal: 60 bits of its random id, negative so that no seq can equal it."""
    return -int(row_id[:_CAUSE_HEX_DIGITS], 16) - 1


def copy_waiting(config: Config, journal: Journal, limit: int = 500) -> int:
    """Append every waiting row in order and note its seq; returns how many. Safe to repeat after any crash.

    A row that reached the journal before a crash is found there by its id and only noted. One whose case was erased
    meanwhile counts as copied, to seq 0: nobody can read it any more, and it must not hold up the others. Before the
    first start of the web process there is no app.db, and nothing to do.
    """
    with closing(Copying(config, journal)) as copying:
        return copying.turn(limit)


def copy_again(config: Config, after: int) -> int:
    """Have what the journal no longer holds, since its database was restored up to seq `after`, wait once more; how
    many rows. Raises OutboxUnavailable.

    Records of the same database were restored with it and hold no such row; those that stand elsewhere are ahead.
    """
    if not config.records and not config.app_db.exists():
        return 0
    try:
        with closing(open_outbox(config)) as outbox:
            return outbox.wait_again(after) if outbox.is_there() else 0
    except sqlite3.Error as error:
        raise OutboxUnavailable(str(error)) from error


class Copying:
    """The same again and again over one connection, for one thread: to open the records takes longer than to see that
    nothing waits. They are opened anew after whatever failed, and where another file has taken their place."""

    def __init__(self, config: Config, journal: Journal) -> None:
        self._config = config
        self._journal = journal
        self._outbox: Outbox | None = None
        self._file = (0, 0)

    def turn(self, limit: int) -> int:
        """Copy what waits, `limit` rows at most; returns how many. What fails is raised, and tried again next time."""
        is_whole = False
        try:
            outbox = self._opened()
            copied = copy_from(outbox, self._journal, limit) if outbox else 0
            is_whole = True
        finally:
            if not is_whole:
                self.close()
        return copied

    def close(self) -> None:
        if self._outbox is not None:
            self._outbox.close()
        self._outbox = None

    def _opened(self) -> Outbox | None:
        """None as long as there is no outbox."""
        if self._config.records:
            self._outbox = self._outbox or open_outbox(self._config)
            return self._outbox
        try:
            status = self._config.app_db.stat()
        except FileNotFoundError:
            self.close()
            return None
        file = (status.st_dev, status.st_ino)
        if self._outbox is None or file != self._file:
            self.close()
            self._outbox, self._file = open_outbox(self._config), file
            if not self._outbox.is_there():
                self.close()
        return self._outbox


def open_outbox(config: Config) -> Outbox:
    """A connection to the records, for `copy_from`. A caller that copies for every single event keeps it open."""
    if config.records:
        # Loaded where it is used alone: a machine without it needs no driver.
        from egide.outbox.postgres.waiting import PostgresOutbox

        return PostgresOutbox(config)
    return SqliteOutbox(config)


def copy_from(outbox: Outbox, journal: Journal, limit: int) -> int:
    """The same over a connection of `open_outbox`."""
    rows = outbox.waiting(limit)
    for first in range(0, len(rows), _TOGETHER):
        opened: list[tuple[int, Entry | None]] = []
        try:
            for number, row_id, stream, kind, body, case in rows[first : first + _TOGETHER]:
                opened.append((number, _entry(journal, row_id, stream, kind, body, case)))
        finally:
            # A row that cannot be read stops the copying; those before it are copied all the same.
            seqs = _append_once(journal, [entry for _number, entry in opened])
            outbox.note([(seq, number) for (number, _entry), seq in zip(opened, seqs, strict=True)])
    return len(rows)


def _entry(journal: Journal, row_id: str, stream: str, kind: str, body: bytes, case: str) -> Entry | None:
    """What a row says; None when its case was erased."""
    try:
        event = decode(kind, journal.keys.record_key(case).unseal(body, row_label(row_id)))
    except KeyErased:
        return None
    zones = (event.managing_zone,) if isinstance(event, HEARD_BY_THE_ZONE) else ()
    return Entry(stream=stream, event=event, case=case, cause=cause_of(row_id), zones=zones)


def _append_once(journal: Journal, entries: Sequence[Entry | None]) -> list[int]:
    """The seq of each, appended in one commit or found there; 0 for one of an erased case."""
    if not any(entries):
        return [0] * len(entries)
    seqs = []
    with journal.transaction() as transaction:
        for entry in entries:
            try:
                seqs.append(transaction.append(entry).seq if entry else 0)
            except KeyErased:
                seqs.append(0)
            except AlreadyDone:
                assert entry is not None
                seqs.append(_seq_of(journal, entry))
    return seqs


def _seq_of(journal: Journal, entry: Entry) -> int:
    stream = journal.stream(entry.stream)
    return next(row.seq for row in stream if (row.cause, row.kind) == (entry.cause, entry.event.kind))
