"""What was said by a slip, and taken back at once (decision 0045)."""

from egide.alarm.events import steps
from egide.events.base import Event


class StepUndone(Event, frozen=True):
    """Who said something took it back within seconds: the alarm stands as if it had not been said.

    `undone` is the kind of that event, `version` its place in the alarm's stream. `told` is whose word it was
    (events.steps), `holds` the step for which the word of the team or its zone still stands. What phones and people
    did meanwhile stays done.
    """

    by: str
    undone: str
    version: int
    holds: str = ""
    told: str = steps.BY_OPERATOR
    tap: str = ""
