"""Moves what write-ahead logs hold into their databases, beside the writer instead of within its commits."""

import logging
import sqlite3
import threading
from typing import Protocol

from egide.journal.errors import JournalUnavailable

log = logging.getLogger("egide.journal")

# Pages that many presses touch are moved once a second, not with nearly every group (benchmarks/COST.md).
PAUSE_S = 1.0
# SQLite itself steps in when the log is this long (in pages of 4 KiB): only then can it begin again at its start.
LIMIT_PAGES = 32_000


class Database(Protocol):
    """A database in WAL mode."""

    @property
    def connection(self) -> sqlite3.Connection:
        """The calling thread's own."""
        ...


class WalCheckpointer:
    """A thread with connections of its own. A passive checkpoint waits for nobody and makes nobody wait."""

    def __init__(self, *databases: Database) -> None:
        self._databases = databases
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="journal-checkpoint", daemon=True)

    def start(self) -> None:
        """Start the thread; commits of the calling thread no longer pay for checkpoints, up to LIMIT_PAGES."""
        for database in self._databases:
            database.connection.execute(f"PRAGMA wal_autocheckpoint={LIMIT_PAGES}")
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped.wait(PAUSE_S):
            for database in self._databases:
                try:
                    database.connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
                except (sqlite3.Error, JournalUnavailable) as error:
                    # Nothing is lost: the log keeps what was committed, and the writer's own limit holds.
                    log.warning("checkpoint failed, will try again: %s", error)
        for database in self._databases:
            database.connection.close()
