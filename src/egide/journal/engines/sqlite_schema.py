"""Tables of journal.db: the append-only `event` table, and what a journal of an earlier version lacks."""

import sqlite3
from contextlib import closing
from pathlib import Path

from egide.common.database import one_step, open_to_read
from egide.journal.errors import naming
from egide.journal.schema import FOLDED_SQL, FOLDED_TABLES, FORMAT, folded_statements

EVENT_SQL = """
CREATE TABLE IF NOT EXISTS event (
    seq     INTEGER PRIMARY KEY AUTOINCREMENT,
    stream  TEXT NOT NULL,
    version INTEGER NOT NULL,
    kind    TEXT NOT NULL,
    at_us   INTEGER NOT NULL,
    centre  TEXT NOT NULL,
    zone    TEXT NOT NULL,
    key     TEXT NOT NULL,
    cause   INTEGER,
    body    BLOB NOT NULL,
    prev    BLOB NOT NULL,
    hash    BLOB NOT NULL,
    UNIQUE (stream, version)
);
CREATE UNIQUE INDEX IF NOT EXISTS event_cause ON event (stream, cause, kind) WHERE cause IS NOT NULL;
CREATE TRIGGER IF NOT EXISTS event_no_update BEFORE UPDATE ON event
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only: no update'); END;
CREATE TRIGGER IF NOT EXISTS event_no_delete BEFORE DELETE ON event
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only: no delete'); END;
-- REPLACE deletes, and fires no delete trigger unless the connection has set recursive_triggers.
-- This one fires always.
CREATE TRIGGER IF NOT EXISTS event_no_replace BEFORE INSERT ON event
    WHEN EXISTS (SELECT 1 FROM event WHERE seq = NEW.seq)
      OR EXISTS (SELECT 1 FROM event WHERE stream = NEW.stream AND version = NEW.version)
      OR (NEW.cause IS NOT NULL
          AND EXISTS (SELECT 1 FROM event WHERE stream = NEW.stream AND cause = NEW.cause AND kind = NEW.kind))
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only: no replace'); END;
CREATE TABLE IF NOT EXISTS cursor (name TEXT PRIMARY KEY, seq INTEGER NOT NULL) WITHOUT ROWID;
"""

TABLES_SQL = EVENT_SQL + FOLDED_SQL

# For a journal that stands elsewhere now.
MOVED_SQL = """
CREATE TRIGGER event_moved BEFORE INSERT ON event BEGIN SELECT RAISE(ABORT, 'the journal was moved'); END;
"""

# Columns that a table of an earlier version lacks, each with its value for rows of that version.
ADDED_COLUMNS = (
    ("on_the_way", "zone", "TEXT NOT NULL DEFAULT ''"),
    ("alarm", "digest", "BLOB"),
)

_OF_ALARM = (
    "alarm, device, key, state, centres, zones, managing_zone, opened_seq, opened_at_us, closed_at_us, report,"
    " follow_up, question, listening, duress, digest"
)
_ALARM_INDEXES = ("alarm_open", "alarm_unreported", "alarm_follow_up")


def empty_folded(connection: sqlite3.Connection) -> None:
    """Begin the folded tables anew, for a rebuild inside the caller's transaction."""
    for table in FOLDED_TABLES:
        connection.execute(f"DROP TABLE IF EXISTS {table}")
    for statement in folded_statements():
        connection.execute(statement)


def bring_up_to_date(connection: sqlite3.Connection) -> None:
    """Add the columns that are missing, and put alarms in their order. The journal's lock is held."""
    for table, column, kind in ADDED_COLUMNS:
        if column not in {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}:
            connection.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind}")
    if "alarm" in {row[1] for row in connection.execute("PRAGMA table_info(alarm)") if row[5]}:
        _put_alarms_in_order(connection)


def _put_alarms_in_order(connection: sqlite3.Connection) -> None:
    """Rows of `alarm` stood by their names before (journal.named)."""
    with one_step(connection):
        connection.execute("ALTER TABLE alarm RENAME TO alarm_by_name")
        for index in _ALARM_INDEXES:
            connection.execute(f"DROP INDEX IF EXISTS {index}")
        for statement in folded_statements():
            connection.execute(statement)
        connection.execute(f"INSERT INTO alarm ({_OF_ALARM}) SELECT {_OF_ALARM} FROM alarm_by_name")
        connection.execute("DROP TABLE alarm_by_name")


def format_of(connection: sqlite3.Connection) -> int:
    """The number in the file's head (PRAGMA user_version); 0 before there were any."""
    number: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return number


def format_in(journal_db: Path) -> int:
    """That of a journal that nobody opens for it: nothing is made or changed. Raises JournalUnavailable, which names
    the file."""
    with naming(journal_db), closing(open_to_read(journal_db)) as connection:
        return format_of(connection)


def note_format(connection: sqlite3.Connection) -> None:
    """From now on earlier formats are history. The journal's lock is held."""
    if format_of(connection) < FORMAT:
        connection.execute(f"PRAGMA user_version={FORMAT}")
