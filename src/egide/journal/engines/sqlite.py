"""The embedded default: journal.db, which every process of this machine opens by itself."""

import fcntl
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from io import FileIO
from typing import Any

from egide.common.config import Config
from egide.common.database import one_step, open_database
from egide.common.files import lock_file
from egide.journal.bell import Bell, Ringer
from egide.journal.engines import sqlite_schema
from egide.journal.engines.base import Execute, Write
from egide.journal.engines.sqlite_copy import FileCopier
from egide.journal.errors import JournalFull, JournalUnavailable, VersionConflict, naming, or_unavailable
from egide.journal.schema import check_format
from egide.journal.wal import Database

_LAST_SEQ = "SELECT seq FROM sqlite_sequence WHERE name = 'event'"
_INSERT = "INSERT INTO event VALUES (?,?,?,?,?,?,?,?,?,?,?,?)"


class SqliteStep:
    """A transaction that has begun, under the journal's lock."""

    __slots__ = ("execute", "last_seq", "write")

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.execute: Execute = connection.execute
        self.write: Write = connection.execute
        self.last_seq = _last_seq(connection)

    def insert(self, row: tuple[Any, ...]) -> None:
        try:
            self.execute(_INSERT, row)
        except sqlite3.IntegrityError as error:
            raise VersionConflict(f"{row[1]} has a version {row[2]} already") from error


class SqliteEngine:
    """journal.db in WAL mode, and the file whose lock appending holds. `max_pages` (of 4 KiB) is a quota."""

    def __init__(self, config: Config, max_pages: int | None = None) -> None:
        self._path = config.journal_db
        self._max_pages = max_pages
        self._local = threading.local()
        self._ringer = Ringer(config.bells_dir)

    @property
    def connection(self) -> sqlite3.Connection:
        """This thread's: every commit is forced to the disk."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = self._connect()
        return connection

    def _connect(self) -> sqlite3.Connection:
        """Raises JournalUnavailable, which names the file."""
        with naming(self._path):
            connection = open_database(self._path, synchronous="FULL", cached_statements=256)
            connection.execute("PRAGMA cache_size=-16000")
            if self._max_pages is not None:
                connection.execute(f"PRAGMA max_page_count={self._max_pages}")
        return connection

    def close(self) -> None:
        for opened in (getattr(self._local, name, None) for name in ("connection", "lock")):
            if opened is not None:
                opened.close()
        self._local.__dict__.clear()

    @or_unavailable
    def prepare(self) -> None:
        with self._locked():
            check_format(sqlite_schema.format_of(self.connection))
            self.connection.executescript(sqlite_schema.TABLES_SQL)
            sqlite_schema.bring_up_to_date(self.connection)
            sqlite_schema.note_format(self.connection)

    @or_unavailable
    def close_for_good(self) -> None:
        """Nobody appends any more, not even who has the file open; all of it stands in the file itself. The lock is
        held."""
        self.connection.executescript(sqlite_schema.MOVED_SQL)
        self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.connection.close()

    @or_unavailable
    def format(self) -> int:
        return sqlite_schema.format_of(self.connection)

    @contextmanager
    def step(self) -> Iterator[SqliteStep]:
        connection, lock = self.connection, self._lock()
        fcntl.flock(lock, fcntl.LOCK_EX)
        # As `one_step` and `_locked` do, without their generators: a press waits for this.
        try:
            try:
                connection.execute("BEGIN IMMEDIATE")
                yield SqliteStep(connection)
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
                raise JournalFull("the journal's disk is full; nothing was kept") from error
            raise JournalUnavailable(str(error)) from error
        except sqlite3.Error as error:
            raise JournalUnavailable(str(error)) from error
        finally:
            fcntl.flock(lock, fcntl.LOCK_UN)
        self._ringer.ring()

    def every(self, sql: str, values: Sequence[Any] = ()) -> Iterator[Any]:
        try:
            # Not `yield from`: that closes the cursor of whoever stops early, also once its database was closed.
            for row in self.connection.execute(sql, values):  # noqa: UP028
                yield row
        except sqlite3.Error as error:
            raise JournalUnavailable(str(error)) from error

    def pausing(self) -> AbstractContextManager[None]:
        return self._locked()

    def copier(self) -> FileCopier:
        return FileCopier(self._path)

    @contextmanager
    def rebuilding(self) -> Iterator[Write]:
        with self._locked(), one_step(self.connection) as connection:
            sqlite_schema.empty_folded(connection)
            yield connection.execute

    @or_unavailable
    def keep(self, sql: str, values: tuple[Any, ...]) -> None:
        with self._locked():
            self.connection.execute(sql, values)

    @or_unavailable
    def last_given_seq(self) -> int:
        return _last_seq(self.connection)

    @or_unavailable
    def write_unforced(self) -> None:
        self.connection.execute("PRAGMA synchronous=OFF")

    def ring_from_afar(self, bell: Bell) -> None:
        """Nobody appends on another machine; those of this one ring every bell there is."""

    @property
    def logged(self) -> tuple[Database, ...]:
        return (self,)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the journal's file lock: SQLite's own busy waiting is unfair (p99 0.7 s under load, 83 ms with this)."""
        lock = self._lock()
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(lock, fcntl.LOCK_UN)

    def _lock(self) -> FileIO:
        """The lock file, opened once a thread: a lock belongs to an open file. Raises JournalUnavailable, as on a disk
        that lets nobody write any more."""
        if not hasattr(self._local, "lock"):
            try:
                self._local.lock = lock_file(self._path.with_suffix(".lock"))
            except OSError as error:
                raise JournalUnavailable(str(error)) from error
        lock: FileIO = self._local.lock
        return lock


def _last_seq(connection: sqlite3.Connection) -> int:
    row = connection.execute(_LAST_SEQ).fetchone()
    return row[0] if row else 0
