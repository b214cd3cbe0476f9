"""Law: the deadlines of an installation as it is delivered, waited out: nobody acts, and each is noted in its turn."""

from pathlib import Path

import pytest

from egide.alarm.events import StepMissed
from egide.alarm.events.steps import ACKNOWLEDGED, SHOWN
from egide.alarm.ladder import DEFAULT, rungs_of
from egide.entrypoints.stack.installation import Stack
from tests.support.phones import HttpPhone
from tests.support.waiting import until

# The longest of these deadlines is a minute.
WITHIN_S = 180.0


@pytest.mark.full(
    "tests/laws/test_ladder_killed.py",
    "tests/routing/test_ladder_rules.py::test_rule_01_the_deadlines_are_these_where_a_centre_has_not_set_its_own",
)
@pytest.mark.law
def test_rule_01_with_nobody_at_a_board_every_deadline_of_the_first_minutes_is_noted_when_it_is_due(
    tmp_path: Path,
) -> None:
    with Stack(tmp_path) as stack:
        stack.start()
        phone = HttpPhone(stack, stack.demo["kits"][0])
        alarm = phone.press()
        journal = stack.journal()

        def missed(step: str) -> list[tuple[int, StepMissed]]:
            rows = [row for row in journal.stream(f"alarm:{alarm}") if row.kind == "StepMissed"]
            told = [(row.at_us, journal.open_event(row)) for row in rows]
            return [
                (at_us, event)
                for at_us, event in told
                if isinstance(event, StepMissed) and event.step == step
            ]

        for step in (SHOWN, ACKNOWLEDGED):
            rungs = rungs_of(DEFAULT, step)
            until(lambda step=step, rungs=rungs: len(missed(step)) >= len(rungs), step, WITHIN_S, 0.5)
            noted = missed(step)[: len(rungs)]
            first = noted[0][1].due_at_us - rungs[0].after_s * 1_000_000
            for rung, (at_us, event) in zip(rungs, noted, strict=True):
                assert event.action == rung.action
                assert event.due_at_us == first + rung.after_s * 1_000_000 <= at_us
        assert journal.open_alarms() == [alarm], "nothing closes by silence or by age"
