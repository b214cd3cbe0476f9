"""What was last heard of each phone, and when to look at it next: one small row a phone, replaced in place.

Apart from the journal, never forced to the disk: lost without harm, because every phone speaks again within minutes.
The worker finds the phones that are due by an index on that moment, never by going through all (decision 0017).
"""

import json
import sqlite3
from collections.abc import Collection, Iterable, Sequence

import msgspec

from egide.common.config import Config
from egide.journal.engines.base import Connection
from egide.journal.engines.chosen import heartbeats_of
from egide.journal.errors import JournalUnavailable, or_unavailable
from egide.journal.now.noting import FIRST_LIMIT_S, Word, name_of, note_all, note_and_tell, number_of
from egide.journal.wal import Database

_LEAST = -(2**63)

_COLUMNS = (
    "device, counter, at_s, phone_pct, button_pct, link, ahead_s, ahead_before_s, away_s, limit_s, look_s, tell,"
    " given_s"
)


_KEEP_PROBE = """
INSERT INTO probe VALUES (?,?,?,?,?) ON CONFLICT (device) DO UPDATE
  SET seq = excluded.seq, due_s = excluded.due_s, reached_s = excluded.reached_s, gone_s = excluded.gone_s
"""
_KEEP_LISTENING = """
INSERT INTO listening VALUES (1, ?, ?) ON CONFLICT ("only") DO UPDATE
  SET since_s = excluded.since_s, at_s = excluded.at_s
"""
_SETTLE = """
UPDATE heard SET limit_s = ?, other_s = ?, look_s = CASE WHEN counter = ? THEN CAST(? AS BIGINT) ELSE ? END,
  given_s = CASE WHEN tell = ? THEN given_s END, tell = ? WHERE device = ?
"""
_WAKE = """
INSERT INTO heard (device, counter, at_s, ahead_s, ahead_before_s, signs, limit_s, look_s)
VALUES (?, 0, ?, 0, 0, 0, ?, ?) ON CONFLICT (device) DO UPDATE SET look_s = excluded.look_s
"""
_UNWATCHED = """
SELECT CAST(value AS BIGINT) FROM json_each(?)
WHERE NOT EXISTS (SELECT 1 FROM heard WHERE device = CAST(value AS BIGINT) AND look_s IS NOT NULL)
"""


class Heard(msgspec.Struct, frozen=True):
    """What is known of a phone now. `ahead_s` is its clock's lead over ours when it last spoke, and before that.

    `away_s` is since when its button is not with it; `tell` are the words that its next reply carries, `given_s` when a
    reply first carried them; `look_s` when somebody must look, None for a phone that nobody watches over.
    """

    device: str
    counter: int
    at_s: int
    phone_pct: int | None = None
    button_pct: int | None = None
    link: int | None = None
    ahead_s: int = 0
    ahead_before_s: int = 0
    away_s: int | None = None
    limit_s: int = FIRST_LIMIT_S
    look_s: int | None = None
    tell: str = ""
    given_s: int | None = None


class Probe(msgspec.Struct, frozen=True):
    """A web page's subscription, named in event `seq`: asked about next at `due_s`, last found there, found gone."""

    seq: int
    due_s: int
    reached_s: int | None = None
    gone_s: int | None = None


class Next(msgspec.Struct, frozen=True):
    """When to look at a phone again: after `limit_s` of silence, at `other_s` for another reason, and what to tell it.

    `limit_s` None: nobody watches over it. `other_s` 0: as soon as it says anything at all.
    """

    seen: Heard
    limit_s: int | None
    other_s: int | None = None
    look_s: int | None = None
    tell: str = ""


class Heartbeats:
    """heartbeats.db beside the journal, or tables there; each thread has its own connection. All of it raises
    JournalUnavailable.

    Steps go through the phones in the order of their ids: two that meet in PostgreSQL then never wait for each other.
    """

    @or_unavailable
    def __init__(self, config: Config) -> None:
        self._place = heartbeats_of(config)
        self._step = self._place.step
        self._place.prepare()

    @property
    def connection(self) -> Connection:
        """This thread's own."""
        return self._place.connection

    @property
    def logged(self) -> tuple[Database, ...]:
        """Databases whose write-ahead log `journal.wal` empties beside the writer."""
        return self._place.logged

    @or_unavailable
    def probe(self, device: str) -> Probe | None:
        """What is known of a web page's subscription; None when nobody asked."""
        sql = "SELECT seq, due_s, reached_s, gone_s FROM probe WHERE device = ?"
        row = self.connection.execute(sql, (number_of(device),)).fetchone()
        return Probe(*row) if row else None

    @or_unavailable
    def probes(self) -> dict[str, Probe]:
        """The same of all of them, by device."""
        rows = self.connection.execute("SELECT device, seq, due_s, reached_s, gone_s FROM probe")
        return {name_of(device): Probe(*row) for device, *row in rows}

    @or_unavailable
    def note_probe(self, device: str, probe: Probe) -> None:
        """Keep what was asked and answered."""
        row = (number_of(device), probe.seq, probe.due_s, probe.reached_s, probe.gone_s)
        with self._step() as connection:
            connection.execute(_KEEP_PROBE, row)

    @or_unavailable
    def note(self, words: Sequence[Word]) -> list[tuple[int, str]]:
        """Keep these in one step; returns the highest counter of each phone, and what its reply shall tell.

        The highest counter wins: an older word changes nothing.
        """
        with self._step() as connection:
            if len(words) == 1:
                return [note_and_tell(connection, words[0])]
            found = {n: note_and_tell(connection, words[n]) for n in _by_device(words)}
            return [found[n] for n in range(len(words))]

    @or_unavailable
    def keep(self, words: Iterable[Word]) -> None:
        """Like `note`, for words that nobody waits for."""
        note_all(self._place, sorted(words, key=_device))

    def counters(self, devices: Collection[str]) -> dict[str, int]:
        """The highest counter that was heard of each of these, where anything was."""
        marks = ",".join("?" * len(devices))
        sql = f"SELECT device, counter FROM heard WHERE device IN ({marks})"
        # A press waits for this: a try block in place of a decorator.
        try:
            rows = self._place.connection.execute(sql, tuple(map(number_of, devices)))
            return {name_of(device): counter for device, counter in rows}
        except sqlite3.Error as error:
            raise JournalUnavailable(str(error)) from error

    @or_unavailable
    def find(self, device: str) -> Heard | None:
        """What is known of one phone."""
        row = self.connection.execute(
            f"SELECT {_COLUMNS} FROM heard WHERE device = ?", (number_of(device),)
        ).fetchone()
        return _heard(row) if row else None

    @or_unavailable
    def due(self, now_s: int, limit: int) -> list[Heard]:
        """Up to `limit` phones that somebody must look at by now, the longest due first: by the index alone."""
        sql = f"SELECT {_COLUMNS} FROM heard WHERE look_s <= ? ORDER BY look_s LIMIT ?"
        return [_heard(row) for row in self.connection.execute(sql, (now_s, limit))]

    @or_unavailable
    def due_of(self, devices: Iterable[str], now_s: int) -> list[Heard]:
        """Those of these phones that somebody must look at by now, the longest due first."""
        sql = (
            f"SELECT {_COLUMNS} FROM heard WHERE device IN (SELECT CAST(value AS BIGINT) FROM json_each(?))"
            " AND look_s <= ? ORDER BY look_s"
        )
        numbers = json.dumps([number_of(device) for device in devices])
        return [_heard(row) for row in self.connection.execute(sql, (numbers, now_s))]

    @or_unavailable
    def settle(self, looks: Iterable[Next], now_s: int) -> None:
        """Keep when to look again. A phone that spoke meanwhile stays due."""
        rows = [
            (
                look.limit_s if look.limit_s is not None else FIRST_LIMIT_S,
                look.other_s,
                look.seen.counter,
                look.look_s,
                now_s if look.limit_s is not None else None,
                look.tell,
                look.tell,
                number_of(look.seen.device),
            )
            for look in sorted(looks, key=lambda look: look.seen.device)
        ]
        self._place.change(rows, _SETTLE)

    @or_unavailable
    def wake(self, devices: Iterable[str], now_s: int) -> None:
        """Have somebody look at these phones now, also at those that never spoke: they count as heard now."""
        rows = [(number_of(device), now_s, FIRST_LIMIT_S, now_s) for device in sorted(devices)]
        self._place.change(rows, _WAKE)

    @or_unavailable
    def unwatched(self, devices: Iterable[str]) -> list[str]:
        """Those of these phones that nobody would ever look at: unknown here, or known as not watched over."""
        numbers = json.dumps([number_of(device) for device in devices])
        return [name_of(number) for (number,) in self.connection.execute(_UNWATCHED, (numbers,))]

    @or_unavailable
    def listening(self) -> tuple[int, int]:
        """Since when the service has listened without a pause, and when it last did; zeros at the first start."""
        row = self.connection.execute("SELECT since_s, at_s FROM listening").fetchone()
        return (row[0], row[1]) if row else (0, 0)

    @or_unavailable
    def keep_listening(self, since_s: int, at_s: int) -> None:
        """Keep that the service listens."""
        with self._step() as connection:
            connection.execute(_KEEP_LISTENING, (since_s, at_s))

    @or_unavailable
    def forget(self, devices: Iterable[str]) -> None:
        """Keep nothing of these phones."""
        with self._step() as connection:
            for device in sorted(devices):
                connection.execute("DELETE FROM heard WHERE device = ?", (number_of(device),))
                connection.execute("DELETE FROM probe WHERE device = ?", (number_of(device),))

    @or_unavailable
    def devices(self, after: str, limit: int) -> list[str]:
        """Up to `limit` phones of which anything is kept, in an order of their own, behind `after` if given."""
        is_behind, least = (">", number_of(after)) if after else (">=", _LEAST)
        sql = f"SELECT device FROM heard WHERE device {is_behind} ? ORDER BY device LIMIT ?"
        rows = self.connection.execute(sql, (least, limit))
        return [name_of(device) for (device,) in rows]

    @or_unavailable
    def waiting(self, now_s: int) -> tuple[int, int]:
        """How many phones are due by now, and for how many seconds the first of them has been."""
        row = self.connection.execute(
            "SELECT count(*), min(look_s) FROM heard WHERE look_s <= ?", (now_s,)
        ).fetchone()
        return row[0], now_s - row[1] if row[1] else 0


def _device(word: Word) -> str:
    return word.device


def _by_device(words: Sequence[Word]) -> list[int]:
    return sorted(range(len(words)), key=lambda number: words[number].device)


def _heard(row: tuple[int, ...]) -> Heard:
    return Heard(name_of(row[0]), *row[1:])  # type: ignore[arg-type]
