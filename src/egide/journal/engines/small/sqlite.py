"""The embedded default of the small databases: a file each, which every process of this machine opens by itself."""

import logging
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any

from egide.common.database import one_step, open_database
from egide.journal.wal import Database

log = logging.getLogger("egide.journal")


class SmallFile:
    """One file in WAL mode; its tables are made where they are missing."""

    def __init__(self, path: Path, sql: str, synchronous: str, timeout_s: float = 5.0) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path = path
        self._sql = sql
        self._synchronous = synchronous
        self._timeout_s = timeout_s
        self._local = threading.local()

    @property
    def connection(self) -> sqlite3.Connection:
        """This thread's."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = self._open()
        return connection

    def prepare(self) -> None:
        """Find out now whether it can be opened."""
        self.connection  # noqa: B018

    def step(self, *, alone: bool = False) -> AbstractContextManager[sqlite3.Connection]:
        """In a file whoever writes is alone."""
        return one_step(self.connection)

    def change(self, rows: Iterable[Any], *statements: str) -> None:
        with self.step() as connection:
            # One cursor: each statement ends what the one before found.
            execute = connection.cursor().execute
            for row in rows:
                for sql in statements:
                    if execute(sql, row).rowcount:
                        break

    @property
    def logged(self) -> tuple[Database, ...]:
        return (self,)

    def _open(self) -> sqlite3.Connection:
        connection = open_database(self._path, synchronous=self._synchronous, timeout_s=self._timeout_s)
        connection.executescript(self._sql)
        return connection


class RenewedFile(SmallFile):
    """One that begins anew when it cannot be read: after a power cut, since nothing of it is forced to the disk."""

    @property
    def connection(self) -> sqlite3.Connection:
        """This thread's, to the file that is there now: another process may have begun it anew."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is not None and self._inode() == self._local.inode:
            return connection
        if connection is not None:
            connection.close()
        # Which file it is stands before it is opened: one that cannot be read must be known to be this one.
        self._local.inode = self._inode()
        connection = open_database(self._path, synchronous=self._synchronous, timeout_s=self._timeout_s)
        self._local.connection, self._local.inode = connection, self._inode()
        connection.execute("PRAGMA cache_size=-32000")
        connection.executescript(self._sql)
        return connection

    def prepare(self) -> None:
        with suppress(sqlite3.OperationalError), self.step():
            pass
        # Once more: what could not be read was removed.
        with self.step():
            pass

    @contextmanager
    def step(self, *, alone: bool = False) -> Iterator[sqlite3.Connection]:
        connection: sqlite3.Connection | None = None
        try:
            connection = self.connection
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError as error:
            # A power cut may leave a file that cannot be read: every phone fills a new one within minutes.
            self._start_anew(error)
            raise sqlite3.OperationalError(f"{self._path.name} was unreadable and is begun anew") from error
        finally:
            if connection is not None and connection.in_transaction:
                connection.execute("ROLLBACK")

    def _inode(self) -> int:
        try:
            return self._path.stat().st_ino
        except FileNotFoundError:
            return 0

    def _start_anew(self, error: sqlite3.DatabaseError) -> None:
        """Remove the file that this thread found unreadable, unless another process did so already."""
        log.error("%s cannot be read (%s) and is begun anew", self._path.name, error)
        if self._inode() == self._local.inode:
            for path in (self._path, Path(f"{self._path}-wal"), Path(f"{self._path}-shm")):
                path.unlink(missing_ok=True)
        self._local.inode = -1
