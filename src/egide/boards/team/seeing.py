"""What of an alarm's one timeline its team may see. Pure.

What the centre keeps to itself stays there: notes that are not for the team, questions and sound, who looked at what.
"""

from egide.alarm import events as a
from egide.alarm.table import TELLING
from egide.events.base import Event

_OF_ITS_WAY = (
    a.FromPhone,
    a.SourcePressed,
    a.AlarmRouted,
    a.AlarmAcknowledged,
    a.OperatorLeft,
    a.HandoverAccepted,
    a.ZoneConfirmed,
    a.NoPatrolFree,
    a.TeamNamed,
    a.TeamDelayed,
    a.HelpNeeded,
    a.HelpSeen,
    a.TeamReported,
)
_SILENT = (a.TextReceived, a.AudioReceived, a.NoticeReceived)
# What was taken back is shown where the step itself is.
_UNDONE = frozenset({kind.__name__ for kind in _OF_ITS_WAY} | set(TELLING))


def may_see(event: Event) -> bool:
    """Whether the team reads this event: her presses and positions, who leads, who goes, and what each team told."""
    if isinstance(event, a.FromPhone):
        return not isinstance(event, _SILENT) and not event.is_from_earlier_phone
    if isinstance(event, a.NoteAdded):
        return event.for_team
    if isinstance(event, a.StepUndone):
        return event.undone in _UNDONE
    return isinstance(event, _OF_ITS_WAY) or event.kind in TELLING
