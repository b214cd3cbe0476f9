"""An alarm that stands somewhere, without the events that led there."""

from egide.alarm.state import AlarmState, changed


def standing(alarm: str = "a", **fields: object) -> AlarmState:
    """The state of an alarm with these fields, whichever part they lie in."""
    return changed(AlarmState(alarm=alarm), **fields)
