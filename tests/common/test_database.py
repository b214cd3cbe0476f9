"""A database that a process has open stays locked against others, however often that process opens it; and a step that
fails leaves nothing behind."""

import contextlib
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from egide.common.database import one_step, open_database

# Where SQLite's readers hold their lock (os.h: SHARED_FIRST, SHARED_SIZE). Another process asks for all of it, as one
# does that would take the log away because nobody else is there.
ALONE = """
import fcntl, sys
with open(sys.argv[1], "r+b") as file:
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 510, 0x40000002)
        print("alone")
    except BlockingIOError:
        print("not alone")
"""


def asked_by_another_process(path: Path) -> str:
    answer = subprocess.run([sys.executable, "-c", ALONE, path], capture_output=True, text=True, check=True)
    return answer.stdout.strip()


def test_a_second_connection_keeps_the_first_ones_lock(tmp_path: Path) -> None:
    path = tmp_path / "any.db"
    first = open_database(path, synchronous="FULL")
    first.execute("CREATE TABLE event (seq INTEGER PRIMARY KEY)")
    assert asked_by_another_process(path) == "not alone"
    # As another thread of this process does: closing any descriptor of the file would drop all locks (POSIX).
    second = open_database(path, synchronous="FULL")
    assert asked_by_another_process(path) == "not alone"
    for connection in (first, second):
        connection.close()
    assert asked_by_another_process(path) == "alone"


def test_who_open_a_new_file_at_the_same_moment_all_get_in(tmp_path: Path) -> None:
    """As the processes of a new installation do. SQLite by itself refuses one of three in every tenth file."""
    at_once = threading.Barrier(3)

    def open_once(path: Path) -> str:
        at_once.wait()
        with contextlib.closing(open_database(path, synchronous="NORMAL")) as connection:
            return str(connection.execute("PRAGMA journal_mode").fetchone()[0])

    with ThreadPoolExecutor(3) as pool:
        for number in range(60):
            paths = [tmp_path / f"{number}.db"] * 3
            assert list(pool.map(open_once, paths)) == ["wal"] * 3


def test_a_press_waits_for_no_search_of_how_its_values_might_be_kept(tmp_path: Path) -> None:
    """SQLite's module asks a type that it was told nothing about for attributes, value by value."""
    values = (b"body", True, None, 7, "text")
    assert [sqlite3.adapt(value) for value in values[:3]] == list(values[:3])
    with contextlib.closing(open_database(tmp_path / "any.db", synchronous="FULL")) as connection:
        kept = connection.execute("SELECT typeof(?), typeof(?), typeof(?), typeof(?), typeof(?)", values)
        assert kept.fetchone() == ("blob", "integer", "null", "integer", "text")


def test_a_step_that_fails_leaves_nothing_even_when_its_commit_fails(tmp_path: Path) -> None:
    connection = open_database(tmp_path / "any.db", synchronous="FULL")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("CREATE TABLE kit (id INTEGER PRIMARY KEY)")
    # Looked at by the commit alone, which then fails and leaves the transaction open.
    connection.execute("CREATE TABLE press (kit INTEGER REFERENCES kit DEFERRABLE INITIALLY DEFERRED)")
    with pytest.raises(sqlite3.IntegrityError), one_step(connection):
        connection.execute("INSERT INTO press VALUES (7)")
    with pytest.raises(LookupError), one_step(connection):
        connection.execute("INSERT INTO kit VALUES (1)")
        raise LookupError
    with one_step(connection) as writing:
        writing.execute("INSERT INTO kit VALUES (2)")
    rows = connection.execute("SELECT id FROM kit UNION ALL SELECT kit FROM press").fetchall()
    assert rows == [(2,)]
    connection.close()
