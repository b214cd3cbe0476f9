"""Wrapped keys beside a journal in PostgreSQL: a schema of its own there, with rights of its own."""

from collections.abc import Iterator
from contextlib import contextmanager

from psycopg import errors

from egide.common.clock import Clock, SystemClock
from egide.common.text import _
from egide.journal.engines.base import Execute
from egide.journal.engines.keys.rights import SCHEMA, TABLES
from egide.journal.engines.postgres import PostgresEngine
from egide.journal.engines.postgres_connection import PostgresConnection
from egide.journal.errors import JournalUnavailable

# For so long what this process last saw of others' erasures counts, where it need not be exact (microseconds); and
# for so long nobody asks again while the database is away: what was open on a page stays readable.
LOOK_US, AWAY_US = 200_000, 5_000_000
_VERSION = """
SELECT (SELECT max(number) FROM erased_case), (SELECT max(generation) FROM master_key)
"""
# Who destroys or replaces keys is alone; who makes one is beside others that make one, and after those that destroyed.
_LOCKS = {
    True: "SELECT pg_advisory_xact_lock(hashtext('egide_keys'))",
    False: "SELECT pg_advisory_xact_lock_shared(hashtext('egide_keys'))",
}


class KeyTables:
    """Over one connection, which is begun anew when it was lost."""

    def __init__(self, address: str, password: str, clock: Clock | None = None) -> None:
        self._engine = PostgresEngine(address, password, SCHEMA)
        self._clock = clock or SystemClock()
        self._connection: PostgresConnection | None = None
        self._look_us: int | None = None
        self._version: object = None

    @property
    def execute(self) -> Execute:
        return self._connected().execute

    def is_there(self) -> bool:
        """Raises NotSetUp while there are no tables."""
        self._engine.prepare()
        return True

    def version(self, *, exact: bool) -> object:
        now_us = self._clock.steady_us()
        if not exact and self._look_us is not None and now_us < self._look_us:
            return self._version
        try:
            self._version = self.execute(_VERSION).fetchone()
        except JournalUnavailable:
            if exact or self._look_us is None:
                raise
            # Who cannot be reached erases nothing either; a key that is not remembered here stays unknown.
            self._look_us = now_us + AWAY_US
            return self._version
        self._look_us = now_us + LOOK_US
        return self._version

    @contextmanager
    def step(self, *, alone: bool = True) -> Iterator[Execute]:
        connection = self._connected()
        try:
            connection.begin(_LOCKS[alone])
            yield connection.execute
            connection.commit()
        except JournalUnavailable as error:
            raise _forbidden(error) from error
        finally:
            connection.roll_back()

    def scrub(self) -> bool:
        try:
            self.execute(f"SELECT {SCHEMA}.scrub()")
        except JournalUnavailable as error:
            if isinstance(error.__cause__, errors.LockNotAvailable):
                return False
            raise _forbidden(error) from error
        return True

    def copier(self) -> "TablesReader":
        return TablesReader(self._engine.connect())

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()

    def _connected(self) -> PostgresConnection:
        if self._connection is None or self._connection.is_lost:
            self._connection = self._engine.connect()
        return self._connection


class TablesReader:
    """The keys as they stand when this begins. Nobody cleans the tables meanwhile: who reads as of a moment before
    would find nothing in them."""

    def __init__(self, connection: PostgresConnection) -> None:
        self._connection = connection
        self.execute: Execute = connection.execute

    def begin(self) -> None:
        self.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        self.execute(f"LOCK TABLE {', '.join(TABLES)} IN ACCESS SHARE MODE")
        self.execute("SELECT 1")

    def close(self) -> None:
        self._connection.close()


def _forbidden(error: JournalUnavailable) -> JournalUnavailable:
    """The same, in a sentence where the role is not allowed to."""
    if not isinstance(error.__cause__, errors.InsufficientPrivilege):
        return error
    text = _(
        "This role of the database may not destroy or replace keys: give EGIDE_JOURNAL the address of one that holds"
        " egide_append and egide_erase, for this command alone."
    )
    return JournalUnavailable(text)
