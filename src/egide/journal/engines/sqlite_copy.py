"""The journal's file copied while everything goes on, and a file written from what another engine holds."""

import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

from egide.common.database import one_step, open_database
from egide.journal.engines.base import Execute
from egide.journal.engines.sqlite_schema import TABLES_SQL, note_format
from egide.journal.errors import JournalUnavailable, or_unavailable
from egide.journal.schema import FOLDED_TABLES

# Longer than anybody holds a database.
_TIMEOUT_S = 60
_BEGIN = ("BEGIN", "SELECT count(*) FROM sqlite_master")
TABLES = ("event", "cursor", *FOLDED_TABLES)
# Asks another engine for these columns of a table, in the order in which they have to be written.
Asked = Callable[[str, str], Iterable[tuple[Any, ...]]]


class FileCopier:
    """A reader of one database, as it stands when this begins."""

    @or_unavailable
    def __init__(self, path: Path) -> None:
        if not path.exists():
            raise JournalUnavailable(f"{path} is not there")
        self.connection = open_database(path, synchronous="FULL", timeout_s=_TIMEOUT_S)
        self.connection.execute("PRAGMA query_only=ON")
        # Loads what it knows of the database before the lock is asked for.
        self.connection.execute(_BEGIN[1])

    @property
    def execute(self) -> Execute:
        return self.connection.execute

    @or_unavailable
    def begin(self) -> None:
        for statement in _BEGIN:
            self.connection.execute(statement)

    @or_unavailable
    def last(self) -> tuple[int, int]:
        row: tuple[int, int] | None = self.connection.execute(
            "SELECT seq, at_us FROM event ORDER BY seq DESC LIMIT 1"
        ).fetchone()
        return row or (0, 0)

    @or_unavailable
    def write(self, path: Path) -> None:
        """In one step. What becomes of the copy is made durable elsewhere."""
        with closing(open_database(path, synchronous="OFF")) as target:
            target.execute("PRAGMA journal_mode=DELETE")
            self.connection.backup(target, pages=-1)
            target.execute("PRAGMA journal_mode=DELETE")

    def close(self) -> None:
        self.connection.close()


@or_unavailable
def write_file(path: Path, asked: Asked) -> None:
    """A new journal.db with the rows of another engine."""
    with closing(open_database(path, synchronous="OFF")) as target:
        target.execute("PRAGMA journal_mode=DELETE")
        target.executescript(TABLES_SQL)
        note_format(target)
        with one_step(target):
            for table in TABLES:
                columns = columns_of(target, table)
                marks = ", ".join("?" * len(columns))
                names = ", ".join(columns)
                target.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", asked(table, names))
            # An end that was cut off there is missed here too.
            target.executemany(
                "UPDATE sqlite_sequence SET seq = ? WHERE name = 'event'", asked("last_seq", "seq")
            )


def columns_of(connection: sqlite3.Connection, table: str) -> tuple[str, ...]:
    """The names of a table's columns. Raises sqlite3.Error."""
    return tuple(row[1] for row in connection.execute(f"PRAGMA table_info({table})"))
