"""Killed at random moments: a case is erased wholly or not at all, and checkpoints never say what was not so."""

import multiprocessing
import random
import sqlite3
import subprocess
from contextlib import closing, suppress
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from egide.alarm.events import AlarmClosed, NoteAdded
from egide.common.clock import SystemClock
from egide.common.config import Config
from egide.events.register import KitReturned
from egide.journal.ending import erasing
from egide.journal.ending.erasing import EraseRefused
from egide.journal.proof.checkpoint import check_signatures, read_checkpoints
from egide.journal.proof.checkpoints import FILE_NAME, CheckpointKeeper, Comparison, signing_key
from egide.journal.proof.verify import verify
from egide.journal.sealing.keys import KeyErased, KeyStore
from egide.journal.service import Journal
from tests.support.installation import Installation

SPAWN = multiprocessing.get_context("spawn")
READY_S = 180


def confirm_each(config: Config, cases: Connection) -> None:
    """The second person, in a process of its own: erases every case whose id arrives."""
    journal = Journal.open(config, SystemClock(), KeyStore.open(config))
    cases.send("ready")
    while True:
        with suppress(EraseRefused):
            erasing.do_erase(journal, cases.recv(), "magistrate-1")


def sign_for_ever(config: Config, line: Connection) -> None:
    """A watch that signs as fast as it can."""
    keeper = CheckpointKeeper(config, Journal.open(config, SystemClock()), SystemClock())
    line.send("ready")
    while True:
        keeper.step(is_last=True)


def ended(installation: Installation) -> str:
    phone = installation.enrol()
    alarm = installation.open_alarm(phone)
    installation.act(alarm, NoteAdded(user="op", text="-"))
    installation.act(alarm, AlarmClosed(user="op", outcome="arrest", reason="-"))
    installation.append(f"kit:{phone.kit}", KitReturned(kit=phone.kit), case=phone.case)
    return phone.case


def wrapped_key(installation: Installation, case: str) -> bytes:
    with closing(sqlite3.connect(installation.config.data_dir / "keys.db")) as keys:
        return bytes(keys.execute("SELECT wrapped FROM case_key WHERE case_id = ?", (case,)).fetchone()[0])


@pytest.mark.law
def test_rule_29_a_case_is_erased_wholly_or_not_at_all_whenever_the_power_fails(
    tmp_path: Path, rounds: int, chance: random.Random
) -> None:
    with Installation(tmp_path / "data", SystemClock()) as installation:
        stays = ended(installation)
        for _ in range(rounds):
            case = ended(installation)
            wrapped = wrapped_key(installation, case)
            erasing.do_erase(installation.journal, case, "dpo-1")
            here, there = SPAWN.Pipe()
            process = SPAWN.Process(target=confirm_each, args=(installation.config, there))
            process.start()
            assert here.poll(READY_S) and here.recv() == "ready"
            here.send(case)
            process.join(chance.uniform(0, 0.03))
            process.kill()
            process.join()

            is_said = "CaseErased" in installation.kinds(f"erasing:{case}")
            if is_said:
                with pytest.raises(KeyErased):
                    KeyStore.open(installation.config).case_key(case)
            with suppress(EraseRefused):
                erasing.do_erase(installation.journal, case, "magistrate-1")
            installation.keys.scrub()
            assert installation.kinds(f"erasing:{case}") == ["EraseRequested", "CaseErased"]
            for store in (installation.keys, KeyStore.open(installation.config)):
                with pytest.raises(KeyErased):
                    store.case_key(case)
                assert store.case_key(stays)
            rows = installation.journal.connection.execute("SELECT case_id FROM kit").fetchall()
            assert rows == [(stays,)]
            assert wrapped not in files(installation.config.data_dir, "keys.db*")
        verify(installation.journal.every())


def files(directory: Path, pattern: str) -> bytes:
    """What stands on the disk; in another process, since closing a file here would drop SQLite's locks on it."""
    return subprocess.run(["cat", *directory.glob(pattern)], capture_output=True, check=True).stdout


@pytest.mark.law
def test_rule_36_what_a_killed_watch_signed_agrees_and_arrives(
    tmp_path: Path, rounds: int, chance: random.Random
) -> None:
    place = tmp_path / "second place"
    place.mkdir()
    with Installation(tmp_path / "data", SystemClock()) as installation:
        config = replace(installation.config, checkpoints_to=str(place))
        own, copy = config.data_dir / FILE_NAME, place / FILE_NAME
        phone = installation.enrol()
        for _ in range(rounds):
            here, there = SPAWN.Pipe()
            process = SPAWN.Process(target=sign_for_ever, args=(config, there))
            process.start()
            assert here.poll(READY_S) and here.recv() == "ready"
            for _press in range(chance.randrange(8)):
                installation.open_alarm(phone)
            process.join(chance.uniform(0, 0.03))
            process.kill()
            process.join()

            keeper = CheckpointKeeper(config, installation.journal, installation.clock)
            keeper.step(is_last=True)
            assert keeper.wrong() == {}
            signed, _torn = read_checkpoints(own.read_bytes())
            copied, _torn = read_checkpoints(copy.read_bytes())
            assert signed == copied
            check_signatures(copied, bytes(signing_key(config).verify_key))
            comparison = Comparison(copied)
            verify(comparison.passing(installation.journal.every()))
            comparison.check()
