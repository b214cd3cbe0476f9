"""PostgreSQL behind the journal, over psycopg: the database of another machine, or of several of which one is primary.

Loaded where the settings name one, and nowhere else.
"""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from typing import Any

import psycopg
from psycopg import errors
from psycopg.conninfo import make_conninfo
from psycopg.types.numeric import Int8BinaryDumper, Int8Dumper

from egide.common.postgres.awaited import Awaited
from egide.common.postgres.patience import left_s
from egide.common.postgres.session import parameters
from egide.common.settings import NotSetUp
from egide.common.text import _
from egide.journal.bell import POLL_S, Bell
from egide.journal.engines import postgres_schema
from egide.journal.engines.base import Rows, Write
from egide.journal.engines.dialect import spoken
from egide.journal.engines.postgres_connection import PostgresConnection, Statement, failure
from egide.journal.engines.postgres_copy import TablesCopier, begin_reading, pieces
from egide.journal.engines.postgres_schema import CHANNEL, SCHEMA, TABLES
from egide.journal.errors import JournalUnavailable
from egide.journal.schema import FOLDED_TABLES, check_format
from egide.journal.wal import Database

log = logging.getLogger("egide.journal")

# Who hangs while it appends lets the others go on. A row that an index finds is in memory, or on a disk without a head:
# as the server guesses it, going through a table of thousands would be cheaper.
_SESSION = {"idle_in_transaction_session_timeout": "5s", "random_page_cost": "1.1"}
_LOCK = f"SELECT seq FROM {SCHEMA}.last_seq FOR UPDATE"
_INSERT = "INSERT INTO event VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12)"
_NEWS: Statement = (f"NOTIFY {CHANNEL}", ())
# What is written waits for so many others, or for the first question.
_MOST_UNSENT = 500
_KEPT_STATEMENTS = 256


class PostgresStep:
    """A transaction that holds the journal's end. What is written goes to the server together: a group of presses
    waits for one answer."""

    __slots__ = ("_connection", "last_seq", "unsent")

    def __init__(self, connection: PostgresConnection, last_seq: int) -> None:
        self._connection = connection
        self.last_seq = last_seq
        self.unsent: list[Statement] = []

    def execute(self, sql: str, values: Any = ()) -> Rows:
        written, self.unsent = self.unsent, []
        return self._connection.execute(sql, values, behind=written)

    def write(self, sql: str, values: Any = ()) -> None:
        self.unsent.append((sql, values))
        if len(self.unsent) >= _MOST_UNSENT:
            self.execute("SELECT 1")

    def insert(self, row: tuple[Any, ...]) -> None:
        self.write(_INSERT, row)


class PostgresEngine:
    """One schema of one database. `address` is a URL of libpq, which may name several hosts."""

    def __init__(
        self,
        address: str,
        password: str = "",
        schema: str = SCHEMA,
        *,
        is_forced: bool = True,
        further: Mapping[str, str] | None = None,
        application: str = "egide",
    ) -> None:
        """`further` settings of the session; `application` is how the server names who is connected."""
        # Durable commits, whatever the database's own setting.
        own = {"search_path": schema, "synchronous_commit": "on" if is_forced else "off"}
        session = {**own, **_SESSION, **(further or {})}
        self._address = make_conninfo(
            **parameters("EGIDE_JOURNAL", address, password, application=application, session=session)
        )
        self._local = threading.local()

    @property
    def connection(self) -> PostgresConnection:
        """This thread's; one that was lost is begun anew."""
        connection: PostgresConnection | None = getattr(self._local, "connection", None)
        if connection is None or connection.is_lost:
            connection = self._local.connection = self.connect()
        return connection

    def connect(self) -> PostgresConnection:
        """A further connection. Raises JournalUnavailable."""
        if left_s() == 0:
            raise JournalUnavailable("there is no time left to reach the database")
        try:
            raw = Awaited.connect(self._address, autocommit=True, cursor_factory=psycopg.RawCursor)
        except psycopg.Error as error:
            raise failure(error) from error
        raw.prepare_threshold, raw.prepared_max = 0, _KEPT_STATEMENTS
        # All whole numbers of the journal are of one size: each statement is then prepared once.
        for dumper in (Int8Dumper, Int8BinaryDumper):
            raw.adapters.register_dumper(int, dumper)
        return PostgresConnection(raw)

    def close(self) -> None:
        connection: PostgresConnection | None = getattr(self._local, "connection", None)
        if connection is not None:
            connection.close()
        self._local.__dict__.clear()

    def prepare(self) -> None:
        found, tables = self._made()
        check_format(found)
        if tables < TABLES:
            raise NotSetUp(
                _(
                    "The journal's tables are of an older Egide: run `egide journal prepare` as the role that owns"
                    " them."
                )
            )

    def make_tables(self) -> None:
        """Make or complete them, as the role that owns them; safe to repeat. Raises JournalUnavailable."""
        with closing(self.connect()) as connection:
            try:
                postgres_schema.make(connection.raw)
            except psycopg.Error as error:
                raise failure(error) from error

    def format(self) -> int:
        return self._made()[0]

    def _made(self) -> tuple[int, int]:
        """Of which format the journal is, and which tables there are."""
        try:
            found = self.connection.raw.execute(f"SELECT format, tables FROM {SCHEMA}.made").fetchone()
        except (errors.UndefinedTable, errors.InvalidSchemaName) as error:
            text = _(
                "The journal's database holds no tables: `egide journal prepare` makes them, as the role that owns"
                " them."
            )
            raise NotSetUp(text) from error
        except errors.InsufficientPrivilege as error:
            text = _(
                "The journal's database lets this role do nothing: grant egide_append or egide_read to it."
            )
            raise NotSetUp(text) from error
        except psycopg.Error as error:
            raise failure(error) from error
        return (int(found[0]), int(found[1])) if found else (0, 0)

    @contextmanager
    def step(self) -> Iterator[PostgresStep]:
        connection = self.connection
        try:
            step = PostgresStep(connection, self._hold(connection))
            yield step
            connection.commit([*step.unsent, _NEWS])
        finally:
            connection.roll_back()

    def _hold(self, connection: PostgresConnection) -> int:
        """Begin, and hold the journal's end, of which the seq is returned, until the transaction ends."""
        row = connection.begin(_LOCK)
        if row is None:
            raise JournalUnavailable("the journal's database does not say how far the journal is")
        return int(row[0])

    def every(self, sql: str, values: Sequence[Any] = ()) -> Iterator[Any]:
        text, _names = spoken(sql)
        # A connection of its own: others ask in between.
        with closing(self.connect()) as connection:
            begin_reading(connection)
            yield from pieces(connection, text, values)

    @contextmanager
    def pausing(self) -> Iterator[None]:
        connection = self.connection
        try:
            self._hold(connection)
            yield
        finally:
            connection.roll_back()

    def copier(self) -> TablesCopier:
        return TablesCopier(self.connect())

    @contextmanager
    def rebuilding(self) -> Iterator[Write]:
        with self.step() as step:
            for table in FOLDED_TABLES:
                step.write(f"DELETE FROM {table}")
            yield step.write

    def keep(self, sql: str, values: tuple[Any, ...]) -> None:
        self.connection.execute(sql, values)

    def last_given_seq(self) -> int:
        row = self.connection.execute("SELECT seq FROM last_seq").fetchone()
        return int(row[0]) if row else 0

    def write_unforced(self) -> None:
        self.connection.execute("SET synchronous_commit = off")

    def ring_from_afar(self, bell: Bell) -> None:
        threading.Thread(target=listen, args=(self.connect, bell), name="journal-listen", daemon=True).start()

    @property
    def logged(self) -> tuple[Database, ...]:
        return ()


def listen(connect: Callable[[], PostgresConnection], bell: Bell) -> None:
    """Ring at each append that the server tells of, until the bell is closed.

    While it cannot listen nobody is late by more than a poll's pause: that is how followers look anyway.
    """
    while not bell.closed.is_set():
        try:
            with closing(connect()) as connection:
                connection.raw.execute(f"LISTEN {CHANNEL}")
                # For what was appended before.
                bell.ring()
                while not bell.closed.is_set():
                    for _note in connection.raw.notifies(timeout=POLL_S, stop_after=1):
                        bell.ring()
        except (psycopg.Error, JournalUnavailable) as error:
            log.warning("the journal's database does not tell of news, will try again: %s", error)
            bell.closed.wait(POLL_S)
