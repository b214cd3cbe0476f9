"""The worker's threads that tell dispatch systems (CAD) of alarms: one for each, so that none waits for another.

What is due is read from the state of the alarm, not from an event: after a crash or a night without the other side the
same is due, under the same id. Nothing in an alarm waits for it.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from functools import partial

from egide.alarm import events as a
from egide.alarm.state import AlarmState
from egide.common.clock import Clock
from egide.common.config import Config
from egide.connectors.dispatch.due import ABOUT, Beside, told_next
from egide.connectors.dispatch.facts import (
    HEARD,
    LOOKED,
    MOVED,
    NO_POSITION,
    RAISED,
    SAID,
    TOLD,
    Facts,
    Refused,
)
from egide.connectors.dispatch.kinds import kind_of, note_in, polled
from egide.connectors.dispatch.receivers import TALK, Receiver, receivers_of
from egide.connectors.dispatch.teams import Addressee, addressees
from egide.entrypoints.watch.rules import CAD
from egide.entrypoints.worker.records import reach_records
from egide.entrypoints.worker.talking import Talking
from egide.entrypoints.worker.turns import AWAY, Turns, Waiting
from egide.events.base import Event
from egide.journal.chain import Stored
from egide.journal.errors import JournalError, JournalUnavailable
from egide.journal.follow import Follower
from egide.journal.now.outcomes import Outcomes
from egide.journal.now.signs import Pulse, Signs
from egide.journal.sealing.keys import KeyErased
from egide.journal.service import Journal

log = logging.getLogger("egide.worker")

WAIT_S = 0.25
# Between an event and the first look at it: routes and boards go first. Each system looks a little later than the one
# before it in the file, because their threads share this process with routing, and the journal's lock with every press.
BREATH_S, APART_S = 0.1, 0.03
AGAIN_S = 5.0
LOOK_US = 1_000_000
TAKEN = "taken"
# A system that fetches does so every two seconds, in an alarm or not.
FETCHES_US = 60_000_000
# One that did not answer is asked again after this time, or after its own where that is shorter.
POLLED_AGAIN_US = 15_000_000
# How often a team's unit is looked for on the list of its zone.
UNKNOWN_AGAIN_US = 10_000_000
LATER = "later"
# After these something new may be due.
NEWS = frozenset(
    kind.__name__
    for kind in (
        a.AlarmRouted,
        a.PositionLocated,
        a.PositionReceived,
        a.PressedAgain,
        a.SourcePressed,
        a.AlarmClosed,
        a.StepUndone,
        a.SystemWrote,
        a.TextAsked,
        a.TextReceived,
        a.NeighbourAsked,
        a.TeamNamed,
        a.ZoneConfirmed,
        a.NoPatrolFree,
    )
)
# Of these there is a newer one in a moment, and none is noted as not taken.
POSITIONS = frozenset((a.PositionLocated.__name__, a.PositionReceived.__name__))


class Fetching:
    """Whether a system that fetches by itself goes on doing so, and one whose answers we fetch can be asked. By the
    steady clock: it counts how long nothing new was heard of it, whatever the time of day is."""

    def __init__(self, signs: Signs, receiver: Receiver, clock: Clock) -> None:
        self._signs = signs
        looks = f"{LOOKED}{receiver.name}" if receiver.is_by_hand else ""
        self._name = f"{HEARD}{receiver.name}" if kind_of(receiver).PATIENCE_S else looks
        self._clock = clock
        self._heard_at_us = 0
        self._since_us = clock.steady_us()

    def is_missed(self) -> bool:
        """What cannot be asked now is not missed: that is another trouble, and found by others."""
        if not self._name:
            return False
        try:
            heard = self._signs.last(self._name).get("")
        except JournalUnavailable:
            return False
        now_us = self._clock.steady_us()
        if heard is not None and heard.at_us != self._heard_at_us:
            self._heard_at_us, self._since_us = heard.at_us, now_us
        return now_us - self._since_us >= FETCHES_US


class Polling:
    """Asks a system that can be asked whether it is there, so that a dead one is a trouble before an alarm is.

    Belongs to the thread that tells it.
    """

    def __init__(self, receiver: Receiver, clock: Clock) -> None:
        self._receiver, self._clock = receiver, clock
        self._polled = polled(receiver)
        self._every_us = self._polled.poll_every_s(receiver) * 1_000_000 if self._polled else 0
        self._due_us = 0
        self._is_away = False

    def is_away(self) -> bool:
        """Whether it did not answer the last question; asks the next one when it is time."""
        now_us = self._clock.steady_us()
        if self._polled is None or now_us < self._due_us:
            return self._is_away
        self._due_us = now_us + self._every_us
        try:
            self._polled.poll(self._receiver, self._clock)
        except Refused as refused:
            if not self._is_away:
                log.warning("%s does not answer a poll: %s", self._receiver.name, refused.why)
            self._is_away, self._due_us = True, now_us + min(self._every_us, POLLED_AGAIN_US)
        else:
            self._is_away = False
        return self._is_away


class Teller:
    """Tells one dispatch system. Belongs to one thread."""

    def __init__(
        self,
        receiver: Receiver,
        journal: Journal,
        beside: Beside,
        clock: Clock,
        said: Callable[[str], None] = lambda _word: None,
        is_stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        """`said` is called with the word of each answer; once it `is_stopped`, nothing more is begun."""
        self._receiver = receiver
        self._kind = kind_of(receiver)
        self._said = said
        self._journal = journal
        self._beside = beside
        self._clock = clock
        self._is_stopped = is_stopped
        self._turns = Turns(clock)
        self._moved_us: dict[tuple[str, str], int] = {}
        self.taken = 0

    @property
    def failing(self) -> int:
        """Of how many alarms something could not be told so far."""
        return self._turns.failing

    def hear(self, row: Stored) -> None:
        """Look at the alarm again that this event is about."""
        if row.alarm and row.kind in NEWS:
            self._turns.expect(row.alarm, row.kind not in POSITIONS)

    def expect(self, alarm: str) -> None:
        """Something may be due of this alarm."""
        self._turns.expect(alarm)

    def turn(self) -> None:
        """Tell what is due now. Raises JournalUnavailable; another fault of one alarm keeps no other waiting."""
        for alarm, waiting in self._turns.due():
            if self._is_stopped():
                return
            try:
                self._tell(alarm, waiting)
            except JournalUnavailable:
                raise
            except Exception as fault:
                # Without its words: they may hold what the file says.
                log.error("%s could not be told: %s", self._receiver.name, type(fault).__name__)
                self._turns.again_later(waiting)

    def _tell(self, alarm: str, waiting: Waiting) -> None:
        """Until nothing is due, or something is not taken. A team that is not told keeps no other waiting; where the
        server of all of them is away, one of them waits for it."""
        left: set[str] = set()
        for one in self._addressees(alarm):
            away = next(iter(left & AWAY), "")
            left.add(self._tell_one(alarm, one, waiting, away))
        if left - {LATER, ""}:
            self._turns.again_later(waiting, NO_POSITION in left)
        elif LATER not in left:
            self._turns.done(alarm)

    def _addressees(self, alarm: str) -> list[Addressee]:
        if not self._receiver.teams:
            return [Addressee(self._receiver)]
        state = self._state(alarm)
        return addressees(state, self._receiver, self._beside) if state else []

    def _state(self, alarm: str) -> AlarmState | None:
        """As it is, and not as it was seen last: an alarm of which nothing seems due is forgotten. None for one of an
        erased file. Raises JournalUnavailable."""
        try:
            return self._journal.alarm(alarm)
        except KeyErased:
            return None

    def _tell_one(self, alarm: str, to: Addressee, waiting: Waiting, away: str) -> str:
        """Whether something is left: LATER, why it was not taken, or nothing. `away`: why the system is not asked at
        all, which stands in the alarm as if it had been."""
        while facts := self._due(alarm, to):
            if self._is_stopped():
                return LATER
            if facts.type == MOVED and self._kind.PATIENCE_S:
                # One that fetches finds it there; nobody waits for a position, and none counts as taken.
                break
            if facts.type in (RAISED, MOVED) and not to.is_known:
                # Its zone may still write it down.
                waiting.at_us = self._clock.steady_us() + UNKNOWN_AGAIN_US
                self._note(alarm, facts, to.receiver, 1, a.NO_DEVICE)
                return LATER
            try:
                if away:
                    raise Refused(away)
                self._kind.send(facts, to.receiver, self._clock)
            except Refused as refused:
                if self._is_early(facts, waiting):
                    return LATER
                if not away:
                    self._said(refused.why)
                    self._turns.refused(waiting, refused.why)
                # One that is away for a night is tried thousands of times: each costs the press as little as can be.
                if waiting.noted != (message := facts.number(to.receiver.name)):
                    self._note(alarm, facts, to.receiver, waiting.tries + 1, refused.why)
                    waiting.noted = message
                return refused.why
            self._said(TAKEN)
            self._turns.answered()
            self.taken += 1
            self._note(alarm, facts, to.receiver, waiting.tries + 1, "")
            waiting.tries = 0
            if facts.circle:
                self._moved_us[alarm, to.receiver.name] = facts.circle[3]
        return ""

    def _is_early(self, facts: Facts, waiting: Waiting) -> bool:
        """Whether it has its time to take this, which it fetches by itself: then nobody need know yet."""
        message, now_us = facts.number(self._receiver.name), self._clock.steady_us()
        if waiting.message != message:
            waiting.message, waiting.since_us = message, now_us
        if now_us - waiting.since_us >= self._kind.PATIENCE_S * 1e6:
            return False
        waiting.at_us = now_us + LOOK_US
        return True

    def _due(self, alarm: str, to: Addressee) -> Facts | None:
        state = self._state(alarm)
        if state is None:
            return None
        key = (alarm, to.receiver.name)
        if not state.is_open or not to.is_meant:
            self._moved_us.pop(key, None)
        moved_us, now_us = self._moved_us.get(key, 0), self._clock.now_us()
        return told_next(state, to.receiver, moved_us, now_us, self._beside, to.is_meant)

    def _note(self, alarm: str, facts: Facts, to: Receiver, attempt: int, why: str) -> None:
        """What became of it, as an event of the alarm. Positions come and go: they are not noted; nor is each further
        try that failed, since the journal is no list of tries."""
        if facts.type == SAID and not why:
            self._note_passed(alarm, facts, attempt)
        if facts.type in (MOVED, SAID):
            return
        told = a.SystemTold(
            receiver=to.name,
            message=facts.number(to.name),
            about=ABOUT[facts.type],
            moment_us=facts.moment_us,
            fields=to.fields,
            attempt=attempt,
            why=why,
        )

        def decide(state: AlarmState) -> list[Event]:
            """Unless it is no news: its answer may have come before this, and says the same."""
            known = next(
                (one for one in state.told if one.receiver == told.receiver and one.message == told.message),
                None,
            )
            is_news = known is None or not (why or known.taken_at_us)
            return [told] if is_news else []

        self._journal.decide(alarm, decide)

    def _note_passed(self, alarm: str, facts: Facts, attempt: int) -> None:
        name = self._receiver.name
        passed = a.TextPassed(name, facts.place, facts.number(name), attempt)

        def decide(state: AlarmState) -> list[Event]:
            known = next((one.passed for one in state.told if one.receiver == name), facts.place)
            return [passed] if known < facts.place else []

        self._journal.decide(alarm, decide)


def tell_until(
    stopped: threading.Event, config: Config, receiver: Receiver, journal: Journal, clock: Clock, place: int
) -> None:
    """Tell this dispatch system until stopped; `place` is its own in the file, from 0."""
    if not reach_records(stopped):
        return
    # Loaded here and not with the worker: whose routing needs no Django, and must not wait for it.
    from egide.boards import telling

    signs, name = Signs(config, clock), receiver.name
    pulse = Pulse(signs, clock, f"{CAD} {name}")
    said = partial(signs.note_last, f"{TOLD}{name}")
    teller = Teller(receiver, journal, telling, clock, said, stopped.is_set)
    fetching, polling = Fetching(signs, receiver, clock), Polling(receiver, clock)
    outcomes = Outcomes(signs, clock)
    note_in(receiver, outcomes)
    talking = Talking(stopped, config, receiver, clock) if TALK in receiver.fields else None
    if talking is not None:
        talking.start()
    follower, is_seeded = Follower(journal, f"{CAD}-{name}", BREATH_S + place * APART_S), False
    while not stopped.is_set():
        try:
            if not is_seeded:
                for alarm in journal.open_alarms():
                    teller.expect(alarm)
                is_seeded = True
            follower.step(teller.hear, WAIT_S)
            teller.turn()
        except (JournalUnavailable, KeyErased, JournalError) as error:
            log.warning("a dispatch system could not be told, will try again: %s", type(error).__name__)
            stopped.wait(WAIT_S)
        except Exception:
            # A thread that ended would tell nothing ever again.
            log.exception("a dispatch system could not be told, will try again")
            stopped.wait(AGAIN_S)
        if pulse.is_due:
            missed = fetching.is_missed() + polling.is_away() + (talking is not None and talking.is_missed)
            pulse.beat(teller.taken, teller.taken + teller.failing + missed)
            outcomes.do_keep()
    if talking is not None:
        talking.join()
    follower.close()
    pulse.leave()


def tellers_of(
    stopped: threading.Event, config: Config, journal: Journal, clock: Clock
) -> list[threading.Thread]:
    """A thread for each dispatch system of the settings; none where they are wrong, which is said in the log."""
    try:
        receivers = receivers_of(config)
    except ValueError as error:
        log.error("cad: %s", error)
        return []
    _forget_others(Signs(config, clock), receivers)
    return [
        threading.Thread(
            target=tell_until,
            args=(stopped, config, receiver, journal, clock, place),
            name=f"{CAD} {receiver.name}",
        )
        for place, receiver in enumerate(receivers)
    ]


def _forget_others(signs: Signs, receivers: Sequence[Receiver]) -> None:
    """A system that was taken out of the settings while the worker could not say so is missed by nobody."""
    told = {f"{CAD} {receiver.name}" for receiver in receivers}
    try:
        beats = signs.beats()
    except JournalUnavailable as error:
        log.warning("nobody could say which dispatch systems are told no more: %s", error)
        return
    for name in beats:
        if name.startswith(f"{CAD} ") and name not in told:
            signs.leave(name)
