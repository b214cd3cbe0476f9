"""How each road went last, as its process knows: by a word, kept with its signs of life."""

from collections.abc import Iterator
from dataclasses import replace

from egide.common.clock import SetClock, SystemClock
from egide.entrypoints.doctor.finding import Finding
from egide.entrypoints.doctor.system import roads
from egide.journal.now.outcomes import TAKEN, Outcomes, outcomes
from egide.journal.now.signs import Signs
from tests.support.installation import Installation


def test_a_road_that_fails_says_when_it_last_worked_and_each_part_for_itself(
    installation: Installation,
) -> None:
    clock = SetClock(1_000_000)
    signs = Signs(installation.config, clock)
    came = Outcomes(signs, clock)
    assert not came.is_new
    came.worked("sms", "out")
    came.do_keep()
    clock.advance_s(5)
    came.failed("sms", "out", "refused-503")
    came.failed("sms", "in", "bad-signature")
    assert came.is_new and outcomes(signs)["sms"]["out"].is_well, "written with the next sign of life"
    clock.advance_s(5)
    came.do_keep()
    found = outcomes(signs)["sms"]
    assert (found["out"].word, found["out"].is_well) == ("refused-503", False)
    assert (found["out"].at_us, found["out"].worked_us) == (6_000_000, 1_000_000), "when it happened"
    assert (found["in"].is_well, found["in"].worked_us) == (False, None)
    came.worked("sms", "out")
    came.do_keep()
    assert outcomes(signs)["sms"]["out"].word == TAKEN and outcomes(signs)["sms"]["out"].is_well
    assert not came.is_new


def test_how_roads_went_last_is_said_and_one_failure_is_worth_a_look(installation: Installation) -> None:
    config, clock = replace(installation.config, traces_url="http://127.0.0.1:1/"), SystemClock()
    assert list(roads(config, clock)) == [], "nothing came yet"
    came = Outcomes(Signs(config, clock), clock)
    came.worked("traces", "out")
    came.do_keep()
    grade, said = _one(roads(config, clock))
    assert grade == "ok" and said.startswith("traces: Last trace: it was taken, ")
    came.failed("traces", "out", "timeout")
    came.do_keep()
    grade, said = _one(roads(config, clock))
    assert grade == "look" and "it did not work (timeout)" in said and "it last worked" in said


def _one(found: Iterator[Finding]) -> tuple[str, str]:
    (one,) = found
    return one.grade, one.text
