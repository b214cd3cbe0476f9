"""Law: kill -9 of the worker at any moment: each deadline of an open alarm is noted exactly once and in order."""

import random
import time
from collections import Counter
from pathlib import Path

import pytest

from egide.alarm.events import Ladder, Rung, StepMissed
from egide.alarm.events.steps import ACKNOWLEDGED, SHOWN
from egide.alarm.ladder import DEFAULT
from egide.common.clock import SystemClock
from egide.entrypoints.stack.children import Child, stop_all
from egide.routing.service import do_set_ladder
from tests.support.installation import Installation
from tests.support.waiting import until

ALARMS = 6
QUICK = Ladder(
    (
        *(Rung(SHOWN, after_s, "louder") for after_s in (1, 2)),
        *(Rung(ACKNOWLEDGED, after_s, "supervisor") for after_s in (1, 2, 3, 4)),
        *(rung for rung in DEFAULT.rungs if rung.step not in (SHOWN, ACKNOWLEDGED)),
    ),
    "BRW",
)
WANTED = Counter({(SHOWN, 1): 1, (SHOWN, 2): 1, **{(ACKNOWLEDGED, number): 1 for number in range(1, 5)}})


def noted(installation: Installation, alarm: str) -> list[StepMissed]:
    rows = installation.journal.stream(f"alarm:{alarm}")
    events = [installation.journal.open_event(row) for row in rows if row.kind == "StepMissed"]
    return [event for event in events if isinstance(event, StepMissed)]


@pytest.mark.law
def test_rule_01_a_worker_that_is_killed_again_and_again_notes_each_deadline_once(
    tmp_path: Path, rounds: int, chance: random.Random, journal_address: str
) -> None:
    with Installation(tmp_path, SystemClock(), address=journal_address) as installation:
        do_set_ladder(installation.journal, "chief", "HAI", QUICK)
        phones = [installation.enrol() for _ in range(ALARMS)]
        worker = Child("egide.entrypoints.worker", [], installation.config.environment(), None)
        try:
            worker.ready()
            alarms = [installation.open_alarm(phone) for phone in phones]
            for _ in range(max(2, rounds // 4)):
                # The moment is what is tried here; nothing is waited for.
                time.sleep(chance.uniform(0.05, 1.2))
                worker.kill()
                worker.start()
                worker.ready()
            until(
                lambda: all(len(noted(installation, alarm)) >= WANTED.total() for alarm in alarms),
                lambda: [noted(installation, alarm) for alarm in alarms],
            )
        finally:
            stop_all([worker])
        for alarm in alarms:
            events = noted(installation, alarm)
            assert Counter((event.step, event.rung) for event in events) == WANTED
            for step in (SHOWN, ACKNOWLEDGED):
                rungs = [event.rung for event in events if event.step == step]
                assert rungs == sorted(rungs)
