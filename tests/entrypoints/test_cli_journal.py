"""`egide journal`, as an administrator uses it."""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from egide.alarm.events import NoteAdded
from egide.journal.chain import Stored
from egide.journal.proof.checkpoints import FILE_NAME, CheckpointKeeper
from egide.journal.service import Journal
from tests.support import commands
from tests.support.commands import Answer
from tests.support.installation import Installation
from tests.support.pages import GENT, MONS, PASSWORD, Pages

SECRET = "the neighbour opens the door"


# How somebody opens what is sealed: who they are, and why.
OPENING = ("--as", "zone-1", "--reason", "An inquiry of the court")


def egide(installation: Installation, *arguments: str) -> Answer:
    return commands.run(replace(installation.config, demo=True), "journal", *arguments, stdin=PASSWORD)


def started(installation: Installation, *arguments: str) -> Answer:
    return commands.start(replace(installation.config, demo=True), "journal", *arguments, stdin=PASSWORD)


@pytest.fixture
def running(pages: Pages) -> tuple[Installation, str]:
    """An installation with two alarms, the first with a note, and an officer of the zone that it concerns."""
    commands.let_prove(pages.user("zone-1", role="zone-officer", zone="5324"))
    alarm = pages.alarm(pages.phone(MONS))
    pages.installation.act(alarm, NoteAdded(user="op", text=SECRET))
    pages.installation.open_alarm(pages.phone(GENT))
    return pages.installation, alarm


def test_tail_shows_clear_columns_and_opens_bodies_only_when_asked(running: tuple[Installation, str]) -> None:
    installation, alarm = running
    clear = started(installation, "tail")
    assert clear.returncode == 0 and f"alarm:{alarm}" in clear.stdout and SECRET not in clear.stdout
    assert len(clear.stdout.splitlines()) == installation.journal.head()
    assert SECRET in egide(installation, "tail", "--open", *OPENING).stdout


@pytest.mark.files("changes the file, as its owner can")
def test_verify_proves_the_journal_whole_and_finds_what_was_changed(
    running: tuple[Installation, str],
) -> None:
    installation, _alarm = running
    assert egide(installation, "verify").returncode == 0
    with sqlite3.connect(installation.config.journal_db) as thief:
        thief.execute("DROP TRIGGER event_no_update")
        thief.execute("UPDATE event SET at_us = at_us + 1 WHERE seq = 3")
    found = started(installation, "verify")
    assert found.returncode == 1 and "BROKEN at event 3" in found.stderr and "Traceback" not in found.stderr


def test_verify_takes_a_press_that_comes_meanwhile_for_no_missing_end(
    running: tuple[Installation, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    installation, alarm = running
    every = Journal.every

    def pressed_meanwhile(journal: Journal) -> Iterator[Stored]:
        yield from every(journal)
        installation.act(alarm, NoteAdded(user="op", text=SECRET))

    monkeypatch.setattr(Journal, "every", pressed_meanwhile)
    before = installation.journal.head()
    found = egide(installation, "verify")
    assert found.returncode == 0, found.stderr
    assert installation.journal.head() == before + 1


@pytest.mark.files("changes the file, as its owner can")
def test_verify_finds_a_cut_off_end_even_when_the_counter_was_set_back(
    running: tuple[Installation, str],
) -> None:
    installation, _alarm = running
    noted = egide(installation, "verify").stdout.rsplit(" ", 1)[1].strip()
    with sqlite3.connect(installation.config.journal_db) as thief:
        thief.execute("DROP TRIGGER event_no_delete")
        thief.execute("DELETE FROM event WHERE seq = (SELECT max(seq) FROM event)")
    assert egide(installation, "verify").returncode == 1
    with sqlite3.connect(installation.config.journal_db) as thief:
        thief.execute("UPDATE sqlite_sequence SET seq = (SELECT max(seq) FROM event) WHERE name = 'event'")
    assert egide(installation, "verify").returncode == 0, "nothing in the file tells it any more"
    assert egide(installation, "verify", "--expect", noted).returncode == 1, "the noted hash does"


def test_an_export_verifies_without_the_system_and_opens_its_own_alarm_only(
    running: tuple[Installation, str], tmp_path: Path
) -> None:
    installation, alarm = running
    whole, one = tmp_path / "whole.jsonl", tmp_path / "one.jsonl"
    assert egide(installation, "export", str(whole)).returncode == 0
    assert started(installation, "export", "--alarm", alarm, *OPENING, str(one)).returncode == 0
    with Installation(tmp_path / "elsewhere") as elsewhere:
        assert egide(elsewhere, "verify", str(whole)).returncode == 0
        assert egide(elsewhere, "verify", str(one)).returncode == 0
        shown = started(elsewhere, "show", str(one))
        assert [json.loads(line)["kind"] for line in shown.stdout.splitlines()] == [
            "PressReceived",
            "AlarmRouted",
            "NoteAdded",
        ]
        assert SECRET in shown.stdout
        closed = egide(elsewhere, "show", str(whole))
        assert closed.returncode == 1 and "no key" in closed.stderr
    assert SECRET not in whole.read_text() and SECRET not in one.read_text()
    assert installation.kinds("system:exports") == ["JournalExported", "JournalExported"]


@pytest.mark.parametrize("spoil", ["cut", "change", "other"])
def test_a_spoilt_export_is_refused(running: tuple[Installation, str], tmp_path: Path, spoil: str) -> None:
    installation, _alarm = running
    file = tmp_path / "whole.jsonl"
    egide(installation, "export", str(file))
    lines = file.read_text().splitlines(keepends=True)
    spoilt = {
        "cut": lines[:-1],
        "change": [*lines[:2], lines[2].replace('"version":1', '"version":2'), *lines[3:]],
        "other": ["not an export\n", "at all\n"],
    }[spoil]
    file.write_text("".join(spoilt))
    answer = egide(installation, "verify", str(file))
    assert answer.returncode in (1, 2) and answer.stderr.strip() and "Traceback" not in answer.stderr


def test_bad_input_gets_a_clear_answer_and_overwrites_nothing(
    running: tuple[Installation, str], tmp_path: Path
) -> None:
    installation, _alarm = running
    file = tmp_path / "kept.txt"
    file.write_text("precious")
    assert egide(installation, "export", str(file)).returncode == 1
    assert file.read_text() == "precious"
    missing = egide(installation, "export", "--alarm", "nobody-1", *OPENING, str(tmp_path / "x"))
    assert "no alarm" in missing.stderr
    with Installation(tmp_path / "other") as other:
        other.config.journal_db.unlink()
        answer = egide(other, "tail")
    assert answer.returncode == 1 and "EGIDE_DATA" in answer.stderr


@pytest.mark.files("changes the file, as its owner can")
def test_rule_36_verify_holds_the_journal_against_the_copies_of_the_checkpoints(
    running: tuple[Installation, str], tmp_path: Path
) -> None:
    installation, alarm = running
    CheckpointKeeper(installation.config, installation.journal, installation.clock).step()
    copy, whole, one = tmp_path / "checkpoints.jsonl", tmp_path / "whole.jsonl", tmp_path / "one.jsonl"
    copy.write_bytes((installation.config.data_dir / FILE_NAME).read_bytes())
    key = started(installation, "key").stdout.strip()
    (tmp_path / "key").write_text(key + "\n")
    for given in ((), ("--key", key), ("--key", str(tmp_path / "key"))):
        agreed = egide(installation, "verify", "--checkpoints", str(copy), *given)
        assert agreed.returncode == 0 and key in agreed.stdout, agreed.stderr
    egide(installation, "export", str(whole))
    egide(installation, "export", "--alarm", alarm, *OPENING, str(one))
    unnamed = egide(installation, "verify", str(whole), "--checkpoints", str(copy))
    assert unnamed.returncode == 0 and "compare the key" in unnamed.stderr
    assert "one alarm only" in egide(installation, "verify", str(one), "--checkpoints", str(copy)).stderr
    foreign = egide(installation, "verify", "--checkpoints", str(copy), "--key", "ab" * 32)
    assert foreign.returncode == 1 and "not signed by this key" in foreign.stderr
    for nonsense in (("--key", "nonsense"), ("--checkpoints", str(tmp_path / "key"))):
        answer = egide(installation, "verify", "--checkpoints", str(copy), *nonsense)
        assert answer.returncode == 2 and "Traceback" not in answer.stderr and answer.stderr.strip()
    with sqlite3.connect(installation.config.journal_db) as thief:
        thief.execute("DROP TRIGGER event_no_delete")
        # What both exports left, and one event that the checkpoint saw.
        for _event in range(4):
            thief.execute("DELETE FROM event WHERE seq = (SELECT max(seq) FROM event)")
        thief.execute("UPDATE sqlite_sequence SET seq = (SELECT max(seq) FROM event) WHERE name = 'event'")
    assert egide(installation, "verify").returncode == 0, "nothing in the file tells it any more"
    cut = egide(installation, "verify", "--checkpoints", str(copy))
    assert cut.returncode == 1 and "its end was cut off" in cut.stderr
    with sqlite3.connect(installation.config.journal_db) as thief:
        thief.execute("DROP TRIGGER event_no_delete")  # each start of a process makes it again
        thief.execute("DELETE FROM event WHERE seq = 2")
    broken = egide(installation, "verify", "--checkpoints", str(copy))
    assert broken.returncode == 1 and "BROKEN at event 3" in broken.stderr
    assert "still saw it whole" in broken.stderr
