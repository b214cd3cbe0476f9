"""`egide keys`, as two authorities and an administrator use it (safety rule 36)."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from egide.alarm.events import NoteAdded
from egide.common.clock import SystemClock
from egide.common.config import Config
from egide.entrypoints.stack.children import Child
from egide.journal.service import Journal, KeyStore
from tests.support.commands import run, start
from tests.support.installation import Installation

SECRET = "the neighbour opens the door"


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Installation]:
    with Installation(tmp_path / "data", SystemClock()) as made:
        made.act(made.open_alarm(made.enrol()), NoteAdded(user="op", text=SECRET))
        yield made


def told(config: Config) -> str:
    """The note of the alarm, opened with the keys of this installation."""
    clock = SystemClock()
    journal = Journal.open(config, clock, KeyStore.open(config))
    try:
        return " ".join(str(journal.open_event(row)) for row in journal.every())
    finally:
        journal.connection.close()


def test_rule_36_the_key_is_split_used_from_its_parts_and_joined_again(
    running: Installation, tmp_path: Path
) -> None:
    config, master = running.config, running.config.data_dir / "master.key"
    key = master.read_bytes()
    parts = (tmp_path / "ministry.part", tmp_path / "court.part")
    split = start(config, "keys", "split", *map(str, parts))
    assert split.returncode == 0 and "still there" in split.stdout, split.stderr
    assert [path.stat().st_mode & 0o077 for path in parts] == [0, 0]
    again = run(config, "keys", "split", "--remove", *map(str, parts))
    assert again.returncode == 1 and "exists" in again.stderr and master.exists()
    for path in parts:
        path.unlink()
    assert run(config, "keys", "split", "--remove", *map(str, parts)).returncode == 0
    assert not master.exists() and all(key not in path.read_bytes() for path in parts)

    from_parts = replace(config, master_parts=parts)
    assert SECRET in told(from_parts)
    assert run(from_parts, "journal", "tail").returncode == 0
    closed = run(config, "journal", "tail")
    assert closed.returncode == 1 and "EGIDE_MASTER_PARTS" in closed.stderr and SECRET not in closed.stdout

    assert run(config, "keys", "join", "--check", *map(str, parts)).returncode == 0 and not master.exists()
    assert start(config, "keys", "join", *map(str, parts)).returncode == 0
    assert master.read_bytes() == key and master.stat().st_mode & 0o077 == 0
    twice = run(config, "keys", "join", *map(str, parts))
    assert twice.returncode == 1 and "exists" in twice.stderr


@pytest.mark.parametrize("process", ["worker", "intake", "web"])
def test_rule_36_a_process_starts_from_both_parts_and_says_plainly_when_one_is_missing(
    running: Installation, tmp_path: Path, process: str
) -> None:
    parts = (tmp_path / "a.part", tmp_path / "b.part")
    assert run(running.config, "keys", "split", "--remove", *map(str, parts)).returncode == 0
    environment = replace(running.config, master_parts=parts, demo=True).environment()
    child = Child(f"egide.entrypoints.{process}", ["--port", "0"] if process != "worker" else [], environment)
    child.ready()
    assert child.stop() in (0, -signal.SIGTERM)
    parts[1].unlink()
    command = [sys.executable, "-m", f"egide.entrypoints.{process}"]
    failed = subprocess.run(
        command,
        env={**os.environ, **environment, "EGIDE_LANG": "en"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert failed.returncode != 0
    assert "b.part cannot be read" in failed.stderr and "Traceback" not in failed.stderr
    assert not (running.config.data_dir / "master.key").exists()


def test_parts_of_another_installation_are_refused(running: Installation, tmp_path: Path) -> None:
    with Installation(tmp_path / "other") as other:
        other.enrol()
        parts = (str(tmp_path / "a"), str(tmp_path / "b"))
        assert run(other.config, "keys", "split", *parts).returncode == 0
    for answer in (
        run(running.config, "keys", "join", "--check", *parts),
        run(running.config, "keys", "join", parts[0], parts[0]),
        run(Config(tmp_path / "nowhere"), "keys", "join", *parts),
        run(Config(tmp_path / "nowhere"), "keys", "split", *parts),
        run(running.config, "keys", "split", str(tmp_path / "no" / "place"), str(tmp_path / "c")),
    ):
        assert answer.returncode == 1 and answer.stderr.strip() and "Traceback" not in answer.stderr
    assert not (tmp_path / "nowhere").exists()
