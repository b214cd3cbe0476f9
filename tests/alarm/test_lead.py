"""Who takes an alarm, hands it over and takes it over, and what else its operator says of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egide.alarm.events import (
    AlarmAcknowledged,
    AlarmRouted,
    HandoverAccepted,
    HandoverOffered,
    LeadKept,
    LocalisationAsked,
    NoteAdded,
    Route,
    ShownOnBoard,
)
from egide.alarm.fold import Past, fold
from egide.alarm.leading import acting_centre, is_asked
from egide.alarm.rows import Speaker
from egide.alarm.rules import Refused
from egide.alarm.state import AlarmState, Missed, changed
from tests.support.saying import operator, say
from tests.support.standing import standing

NEW = standing(received_at_us=1)
TAKEN = standing(received_at_us=1, acknowledged_by="op-1", acknowledged_at_us=2)
CLOSED = changed(TAKEN, closed_at_us=3, closed_by="op-2")
LED = changed(TAKEN, centre="HAI")
OP, OTHER, FAR = operator("op-1", "HAI"), operator("op-2", "HAI"), operator("op-9", "BRW")


def refused(state: AlarmState, name: str, who: Speaker, **fields: str) -> tuple[str, str]:
    with pytest.raises(Refused) as error:
        say(state, name, who, **fields)
    return error.value.why, error.value.by


def test_the_first_one_takes_the_alarm() -> None:
    assert say(changed(NEW, centre="HAI"), "acknowledge", OP) == [AlarmAcknowledged(user="op-1")]


def test_rule_02_the_one_who_takes_an_alarm_before_it_has_a_route_leads_until_another_centre_accepts() -> (
    None
):
    (taken,) = say(NEW, "acknowledge", OP)
    state = fold(NEW, Past(taken, 1, 1, 5))
    routed = AlarmRouted(route=Route(zone="5415", centre="OVL", managing_zone="5324", basis="position"))
    state = fold(state, Past(routed, 2, 2, 9))
    assert (state.lead.centre, state.lead.acknowledged_by, state.lead.handover_to) == ("HAI", "op-1", "OVL")
    assert state.centres == ("HAI", "OVL") and state.lead.handover_since_us == 9


def test_the_second_one_learns_who_was_first_and_taking_ones_own_again_changes_nothing() -> None:
    assert refused(TAKEN, "acknowledge", OTHER) == ("taken", "op-1")
    assert say(TAKEN, "acknowledge", OP) == []


@pytest.mark.parametrize(
    "name", ["acknowledge", "take-over", "offer", "keep-centre", "keep-zone", "localisation", "note"]
)
def test_a_closed_alarm_is_left_alone(name: str) -> None:
    assert refused(CLOSED, name, OTHER, text="x", centre="BRW") == ("closed", "op-2")


def test_a_board_that_paints_a_closed_alarm_is_not_noted() -> None:
    assert say(CLOSED, "shown", OTHER) == []


def test_rule_02_only_a_centre_that_is_asked_or_has_a_copy_takes_over_and_the_first_person_has_it() -> None:
    assert refused(LED, "acknowledge", FAR) == ("other-centre-leads", "")
    assert refused(LED, "take-over", FAR) == ("moved-on", "")
    asked = changed(LED, handover_to="BRW")
    accepted = [HandoverAccepted(user="op-9", centre="BRW")]
    assert say(asked, "take-over", FAR) == accepted
    copied = changed(LED, missed=(Missed("acknowledged", 3, "neighbour", 1, "BRW"),))
    assert say(copied, "take-over", FAR) == accepted
    taken = changed(asked, centre="BRW", acknowledged_by="op-9", handover_to="")
    assert refused(taken, "take-over", operator("op-8", "BRW")) == ("taken", "op-9")
    assert say(changed(taken, acknowledged_by=""), "take-over", FAR) == [AlarmAcknowledged(user="op-9")]


def test_rule_02_who_is_at_two_desks_takes_over_for_the_one_that_may() -> None:
    copied = changed(LED, missed=(Missed("acknowledged", 3, "neighbour", 1, "NAM"),))
    assert say(copied, "take-over", operator("op-9", "BRW", "NAM")) == [
        HandoverAccepted(user="op-9", centre="NAM")
    ]


def test_rule_02_a_handover_that_crosses_another_finds_what_is_true_now() -> None:
    moved = changed(LED, handover_to="NAM")
    assert refused(moved, "take-over", FAR) == ("moved-on", "")
    assert say(moved, "offer", OP, centre="NAM") == []
    assert say(moved, "offer", OP, centre="LIE") == [HandoverOffered(user="op-1", centre="LIE")]
    assert refused(moved, "offer", FAR, centre="NAM") == ("other-centre-leads", "")
    assert refused(moved, "offer", OP, centre="HAI") == ("no-centre", "")
    assert refused(moved, "offer", OP) == ("no-centre", "")
    assert say(moved, "keep-centre", OP) == [LeadKept(user="op-1", what="centre")]
    assert refused(moved, "keep-centre", FAR) == ("other-centre-leads", "")
    assert say(moved, "keep-zone", OP) == []
    assert say(changed(moved, zone_moved_to="5325"), "keep-zone", OP) == [LeadKept(user="op-1", what="zone")]


def test_a_note_has_text_and_an_end_and_anyone_who_sees_the_alarm_writes_it() -> None:
    assert say(NEW, "note", OP, text=" x ") == [NoteAdded(user="op-1", text="x")]
    for_team = say(LED, "note", FAR, text="x", for_team="on")
    assert for_team == [NoteAdded(user="op-9", text="x", for_team=True)]
    assert refused(NEW, "note", OP, text=" \n") == ("empty", "")
    assert refused(NEW, "note", OP) == ("empty", "")
    assert refused(NEW, "note", OP, text="x" * 2001) == ("too-long", "")


def test_shown_is_reported_once_by_each_person() -> None:
    assert say(NEW, "shown", OP) == [ShownOnBoard(user="op-1", centre="HAI")]
    seen = standing(shown_by=("op-1",))
    assert say(seen, "shown", OP) == []
    assert say(seen, "shown", OTHER) == [ShownOnBoard(user="op-2", centre="HAI")]


def test_rule_06_after_a_word_of_the_phone_the_next_silence_is_a_new_task() -> None:
    asked = standing(received_at_us=1, last_contact_us=10, localisation_at_us=20)
    assert say(asked, "localisation", OP) == []
    heard = standing(received_at_us=1, last_contact_us=30, localisation_at_us=20)
    assert say(heard, "localisation", OP) == [LocalisationAsked(user="op-1")]


CENTRES = st.sampled_from(["", "HAI", "LIE", "NAM"])


@given(CENTRES, CENTRES, st.frozensets(CENTRES.filter(bool)))
def test_rule_02_nobody_acts_for_a_centre_that_is_not_theirs(
    lead: str, asked: str, mine: frozenset[str]
) -> None:
    state = standing(alarm="a", centre=lead, handover_to=asked)
    acting = acting_centre(state, mine)
    assert acting in mine or (acting == "" and not mine)
    assert not is_asked(state, mine) or asked in mine
