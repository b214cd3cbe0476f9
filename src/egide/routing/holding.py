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


def needs_its_operator(state: AlarmState) -> bool:
    """Whether the one who has it must stay at the board: not once a team, by its own or its zone's word, is on the
    spot or has reported. What is missing then has clocks of its own."""
    is_answered = state.is_arrival_confirmed or state.team.report is not None
    return state.is_open and bool(state.lead.acknowledged_by) and not is_answered


def decide_left(state: AlarmState, silent_us: int, idle_us: int) -> list[Event]:
    """The operator is gone: no board of theirs was heard for `silent_us`, none of their hands seen for `idle_us`."""
    if not needs_its_operator(state):
        return []
    if silent_us >= OFFLINE_S * 1_000_000:
        return [OperatorLeft(user=state.lead.acknowledged_by, why=OFFLINE)]
    if idle_us >= IDLE_S * 1_000_000:
        return [OperatorLeft(user=state.lead.acknowledged_by, why=IDLE)]
    return []


def decide_signed_out(state: AlarmState, user: str) -> list[Event]:
    """An operator who signs out hands back their alarms."""
    if not state.is_open or state.lead.acknowledged_by != user:
        return []
    return [OperatorLeft(user=user, why=SIGNED_OUT)]
