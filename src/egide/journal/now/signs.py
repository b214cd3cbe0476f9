"""Signs of life of the processes, and what watch found wrong. Clear, replaced in place, and in a file of its own.

Nothing here is an event: it is true only now. A sign of life that cannot be written never stops what gives it.
"""

import logging
import sqlite3
import threading
from collections.abc import Sequence

import msgspec

from egide.common.clock import Clock
from egide.common.config import Config
from egide.common.database import one_step, open_database
from egide.journal.errors import or_unavailable

log = logging.getLogger("egide.signs")

# How often a process says that it is there.
BEAT_S = 2.0
# Alarms on no board stand among the troubles, so that a killed watch does not tell them again; boards skip them.
ALARM = "alarm"

_SQL = """
CREATE TABLE IF NOT EXISTS process (
    name TEXT PRIMARY KEY, at_us INTEGER NOT NULL, seq INTEGER NOT NULL, head INTEGER NOT NULL, note TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS trouble (
    part TEXT PRIMARY KEY, why TEXT NOT NULL, since_us INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS counter (name TEXT PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS alert (
    id TEXT NOT NULL, road TEXT NOT NULL, subject TEXT NOT NULL, text TEXT NOT NULL, PRIMARY KEY (id, road)
) WITHOUT ROWID;
"""


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


class Signs:
    """watch.db beside the journal. Each thread has a connection of its own."""

    def __init__(self, config: Config, clock: Clock) -> None:
        config.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path = config.data_dir / "watch.db"
        self._clock = clock
        self._local = threading.local()

    @property
    def connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = open_database(self._path, synchronous="NORMAL", timeout_s=2)
            connection.executescript(_SQL)
            self._local.connection = connection
        return connection

    def beat(self, name: str, seq: int = 0, head: int = 0, note: str = "") -> None:
        """`name` is there, and so far. Raises nothing: a process that cannot say so goes on working, and is missed."""
        row = (name, self._clock.now_us(), seq, head, note)
        try:
            self.connection.execute("INSERT OR REPLACE INTO process VALUES (?,?,?,?,?)", row)
        except sqlite3.Error as error:
            log.warning("%s could not say that it is there: %s", name, error)

    def leave(self, name: str) -> None:
        """`name` ended as it should, and nobody waits for it. Raises nothing."""
        try:
            self.connection.execute("DELETE FROM process WHERE name = ?", (name,))
        except sqlite3.Error as error:
            log.warning("%s could not say that it ends: %s", name, error)

    def count(self, name: str, by: int = 1) -> None:
        """Add to what is counted under `name`; it is never reset. Raises nothing: a number is no reason to stop."""
        sql = "INSERT INTO counter VALUES (?,?) ON CONFLICT (name) DO UPDATE SET number = number + excluded.number"
        try:
            self.connection.execute(sql, (name, by))
        except sqlite3.Error as error:
            log.warning("%s could not be counted: %s", name, error)

    @or_unavailable
    def counts(self, prefix: str) -> dict[str, int]:
        """What was counted under names that begin so. Raises JournalUnavailable."""
        rows = self.connection.execute("SELECT name, number FROM counter ORDER BY name")
        return {name: number for name, number in rows if name.startswith(prefix)}

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
        with one_step(self.connection) as connection:
            connection.execute("DELETE FROM trouble")
            connection.execute("DELETE FROM alert")
            connection.executemany(
                "INSERT INTO trouble VALUES (?,?,?)", [(t.part, t.why, t.since_us) for t in troubles]
            )
            connection.executemany(
                "INSERT INTO alert VALUES (?,?,?,?)", [(w.id, w.road, w.subject, w.text) for w in waiting]
            )


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
