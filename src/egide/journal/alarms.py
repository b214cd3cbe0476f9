"""Alarms as their events add up: the one place that folds them, remembers them and appends what was decided on one."""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import msgspec

from egide.alarm.events import FromPhone
from egide.alarm.fold import Past, Unread, fold, pass_over
from egide.alarm.state import AlarmState
from egide.common.sealing import SealingKey, UnsealError
from egide.events.base import Event
from egide.journal.chain import Stored
from egide.journal.errors import JournalError, VersionConflict
from egide.journal.sealing.keys import KeyErased, KeyStore
from egide.journal.transaction import Entry, Transaction, opened
from egide.protocol.envelope import Position

# What an event of a newer version raises: its kind or its shape is not known here.
UNKNOWN = (KeyError, msgspec.MsgspecError)
_ATTEMPTS = 8
_KEPT = 1000


@dataclass(frozen=True)
class Happened:
    """One event of an alarm, and the alarm before it. `event` is None where this version cannot read it."""

    kind: str
    version: int
    at_us: int
    event: Event | None
    before: AlarmState


def positions_of(history: Iterable[Happened]) -> list[tuple[int, Position]]:
    """Every position that the phone gave, with the time at which it was taken (microseconds), in their order."""
    found = [
        (one.at_us - one.event.position.age_s * 1_000_000, one.event.position)
        for one in history
        if isinstance(one.event, FromPhone)
        and one.event.position is not None
        and not one.event.is_from_earlier_phone
    ]
    return sorted(found, key=lambda taken: taken[0])


class Events(Protocol):
    """What folding and deciding need of the journal."""

    @property
    def keys(self) -> KeyStore: ...
    def stream(self, stream: str, after_version: int = 0) -> list[Stored]: ...
    def versions(self, streams: Sequence[str]) -> dict[str, int]: ...
    def append(self, entries: Sequence[Entry]) -> list[Stored]: ...


class Alarms:
    """The alarms of one journal; the states of the latest ones are kept, so that each event is unsealed only once.

    Safe between threads: two that fold the same alarm at once come to the same state.
    """

    def __init__(self, events: Events) -> None:
        self._events = events
        self._states: dict[str, AlarmState] = {}
        self._lock = threading.Lock()

    def state(self, alarm: str) -> AlarmState | None:
        """The alarm as it stands now; None when there is none. Raises KeyErased, JournalError.

        An event that this version cannot read is passed over and counted (safety rule 47): it must not keep anybody
        from acting.
        """
        keys = self._events.keys
        keys.forget_erased()
        state = known = self._states.get(alarm) or AlarmState(alarm=alarm)
        if known.case:
            # Raises for an erased case: what was folded of it must not outlive its key.
            keys.remembered_key(known.case)
        for row, event in self._read(self._events.stream(f"alarm:{alarm}", after_version=known.version)):
            state = _added(state, row, event)
        if state is not known:
            self._keep(state)
        return state if state.version else None

    def last_known(self, alarm: str) -> AlarmState | None:
        """The same for pages: None for an erased case too, and when the journal cannot be read the state that this
        process saw last, because a briefing must not vanish with a disk."""
        try:
            return self.state(alarm)
        except KeyErased:
            return None
        except JournalError:
            return self._states.get(alarm)

    def last_known_of(self, alarms: Sequence[str]) -> list[AlarmState]:
        """The same of many, in their order, without those that are None: a board asks every second, and most of its
        alarms have not moved since. The journal is asked once which of them have."""
        if not alarms:
            return []
        keys = self._events.keys
        try:
            keys.forget_erased()
            versions = self._events.versions([f"alarm:{alarm}" for alarm in alarms])
        except JournalError:
            versions = {}
        states = []
        for alarm in alarms:
            known = self._states.get(alarm)
            if known and versions.get(f"alarm:{alarm}") == known.version and keys.remembers(known.case):
                states.append(known)
            elif state := self.last_known(alarm):
                states.append(state)
        return states

    def history(self, alarm: str) -> list[Happened]:
        """All that happened, oldest first. Raises KeyErased, JournalError."""
        self._events.keys.forget_erased()
        state, found = AlarmState(alarm=alarm), []
        for row, event in self._read(self._events.stream(f"alarm:{alarm}")):
            found.append(Happened(row.kind, row.version, row.at_us, event, state))
            state = _added(state, row, event)
        return found

    def decide(
        self, alarm: str, decide: Callable[[AlarmState], Sequence[Event]], cause: int | None = None
    ) -> list[Stored]:
        """Let `decide` name the events, append them at the version that it saw; again when the alarm moved on.

        Raises LookupError when there is no such alarm; whatever `decide` raises passes through.
        """
        for _ in range(_ATTEMPTS):
            entries = self._decided(alarm, decide, cause)
            try:
                return self._events.append(entries) if entries else []
            except VersionConflict:
                continue
        raise VersionConflict(f"alarm {alarm} kept moving; try again")

    def decide_within(
        self, transaction: Transaction, alarm: str, decide: Callable[[AlarmState], Sequence[Event]]
    ) -> list[Stored]:
        """The same within an open transaction, where nobody moves the alarm meanwhile."""
        return [transaction.append(entry) for entry in self._decided(alarm, decide)]

    def forget(self, case: str) -> None:
        """Drop what was folded of a case that was erased."""
        with self._lock:
            for alarm in [alarm for alarm, state in self._states.items() if state.case == case]:
                del self._states[alarm]

    def _decided(
        self, alarm: str, decide: Callable[[AlarmState], Sequence[Event]], cause: int | None = None
    ) -> list[Entry]:
        state = self.state(alarm)
        if state is None:
            raise LookupError(f"no alarm {alarm}")
        stream, version = f"alarm:{alarm}", state.version
        return [
            Entry(stream=stream, event=event, case=state.case, expected=version + i, cause=cause)
            for i, event in enumerate(decide(state))
        ]

    def _read(self, rows: Iterable[Stored]) -> Iterator[tuple[Stored, Event | None]]:
        """Each with its event, None where this version cannot read it. Raises KeyErased.

        The key of the stream is derived once: that takes longer than opening an event with it.
        """
        keys: dict[str, SealingKey] = {}
        for row in rows:
            if row.key not in keys:
                keys[row.key] = self._events.keys.stream_key(row.key, row.stream)
            try:
                yield row, opened(row, keys[row.key])
            except (UnsealError, *UNKNOWN):
                yield row, None

    def _keep(self, state: AlarmState) -> None:
        with self._lock:
            self._states[state.alarm] = state
            while len(self._states) > _KEPT:
                del self._states[next(iter(self._states))]


def _added(state: AlarmState, row: Stored, event: Event | None) -> AlarmState:
    if event is None:
        return pass_over(state, Unread(row.seq, row.version, row.at_us, row.key, row.centres, row.zones))
    return fold(state, Past(event, row.seq, row.version, row.at_us))
