"""Killed at random moments while the master key is replaced: every key still opens, and is the same."""

import multiprocessing
import random
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from egide.common.clock import SystemClock
from egide.common.config import Config
from egide.journal.sealing import renewing
from egide.journal.sealing.keys import SYSTEM, KeyStore
from tests.support.installation import Installation

SPAWN = multiprocessing.get_context("spawn")
READY_S = 180
CASES = 300


def renew_for_ever(config: Config, line: Connection) -> None:
    """An administrator who cannot stop."""
    line.send("ready")
    while True:
        renewing.do_forget(config)
        renewing.do_renew_file(config, SystemClock())


@pytest.mark.law
def test_every_key_opens_whenever_the_power_fails_and_running_processes_never_notice(
    tmp_path: Path, rounds: int, chance: random.Random
) -> None:
    with Installation(tmp_path / "data", SystemClock()) as installation:
        config, running = installation.config, KeyStore.open(installation.config)
        installation.keys.ensure_all(f"case-{number}" for number in range(CASES))
        known = {f"case-{number}": running.case_key(f"case-{number}").raw for number in range(CASES)}
        known[SYSTEM] = running.case_key(SYSTEM).raw
        for number in range(max(3, rounds // 2)):
            here, there = SPAWN.Pipe()
            process = SPAWN.Process(target=renew_for_ever, args=(config, there))
            process.start()
            assert here.poll(READY_S) and here.recv() == "ready"
            # Cases are made meanwhile by a process that runs since before the first of all these keys.
            for each in range(chance.randrange(20)):
                case = f"made-{number}-{each}"
                known[case] = running.ensure(case).raw
            process.join(chance.uniform(0, 0.05))
            process.kill()
            process.join()

            started = KeyStore.open(config)
            asked = [SYSTEM, *chance.sample(sorted(known), 40)]
            for store in (running, started):
                assert {case: store.case_key(case).raw for case in asked} == {
                    case: known[case] for case in asked
                }
            started.close()
        # What was cut off is brought to its end by the same two commands.
        renewing.do_forget(config)
        assert renewing.do_renew_file(config, SystemClock()) is not None
        renewing.do_forget(config)
        assert len((config.data_dir / "master.key").read_bytes()) == 32
        last = KeyStore.open(config)
        assert {case: last.case_key(case).raw for case in known} == known
