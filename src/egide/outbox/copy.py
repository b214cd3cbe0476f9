"""Copies the outbox into the journal: plain sqlite3 on app.db, so that the worker needs no web framework."""

import sqlite3
from contextlib import closing

from egide.common.config import Config
from egide.common.database import open_database
from egide.events.base import decode
from egide.events.register import HEARD_BY_THE_ZONE
from egide.journal.errors import AlreadyDone
from egide.journal.keys import KeyErased
from egide.journal.service import Entry, Journal

_WAITING = """
SELECT number, id, stream, kind, body, "case" FROM outbox_outboxrow
WHERE copied_seq IS NULL ORDER BY number LIMIT ?
"""
_CAUSE_HEX_DIGITS = 15


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
    if not config.app_db.exists():
        return 0
    with closing(open_outbox(config)) as connection:
        return copy_from(connection, journal, limit) if _has_table(connection) else 0


def open_outbox(config: Config) -> sqlite3.Connection:
    """A connection to app.db, for `copy_from`. Whoever copies for every single event keeps it open."""
    return open_database(config.app_db, synchronous="FULL", timeout_s=10)


def copy_from(connection: sqlite3.Connection, journal: Journal, limit: int) -> int:
    """The same over a connection of `open_outbox`."""
    rows = connection.execute(_WAITING, (limit,)).fetchall()
    for number, row_id, stream, kind, body, case in rows:
        seq = _append_once(journal, row_id, stream, kind, body, case)
        connection.execute("UPDATE outbox_outboxrow SET copied_seq = ? WHERE number = ?", (seq, number))
    return len(rows)


def _append_once(journal: Journal, row_id: str, stream: str, kind: str, body: bytes, case: str) -> int:
    cause = cause_of(row_id)
    try:
        event = decode(kind, journal.keys.record_key(case).unseal(body, row_label(row_id)))
        zones = (event.managing_zone,) if isinstance(event, HEARD_BY_THE_ZONE) else ()
        return journal.append([Entry(stream=stream, event=event, case=case, cause=cause, zones=zones)])[0].seq
    except KeyErased:
        return 0
    except AlreadyDone:
        return next(row.seq for row in journal.stream(stream) if row.cause == cause and row.kind == kind)


def _has_table(connection: sqlite3.Connection) -> bool:
    sql = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'outbox_outboxrow'"
    return connection.execute(sql).fetchone() is not None
