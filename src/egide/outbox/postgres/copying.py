"""The records of PostgreSQL as they stood at one moment, written as a file like app.db, for a back-up."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import psycopg

from egide.common.config import Config
from egide.common.database import one_step, open_database
from egide.common.postgres.session import READ_ONE_MOMENT
from egide.common.text import _
from egide.outbox.postgres import rows as r
from egide.outbox.postgres.address import SCHEMA, connect, told

_TO_FILE: dict[str, Callable[[Any], Any]] = {
    "bool": int,
    "date": date.isoformat,
    # As Django writes them: UTC, without saying so.
    "timestamptz": lambda moment: str(moment.replace(tzinfo=None)),
}


class RecordsCopier:
    """A reader of the records, as they stand when this begins. `empty` is an app.db of this release without a row.
    Raises OSError."""

    def __init__(self, config: Config, empty: Path) -> None:
        self._empty = empty
        try:
            self._connection = connect(config)
        except psycopg.Error as error:
            raise OSError(told(error)) from error

    def begin(self) -> None:
        try:
            for statement in READ_ONE_MOMENT:
                self._connection.execute(statement)
        except psycopg.Error as error:
            raise OSError(told(error)) from error

    def write(self, path: Path) -> None:
        """A new file, in one step. What becomes of it is made durable elsewhere."""
        path.touch(mode=0o600)
        shutil.copyfile(self._empty, path)
        try:
            with closing(open_database(path, synchronous="OFF")) as target:
                with one_step(target):
                    self._fill(target)
                target.execute("PRAGMA journal_mode=DELETE")
        except (psycopg.Error, sqlite3.Error) as error:
            raise OSError(told(error)) from error

    def close(self) -> None:
        self._connection.close()

    def _fill(self, target: sqlite3.Connection) -> None:
        tables = r.tables_there(self._connection)
        if {table.name: set(table.columns) for table in tables} != r.columns_here(target):
            raise OSError(_("The records' tables are of another Egide than this command."))
        for table in tables:
            kinds = [_TO_FILE.get(kind, r.same) for kind in table.types]
            marks = ", ".join("?" * len(kinds))
            names = ", ".join(f'"{column}"' for column in table.columns)
            target.execute(f'DELETE FROM "{table.name}"')
            target.executemany(
                f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})',
                (r.changed(row, kinds) for row in r.rows_there(self._connection, table)),
            )
            sent, arrived = r.rows_there(self._connection, table), r.rows_here(target, table)
            if r.sum_of(sent) != r.sum_of(arrived):
                raise OSError(_("What arrived in {table} is not what was sent.").format(table=table.name))
        self._count_on(target)

    def _count_on(self, target: sqlite3.Connection) -> None:
        """Numbers that were given once are given to nobody else."""
        for table, column in self._connection.execute(r.IDENTITIES, (SCHEMA,)).fetchall():
            name = f'{SCHEMA}."{table}"'
            row = self._connection.execute("SELECT pg_get_serial_sequence(%s, %s)", (name, column)).fetchone()
            assert row is not None
            question = f"SELECT last_value FROM {row[0]} WHERE is_called".encode()
            for (last,) in self._connection.execute(question).fetchall():
                target.execute("DELETE FROM sqlite_sequence WHERE name = ?", (table,))
                target.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (table, last))
