"""A team that needs help itself (safety rule 14)."""

from egide.events.base import Event
from egide.protocol.envelope import Position


class HelpNeeded(Event, frozen=True):
    """A team needs help itself (safety rule 14). `position` is the team's, where its phone told one."""

    by: str
    position: Position | None = None
    age_s: int = 0
    tap: str = ""


class HelpSeen(Event, frozen=True):
    """An operator has seen that the team needs help."""

    user: str
