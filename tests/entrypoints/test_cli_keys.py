"""`egide keys`, as two authorities and an administrator use it (safety rule 36)."""

import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from egide.alarm.events import NoteAdded
from egide.common.clock import SystemClock
from egide.common.config import Config
from egide.entrypoints.doctor import keys as doctor
from egide.entrypoints.stack.children import Child
from egide.journal.proof.checkpoints import FILE_NAME
from egide.journal.service import Journal, KeyStore
from tests.support.backups import Kept
from tests.support.commands import run, start
from tests.support.installation import Installation
from tests.support.nursery import run_loaded
from tests.support.softhsm import PIN, Module

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


def examined(config: Config) -> str:
    """What `egide doctor` says of the keys."""
    return " ".join(finding.text for finding in doctor.keys(config))


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
    failed = run_loaded(f"egide.entrypoints.{process}", [], {**os.environ, **environment, "EGIDE_LANG": "en"})
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


def test_the_master_key_is_replaced_while_all_runs_and_the_old_one_forgotten_later(
    running: Installation, tmp_path: Path
) -> None:
    config, master = running.config, running.config.data_dir / "master.key"
    old = master.read_bytes()
    replaced = start(config, "keys", "rotate", "master")
    assert replaced.returncode == 0 and "--finish" in replaced.stdout, replaced.stderr
    assert master.read_bytes() != old and len(master.read_bytes()) == 32
    assert master.stat().st_mode & 0o077 == 0 and SECRET in told(config)
    assert "rotate master --finish" in examined(config)
    again = run(config, "keys", "rotate", "master")
    assert again.returncode == 1 and "--finish" in again.stderr
    forgotten = run(config, "keys", "rotate", "master", "--finish")
    assert forgotten.returncode == 0 and "forgotten" in forgotten.stdout
    assert "rotate master --finish" not in examined(config)
    assert "No old master key" in run(config, "keys", "rotate", "master", "--finish").stdout

    parts, others = ([str(tmp_path / f"{name}-{each}") for each in "ab"] for name in ("first", "second"))
    assert run(config, "keys", "split", "--remove", *parts).returncode == 0
    split = replace(config, master_parts=tuple(map(Path, parts)))
    refused = run(split, "keys", "rotate", "master")
    assert refused.returncode == 1 and "--parts" in refused.stderr
    same = run(split, "keys", "rotate", "master", "--parts", *parts)
    assert same.returncode == 1 and "in force" in same.stderr
    renewed = run(split, "keys", "rotate", "master", "--parts", *others)
    assert renewed.returncode == 0 and ":".join(others) in renewed.stdout
    # The settings are not changed yet: all still opens, and nothing can be forgotten.
    assert SECRET in told(split)
    early = run(split, "keys", "rotate", "master", "--finish")
    assert early.returncode == 1 and "name the master key before" in early.stderr
    settled = replace(config, master_parts=tuple(map(Path, others)))
    assert run(settled, "keys", "rotate", "master", "--finish").returncode == 0
    assert SECRET in told(settled)
    closed = run(split, "journal", "tail")
    assert closed.returncode == 1 and "opens none" in closed.stderr


def test_back_ups_of_before_open_with_the_old_key_and_later_ones_with_the_new(
    running: Installation, tmp_path: Path
) -> None:
    kept = Kept(tmp_path, running.config)
    kept.keep_master()
    kept.watch()
    # Two of one second would be one file.
    before = kept.back_up().rename(tmp_path / "before")
    assert run(kept.config, "keys", "rotate", "master").returncode == 0
    new = tmp_path / "new.key"
    new.write_bytes((running.config.data_dir / "master.key").read_bytes())
    after = kept.back_up()
    for file, key in ((before, kept.master), (after, new)):
        to = tmp_path / f"from-{key.name}"
        restored = kept.restore(file, to, master=key)
        assert restored.returncode == 0, restored.stderr
        assert SECRET in told(replace(kept.config, data_dir=to))
    refused = kept.restore(after, tmp_path / "wrong", master=kept.master)
    assert refused.returncode == 1 and "opens none" in refused.stderr


def test_the_key_of_checkpoints_is_handed_on_and_verify_follows_it(
    running: Installation, tmp_path: Path
) -> None:
    kept = Kept(tmp_path, running.config)
    kept.watch()
    first = run(kept.config, "journal", "key").stdout.strip()
    nothing = run(kept.config, "keys", "rotate", "checkpoint", "--finish")
    assert nothing.returncode == 1 and "without --finish" in nothing.stderr
    begun = run(kept.config, "keys", "rotate", "checkpoint")
    assert begun.returncode == 0 and "restart egide-watch" in begun.stdout
    assert "rotate checkpoint --finish" in examined(kept.config)
    twice = run(kept.config, "keys", "rotate", "checkpoint")
    assert twice.returncode == 1 and "--finish" in twice.stderr
    early = run(kept.config, "keys", "rotate", "checkpoint", "--finish")
    assert early.returncode == 1 and "watch has not signed" in early.stderr
    assert run(kept.config, "journal", "key").stdout.strip() == first, "in force until watch has handed on"
    kept.watch()
    assert run(kept.config, "keys", "rotate", "checkpoint", "--finish").returncode == 0
    second = run(kept.config, "journal", "key").stdout.strip()
    assert second != first and second in begun.stdout
    assert "rotate checkpoint" not in examined(kept.config)
    kept.watch()
    copies = str(kept.place / FILE_NAME)
    for key in (first, second):
        verified = run(kept.config, "journal", "verify", "--checkpoints", copies, "--key", key)
        assert verified.returncode == 0, verified.stderr
        assert f"handed on from {first} to {second}" in verified.stdout
    file = kept.back_up()
    kept.keep_master()
    restored = kept.restore(file, tmp_path / "new")
    assert restored.returncode == 0, restored.stderr


def test_the_master_key_moves_into_a_token_and_intake_starts_from_there(
    running: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = Module(tmp_path / "hsm", monkeypatch)
    config = replace(running.config, master_pin=PIN)
    wrong = run(running.config, "keys", "rotate", "master", "--token", module.uri())
    assert wrong.returncode == 1 and "needs its PIN" in wrong.stderr
    moved = run(config, "keys", "rotate", "master", "--token", module.uri())
    assert moved.returncode == 0 and f"EGIDE_MASTER_TOKEN={module.uri()}" in moved.stdout, moved.stderr
    early = run(config, "keys", "rotate", "master", "--finish")
    assert early.returncode == 1 and "name the master key before" in early.stderr
    token = replace(config, master_token=module.uri(), demo=True)
    assert "still leads to it" in examined(token)
    assert run(token, "keys", "rotate", "master", "--finish").returncode == 0
    assert not (config.data_dir / "master.key").exists()
    assert "is in a token, and opens" in examined(token) and SECRET in told(token)
    where = run(token, "keys", "rotate", "master")
    assert where.returncode == 1 and "--token" in where.stderr
    child = Child("egide.entrypoints.intake", ["--port", "0"], token.environment())
    child.ready()
    assert child.stop() in (0, -signal.SIGTERM)
    # What it gives can be laid into two safes, for the day on which the module breaks.
    parts = (tmp_path / "a.part", tmp_path / "b.part")
    assert run(token, "keys", "split", *map(str, parts)).returncode == 0
    assert SECRET in told(replace(running.config, master_parts=parts))
