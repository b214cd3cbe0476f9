"""The journal's public face: open it, append, decide on one alarm, read, follow."""

import json
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from egide.alarm.state import AlarmState
from egide.common.clock import Clock
from egide.common.config import Config
from egide.events.base import Event
from egide.journal import tables
from egide.journal.alarms import UNKNOWN, Alarms, Happened
from egide.journal.bell import Bell
from egide.journal.chain import Clear, Stored, Unshown
from egide.journal.engines import chosen
from egide.journal.engines.base import Connection, Engine
from egide.journal.errors import JournalError, JournalUnavailable, or_unavailable
from egide.journal.named import OPENED, SPEAKERS
from egide.journal.reader import Reading
from egide.journal.sealing.keys import KeyErased, KeyStore
from egide.journal.transaction import Entry, Transaction, opened
from egide.journal.wal import Database

__all__ = ["Clear", "Entry", "Journal", "KeyStore", "Stored", "Unshown"]

log = logging.getLogger("egide.journal")

_COLUMNS = "seq, stream, version, kind, at_us, centre, zone, key, cause, body, prev, hash"
_SAVE_CURSOR = "INSERT INTO cursor VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET seq = excluded.seq"


class Journal:
    """One journal, whichever engine keeps it. Each thread gets a connection of its own; every process may append."""

    def __init__(self, engine: Engine, bells_dir: Path, clock: Clock, keys: KeyStore | None) -> None:
        self._engine = engine
        self._bells_dir = bells_dir
        self._clock = clock
        self._keys = keys
        self._alarms = Alarms(self)
        self._is_prepared = True
        if keys is not None:
            keys.on_erased(self._alarms.forget)

    @classmethod
    def open(
        cls, config: Config, clock: Clock, keys: KeyStore | None = None, max_pages: int | None = None
    ) -> "Journal":
        """The journal of an installation; a file is made at the first start. Raises NotSetUp, JournalUnavailable.

        Without `keys` only clear columns can be read. `max_pages` (of 4 KiB) is a quota for this process's appends.
        Raises NotSetUp where a later release has written what this one would misread.
        """
        return cls(chosen.opened(config, max_pages), config.bells_dir, clock, keys)

    @classmethod
    def open_later(cls, config: Config, clock: Clock) -> "Journal":
        """The same for a process that begins while the journal's database is away: what `open` looks at, and raises,
        comes with the first question that is answered."""
        journal = cls(chosen.engine_of(config), config.bells_dir, clock, None)
        journal._is_prepared = False
        return journal

    @classmethod
    def open_or_later(cls, config: Config, clock: Clock) -> "Journal":
        """`open`, or `open_later` where the journal stands on other machines and cannot be reached now. Raises
        JournalUnavailable where it is a file, NotSetUp."""
        try:
            return cls.open(config, clock)
        except JournalUnavailable as error:
            if not config.journal:
                raise
            log.error("the journal cannot be reached: %s", error)
            return cls.open_later(config, clock)

    @property
    def bells_dir(self) -> Path:
        return self._bells_dir

    @property
    def keys(self) -> KeyStore:
        """The keys. Raises JournalError in a process that holds none."""
        if self._keys is None:
            raise JournalError("this process holds no keys: it may read clear columns only")
        return self._keys

    @property
    def connection(self) -> Connection:
        """This thread's own, every commit of which is durable. For this package alone."""
        if not self._is_prepared:
            self._engine.prepare()
            self._is_prepared = True
        return self._engine.connection

    def close(self) -> None:
        """This thread asks nothing more for now, and holds nothing of the journal open; its next question opens it."""
        self._engine.close()

    @property
    def logged(self) -> tuple[Database, ...]:
        """Databases whose write-ahead log `journal.wal` empties beside the writer."""
        return self._engine.logged

    def reading(self) -> Reading:
        """Ask several things of the journal as it stands: `with journal.reading() as reader`."""
        return Reading(self.connection)

    def bell(self, name: str) -> Bell:
        """A bell of a follower with this name, which rings when anybody appends."""
        bell = Bell(self._bells_dir, name)
        self._engine.ring_from_afar(bell)
        return bell

    def write_unforced(self) -> None:
        """From now on this thread's commits may be lost with the power: for a journal that is then written anew."""
        self._engine.write_unforced()

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Append several events as one durable step; followers are woken after it.

        Raises JournalFull, and JournalUnavailable for whatever else fails in a database meanwhile.
        """
        with self._engine.step() as step:
            yield Transaction(step, self.keys, self._clock.now_us())

    def check_append(self) -> None:
        """Whether a step becomes durable now: one without an event. Raises JournalFull, JournalUnavailable."""
        with self._engine.step():
            pass

    def append(self, entries: Sequence[Entry]) -> list[Stored]:
        """Append all entries or none. Raises VersionConflict, AlreadyDone, JournalFull."""
        with self.transaction() as transaction:
            return [transaction.append(entry) for entry in entries]

    def decide(
        self, alarm: str, decide: Callable[[AlarmState], Sequence[Event]], cause: int | None = None
    ) -> list[Stored]:
        """Append what `decide` says of an alarm, at the version that it saw (journal.alarms).

        Raises LookupError when there is no such alarm; whatever `decide` raises passes through.
        """
        return self._alarms.decide(alarm, decide, cause)

    def decide_within(
        self, transaction: Transaction, alarm: str, decide: Callable[[AlarmState], Sequence[Event]]
    ) -> list[Stored]:
        """The same within a transaction that is open, for what has to be done while nobody moves the alarm."""
        return self._alarms.decide_within(transaction, alarm, decide)

    def alarm(self, alarm: str) -> AlarmState | None:
        """One alarm as it stands now; None when there is none. Raises KeyErased, JournalError."""
        return self._alarms.state(alarm)

    def last_known_alarm(self, alarm: str) -> AlarmState | None:
        """The same for pages: None for an erased case; what was seen last while the journal cannot be read."""
        return self._alarms.last_known(alarm)

    def history(self, alarm: str) -> list[Happened]:
        """All that happened in one alarm, oldest first. Raises KeyErased, JournalError."""
        return self._alarms.history(alarm)

    def last_known_alarms(self, alarms: Sequence[str]) -> list[AlarmState]:
        """The same of many, in their order, at the cost of one; without those that there are none of."""
        return self._alarms.last_known_of(alarms)

    @or_unavailable
    def open_alarms(self, centres: Sequence[str] | None = None) -> list[str]:
        """Alarms that are not closed, oldest first; of these centres and of none yet, or of all when None."""
        rows = self.connection.execute(
            "SELECT alarm, centres FROM alarm WHERE state <> 'closed' ORDER BY opened_seq"
        ).fetchall()
        return [alarm for alarm, at in rows if centres is None or not at or set(at.split()) & set(centres)]

    @or_unavailable
    def unreported(self) -> list[str]:
        """Closed alarms whose team has not written its report yet, oldest first."""
        sql = "SELECT alarm FROM alarm WHERE report = 'due' AND state = 'closed' ORDER BY opened_seq"
        return [alarm for (alarm,) in self.connection.execute(sql)]

    @or_unavailable
    def follow_ups(self, managing_zone: str) -> list[str]:
        """Closed alarms after which `managing_zone` has something to do, oldest first."""
        sql = (
            "SELECT alarm FROM alarm WHERE follow_up = 'due' AND state = 'closed' AND managing_zone = ?"
            " ORDER BY opened_seq"
        )
        return [alarm for (alarm,) in self.connection.execute(sql, (managing_zone,))]

    @or_unavailable
    def closed_since(self, since_us: int) -> list[str]:
        """Alarms that were closed since then, the last one first."""
        sql = (
            "SELECT alarm FROM alarm WHERE state = 'closed' AND closed_at_us >= ? ORDER BY closed_at_us DESC"
        )
        return [alarm for (alarm,) in self.connection.execute(sql, (since_us,))]

    @or_unavailable
    def alarm_of_link(self, secret_hash: str) -> str | None:
        """The alarm that a team's link or its short code opens, by the SHA-256 (hex) of either; None for no link."""
        sql = "SELECT alarm FROM team_link WHERE link = ? OR code = ?"
        row = self.connection.execute(sql, (secret_hash, secret_hash)).fetchone()
        return row[0] if row else None

    @or_unavailable
    def read(self, after: int = 0, limit: int = 1000) -> list[Stored]:
        """Up to `limit` events behind seq `after`, in order."""
        sql = f"SELECT {_COLUMNS} FROM event WHERE seq > ? ORDER BY seq LIMIT ?"
        return [Stored(*row) for row in self.connection.execute(sql, (after, limit))]

    def every(self) -> Iterator[Stored]:
        """All events in order, as they stand now; for checks and exports."""
        for row in self._engine.every(f"SELECT {_COLUMNS} FROM event ORDER BY seq"):
            yield Stored(*row)

    def found(self, sql: str, values: Sequence[object] = ()) -> Iterator[Any]:
        """Rows of a question that finds more than fits into memory, as they stand now. For this package alone."""
        return self._engine.every(sql, values)

    @or_unavailable
    def read_clear(self, after: int, limit: int = 1000) -> list[Clear]:
        """Like `read`, without bodies and hashes: for processes that only pass on that something happened."""
        sql = (
            "SELECT seq, kind, stream, at_us, centre, zone, key FROM event WHERE seq > ? ORDER BY seq LIMIT ?"
        )
        return [Clear(*row) for row in self.connection.execute(sql, (after, limit))]

    @or_unavailable
    def unrouted(self) -> list[Clear]:
        """The opening events of alarms that nobody was given yet."""
        sql = (
            "SELECT seq, kind, stream, at_us, centre, zone, key FROM event"
            " WHERE seq IN (SELECT opened_seq FROM alarm WHERE state = 'received') ORDER BY seq"
        )
        return [Clear(*row) for row in self.connection.execute(sql)]

    @or_unavailable
    def home_centre(self, alarm: str) -> str:
        """The home centre of the alarm's kit, in the clear; empty when there is no such alarm."""
        sql = (
            f"SELECT k.home_centre FROM alarm a JOIN {SPEAKERS} d ON d.device = a.device"
            f" JOIN kit k ON k.kit = d.kit WHERE a.opened_seq = {OPENED}"
        )
        row = self.connection.execute(sql, (f"alarm:{alarm}",)).fetchone()
        return row[0] if row else ""

    @or_unavailable
    def unshown(self) -> list[Unshown]:
        """Open alarms that no board has painted, oldest first."""
        sql = (
            "SELECT alarm, centres, (SELECT count(*) FROM event WHERE stream = 'alarm:' || alarm"
            " AND kind = 'AlarmClosed') FROM alarm WHERE state IN ('received', 'routed') ORDER BY opened_seq"
        )
        return [Unshown(*row) for row in self.connection.execute(sql)]

    @or_unavailable
    def stream(self, stream: str, after_version: int = 0) -> list[Stored]:
        """The events of one stream behind a version, oldest first."""
        sql = f"SELECT {_COLUMNS} FROM event WHERE stream = ? AND version > ? ORDER BY version"
        return [Stored(*row) for row in self.connection.execute(sql, (stream, after_version))]

    @or_unavailable
    def versions(self, streams: Sequence[str]) -> dict[str, int]:
        """The last version of each of these streams, 0 for one without events."""
        sql = """SELECT value, coalesce((SELECT max(version) FROM event WHERE stream = value), 0)
          FROM json_each(?)"""
        return dict(self.connection.execute(sql, (json.dumps(streams),)).fetchall())

    @or_unavailable
    def head(self) -> int:
        """The last seq, 0 when empty."""
        row = self.connection.execute("SELECT max(seq) FROM event").fetchone()
        return row[0] or 0

    def last_given_seq(self) -> int:
        """The highest seq ever given out: larger than `head()` when the end was cut off."""
        return self._engine.last_given_seq()

    def open_event(self, row: Stored) -> Event:
        """Unseal and read one event. Raises KeyErased, UnsealError."""
        return opened(row, self.keys.stream_key(row.key, row.stream))

    @or_unavailable
    def cursor(self, name: str) -> int:
        """How far the follower `name` has come."""
        row = self.connection.execute("SELECT seq FROM cursor WHERE name = ?", (name,)).fetchone()
        return row[0] if row else 0

    def save_cursor(self, name: str, seq: int) -> None:
        """Keep how far `name` has come."""
        self._engine.keep(_SAVE_CURSOR, (name, seq))

    @or_unavailable
    def rebuild_tables(self) -> None:
        """Drop the folded tables and fold every event again, in one transaction; erased cases leave no rows, and events
        of a newer version change none. Raises UnsealError for a damaged one."""
        with self._engine.rebuilding() as write:
            for row in self.every():
                with suppress(KeyErased, *UNKNOWN):
                    tables.apply(self.open_event(row), row, write)
