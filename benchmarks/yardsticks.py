"""What the parts can do alone: the disk, the database, the signatures."""

import os
import random
import sqlite3
import time
from pathlib import Path
from typing import NamedTuple

from egide.protocol.keys import SigningKey, signature_is_valid

FSYNCS, GROUPS, GROUP, CHECKS = 300, 150, 32, 3000
BODY_BYTES = 400
CHECKS_NAME = "Ed25519 checks, one thread"


class Yardstick(NamedTuple):
    """One round of one yardstick."""

    name: str
    per_s: float
    note: str


def run(directory: Path) -> list[Yardstick]:
    """One round of all; about a second and a half."""
    return [_fdatasync(directory), _grouped_inserts(directory), verifications()]


def _fdatasync(directory: Path) -> Yardstick:
    path = directory / "fdatasync"
    with path.open("wb", buffering=0) as file:
        start = time.perf_counter()
        for _ in range(FSYNCS):
            file.write(bytes(4096))
            os.fdatasync(file.fileno())
        per_s = FSYNCS / (time.perf_counter() - start)
    path.unlink()
    return Yardstick("fdatasync after 4 KiB appended", per_s, "on the disk")


def _grouped_inserts(directory: Path) -> Yardstick:
    path = directory / "inserts.db"
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE event (seq INTEGER PRIMARY KEY, body BLOB)")
    rows = [(os.urandom(BODY_BYTES),) for _ in range(GROUP)]
    start = time.perf_counter()
    for _ in range(GROUPS):
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO event (body) VALUES (?)", rows)
        connection.execute("COMMIT")
    per_s = GROUPS * GROUP / (time.perf_counter() - start)
    connection.close()
    for piece in directory.glob("inserts.db*"):
        piece.unlink()
    return Yardstick(f"SQLite inserts, {GROUP} a commit (WAL, FULL)", per_s, "on the disk; nothing else done")


def verifications() -> Yardstick:
    """How many signatures one thread checks."""
    key = SigningKey.generate()
    public_key, message = bytes(key.verify_key), bytes(90)
    signature = key.sign(message).signature
    start = time.perf_counter()
    for _ in range(CHECKS):
        assert signature_is_valid(public_key, message, signature)
    return Yardstick(CHECKS_NAME, CHECKS / (time.perf_counter() - start), "a calculation")


def check_us() -> float:
    """Processor time of one signature check, in microseconds."""
    start = time.thread_time()
    verifications()
    return (time.thread_time() - start) / CHECKS * 1e6


def upserts(directory: Path, rows: int) -> Yardstick:
    """One small row replaced among `rows`, in groups, without force to the disk: what a heartbeat costs a database."""
    path = directory / "upserts.db"
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute(
        "CREATE TABLE heard (device INTEGER PRIMARY KEY, at_s INTEGER, look_s INTEGER, more BLOB)"
    )
    connection.execute("CREATE INDEX heard_look ON heard (look_s)")
    step = 2**63 // rows
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany(
        "INSERT INTO heard VALUES (?,0,?,zeroblob(30))", ((step * n, n % 3600) for n in range(rows))
    )
    connection.execute("COMMIT")
    source = random.Random(1)
    start = time.perf_counter()
    for _ in range(GROUPS):
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(
            "UPDATE heard SET at_s = ?, look_s = ? WHERE device = ?",
            [(1, source.randrange(3600), step * source.randrange(rows)) for _ in range(GROUP)],
        )
        connection.execute("COMMIT")
    per_s = GROUPS * GROUP / (time.perf_counter() - start)
    connection.close()
    for piece in directory.glob("upserts.db*"):
        piece.unlink()
    return Yardstick(
        f"SQLite rows replaced among {rows:,}, {GROUP} a commit (WAL, OFF)", per_s, "nothing else done"
    )
