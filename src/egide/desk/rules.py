"""Pure rules of the desk: what an operator may do to an alarm, and in which order alarms stand."""

from egide.events.alarm import AlarmAcknowledged, AlarmClosed, NoteAdded, ShownOnBoard
from egide.events.base import Event
from egide.events.outcomes import OUTCOMES
from egide.events.state import AlarmState

MAX_TEXT_SIGNS = 2000
MIN_REASON_SIGNS = 3
SILENT_AFTER_S = 30


class Refused(Exception):
    """What was asked cannot be done. `why` is a word; `by` the colleague who was first, where there is one."""

    def __init__(self, why: str, by: str = "") -> None:
        super().__init__(f"{why} {by}".strip())
        self.why = why
        self.by = by


def decide_acknowledge(state: AlarmState, user: str) -> list[Event]:
    """Take the alarm. The first one wins; taking one's own alarm again changes nothing.

    Raises Refused "taken" or "closed".
    """
    _check_open(state)
    if state.acknowledged_by == user:
        return []
    if state.acknowledged_by:
        raise Refused("taken", state.acknowledged_by)
    return [AlarmAcknowledged(user=user)]


def decide_note(state: AlarmState, user: str, text: str) -> list[Event]:
    """Write something down. Raises Refused "empty", "too-long" or "closed"."""
    _check_open(state)
    return [NoteAdded(user=user, text=_checked_text(text, 1))]


def decide_close(state: AlarmState, user: str, outcome: str, reason: str) -> list[Event]:
    """End the alarm with an outcome and a reason (safety rule 11); nothing else ends one (rules 6 and 8).

    Raises Refused "closed", "not-taken", "no-outcome", "empty" or "too-long".
    """
    _check_open(state)
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


def urgency(state: AlarmState) -> int:
    """0 duress, 1 not acknowledged, 2 acknowledged (safety rule 5). People's own signals only, never a score."""
    if state.duress:
        return 0
    return 2 if state.acknowledged_by else 1


def in_order(states: list[AlarmState]) -> list[AlarmState]:
    """By urgency; among equals the one that waits longest without arrival comes first (safety rule 5)."""
    return sorted(states, key=lambda state: (urgency(state), state.received_at_us, state.alarm))


def _check_open(state: AlarmState) -> None:
    if not state.is_open:
        raise Refused("closed", state.closed_by)


def _checked_text(text: str, least_signs: int) -> str:
    text = text.strip()
    if len(text) < least_signs:
        raise Refused("empty")
    if len(text) > MAX_TEXT_SIGNS:
        raise Refused("too-long")
    return text
