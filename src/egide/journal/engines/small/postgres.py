"""The small databases beside a journal in PostgreSQL: a schema of its own there, seen by every machine."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from egide.journal.engines.postgres import PostgresEngine
from egide.journal.engines.postgres_connection import PostgresConnection
from egide.journal.engines.small.rights import SCHEMA
from egide.journal.wal import Database

# Held by a step that must see what another one of its kind has just written; any number that nobody else takes.
_ALONE = "SELECT pg_advisory_xact_lock(hashtext('egide_now'))"


class SmallTables:
    """All small databases are this one; each thread has one connection to it, whatever it asks."""

    def __init__(self, engine: PostgresEngine) -> None:
        self._engine = engine

    @property
    def connection(self) -> PostgresConnection:
        return self._engine.connection

    def prepare(self) -> None:
        """Find out now whether the tables are there. Raises NotSetUp, JournalUnavailable."""
        self._engine.prepare()

    @contextmanager
    def step(self, *, alone: bool = False) -> Iterator[PostgresConnection]:
        connection = self._engine.connection
        try:
            connection.begin(_ALONE if alone else "")
            yield connection
            connection.commit()
        finally:
            connection.roll_back()

    def change(self, rows: Iterable[Any], *statements: str) -> None:
        connection = self._engine.connection
        try:
            connection.begin()
            connection.commit([(sql, row) for row in rows for sql in statements])
        finally:
            connection.roll_back()

    @property
    def logged(self) -> tuple[Database, ...]:
        return ()


def small_tables(address: str, password: str, *, is_forced: bool) -> SmallTables:
    """Those of one database. `is_forced`: a commit outlives a cut of the power. Raises NotSetUp."""
    return _shared(address, password, is_forced, os.getpid())


@lru_cache(maxsize=4)
def _shared(address: str, password: str, is_forced: bool, pid: int) -> SmallTables:
    """One for a whole process, so that a thread holds one connection and not one for each kind of sign. A process that
    was forked must not go on with those of its parent."""
    return SmallTables(PostgresEngine(address, password, SCHEMA, is_forced=is_forced))
