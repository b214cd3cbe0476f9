"""Who closes an alarm, and on what that rests (safety rules 8, 11 and 14)."""

import pytest

from egide.alarm.events import AlarmClosed
from egide.alarm.events.outcomes import OUTCOMES
from egide.alarm.rows import Speaker
from egide.alarm.rules import Refused
from egide.alarm.state import AlarmState, Help, changed
from egide.events.base import Event
from tests.support.saying import operator, say
from tests.support.standing import standing

TAKEN = standing(received_at_us=1, acknowledged_by="op-1", acknowledged_at_us=2)
ARRIVED = changed(TAKEN, on_site_at_us=3)
OP, CHIEF = operator("op-1", "HAI"), operator("chief", "HAI", supervises=("HAI",))


def close(
    state: AlarmState, who: Speaker, outcome: str = "arrest", reason: str = "because", **more: str
) -> list[Event]:
    return say(state, "close", who, outcome=outcome, reason=reason, **more)


def refused(*given: object, **more: str) -> tuple[str, str]:
    with pytest.raises(Refused) as error:
        close(*given, **more)  # type: ignore[arg-type]
    return error.value.why, error.value.by


def test_an_alarm_that_is_closed_or_that_nobody_took_cannot_be_closed() -> None:
    closed = changed(TAKEN, closed_at_us=3, closed_by="op-2")
    assert refused(closed, OP) == ("closed", "op-2")
    assert refused(changed(ARRIVED, acknowledged_by=""), OP) == ("not-taken", "")


def test_rule_02_only_the_centre_that_leads_closes() -> None:
    led = changed(ARRIVED, centre="HAI")
    assert refused(led, operator("op-9", "BRW", supervises=("BRW",))) == ("other-centre-leads", "")
    assert close(led, OP)


def test_rule_11_closing_asks_for_an_outcome_of_the_list_and_a_reason() -> None:
    assert refused(ARRIVED, OP, "fine") == ("no-outcome", "")
    assert refused(ARRIVED, OP, "") == ("no-outcome", "")
    assert refused(ARRIVED, OP, "arrest", "  a ") == ("empty", "")
    assert refused(ARRIVED, OP, "arrest", "x" * 2001) == ("too-long", "")
    assert close(ARRIVED, OP, "arrest", " seen by two ") == [
        AlarmClosed(user="op-1", outcome="arrest", reason="seen by two")
    ]


@pytest.mark.parametrize(
    "outcome",
    [
        "arrest",
        "perpetrator-gone",
        "person-not-found",
        "nobody-seen-but-fear-founded",
        "help-refused",
        "injured",
        "killed",
        "child-taken",
        "handling-error",
        "technical",
    ],
)
def test_rule_11_every_outcome_can_be_chosen(outcome: str) -> None:
    assert outcome in OUTCOMES
    assert close(ARRIVED, OP, outcome)


def test_rule_08_without_a_team_that_was_with_her_only_a_supervisor_with_the_agreed_word_ends_an_alarm() -> (
    None
):
    for state in (TAKEN, changed(TAKEN, cancelled_at_us=3)):
        for who in (OP, CHIEF):
            assert refused(state, who, "handling-error", "she says so") == ("nobody-there", "")
    (closed,) = close(TAKEN, CHIEF, "handling-error", "word heard", called_back="yes")
    assert isinstance(closed, AlarmClosed) and closed.basis == "call-back"
    assert refused(TAKEN, OP, "handling-error", "word heard", called_back="yes") == ("nobody-there", "")
    assert refused(TAKEN, CHIEF, "handling-error", "word heard", called_back="on") == ("nobody-there", "")


def test_rule_08_a_supervisor_of_another_centre_is_none_here() -> None:
    led = changed(TAKEN, centre="HAI")
    both = operator("chief", "HAI", "BRW", supervises=("BRW",))
    assert refused(led, both, "handling-error", "word heard", called_back="yes") == ("nobody-there", "")


def test_rule_39_what_an_operator_typed_alone_ends_nothing() -> None:
    told = changed(ARRIVED, on_site_told="operator")
    assert refused(told, OP) == ("only-told", "")


def test_rule_14_an_alarm_is_not_closed_while_a_team_waits_for_help() -> None:
    asked = changed(ARRIVED, help=Help("M 12", 4))
    assert refused(asked, OP) == ("help-waits", "")
    assert close(changed(asked, help=Help("M 12", 4, seen_by="op-1")), OP)
