"""What one dispatch system is to be told next of an alarm. Pure; by the state of the alarm, so that nothing is lost by
an event that was missed, and nothing is told twice under two ids."""

from egide.alarm import events as a
from egide.alarm.events.elsewhere import number_for
from egide.alarm.state import AlarmState, Told
from egide.connectors.cad.receivers import Receiver
from egide.connectors.cad.report import CLOSED, MOVED, RAISED, Facts

# What happened longer ago is told to nobody any more: people know it another way by then.
CLOSED_TOLD_US = 3_600_000_000
_E7 = 1e7
ABOUT = {RAISED: a.RAISED, CLOSED: a.ENDED}


def due(state: AlarmState, receiver: Receiver, moved_us: int, now_us: int) -> Facts | None:
    """None when it knows all. `moved_us` is when the last position was taken that it was told of, 0 for none.

    A position is told once the alarm is, and never one that is older than another that it has.
    """
    if state.lead.route is None or not set(receiver.centres) & set(state.centres):
        return None
    told = next((one for one in state.told if one.receiver == receiver.name), None)
    raised = number_for(receiver.name, state.alarm, RAISED, state.opened_at_us)
    if not state.is_open:
        return _closing(state, receiver, told, now_us)
    if told is None or told.message != raised or not told.taken_at_us:
        return _facts(state, RAISED, state.opened_at_us)
    taken_us = state.press.trail[-1].taken_at_us if state.press.trail else 0
    return _facts(state, MOVED, taken_us) if taken_us > moved_us else None


def _closing(state: AlarmState, receiver: Receiver, told: Told | None, now_us: int) -> Facts | None:
    """Only to a system that knows of the alarm, and not for ever."""
    at_us = state.closing.closed_at_us
    closed = number_for(receiver.name, state.alarm, CLOSED, at_us)
    knows = told is not None and (told.about == a.ENDED or bool(told.taken_at_us))
    has_it = told is not None and told.message == closed and bool(told.taken_at_us)
    if not knows or has_it or now_us - at_us > CLOSED_TOLD_US:
        return None
    return _facts(state, CLOSED, at_us)


def _facts(state: AlarmState, kind: str, moment_us: int) -> Facts:
    circle = None
    if state.press.trail and kind != CLOSED:
        fix = state.press.trail[-1]
        at = fix.position
        circle = (at.lat_e7 / _E7, at.lon_e7 / _E7, at.accuracy_m, fix.taken_at_us)
    return Facts(kind, state.alarm, moment_us, state.opened_at_us, circle)
