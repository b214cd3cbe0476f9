"""The embedded default: keys.db, which every process of this machine that holds the master key opens by itself."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from egide.common.database import one_step, open_database
from egide.journal.engines.base import Execute
from egide.journal.engines.keys.tables import KEYS_SQL
from egide.journal.engines.sqlite_copy import FileCopier
from egide.journal.errors import naming

SQL = f"""{KEYS_SQL}
CREATE TABLE IF NOT EXISTS erased_case (number INTEGER PRIMARY KEY AUTOINCREMENT, case_id TEXT NOT NULL UNIQUE);
"""


class KeyFile:
    """One file, over one connection, which is opened when it is first asked for."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None

    @property
    def execute(self) -> Execute:
        return (self._connection or self._opened()).execute

    def is_there(self) -> bool:
        return self._path.exists()

    def version(self, *, exact: bool) -> object:
        # A press waits for this.
        return (self._connection or self._opened()).execute("PRAGMA data_version").fetchone()[0]

    @contextmanager
    def step(self, *, alone: bool = True) -> Iterator[Execute]:
        with one_step(self._connection or self._opened()) as connection:
            yield connection.execute

    def scrub(self) -> bool:
        self.execute("PRAGMA temp_store=MEMORY")
        self.execute("VACUUM")
        # Waits for readers up to the connection's timeout; they only ever look for a moment.
        return not self.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]

    def copier(self) -> FileCopier:
        return FileCopier(self._path)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()

    def _opened(self) -> sqlite3.Connection:
        """Raises JournalUnavailable, which names the file: it is not the journal that cannot be read."""
        with naming(self._path):
            connection = open_database(self._path, synchronous="FULL", check_same_thread=False)
            connection.executescript(SQL)
        self._connection = connection
        return connection
