"""What a copy that was handed to a control room of others is known to be, whatever is said of it and in which order."""

import pytest

from egide.alarm import events as a
from egide.alarm.fold import Past, fold
from egide.alarm.sent import HandOver
from egide.alarm.state import AlarmState
from egide.events.base import Event

ASKED = a.NeighbourAsked("op-1", "aachen")


def after(*events: Event) -> HandOver | None:
    state = AlarmState(alarm="0123456789abcdef-1")
    for number, event in enumerate(events, 1):
        state = fold(state, Past(event, number, number, number * 1_000_000))
    return next((one.hand for one in state.told), None)


def said(word: str, there_us: int = 10, cause: str = "") -> a.NeighbourSaid:
    return a.NeighbourSaid("aachen", word, cause, there_us)


def test_nothing_is_known_of_what_nobody_handed_over() -> None:
    assert after(said(a.ACCEPTED)) is None
    hand = after(ASKED, a.NeighbourSaid("other", a.ACCEPTED, "", 10))
    assert hand == HandOver("op-1", 1_000_000)


def test_an_answer_counts_once_and_a_later_one_goes_before_it() -> None:
    hand = after(ASKED, said(a.ACCEPTED), said(a.ACCEPTED))
    assert hand is not None and (hand.word, hand.answered_at_us) == (a.ACCEPTED, 2_000_000)
    changed = after(ASKED, said(a.ACCEPTED, 10), said(a.REJECTED, 20, "no"))
    assert changed is not None and (changed.word, changed.cause) == (a.REJECTED, "no")


@pytest.mark.parametrize(("first", "second"), [(20, 10), (20, 20)])
def test_what_was_said_before_changes_nothing(first: int, second: int) -> None:
    hand = after(ASKED, said(a.REJECTED, first), said(a.ACCEPTED, second))
    assert hand is not None and hand.word == a.REJECTED


def test_an_end_that_comes_before_its_answer_leaves_room_for_it() -> None:
    hand = after(ASKED, said(a.COMPLETED, 20, "done"), said(a.ACCEPTED, 10, "M 12"))
    assert hand is not None
    assert (hand.word, hand.cause, hand.ended, hand.ended_cause) == (a.ACCEPTED, "M 12", a.COMPLETED, "done")


def test_handed_over_again_nothing_old_is_an_answer() -> None:
    before = (ASKED, said(a.DELIVERED, 0), said(a.REJECTED, 10), said(a.ABORTED, 11), ASKED)
    hand = after(*before, said(a.REJECTED, 10), said(a.ABORTED, 11))
    assert hand is not None and (hand.word, hand.ended, hand.delivered_at_us) == ("", "", 0)
    hand = after(*before, said(a.ACCEPTED, 12))
    assert hand is not None and hand.word == a.ACCEPTED


def test_what_arrived_is_not_lost_afterwards_and_what_was_lost_can_still_arrive() -> None:
    hand = after(ASKED, said(a.DELIVERED, 0), said(a.UNDELIVERED, 0))
    assert hand is not None and hand.delivered_at_us == 2_000_000 and not hand.is_lost
    hand = after(ASKED, said(a.UNDELIVERED, 0))
    assert hand is not None and hand.is_lost
    hand = after(ASKED, said(a.UNDELIVERED, 0), said(a.DELIVERED, 0))
    assert hand is not None and hand.delivered_at_us and not hand.is_lost
