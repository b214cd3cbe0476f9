"""How a database file is opened, wherever it is: write-ahead log, and nothing of what was deleted stays in it."""

import sqlite3
from pathlib import Path

# Django opens app.db by itself, with the same.
PRAGMAS = ("PRAGMA journal_mode=WAL", "PRAGMA secure_delete=ON")


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
    connection = sqlite3.connect(
        path,
        isolation_level=None,
        timeout=timeout_s,
        check_same_thread=check_same_thread,
        cached_statements=cached_statements,
    )
    for pragma in (*PRAGMAS, f"PRAGMA synchronous={synchronous}"):
        connection.execute(pragma)
    return connection
