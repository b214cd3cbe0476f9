"""The journal's tables as they stood at one moment, written as a file like that of the embedded journal."""

from collections.abc import Generator, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg

from egide.common.postgres.session import READ_ONE_MOMENT
from egide.journal.engines.postgres_connection import PostgresConnection, failure
from egide.journal.engines.sqlite_copy import write_file

_AT_ONCE = 1000


def begin_reading(connection: PostgresConnection) -> None:
    """From now on this connection sees what stands at this moment. Raises JournalUnavailable."""
    for statement in READ_ONE_MOMENT:
        connection.execute(statement)


def pieces(
    connection: PostgresConnection, sql: str, values: Any = ()
) -> Generator[tuple[Any, ...], None, None]:
    """Rows of a question, some at once, of a connection that has begun to read. Raises JournalUnavailable."""
    try:
        with psycopg.RawServerCursor(connection.raw, "pieces") as rows:
            rows.itersize = _AT_ONCE
            rows.execute(sql, values, binary=True)
            yield from rows
    except psycopg.Error as error:
        raise failure(error) from error


class TablesCopier:
    """A reader of the tables, as they stand when this begins."""

    def __init__(self, connection: PostgresConnection) -> None:
        self._connection = connection

    def begin(self) -> None:
        begin_reading(self._connection)

    def last(self) -> tuple[int, int]:
        sql = "SELECT seq, at_us FROM event ORDER BY seq DESC LIMIT 1"
        row: tuple[int, int] | None = self._connection.execute(sql).fetchone()
        return row or (0, 0)

    def write(self, path: Path) -> None:
        write_file(path, self._rows)

    def close(self) -> None:
        self._connection.close()

    def _rows(self, table: str, columns: str) -> Iterator[tuple[Any, ...]]:
        order = " ORDER BY seq" if table == "event" else ""
        with closing(pieces(self._connection, f"SELECT {columns} FROM {table}{order}")) as rows:
            yield from rows
