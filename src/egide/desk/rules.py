"""Pure rules of the desk: what an operator may do to an alarm, and in which order alarms stand."""

from egide.events.alarm import AlarmAcknowledged, AlarmClosed, NoteAdded, ShownOnBoard
from egide.events.base import Event
from egide.events.outcomes import OUTCOMES
from egide.events.state import AlarmState
from egide.response.rules import MAX_TEXT_SIGNS, Refused, check_open
from egide.routing.ladder import running

__all__ = ["Refused"]

MIN_REASON_SIGNS = 3
SILENT_AFTER_S = 30


def decide_acknowledge(state: AlarmState, user: str) -> list[Event]:
    """Take the alarm. The first one wins; taking one's own alarm again changes nothing.

    Raises Refused "taken" or "closed".
    """
    check_open(state)
    if state.acknowledged_by == user:
        return []
    if state.acknowledged_by:
        raise Refused("taken", state.acknowledged_by)
    return [AlarmAcknowledged(user=user)]


def decide_note(state: AlarmState, user: str, text: str) -> list[Event]:
    """Write something down. Raises Refused "empty", "too-long" or "closed"."""
    check_open(state)
    return [NoteAdded(user=user, text=_checked_text(text, 1))]


def decide_close(state: AlarmState, user: str, outcome: str, reason: str) -> list[Event]:
    """End the alarm with an outcome and a reason (safety rule 11); nothing else ends one (rules 6 and 8).

    Raises Refused "closed", "not-taken", "no-outcome", "empty" or "too-long".
    """
    check_open(state)
    if not state.acknowledged_by:
        raise Refused("not-taken")
    if outcome not in OUTCOMES:
        raise Refused("no-outcome")
    return [AlarmClosed(user=user, outcome=outcome, reason=_checked_text(reason, MIN_REASON_SIGNS))]


def decide_shown(state: AlarmState, user: str, centre: str) -> list[Event]:
    """A board has painted the alarm; one report for each person is enough."""
    if not state.is_open or user in state.shown_by:
        return []
    return [ShownOnBoard(user=user, centre=centre)]


def late_steps(state: AlarmState) -> tuple[str, ...]:
    """The steps whose clock runs and has passed a deadline, in their order."""
    noted = {missed.step for missed in state.missed}
    return tuple(step for step, _since in running(state) if step in noted)


def urgency(state: AlarmState, *, supervisor: bool = False) -> int:
    """0 duress, 2 not acknowledged, 3 acknowledged, 4 people on the spot (safety rule 5); before a supervisor 1 is what
    missed a deadline. People's own signals and the clock only, never a score.
    """
    if state.duress:
        return 0
    if supervisor and late_steps(state):
        return 1
    if not state.acknowledged_by:
        return 2
    return 4 if state.on_site_at_us else 3


def in_order(states: list[AlarmState], *, supervisor: bool = False) -> list[AlarmState]:
    """By urgency; among equals the one that waits longest without arrival comes first (safety rule 5)."""
    return sorted(
        states, key=lambda state: (urgency(state, supervisor=supervisor), state.received_at_us, state.alarm)
    )


def _checked_text(text: str, least_signs: int) -> str:
    text = text.strip()
    if len(text) < least_signs:
        raise Refused("empty")
    if len(text) > MAX_TEXT_SIGNS:
        raise Refused("too-long")
    return text
