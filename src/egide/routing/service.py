"""Routing's public face: follows alarms in the journal and appends to whom they go, and which deadlines passed."""

from collections.abc import Mapping

from egide.common.clock import Clock
from egide.events.alarm import FromPhone, Ladder
from egide.events.base import REGISTRY, Event
from egide.events.state import AlarmState
from egide.journal.chain import Stored
from egide.journal.errors import AlreadyDone
from egide.journal.keys import KeyErased
from egide.journal.service import Journal
from egide.routing.ladder import decide_due
from egide.routing.locate import Locator
from egide.routing.rules import decide_route

# What can bring a position, or an alarm that has no route yet.
_ROUTED_KINDS = frozenset(kind for kind, event in REGISTRY.items() if issubclass(event, FromPhone))


class Router:
    """Acts once for each event, however often it is shown the event."""

    def __init__(
        self, journal: Journal, locator: Locator, clock: Clock, ladders: Mapping[str, Ladder] | None = None
    ) -> None:
        self._journal = journal
        self._locator = locator
        self._clock = clock
        self._ladders = ladders or {}

    def handle(self, row: Stored) -> None:
        """Route the alarm of this event, if it is one that can change the route."""
        if row.alarm is None or row.kind not in _ROUTED_KINDS:
            return
        if any(later.cause == row.seq for later in self._journal.stream(row.stream, row.version)):
            return
        try:
            self._journal.decide(row.alarm, self._decide, cause=row.seq)
        except (AlreadyDone, KeyErased):
            return

    def _decide(self, state: AlarmState) -> list[Event]:
        return decide_route(state, self._locator.locate, self._clock.now_us(), self._ladders)


class Climber:
    """Notes missed deadlines of open alarms. It keeps nothing in memory: killed, it goes on from the events."""

    def __init__(self, journal: Journal, clock: Clock) -> None:
        self._journal = journal
        self._clock = clock

    def look_at(self, alarm: str) -> None:
        """Append the deadlines of one alarm that have passed. Raises KeyErased, JournalError."""
        state = self._journal.alarm(alarm)
        if state is not None and decide_due(state, self._clock.now_us()):
            # Decided again on the alarm as it is then: somebody may have been quicker than the deadline.
            self._journal.decide(alarm, lambda latest: decide_due(latest, self._clock.now_us()))
