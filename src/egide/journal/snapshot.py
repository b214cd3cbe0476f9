"""Journal, keys and records as they stood at one moment, copied while everything goes on.

Each database is read as of one instant; all these instants lie within one hold of the journal's lock. Nothing enters
the journal meanwhile and no key is destroyed, so the copy is what a cut of the power would have left at that moment.
"""

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from egide.common.clock import Clock
from egide.common.config import Config
from egide.common.database import open_database
from egide.journal.engines.sqlite import lock_file
from egide.journal.errors import JournalUnavailable, or_unavailable
from egide.journal.sealing.keys import KeyRows, read_rows

# Longer than anybody holds a database.
_TIMEOUT_S = 60
_BEGIN = ("BEGIN", "SELECT count(*) FROM sqlite_master")


class Snapshot:
    """What stood at `at_us`: `head` is the last event's seq then, `last_us` its time (both 0 when there is none)."""

    def __init__(
        self, at_us: int, journal: sqlite3.Connection, records: sqlite3.Connection | None, keys: KeyRows
    ) -> None:
        self.at_us = at_us
        self.keys = keys
        self._journal = journal
        self._records = records
        sql = "SELECT seq, at_us FROM event ORDER BY seq DESC LIMIT 1"
        last: tuple[int, int] = journal.execute(sql).fetchone() or (0, 0)
        self.head, self.last_us = last

    @or_unavailable
    def copy_journal(self, path: Path) -> None:
        """Write the journal of that moment as a new database."""
        _copy(self._journal, path)

    @or_unavailable
    def copy_records(self, path: Path) -> bool:
        """Write the registers' records of that moment; False when there are none yet."""
        if self._records is None:
            return False
        _copy(self._records, path)
        return True


@contextmanager
def at_one_moment(config: Config, clock: Clock) -> Iterator[Snapshot]:
    """The databases of an installation as they stand now. Raises JournalUnavailable.

    The lock is held while three readers begin, well under a millisecond; copying holds up nobody. An outbox row that
    the records call copied is in the journal: it was there before the records said so. One that only the journal has
    is copied again and found there by its id. The keys are read last: there is one for all that is sealed.
    """
    with (
        closing(_open(config.journal_db)) as journal,
        closing(_open(config.data_dir / "keys.db")) as keys,
        closing(_open(config.app_db)) if config.app_db.exists() else _none() as records,
    ):
        with _locked(config):
            at_us = clock.now_us()
            for connection in (records, journal, keys):
                if connection is not None:
                    _begin(connection)
        yield Snapshot(at_us, journal, records, read_rows(keys))


@or_unavailable
def blobs_with_a_key(config: Config) -> set[str]:
    """The pieces of sound that have a key of their own now, by digest."""
    with closing(_open(config.data_dir / "keys.db")) as connection:
        return {digest for (digest,) in connection.execute("SELECT digest FROM blob_key")}


@contextmanager
def _none() -> Iterator[None]:
    yield None


@contextmanager
def _locked(config: Config) -> Iterator[None]:
    """The lock under which everybody appends (`Journal.transaction`)."""
    lock = os.open(lock_file(config.journal_db), os.O_RDWR | os.O_CREAT, 0o660)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


@or_unavailable
def _open(path: Path) -> sqlite3.Connection:
    """To read alone."""
    if not path.exists():
        raise JournalUnavailable(f"{path} is not there")
    connection = open_database(path, synchronous="FULL", timeout_s=_TIMEOUT_S)
    connection.execute("PRAGMA query_only=ON")
    # Loads what it knows of the database before the lock is asked for.
    connection.execute(_BEGIN[1])
    return connection


@or_unavailable
def _begin(connection: sqlite3.Connection) -> None:
    for statement in _BEGIN:
        connection.execute(statement)


def _copy(source: sqlite3.Connection, path: Path) -> None:
    """In one step, within the transaction that `source` has begun. What becomes of the copy is made durable
    elsewhere.
    """
    with closing(open_database(path, synchronous="OFF")) as target:
        target.execute("PRAGMA journal_mode=DELETE")
        source.backup(target, pages=-1)
        target.execute("PRAGMA journal_mode=DELETE")
