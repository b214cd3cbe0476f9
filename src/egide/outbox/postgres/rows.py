"""Rows of the records on their way between a file of SQLite and PostgreSQL: the same values, written as each of both
has them (Django's types: whole numbers, texts, bytes, truths, days, moments, JSON)."""

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import msgspec
import psycopg
from psycopg import sql

from egide.outbox.postgres.address import SCHEMA, Connection

# What says which changes the tables have had is no record, and each side has its own.
OWN = frozenset({"django_migrations", "egide_needs"})
# Of PostgreSQL alone.
ARRIVING, TURN = "arriving", "turn"
_AT_ONCE = 1000
_COLUMNS = """
SELECT table_name, column_name, udt_name FROM information_schema.columns WHERE table_schema = %s
ORDER BY table_name, ordinal_position
"""
IDENTITIES = """
SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = %s AND is_identity = 'YES'
"""
Row = tuple[Any, ...]


class Table(msgspec.Struct, frozen=True):
    """A table of the records: its columns, and their types as PostgreSQL calls them."""

    name: str
    columns: tuple[str, ...]
    types: tuple[str, ...]


class Sum(msgspec.Struct, frozen=True):
    """How many rows, and what they come to, in whatever order they came."""

    rows: int = 0
    digest: int = 0


def tables_there(connection: Connection) -> list[Table]:
    """Those of the records in PostgreSQL, as this role sees them. Raises psycopg.Error."""
    found: dict[str, list[tuple[str, str]]] = {}
    for table, column, kind in connection.execute(_COLUMNS, (SCHEMA,)).fetchall():
        found.setdefault(table, []).append((column, kind))
    return [
        Table(name, tuple(column for column, _kind in columns), tuple(kind for _column, kind in columns))
        for name, columns in found.items()
        if name not in OWN | {ARRIVING, TURN}
    ]


def columns_here(connection: sqlite3.Connection) -> dict[str, set[str]]:
    """The columns of each table of the records in a file. Raises sqlite3.Error."""
    names = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
    )
    return {
        name: {column[1] for column in connection.execute(f'PRAGMA table_info("{name}")')}
        for (name,) in names.fetchall()
        if name not in OWN
    }


def rows_here(connection: sqlite3.Connection, table: Table) -> Iterator[Row]:
    """Those of a file. Raises sqlite3.Error."""
    names = ", ".join(f'"{column}"' for column in table.columns)
    kinds = [_FROM_FILE.get(kind, same) for kind in table.types]
    for row in connection.execute(f'SELECT {names} FROM "{table.name}"'):
        yield changed(row, kinds)


def rows_there(connection: Connection, table: Table) -> Iterator[Row]:
    """Those of PostgreSQL, within a transaction. Raises psycopg.Error."""
    question = sql.SQL("SELECT {} FROM {}").format(
        sql.SQL(", ").join(map(sql.Identifier, table.columns)), sql.Identifier(SCHEMA, table.name)
    )
    kinds = [_FROM_POSTGRES.get(kind, same) for kind in table.types]
    with psycopg.ServerCursor(connection, "rows") as cursor:
        cursor.itersize = _AT_ONCE
        for row in cursor.execute(question, binary=True):
            yield changed(row, kinds)


def write_there(connection: Connection, table: Table, rows: Iterable[Row]) -> None:
    """Raises psycopg.Error."""
    into = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(SCHEMA, table.name), sql.SQL(", ").join(map(sql.Identifier, table.columns))
    )
    with connection.cursor() as cursor, cursor.copy(into) as copying:
        for row in rows:
            copying.write_row(row)


def sum_of(rows: Iterable[Row]) -> Sum:
    """The same for the same rows; another one as soon as a bit of any differs."""
    count = digest = 0
    for row in rows:
        count += 1
        digest += int.from_bytes(hashlib.sha256(repr(row).encode()).digest())
    return Sum(count, digest % 2**256)


def changed(row: Iterable[Any], kinds: Iterable[Callable[[Any], Any]]) -> Row:
    """A row as these functions make it, value by value."""
    return tuple(None if value is None else kind(value) for kind, value in zip(kinds, row, strict=True))


def same(value: Any) -> Any:
    """As it is."""
    return value


def _moment(text: str) -> datetime:
    """Django writes UTC without saying so."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


_FROM_FILE: dict[str, Callable[[Any], Any]] = {
    "bool": bool,
    "date": date.fromisoformat,
    "timestamptz": _moment,
    "jsonb": lambda text: _json(json.loads(text)),
}
_FROM_POSTGRES: dict[str, Callable[[Any], Any]] = {
    "timestamptz": lambda moment: moment.astimezone(UTC),
    "jsonb": _json,
}
