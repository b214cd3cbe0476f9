"""Signs of life of the processes, and what watch found wrong. Clear, replaced in place, apart from the journal.

Nothing here is an event: it is true only now. A sign of life that cannot be written never stops what gives it.
"""

import logging
import os
import sqlite3
from collections.abc import Sequence

import msgspec

from egide.common.clock import Clock
from egide.common.config import Config
from egide.journal.engines.base import Connection
from egide.journal.engines.chosen import signs_of
from egide.journal.errors import JournalError, or_unavailable

log = logging.getLogger("egide.signs")

# How often a process says that it is there.
BEAT_S = 2.0
# Alarms on no board stand among the troubles, so that a killed watch does not tell them again; boards skip them.
ALARM = "alarm"

_BEAT = """
INSERT INTO process VALUES (?,?,?,?,?) ON CONFLICT (name) DO UPDATE
  SET at_us = excluded.at_us, seq = excluded.seq, head = excluded.head, note = excluded.note
"""
_COUNT = """
INSERT INTO counter VALUES (?,?) ON CONFLICT (name) DO UPDATE SET number = counter.number + excluded.number
"""
_LAST = """
INSERT INTO last VALUES (?,?,?) ON CONFLICT (name) DO UPDATE SET at_us = excluded.at_us, word = excluded.word
"""
_FAULTS = (sqlite3.Error, JournalError)


class Beat(msgspec.Struct, frozen=True):
    """The latest sign of life of one process, or of a part of one that can stop by itself.

    `seq` is how far it is, `head` how far there is to go, both in its own measure; `note` is a word or two.
    """

    name: str
    at_us: int
    seq: int = 0
    head: int = 0
    note: str = ""

    @property
    def behind(self) -> int:
        """How much waits."""
        return max(0, self.head - self.seq)


class Last(msgspec.Struct, frozen=True):
    """What happened last of something, in one word, and when."""

    at_us: int
    word: str


class ChainTrouble(msgspec.Struct, frozen=True):
    """A part of the chain that does not work. `part` is a word, and an address where there are several of it."""

    part: str
    why: str
    since_us: int

    @property
    def kind(self) -> str:
        """The part without its address."""
        return self.part.partition(":")[0]


class WaitingAlert(msgspec.Struct, frozen=True):
    """An alert that a road has not taken yet."""

    id: str
    road: str
    subject: str
    text: str


def server_name(config: Config, kind: str, port: int) -> str:
    """The name of a process that serves; with that of its machine where several share one database."""
    return f"{kind} {port} {os.uname().nodename}" if config.journal else f"{kind} {port}"


class Signs:
    """watch.db beside the journal, or tables there. Each thread has a connection of its own."""

    def __init__(self, config: Config, clock: Clock) -> None:
        self._place = signs_of(config)
        self._clock = clock

    @property
    def connection(self) -> Connection:
        """This thread's own."""
        return self._place.connection

    def beat(self, name: str, seq: int = 0, head: int = 0, note: str = "") -> None:
        """`name` is there, and so far. Raises nothing: a process that cannot say so goes on working, and is missed."""
        row = (name, self._clock.now_us(), seq, head, note)
        try:
            self.connection.execute(_BEAT, row)
        except _FAULTS as error:
            log.warning("%s could not say that it is there: %s", name, error)

    def leave(self, name: str) -> None:
        """`name` ended as it should, and nobody waits for it. Raises nothing."""
        try:
            self.connection.execute("DELETE FROM process WHERE name = ?", (name,))
        except _FAULTS as error:
            log.warning("%s could not say that it ends: %s", name, error)

    def count(self, name: str, by: int = 1) -> None:
        """Add to what is counted under `name`; it is never reset. Raises nothing: a number is no reason to stop."""
        try:
            self.connection.execute(_COUNT, (name, by))
        except _FAULTS as error:
            log.warning("%s could not be counted: %s", name, error)

    @or_unavailable
    def counts(self, prefix: str) -> dict[str, int]:
        """What was counted under names that begin so. Raises JournalUnavailable."""
        rows = self.connection.execute("SELECT name, number FROM counter ORDER BY name")
        return {name: number for name, number in rows if name.startswith(prefix)}

    def note_last(self, name: str, word: str, at_us: int | None = None) -> None:
        """This happened now, or at `at_us`; what happened before under `name` is forgotten. Raises nothing."""
        try:
            self.connection.execute(_LAST, (name, self._clock.now_us() if at_us is None else at_us, word))
        except _FAULTS as error:
            log.warning("%s could not be noted: %s", name, error)

    @or_unavailable
    def last(self, prefix: str) -> dict[str, Last]:
        """What happened last under names that begin so, by the rest of the name. Raises JournalUnavailable."""
        rows = self.connection.execute("SELECT name, at_us, word FROM last ORDER BY name")
        return {
            name.removeprefix(prefix): Last(at_us, word)
            for name, at_us, word in rows
            if name.startswith(prefix)
        }

    @or_unavailable
    def beats(self) -> dict[str, Beat]:
        """The latest sign of life of each, by name. Raises JournalUnavailable."""
        rows = self.connection.execute("SELECT name, at_us, seq, head, note FROM process ORDER BY name")
        return {row[0]: Beat(*row) for row in rows}

    @or_unavailable
    def troubles(self) -> list[ChainTrouble]:
        """What is wrong, oldest first. Raises JournalUnavailable."""
        rows = self.connection.execute("SELECT part, why, since_us FROM trouble ORDER BY since_us, part")
        return [ChainTrouble(*row) for row in rows]

    @or_unavailable
    def waiting(self) -> list[WaitingAlert]:
        """Alerts that some road has not taken yet. Raises JournalUnavailable."""
        rows = self.connection.execute("SELECT id, road, subject, text FROM alert")
        return [WaitingAlert(*row) for row in rows]

    @or_unavailable
    def do_keep(self, troubles: Sequence[ChainTrouble], waiting: Sequence[WaitingAlert]) -> None:
        """Replace what is wrong, and what must still be said of it, in one step. Raises JournalUnavailable."""
        with self._place.step(alone=True) as connection:
            connection.execute("DELETE FROM trouble")
            connection.execute("DELETE FROM alert")
            for one in troubles:
                connection.execute("INSERT INTO trouble VALUES (?,?,?)", (one.part, one.why, one.since_us))
            for w in waiting:
                connection.execute("INSERT INTO alert VALUES (?,?,?,?)", (w.id, w.road, w.subject, w.text))


class Pulse:
    """One name's signs of life, one every BEAT_S however often it is asked."""

    def __init__(self, signs: Signs, clock: Clock, name: str) -> None:
        self._signs = signs
        self._clock = clock
        self._name = name
        self._last_us: int | None = None

    @property
    def is_due(self) -> bool:
        """Whether it is time for the next one."""
        return self._last_us is None or self._clock.steady_us() - self._last_us >= BEAT_S * 1e6

    def beat(self, seq: int = 0, head: int = 0, note: str = "") -> None:
        """Give a sign now; see Signs.beat."""
        self._last_us = self._clock.steady_us()
        self._signs.beat(self._name, seq, head, note)

    def leave(self) -> None:
        """It ends as it should."""
        self._signs.leave(self._name)
