"""Heartbeats of phones at rest: no event, no transaction of the journal, one step of heartbeats.db for many."""

import logging
from collections.abc import Callable, Collection, Mapping, Sequence

import msgspec

from egide.intake import lookup
from egide.intake.lookup import ForPhone
from egide.intake.passing import Arrival
from egide.journal.errors import JournalUnavailable
from egide.journal.now.heartbeats import Heartbeats
from egide.journal.now.noting import Word
from egide.journal.reader import Reader
from egide.protocol.arming import PENDING as TEST
from egide.protocol.envelope import Kind, Message
from egide.protocol.receipt import Pending
from egide.protocol.settings import PENDING

log = logging.getLogger("egide.intake")

# A sign of life that changes what the worker must know: it looks at once.
_URGENT = (Kind.NOTICE, Kind.TEST)
# Together they cost less: the rows of a fleet stand on few pages.
_MANY, _LONGEST_US = 128, 500_000
# What could not be kept yet is bounded: each phone speaks again within minutes.
_MOST_WAITING = 10_000


class Rested(msgspec.Struct, frozen=True):
    """A heartbeat that was noted, with what its receipt says."""

    arrival: Arrival
    told: ForPhone
    next_counter: int


class Resting:
    """Notes signs of life for the writer. Used by its thread only."""

    def __init__(self, heartbeats: Heartbeats, has_key: Callable[[str], bool]) -> None:
        self._heartbeats = heartbeats
        self._has_key = has_key
        self._later: list[Word] = []
        self._since_us = 0
        self._is_urgent = False

    def take(
        self, reader: Reader, arrivals: Sequence[Arrival], now_us: int
    ) -> tuple[list[Rested], list[Arrival]]:
        """Note those that are at rest; the others go the way of events.

        Raises JournalUnavailable when nothing was noted.
        """
        resting, others = [], []
        for arrival in arrivals:
            found = self._find(reader, arrival, now_us)
            (others.append(arrival) if found is None else resting.append((arrival, found)))
        if not resting:
            return [], others
        now_s = now_us // 1_000_000
        words = [Word(a.kid, now_s, a.message, is_answered=not found.is_quiet) for a, found in resting]
        noted = self._heartbeats.note(words)
        rested = [
            Rested(
                arrival,
                _told(
                    ("check", "" if found.is_quiet else tell), (PENDING, found.settings), (TEST, found.test)
                ),
                max(arrival.message.counter, found.highest, counter) + 1,
            )
            for (arrival, found), (counter, tell) in zip(resting, noted, strict=True)
        ]
        return rested, others

    def counters(self, devices: Collection[str]) -> Mapping[str, int]:
        """The highest counters among the signs of life of these devices; none also when they cannot be read now."""
        try:
            return self._heartbeats.counters(devices)
        except JournalUnavailable as error:
            log.warning("heartbeats cannot be read: %s", error)
            return {}

    def remember(self, device: str, message: Message, now_us: int) -> None:
        """A message that went the way of events is a sign of life too; it is noted when nobody waits."""
        if len(self._later) < _MOST_WAITING:
            urge = message.kind in _URGENT
            self._since_us = self._since_us if self._later else now_us
            self._is_urgent = self._is_urgent or urge
            self._later.append(Word(device, now_us // 1_000_000, message, urge, is_answered=False))

    def must_note(self, now_us: int) -> bool:
        """Whether what was remembered is to be noted now: much, old, or something that the worker looks at at once."""
        if not self._later:
            return False
        is_old = not 0 <= now_us - self._since_us < _LONGEST_US
        return is_old or self._is_urgent or len(self._later) >= _MANY

    def note_remembered(self) -> None:
        """Note what was remembered. Lost without harm when it cannot be."""
        if not self._later:
            return
        words, self._later, self._is_urgent = self._later, [], False
        try:
            self._heartbeats.keep(words)
        except JournalUnavailable as error:
            log.warning("signs of life could not be noted: %s", error)

    def _find(self, reader: Reader, arrival: Arrival, now_us: int) -> lookup.Resting | None:
        message = arrival.message
        if message.kind is not Kind.HEARTBEAT or message.press is not None:
            return None
        found = lookup.find_resting(reader, arrival.kid, message.counter, now_us)
        if found is None or found.is_used or found.is_alarmed or not self._has_key(found.case):
            return None
        return found


_NOTED = ForPhone("noted")


def _told(*said: tuple[str, str]) -> ForPhone:
    """Settings and tests go to a phone at rest alone: nothing changes under an alarm."""
    pending = tuple(Pending(what, text) for what, text in said if text)
    return ForPhone("noted", pending) if pending else _NOTED
