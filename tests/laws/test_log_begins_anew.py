"""Law of the write-ahead log: no matter who moves it into the database, and when, nothing committed is lost.

Many at once do both as fast as they can. SQLite up to 3.51.2 loses commits here (decision 0033).
"""

import multiprocessing
import sqlite3
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier, Event
from pathlib import Path

import pytest

SPAWN = multiprocessing.get_context("spawn")
S_A_ROUND = 0.3
NEXT = "SELECT ifnull((SELECT seq FROM sqlite_sequence WHERE name = 'event'), 0) + 1"


def connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, timeout=20)
    connection.execute("PRAGMA journal_mode=WAL")
    # How durable it is changes nothing here, and what is not waited for happens more often.
    connection.execute("PRAGMA synchronous=OFF")
    return connection


def move_the_log(path: Path, ready: Barrier, over: Event) -> None:
    connection = connect(path)
    ready.wait()
    while not over.is_set():
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()


def commit(path: Path, ready: Barrier, over: Event, told: "Queue[int | str]") -> None:
    connection, kept = connect(path), 0
    ready.wait()
    try:
        while not over.is_set():
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT INTO event VALUES (?, 'x')", connection.execute(NEXT).fetchone())
            connection.execute("COMMIT")
            kept += 1
    except sqlite3.DatabaseError as error:
        told.put(f"after {kept}: {error}")
        over.set()
    else:
        told.put(kept)


@pytest.mark.law
def test_nothing_committed_is_lost_when_the_log_begins_anew_while_it_is_moved(
    tmp_path: Path, rounds: int
) -> None:
    path = tmp_path / "events.db"
    connect(path).execute("CREATE TABLE event (seq INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT)")
    ready, over, told = SPAWN.Barrier(6), SPAWN.Event(), SPAWN.Queue()
    workers = [SPAWN.Process(target=move_the_log, args=(path, ready, over)) for _ in range(3)]
    workers += [SPAWN.Process(target=commit, args=(path, ready, over, told)) for _ in range(2)]
    for worker in workers:
        worker.start()
    ready.wait(150)
    over.wait(rounds * S_A_ROUND)
    over.set()
    kept = [told.get(timeout=150) for _ in range(2)]
    for worker in workers:
        worker.join(150)
    assert all(isinstance(count, int) for count in kept) and any(kept), kept
    with connect(path) as after:
        assert after.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert after.execute("SELECT count(*), max(seq) FROM event").fetchone() == (sum(kept), sum(kept))
