"""Routing's public face: follows alarms in the journal and appends to whom they go, and which deadlines passed."""

from collections.abc import Iterable

import msgspec

from egide.alarm.events import FromPhone, Ladder, LadderSet, SourcePressed
from egide.alarm.ladder import check_ladder, decide_due, ladder_for
from egide.alarm.state import AlarmState
from egide.common.clock import Clock
from egide.events.base import REGISTRY, Event
from egide.geography.locate import Locator
from egide.journal.chain import Stored
from egide.journal.errors import AlreadyDone
from egide.journal.now.presence import Presence
from egide.journal.sealing.keys import KeyErased
from egide.journal.service import Entry, Journal
from egide.routing.holding import decide_left
from egide.routing.rules import decide_route

# What can bring a position, or an alarm that has no route yet.
_ROUTED_KINDS = frozenset(
    kind for kind, event in REGISTRY.items() if issubclass(event, (FromPhone, SourcePressed))
)


class Router:
    """Acts once for each event, however often it is shown the event."""

    def __init__(self, journal: Journal, locator: Locator, clock: Clock) -> None:
        self._journal = journal
        self._locator = locator
        self._clock = clock

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
        return decide_route(state, self._locator.locate, self._clock.now_us(), self._ladder)

    def _ladder(self, centre: str) -> Ladder:
        return ladder_of(self._journal, centre)


class SetLadder(msgspec.Struct, frozen=True):
    """A centre's own ladder, and who set it when."""

    ladder: Ladder
    user: str
    at_us: int


def ladder_of(journal: Journal, centre: str) -> Ladder:
    """The ladder that new alarms of `centre` get: the one that it set last, else the default."""
    own = own_ladder_of(journal, centre)
    return ladder_for(centre, own.ladder if own else None)


def own_ladder_of(journal: Journal, centre: str) -> SetLadder | None:
    """The ladder that `centre` set last; None when it has the default because nobody ever set one."""
    rows = journal.stream(_ladder_stream(centre))
    latest = journal.open_event(rows[-1]) if rows else None
    if not isinstance(latest, LadderSet):
        return None
    return SetLadder(latest.ladder, latest.user, rows[-1].at_us)


def do_set_ladder(journal: Journal, user: str, centre: str, ladder: Ladder) -> None:
    """A centre's own ladder, for the alarms to come. Raises LadderError."""
    check_ladder(ladder)
    event = LadderSet(user=user, centre=centre, ladder=ladder)
    journal.append([Entry(stream=_ladder_stream(centre), event=event, centres=(centre,))])


def _ladder_stream(centre: str) -> str:
    return f"ladder:{centre}"


class Stopwatch:
    """How long something has lasted, whatever is done to the wall clock meanwhile.

    The wall clock counts only when a moment is first asked about, after a start of this process: a clock that jumps
    forward then makes no deadline pass, and one that jumps back holds none up.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._began: dict[tuple[str, str], tuple[int, int]] = {}

    def elapsed_us(self, subject: str, word: str, since_us: int) -> int:
        """Microseconds since `since_us` of the wall clock, the moment at which `word` of `subject` began last."""
        steady_us = self._clock.steady_us()
        known_us, began_us = self._began.get((subject, word), (-1, 0))
        if known_us != since_us:
            began_us = steady_us - max(0, self._clock.now_us() - since_us)
            self._began[subject, word] = since_us, began_us
        return steady_us - began_us

    def keep_only(self, subjects: Iterable[str]) -> None:
        """Forget everything about other subjects."""
        wanted = set(subjects)
        self._began = {key: began for key, began in self._began.items() if key[0] in wanted}


class Climber:
    """Notes missed deadlines of alarms, and operators who left one. Killed, it goes on from the events."""

    def __init__(self, journal: Journal, presence: Presence, clock: Clock) -> None:
        self._journal = journal
        self._presence = presence
        self._clock = clock
        self._alarms = Stopwatch(clock)
        self._holders = Stopwatch(clock)

    def alarms(self) -> list[str]:
        """The alarms whose clocks run, oldest first."""
        found = [*self._journal.open_alarms(), *self._journal.unreported()]
        self._alarms.keep_only(found)
        return found

    def look_at(self, alarm: str) -> None:
        """Append what has become due for one alarm. Raises KeyErased, JournalError."""
        state = self._journal.alarm(alarm)
        if state is not None and self._decide(state):
            # Decided again on the alarm as it is then: somebody may have been quicker than the deadline.
            self._journal.decide(alarm, self._decide)

    def _decide(self, state: AlarmState) -> list[Event]:
        left = self._left(state)
        # First that an operator left: the deadlines of a new ringing begin with it.
        return left or decide_due(
            state, lambda step, since_us: self._alarms.elapsed_us(state.alarm, step, since_us)
        )

    def _left(self, state: AlarmState) -> list[Event]:
        if not state.lead.acknowledged_by or not state.is_open:
            return []
        return decide_left(state, *self._silence_us(state))

    def _silence_us(self, state: AlarmState) -> tuple[int, int]:
        """How long no board of the operator was heard of, and how long no hand was moved at any of them."""
        user = state.lead.acknowledged_by
        boards = [board for board in self._presence.boards() if board.user == user]
        seen_at_us = max((board.seen_at_us for board in boards), default=0) or state.lead.acknowledged_at_us
        active_at_us = (
            max((board.active_at_us for board in boards), default=0) or state.lead.acknowledged_at_us
        )
        return (
            self._holders.elapsed_us(user, "seen", seen_at_us),
            self._holders.elapsed_us(user, "active", active_at_us),
        )
