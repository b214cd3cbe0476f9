"""Whether the operator who has an alarm is still at the board; an alarm that nobody has rings as new (safety rule 1).

Pure.
"""

from egide.alarm.events import OperatorLeft
from egide.alarm.state import AlarmState
from egide.events.base import Event

IDLE_S = 60
# A board tells every five seconds that it is there; three in a row that do not come are no accident.
OFFLINE_S = 15

IDLE, OFFLINE, SIGNED_OUT = "idle", "offline", "signed-out"


def decide_left(state: AlarmState, silent_us: int, idle_us: int) -> list[Event]:
    """The operator is gone: no board of theirs was heard for `silent_us`, none of their hands seen for `idle_us`."""
    if not state.is_open or not state.lead.acknowledged_by:
        return []
    if silent_us >= OFFLINE_S * 1_000_000:
        return [OperatorLeft(user=state.lead.acknowledged_by, why=OFFLINE)]
    if idle_us >= IDLE_S * 1_000_000:
        return [OperatorLeft(user=state.lead.acknowledged_by, why=IDLE)]
    return []


def decide_signed_out(state: AlarmState, user: str) -> list[Event]:
    """Who signs out hands back what they have."""
    if not state.is_open or state.lead.acknowledged_by != user:
        return []
    return [OperatorLeft(user=user, why=SIGNED_OUT)]
