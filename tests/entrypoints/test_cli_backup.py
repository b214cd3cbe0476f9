"""`egide backup`: everything of one moment, readable by whom the settings name and by nobody here, whole or not
there.
"""

import fcntl
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from egide.common.clock import SetClock, SystemClock
from egide.entrypoints.backup import generations as g
from egide.entrypoints.backup import making
from egide.entrypoints.backup.making import STAGING, Manifest
from egide.journal.proof.verify import verify
from egide.journal.sealing.blobs import Blobs
from egide.journal.sealing.keys import KeyRows
from egide.journal.service import Journal
from egide.journal.snapshot import at_one_moment
from tests.support.backups import Kept, ended, found_in
from tests.support.commands import COMMAND, run, start
from tests.support.installation import Installation
from tests.support.waiting import until

SECRET = "she sleeps at her aunt's"
NOW = datetime(2027, 3, 31, 3, 0, 0, tzinfo=UTC)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Installation]:
    with Installation(tmp_path / "data", SystemClock()) as made:
        yield made


@pytest.fixture
def kept(tmp_path: Path, running: Installation) -> Kept:
    made = Kept(tmp_path, running.config)
    made.keep_master()
    return made


def test_two_of_the_same_second_are_two(running: Installation, kept: Kept) -> None:
    clock = SetClock(SystemClock().now_us())
    made = [making.do_backup(kept.config, clock).file for _ in range(3)]
    assert len(set(made)) == 3 == len(list(kept.backups.iterdir()))
    assert [g.moment_of(file.name) for file in made] == sorted(g.moment_of(file.name) for file in made)


def test_a_back_up_holds_what_is_needed_without_the_master_key_and_nobody_here_can_read_it(
    running: Installation, kept: Kept, tmp_path: Path
) -> None:
    ended(running, SECRET)
    kept.watch()
    made = start(kept.config, "backup")
    assert made.returncode == 0 and "Backed up to" in made.stdout, made.stderr
    (file,) = kept.backups.iterdir()
    assert file.stat().st_mode & 0o077 == 0 and g.moment_of(file.name) is not None
    master, raw = kept.master.read_bytes(), file.read_bytes()
    (wrapped,) = (row[1] for row in msgspec.json.decode(kept.content(file)["keys.json"], type=KeyRows).cases)
    for needle in (SECRET.encode(), wrapped, b"SQLite format", kept.config.backup_recipient.encode()):
        assert needle not in raw
    assert not any(master in content for content in kept.content(file).values())
    held = set(kept.content(file))
    assert {"backup.json", "keys.json", "journal.db", "checkpoints.jsonl", "checkpoint.key"} <= held
    assert not held & {
        "master.key",
        "web.key",
        "live.key",
        "heartbeats.db",
        "presence.db",
        "openings.db",
        "sms.db",
    }
    assert not (running.config.data_dir / STAGING).exists()
    # Anybody with the key opens it without this software: it is age around tar.
    assert raw.startswith(b"age-encryption.org/v1\n")


def test_everything_in_it_is_of_one_moment_though_events_come_all_the_time(
    running: Installation, kept: Kept, tmp_path: Path
) -> None:
    stopped = threading.Event()
    clock = SystemClock()

    def press_on() -> None:
        while not stopped.is_set():
            running.open_alarm(running.enrol())
        running.journal.connection.close()

    presser = threading.Thread(target=press_on)
    presser.start()
    try:
        until(lambda: running.journal.head() > 20)
        files = [kept.back_up()]
        with at_one_moment(kept.config, clock) as snapshot:
            head = snapshot.head
            until(lambda: running.journal.head() > head + 5)
            snapshot.copy_journal(tmp_path / "copy.db")
    finally:
        stopped.set()
        presser.join()
    with closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        assert copy.execute("SELECT max(seq) FROM event").fetchone() == (head,)
    for file in files:
        content = kept.content(file)
        manifest = msgspec.json.decode(content["backup.json"], type=Manifest)
        keys = msgspec.json.decode(content["keys.json"], type=KeyRows)
        (tmp_path / "of").mkdir()
        (tmp_path / "of" / "journal.db").write_bytes(content["journal.db"])
        journal = Journal.open(replace(kept.config, data_dir=tmp_path / "of"), clock)
        proof = verify(journal.every())
        assert proof.last_seq == manifest.head >= 20
        assert {row.key for row in journal.every()} - {"system"} <= {case for case, _wrapped in keys.cases}


def test_a_piece_of_sound_that_came_since_is_left_to_come_again(running: Installation, kept: Kept) -> None:
    phone = running.enrol()
    blobs = Blobs(running.config, running.keys)
    blobs.put(phone.case, "a" * 64, b"before")
    with at_one_moment(kept.config, SystemClock()) as snapshot:
        blobs.put(phone.case, "b" * 64, b"after")
        assert [digest for digest, _case, _wrapped in snapshot.keys.blobs] == ["a" * 64]
    held = set(kept.content(kept.back_up()))
    assert {f"blobs/aa/{'a' * 64}", f"blobs/bb/{'b' * 64}"} <= held
    # As if it had been put after the moment: its key is not in the copy, so its file would never open.
    found = {name for name, _content in making._below(kept.config, snapshot)}
    assert found == {f"blobs/aa/{'a' * 64}"}


def test_one_that_is_killed_leaves_nothing_half_and_the_next_one_tidies_up(
    running: Installation, kept: Kept
) -> None:
    ended(running)
    pipe = kept.backups / ".egide-20270101T000000Z.age.part"
    os.mkfifo(running.config.data_dir / "retention.toml")
    process = subprocess.Popen([*COMMAND, "backup"], env={**os.environ, **kept.config.environment()})
    # It waits at the file that nobody writes to: the back-up is half written by then.
    until(lambda: list(kept.backups.glob(".*.part")))
    second = run(kept.config, "backup")
    assert second.returncode == 1 and "Another back-up" in second.stderr
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert (running.config.data_dir / STAGING).exists() and not list(kept.backups.glob("egide-*"))
    (running.config.data_dir / "retention.toml").unlink()
    pipe.touch()
    kept.back_up()
    assert [path.name[:6] for path in kept.backups.iterdir()] == ["egide-"]
    assert not (running.config.data_dir / STAGING).exists()


def test_each_thing_that_is_wrong_is_said_in_a_sentence_and_leaves_no_file(
    running: Installation, kept: Kept, tmp_path: Path
) -> None:
    ended(running)
    recipient = kept.config.backup_recipient
    mistyped = recipient[:-1] + ("p" if recipient.endswith("q") else "q")
    wrong = {
        "EGIDE_BACKUP_TO to": replace(kept.config, backup_to=""),
        "EGIDE_BACKUP_RECIPIENT to": replace(kept.config, backup_recipient=""),
        "is no directory": replace(kept.config, backup_to=str(tmp_path / "not mounted")),
        "no recipient of age": replace(kept.config, backup_recipient=mistyped),
        "a word that begins with age1": replace(kept.config, backup_recipient="AGE-SECRET-KEY-1"),
        "no journal": replace(kept.config, data_dir=tmp_path / "nowhere"),
    }
    for says, config in wrong.items():
        answer = run(config, "backup")
        assert answer.returncode == 1 and says in answer.stderr, (says, answer.stderr)
        assert "Traceback" not in answer.stderr
    assert list(kept.backups.iterdir()) == [] and not (tmp_path / "nowhere").exists()
    assert run(kept.config, "keys", "backup", str(kept.key)).returncode == 1, "no key is written over"


def test_a_full_disk_leaves_the_earlier_back_ups_and_nothing_half(running: Installation, kept: Kept) -> None:
    ended(running)
    earlier = kept.back_up()
    environment = {**os.environ, **kept.config.environment(), "EGIDE_LANG": "en"}
    copied = running.config.journal_db.stat().st_size // 1024
    # The copy of the journal does not fit; then it does, and the sealed file does not.
    for limit_kib in (16, copied + 8):
        limited = f"ulimit -f {limit_kib}; exec {sys.executable} -m egide.entrypoints.cli backup"
        answer = subprocess.run(["bash", "-c", limited], env=environment, capture_output=True, text=True)
        assert answer.returncode == 1 and "nothing half is left" in answer.stderr, answer.stderr
        assert list(kept.backups.iterdir()) == [earlier]


def test_presses_do_not_wait_for_a_back_up(running: Installation, kept: Kept) -> None:
    ended(running)
    with at_one_moment(kept.config, SystemClock()):
        lock = os.open(running.config.data_dir / "journal.lock", os.O_RDWR)
        # Would raise if the moment held it longer than to begin.
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.close(lock)
        running.open_alarm(running.enrol())


def names(*ages: timedelta) -> list[str]:
    return [g.name_at(NOW - age) for age in ages]


def test_rule_29_nothing_stays_beyond_the_days_that_erasing_promises() -> None:
    hourly = names(*(timedelta(hours=hour) for hour in range(24 * 60)))
    stays = sorted(set(hourly) - set(g.expired(hourly, NOW, 35)))
    moments = [moment for name in stays if (moment := g.moment_of(name))]
    ages = [(NOW - moment) for moment in moments]
    assert max(ages) < timedelta(days=35)
    assert sum(age <= timedelta(days=1) for age in ages) == 25, "all of a day"
    for day in range(2, 7):
        assert any(moment.date() == (NOW - timedelta(days=day)).date() for moment in moments), (
            "one of each day"
        )
    weeks = {moment.isocalendar()[:2] for moment in moments if NOW - moment > timedelta(days=7)}
    assert len(weeks) in (4, 5) and len(stays) <= 25 + 7 + 5
    assert g.expired(stays, NOW, 35) == [], "what stays does not go in the next breath"


def test_the_only_back_up_stays_and_other_files_are_not_touched() -> None:
    old, future = names(timedelta(days=400), timedelta(days=-3))
    assert g.expired([old, "notes.txt", "egide-2027.age", "egide-20270101T000000Z.age.bak"], NOW, 35) == []
    assert g.expired([old, *names(timedelta(0))], NOW, 35) == [old]
    assert g.expired([future, *names(timedelta(0))], NOW, 35) == [], "a clock that was ahead costs nothing"


def test_rule_29_expired_back_ups_are_removed_by_the_next_one(running: Installation, kept: Kept) -> None:
    phone, _alarm = ended(running)
    now = datetime.fromtimestamp(SystemClock().now_us() / 1e6, UTC)
    old, week = (kept.backups / g.name_at(now - timedelta(days=days)) for days in (36, 20))
    for path in (old, week):
        path.write_bytes(phone.case.encode())
    made = run(kept.config, "backup")
    assert made.returncode == 0 and old.name in made.stdout and week.name not in made.stdout
    assert found_in(kept.backups, phone.case.encode()) == [week.name]
