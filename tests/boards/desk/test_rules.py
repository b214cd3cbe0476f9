"""What an operator may do to an alarm, and in which order alarms stand."""

from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egide.alarm.events import (
    AlarmAcknowledged,
    AlarmClosed,
    AlarmRouted,
    HandoverAccepted,
    LeadKept,
    NoteAdded,
    Route,
    ShownOnBoard,
)
from egide.alarm.events.outcomes import OUTCOMES
from egide.alarm.fold import Past, fold
from egide.alarm.state import Help, Missed, changed
from egide.boards.desk.rules import (
    Refused,
    acting_centre,
    decide_acknowledge,
    decide_close,
    decide_keep,
    decide_note,
    decide_offer,
    decide_shown,
    decide_take_over,
    in_order,
    is_asked,
    rings,
)
from tests.support.standing import standing

NEW = standing(alarm="a", received_at_us=1)
TAKEN = standing(alarm="a", received_at_us=1, acknowledged_by="op-1", acknowledged_at_us=2)
CLOSED = standing(
    alarm="a",
    received_at_us=1,
    acknowledged_by="op-1",
    acknowledged_at_us=2,
    closed_at_us=3,
    closed_by="op-2",
)

ARRIVED = changed(TAKEN, on_site_at_us=3)


class Closer(NamedTuple):
    """Who closes, as the rule reads it."""

    user: str
    centre: str
    supervisor: bool


OP, CHIEF, FAR = Closer("op-1", "HAI", False), Closer("chief", "HAI", True), Closer("op-9", "BRW", False)


def refusal(decide, *arguments: object) -> tuple[str, str]:  # type: ignore[no-untyped-def]
    with pytest.raises(Refused) as refused:
        decide(*arguments)
    return refused.value.why, refused.value.by


def test_the_first_one_takes_the_alarm() -> None:
    routed = changed(NEW, centre="HAI")
    assert decide_acknowledge(routed, "op-1", "HAI") == [AlarmAcknowledged(user="op-1")]


def test_rule_02_whoever_takes_an_alarm_before_it_has_a_route_leads_until_another_centre_accepts() -> None:
    (taken,) = decide_acknowledge(NEW, "op-1", "HAI")
    state = fold(NEW, Past(taken, 1, 1, 5))
    routed = AlarmRouted(route=Route(zone="5415", centre="OVL", managing_zone="5324", basis="position"))
    state = fold(state, Past(routed, 2, 2, 9))
    assert (state.lead.centre, state.lead.acknowledged_by, state.lead.handover_to) == ("HAI", "op-1", "OVL")
    assert state.centres == ("HAI", "OVL") and state.lead.handover_since_us == 9


def test_the_second_one_learns_who_was_first() -> None:
    assert refusal(decide_acknowledge, TAKEN, "op-2", "HAI") == ("taken", "op-1")


def test_taking_ones_own_alarm_again_changes_nothing() -> None:
    assert decide_acknowledge(TAKEN, "op-1", "HAI") == []


def test_a_closed_alarm_is_left_alone() -> None:
    assert refusal(decide_acknowledge, CLOSED, "op-3", "HAI") == ("closed", "op-2")
    assert refusal(decide_note, CLOSED, "op-3", "x") == ("closed", "op-2")
    assert refusal(decide_close, CLOSED, OP, "test", "because") == ("closed", "op-2")
    assert decide_shown(CLOSED, "op-3", "HAI") == []


def test_rule_11_closing_asks_for_an_outcome_of_the_list_and_a_reason() -> None:
    assert refusal(decide_close, ARRIVED, OP, "fine", "because") == ("no-outcome", "")
    assert refusal(decide_close, ARRIVED, OP, "", "because") == ("no-outcome", "")
    assert refusal(decide_close, ARRIVED, OP, "arrest", "  a ") == ("empty", "")
    assert decide_close(ARRIVED, OP, "arrest", " seen by two ") == [
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
    assert decide_close(ARRIVED, OP, outcome, "because")


def test_rule_08_without_a_team_that_was_with_her_only_a_supervisor_with_the_agreed_word_ends_an_alarm() -> (
    None
):
    cancelled = changed(TAKEN, cancelled_at_us=3)
    for state in (TAKEN, cancelled):
        assert refusal(decide_close, state, OP, "handling-error", "she says so") == ("nobody-there", "")
        assert refusal(decide_close, state, CHIEF, "handling-error", "she says so") == ("nobody-there", "")
    (closed,) = decide_close(TAKEN, CHIEF, "handling-error", "word heard", called_back=True)
    assert isinstance(closed, AlarmClosed) and closed.basis == "call-back"
    with pytest.raises(Refused, match="nobody-there"):
        decide_close(TAKEN, OP, "handling-error", "word heard", called_back=True)


def test_rule_14_an_alarm_is_not_closed_while_a_team_waits_for_help() -> None:
    asked = changed(ARRIVED, help=Help("M 12", 4))
    assert refusal(decide_close, asked, OP, "arrest", "because") == ("help-waits", "")
    assert decide_close(changed(asked, help=Help("M 12", 4, seen_by="op-1")), OP, "arrest", "because")


def test_rule_02_only_a_centre_that_is_asked_or_has_a_copy_takes_over_and_the_first_person_has_it() -> None:
    led = changed(TAKEN, centre="HAI")
    assert refusal(decide_acknowledge, led, "op-9", "BRW") == ("other-centre-leads", "")
    assert refusal(decide_close, changed(led, on_site_at_us=3), FAR, "arrest", "because") == (
        "other-centre-leads",
        "",
    )
    assert refusal(decide_take_over, led, "op-9", "BRW") == ("moved-on", "")
    asked = changed(led, handover_to="BRW")
    assert decide_take_over(asked, "op-9", "BRW") == [HandoverAccepted(user="op-9", centre="BRW")]
    copied = changed(led, missed=(Missed("acknowledged", 3, "neighbour", 1, "BRW"),))
    assert decide_take_over(copied, "op-9", "BRW") == [HandoverAccepted(user="op-9", centre="BRW")]
    taken = changed(asked, centre="BRW", acknowledged_by="op-9", handover_to="")
    assert refusal(decide_take_over, taken, "op-8", "BRW") == ("taken", "op-9")


def test_rule_02_a_handover_that_crosses_another_finds_what_is_true_now() -> None:
    led = changed(TAKEN, centre="HAI", handover_to="BRW")
    moved = changed(led, handover_to="NAM")
    assert refusal(decide_take_over, moved, "op-9", "BRW") == ("moved-on", "")
    assert decide_offer(moved, "op-1", "HAI", "NAM") == []
    assert refusal(decide_offer, moved, "op-9", "BRW", "NAM") == ("other-centre-leads", "")
    assert refusal(decide_offer, moved, "op-1", "HAI", "HAI") == ("no-centre", "")
    assert decide_keep(moved, "op-1", "HAI", "centre") == [LeadKept(user="op-1", what="centre")]
    assert decide_keep(moved, "op-1", "HAI", "zone") == []


def test_an_alarm_that_nobody_took_cannot_be_closed() -> None:
    assert refusal(decide_close, NEW, OP, "test", "because") == ("not-taken", "")


def test_a_note_has_text_and_an_end() -> None:
    assert decide_note(NEW, "op-1", " x ") == [NoteAdded(user="op-1", text="x")]
    assert decide_note(NEW, "op-1", "x", for_team=True) == [NoteAdded(user="op-1", text="x", for_team=True)]
    assert refusal(decide_note, NEW, "op-1", " \n") == ("empty", "")
    assert refusal(decide_note, NEW, "op-1", "x" * 2001) == ("too-long", "")


def test_shown_is_reported_once_by_each_person() -> None:
    assert decide_shown(NEW, "op-1", "HAI") == [ShownOnBoard(user="op-1", centre="HAI")]
    seen = standing(alarm="a", shown_by=("op-1",))
    assert decide_shown(seen, "op-1", "HAI") == []
    assert decide_shown(seen, "op-2", "HAI") == [ShownOnBoard(user="op-2", centre="HAI")]


def test_rule_05_duress_then_not_acknowledged_then_longest_without_arrival() -> None:
    taken_old = standing(alarm="taken-old", received_at_us=1, acknowledged_by="x")
    taken_new = standing(alarm="taken-new", received_at_us=4, acknowledged_by="x")
    waits_old = standing(alarm="waits-old", received_at_us=2)
    waits_new = standing(alarm="waits-new", received_at_us=5)
    duress = standing(alarm="duress", received_at_us=9, duress=True, acknowledged_by="x")
    order = in_order([taken_new, waits_new, taken_old, duress, waits_old])
    assert [state.alarm for state in order] == ["duress", "waits-old", "waits-new", "taken-old", "taken-new"]


@given(st.permutations(range(6)), st.lists(st.integers(0, 100), min_size=6, max_size=6))
def test_rule_05_the_order_does_not_depend_on_anything_but_the_three_criteria(
    mixed: list[int], presses: list[int]
) -> None:
    states = [
        standing(
            alarm=str(i),
            received_at_us=i,
            duress=i == 5,
            acknowledged_by="x" if i < 2 else "",
            presses=presses[i],
            acknowledged_at_us=presses[i],
        )
        for i in range(6)
    ]
    assert [state.alarm for state in in_order([states[i] for i in mixed])] == ["5", "2", "3", "4", "0", "1"]


CENTRES = st.sampled_from(["", "HAI", "LIE", "NAM"])


@given(CENTRES, CENTRES, st.sampled_from(["", "op-1"]), st.booleans(), st.booleans(), CENTRES)
def test_rule_01_an_open_alarm_that_nobody_has_rings_at_the_centre_that_leads(
    lead: str, asked: str, taken: str, closed: bool, calls_help: bool, copied_to: str
) -> None:
    state = standing(
        alarm="a",
        centre=lead,
        handover_to="" if asked == lead else asked,
        acknowledged_by=taken,
        closed_at_us=5 if closed else 0,
        help=Help("M 12", 4) if calls_help else None,
        missed=(Missed("acknowledged", 3, "neighbour", 1, copied_to),) if copied_to else (),
    )
    if closed:
        assert not any(rings(state, {centre}) for centre in ("HAI", "LIE", "NAM"))
        return
    if not taken or calls_help:
        assert rings(state, {lead or "HAI"})
    if state.lead.handover_to:
        assert not lead or rings(state, {state.lead.handover_to}), (
            "who is asked hears it until somebody took over"
        )
    assert rings(state, set()) == (calls_help or (not lead and not taken))


@given(CENTRES, CENTRES, st.frozensets(CENTRES.filter(bool)))
def test_rule_02_nobody_acts_for_a_centre_that_is_not_theirs(
    lead: str, asked: str, mine: frozenset[str]
) -> None:
    state = standing(alarm="a", centre=lead, handover_to=asked)
    acting = acting_centre(state, mine)
    assert acting in mine or (acting == "" and not mine)
    assert not is_asked(state, mine) or asked in mine
