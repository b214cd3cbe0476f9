"""What one dispatch system is to be told next of an alarm. Pure; by the state of the alarm, so that nothing is lost by
an event that was missed, and nothing is told twice under two ids."""

from typing import Protocol

import msgspec

from egide.alarm import events as a
from egide.alarm.events.elsewhere import number_for
from egide.alarm.sent import Told
from egide.alarm.state import AlarmState
from egide.connectors.dispatch.facts import CLOSED, MOVED, RAISED, RELEASED, SAID, Facts, People
from egide.connectors.dispatch.receivers import CIRCLE, NAMES, TALK, WEAPON, Receiver
from egide.protocol.envelope import Position

# What happened longer ago is told to nobody any more: people know it another way by then.
CLOSED_TOLD_US = 3_600_000_000
_E7 = 1e7
ABOUT = {RAISED: a.RAISED, CLOSED: a.ENDED, RELEASED: a.RELEASED}


class Beside(Protocol):
    """What an alarm does not say itself (`egide.boards.telling`)."""

    def has_weapon(self, case: str) -> bool | None: ...
    def link_to(self, receiver: str, alarm: str) -> str: ...
    def people_of(self, case: str) -> tuple[str, tuple[str, ...]] | None: ...
    def unit_called(self, zone: str, call_sign: str) -> str: ...


def told_next(
    state: AlarmState, receiver: Receiver, moved_us: int, now_us: int, beside: Beside, is_meant: bool = True
) -> Facts | None:
    """`due`, with what the alarm does not say itself, as far as the receiver may know it."""
    facts = due(state, receiver, moved_us, now_us, is_meant)
    if facts is None or facts.type == SAID:
        return facts
    weapon = beside.has_weapon(state.case) if WEAPON in receiver.fields else None
    link = beside.link_to(receiver.name, state.alarm)
    names = beside.people_of(state.case) if NAMES in receiver.fields else None
    people = People(*names) if names else None
    return msgspec.structs.replace(facts, weapon=weapon, link=link, people=people)


def due(
    state: AlarmState, receiver: Receiver, moved_us: int, now_us: int, is_meant: bool = True
) -> Facts | None:
    """None when it knows all. `moved_us` is when the last position was taken that it was told of, 0 for none. A team
    that is not meant (any more) is told that, if it was told of the alarm, and nothing else.

    A position is told once the alarm is, and never one that is older than another that it has: a phone's, and where no
    phone gave any, a tracker's. What she answers goes before it.
    """
    if state.lead.route is None or not set(receiver.centres) & set(state.centres):
        return None
    told = next((one for one in state.told if one.receiver == receiver.name), None)
    if receiver.is_by_hand:
        return _handed(state, receiver, told)
    if not is_meant:
        return _releasing(state, told, now_us)
    if not state.is_open:
        return _closing(state, receiver, told, now_us)
    raised_at_us = _raised_at(state, told)
    raised = number_for(receiver.name, state.alarm, RAISED, raised_at_us)
    if told is None or told.message != raised or not told.taken_at_us:
        return _facts(state, RAISED, raised_at_us, raised_at_us)
    if said := _said(state, receiver, told, raised_at_us):
        return said
    circle = _circle(state)
    if CIRCLE not in receiver.fields or circle is None or circle[3] <= moved_us:
        return None
    return _facts(state, MOVED, circle[3], raised_at_us)


def _said(state: AlarmState, receiver: Receiver, told: Told, raised_at_us: int) -> Facts | None:
    """The next of what she was asked in silence and answered, while people there are in a chat with us.

    After a code under threat nothing: without that word beside it, which they may not know, an answer that somebody
    forced would be taken for hers (safety rule 8).
    """
    texts = state.talk.texts
    if TALK not in receiver.fields or not told.is_talking or state.press.duress or told.passed >= len(texts):
        return None
    text, place = texts[told.passed], told.passed + 1
    return Facts(
        SAID,
        state.alarm,
        # Two that came within one moment are two all the same.
        text.at_us + place,
        raised_at_us,
        said=text.word,
        is_question=bool(text.user),
        place=place,
        address=told.address,
    )


def _handed(state: AlarmState, receiver: Receiver, told: Told | None) -> Facts | None:
    """What an operator handed over since the alarm is open, until it is taken; nothing else, whatever happens."""
    if not state.is_open or told is None or told.hand is None or told.hand.asked_at_us < state.opened_at_us:
        return None
    asked_at_us = told.hand.asked_at_us
    message = number_for(receiver.name, state.alarm, RAISED, asked_at_us)
    if told.message == message and told.taken_at_us:
        return None
    return _facts(state, RAISED, asked_at_us, asked_at_us)


def _raised_at(state: AlarmState, told: Told | None) -> int:
    """When it opened (again); when it was closed where that was undone, since who was told so must hear of it anew."""
    return max(state.opened_at_us, told.raised_at_us, told.ended_at_us) if told else state.opened_at_us


def _closing(state: AlarmState, receiver: Receiver, told: Told | None, now_us: int) -> Facts | None:
    """Only to a system that knows of the alarm, and not for ever."""
    at_us = state.closing.closed_at_us
    if told is None or now_us - at_us > CLOSED_TOLD_US:
        return None
    closed = number_for(receiver.name, state.alarm, CLOSED, at_us)
    knows, has_it = (
        told.about != a.RAISED or bool(told.taken_at_us),
        told.message == closed and bool(told.taken_at_us),
    )
    if not knows or has_it:
        return None
    facts = _facts(state, CLOSED, at_us, told.raised_at_us)
    return msgspec.structs.replace(facts, address=told.address) if TALK in receiver.fields else facts


def _releasing(state: AlarmState, told: Told | None, now_us: int) -> Facts | None:
    """Once for each time that it was sent. Its moment follows on that one: when another team took its place, an alarm
    does not say in a way that stays the same whoever is named next."""
    is_late = not state.is_open and now_us - state.closing.closed_at_us > CLOSED_TOLD_US
    if told is None or is_late:
        return None
    knows, has_end = (
        told.about != a.RAISED or bool(told.taken_at_us),
        told.about != a.RAISED and bool(told.taken_at_us),
    )
    if not knows or has_end:
        return None
    return _facts(state, RELEASED, told.raised_at_us + 1, told.raised_at_us)


def _facts(state: AlarmState, kind: str, moment_us: int, raised_at_us: int) -> Facts:
    circle = None if kind in (CLOSED, RELEASED) else _circle(state)
    return Facts(kind, state.alarm, moment_us, raised_at_us, circle, opened_at_us=state.opened_at_us)


def _circle(state: AlarmState) -> tuple[float, float, int, int] | None:
    """Where the phone was last, else what a tracker says. Never a place at which a device was registered: that is an
    address of the file, and told to nobody."""
    if state.press.trail:
        fix = state.press.trail[-1]
        return _around(fix.position, fix.taken_at_us)
    reported = (one for one in reversed(state.press.source_presses) if one.position_from == a.REPORTED)
    newest = max(reported, key=lambda one: one.taken_at_us, default=None)
    return _around(newest.position, newest.taken_at_us) if newest and newest.position else None


def _around(at: Position, taken_at_us: int) -> tuple[float, float, int, int]:
    return at.lat_e7 / _E7, at.lon_e7 / _E7, at.accuracy_m, taken_at_us
