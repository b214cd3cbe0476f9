"""How an alarm ends, and what follows."""

from egide.events.base import Event


class AlarmClosed(Event, frozen=True):
    """The alarm was ended. `outcome` is a word of events.outcomes; `reason` is free text.

    `basis` is "team": a team was with the person; or "call-back": a supervisor heard the agreed word (safety rule 8).
    """

    user: str
    outcome: str
    reason: str
    basis: str = "team"


class SupervisorAsked(Event, frozen=True):
    """An operator who may not close the alarm asks a supervisor of the centre that leads to look at it."""

    user: str


class SupervisorCame(Event, frozen=True):
    """A supervisor has seen that they are asked, and looks at the alarm."""

    user: str


class FollowUpDone(Event, frozen=True):
    """The managing zone did what was to be done after a closed alarm."""

    user: str
    text: str
