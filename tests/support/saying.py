"""What people say of an alarm through the table, for tests that need no page."""

from egide.alarm.events.steps import BY_OPERATOR
from egide.alarm.rows import DESK, Given, Speaker
from egide.alarm.state import AlarmState
from egide.alarm.table import decide
from egide.events.base import Event


def operator(user: str, *centres: str, supervises: tuple[str, ...] = ()) -> Speaker:
    """Somebody at the desk of these centres."""
    return Speaker(DESK, user, BY_OPERATOR, centres=frozenset(centres), supervises=frozenset(supervises))


def say(state: AlarmState, name: str, who: Speaker, **fields: str) -> list[Event]:
    """What the command makes of the alarm. Raises Refused."""
    return decide(state, name, Given(who, fields=fields))
