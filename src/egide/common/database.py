"""How a database file is opened, wherever it is: write-ahead log, and nothing of what was deleted stays in it; and how
it is written in one step."""

import contextlib
import os
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

# Django opens app.db by itself, with the same.
SQLITE_VERSION = sqlite3.sqlite_version
_LOG_AHEAD, _DELETE = "PRAGMA journal_mode=WAL", "PRAGMA secure_delete=ON"
PRAGMAS = (_LOG_AHEAD, _DELETE)
_LOG_AHEAD_EVERY_S = 0.005
# What is kept in memory of a draft, whose tables and indexes are written in turn.
_DRAFT_KIB = 131_072


def open_database(
    path: Path,
    *,
    synchronous: str,
    timeout_s: float = 5,
    check_same_thread: bool = True,
    cached_statements: int = 128,
) -> sqlite3.Connection:
    """A connection in autocommit mode. `synchronous` is SQLite's: FULL where a commit must outlive a power cut, NORMAL
    where the last ones may be missing, OFF where they are written anew anyway. Raises sqlite3.Error.
    """
    # By itself SQLite makes files that a group can read and not write; here the umask alone decides. Never touched once
    # it is there: closing any descriptor of a file drops all locks that this process holds on it (POSIX), and another
    # process that ends would then take the log away under it, with commits that are yet to come.
    with contextlib.suppress(OSError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o660))
    connection = sqlite3.connect(
        path,
        isolation_level=None,
        timeout=timeout_s,
        check_same_thread=check_same_thread,
        cached_statements=cached_statements,
    )
    _log_ahead(connection, timeout_s)
    for pragma in (_DELETE, f"PRAGMA synchronous={synchronous}"):
        connection.execute(pragma)
    return connection


def _log_ahead(connection: sqlite3.Connection, timeout_s: float) -> None:
    """Have a file that is new write ahead.

    SQLite waits for nobody here, whatever the connection's timeout: of processes that open a new file at the same
    moment all but one would be refused. Raises sqlite3.Error.
    """
    ends = time.monotonic() + timeout_s
    while True:
        try:
            connection.execute(_LOG_AHEAD)
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > ends:
                raise
        time.sleep(_LOG_AHEAD_EVERY_S)


def open_to_read(path: Path) -> sqlite3.Connection:
    """A connection that makes and changes nothing, for a file that is there. Raises sqlite3.Error."""
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)


def damage_of(path: Path) -> str:
    """What SQLite finds wrong first with the pages of a database; empty where it is whole."""
    try:
        with contextlib.closing(open_to_read(path)) as connection:
            (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        found = str(error)
    return "" if found == "ok" else str(found)


def open_unchanging(path: Path) -> sqlite3.Connection:
    """A connection for several threads to a file that nobody writes any more: no locks, no look for a log. Raises
    sqlite3.Error."""
    address = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    return sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False)


def open_draft(path: Path) -> sqlite3.Connection:
    """A connection to a new file that gets its name once it is whole: until then nothing of it needs to be undone, or
    to be on the disk. Raises sqlite3.Error."""
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=OFF", "synchronous=OFF", f"cache_size=-{_DRAFT_KIB}"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


@contextlib.contextmanager
def one_step(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """A transaction that writes, all of it or nothing.

    One that stayed open, as after a commit that failed on a full disk, would hold up every other process, and what this
    one writes next would be lost with it. Raises sqlite3.Error.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
