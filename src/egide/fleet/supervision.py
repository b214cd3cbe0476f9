"""Watches over the kits that are out: looks at whoever is due, writes what the rules decide, says when to look again.

Runs in the worker, without Django. Its cost follows what changes and who is due, never the number of kits.
"""

import json
import logging
import sqlite3
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec

from egide.common.clock import Clock
from egide.events.base import Event
from egide.events.register import KitTroubleSolved, KitTroubleTold
from egide.fleet import rules_watch as rules
from egide.fleet.rules import SECOND_WAY, way_of
from egide.fleet.rules_watch import Facts, Outlook, Settings, Trouble
from egide.fleet.watch_limits import limits_of
from egide.journal.chain import Stored
from egide.journal.heartbeats import Heard, Heartbeats, Next
from egide.journal.keys import KeyErased
from egide.journal.service import Entry, Journal
from egide.journal.watched import SUPERSEDED

log = logging.getLogger("egide.supervision")

# So many phones are looked at in one turn, and so many events written in one step: a press waits for one step at most.
TURN, STEP = 256, 16
# A pause of the service itself (or of its clock) that is longer ends nobody's silence: counting begins anew.
PAUSE_S = 120
_SEED = 500
# So many phones of which something is kept are compared in each second with those that are enrolled.
_SWEEP = 2000
_UNKNOWN = "SELECT value FROM json_each(?) WHERE value NOT IN (SELECT device FROM device)"

_FACTS = f"""
SELECT d.kit, k.case_id, w.level, w.since_us, p.enrolled_at_us, p.app, p.tested_at_us, p.failed_at_us,
  coalesce((SELECT c.kind FROM client c WHERE c.device = d.device), ''),
  {SUPERSEDED},
  EXISTS (SELECT 1 FROM device o JOIN alarm a ON a.alarm > o.device || '-' AND a.alarm < o.device || '.'
          WHERE o.kit = d.kit AND a.key = k.case_id AND a.state <> 'closed')
FROM device d JOIN kit k ON k.kit = d.kit LEFT JOIN watched w ON w.kit = d.kit LEFT JOIN phone p ON p.device = d.device
WHERE d.device = ?
"""
_OPEN = (
    "SELECT what, since_us, person_us, zone_us, officer_us FROM trouble WHERE kit = ? AND ended_us IS NULL"
)
_IN_ALARM = """
SELECT DISTINCT o.device FROM alarm a JOIN device d ON d.device = a.device JOIN device o ON o.kit = d.kit
WHERE a.state <> 'closed'
"""
_DEVICES_OF_KIT = "SELECT device FROM device WHERE kit = ?"
_DEVICES_BESIDE = "SELECT o.device FROM device d JOIN device o ON o.kit = d.kit WHERE d.device = ?"
_WATCHED = "SELECT d.device FROM watched w JOIN device d ON d.kit = w.kit"
# Events after which a kit is looked at again, by where they stand.
_OF_KITS = frozenset({"KitWatched", "KitReturned", "KitLost"})
_OF_DEVICES = frozenset({"DeviceEnrolled", "NoticeReceived"})
_OF_TESTS = frozenset({"TestReceived"})
_OF_ALARMS = frozenset(
    {"PressReceived", "PressedAgain", "PressConflicted", "PositionReceived", "AlarmClosed"}
)


class _Look(msgspec.Struct, frozen=True):
    """One phone that is due, with everything that the rules need. `kit` is empty for one that nobody watches over."""

    heard: Heard
    kit: str = ""
    case: str = ""
    facts: Facts | None = None
    troubles: tuple[Trouble, ...] = ()


class Supervisor:
    """Looks at kits. `step` and `seed` belong to one thread; `hear` may be called from another."""

    def __init__(
        self,
        journal: Journal,
        heartbeats: Heartbeats,
        clock: Clock,
        settings: Settings,
        is_receiving: Callable[[], bool] = lambda: True,
    ) -> None:
        self._journal = journal
        self._heartbeats = heartbeats
        self._clock = clock
        self._base = settings
        self._settings = limits_of(journal, settings).settings
        self._is_set_anew = False
        self._is_receiving = is_receiving
        self._news: deque[Stored] = deque()
        self._swept, self._swept_s = "", 0
        # Since when the service has listened without a pause, and when it last did.
        self._listening_s, self._listened_s = heartbeats.listening()

    def hear(self, row: Stored) -> None:
        """An event was written; when it concerns a kit's health, it is looked at in the next step."""
        if row.kind == "WatchLimitsSet":
            self._is_set_anew = True
        if row.kind in _OF_KITS | _OF_DEVICES | _OF_TESTS | _OF_ALARMS:
            self._news.append(row)

    def seed(self) -> None:
        """Begin to watch over whoever should be and is not: after the heartbeats were lost, or a start in between."""
        for devices in self._watched():
            if unwatched := self._heartbeats.unwatched(devices):
                self._heartbeats.wake(unwatched, self._now_s())

    def step(self) -> int:
        """Look at up to TURN phones that are due, and before them at every one in an open alarm.

        Returns how many, TURN at most: then more may wait. Raises sqlite3.Error; what was not settled is due again.
        """
        now_s = self._now_s()
        self._listen(now_s)
        self._take_limits()
        self._wake_heard(now_s)
        self._sweep(now_s)
        alarmed = [device for (device,) in self._journal.connection.execute(_IN_ALARM)]
        due = self._heartbeats.due_of(alarmed, now_s) if alarmed else []
        first = {heard.device for heard in due}
        due += [heard for heard in self._heartbeats.due(now_s, TURN) if heard.device not in first]
        looks = [self._look(heard) for heard in due]
        for start in range(0, len(looks), STEP):
            self._write(looks[start : start + STEP], now_s)
        return min(TURN, len(looks))

    def _watched(self) -> Iterator[list[str]]:
        rows = self._journal.connection.execute(_WATCHED)
        while devices := [device for (device,) in rows.fetchmany(_SEED)]:
            yield devices

    def _take_limits(self) -> None:
        """Other limits hold: everybody is looked at once, because each may be due at another moment now."""
        if not self._is_set_anew:
            return
        self._is_set_anew = False
        self._settings = limits_of(self._journal, self._base).settings
        for devices in self._watched():
            self._heartbeats.wake(devices, self._now_s())

    def _now_s(self) -> int:
        return self._clock.now_us() // 1_000_000

    def _listen(self, now_s: int) -> None:
        """Nobody is silent because this service was: its own pauses, and leaps of its clock, count for nobody."""
        is_pause = not self._is_receiving() or not 0 <= now_s - self._listened_s <= PAUSE_S
        if is_pause or not self._listening_s:
            self._listening_s = now_s
        self._listened_s = now_s
        self._heartbeats.keep_listening(self._listening_s, now_s)

    def _wake_heard(self, now_s: int) -> None:
        devices: set[str] = set()
        while self._news:
            devices.update(self._devices(self._news.popleft()))
        if devices:
            self._heartbeats.wake(sorted(devices), now_s)

    def _devices(self, row: Stored) -> Iterator[str]:
        name = row.stream.partition(":")[2]
        sql, value = (_DEVICES_OF_KIT, name) if row.kind in _OF_KITS else (_DEVICES_BESIDE, name[:16])
        return (device for (device,) in self._journal.connection.execute(sql, (value,)))

    def _sweep(self, now_s: int) -> None:
        """Keep nothing of a phone that the journal forgot with an erased case (safety rule 29)."""
        if now_s == self._swept_s:
            return
        self._swept_s = now_s
        devices = self._heartbeats.devices(self._swept, _SWEEP)
        unknown = self._journal.connection.execute(_UNKNOWN, (json.dumps(devices),)).fetchall()
        if unknown:
            self._heartbeats.forget([device for (device,) in unknown])
        self._swept = devices[-1] if len(devices) == _SWEEP else ""

    def _look(self, heard: Heard) -> _Look:
        read = self._journal.connection.execute
        row = read(_FACTS, (heard.device,)).fetchone()
        if row is None:
            return _Look(heard)
        kit, case, level, since_us, enrolled_us, app, tested_us, failed_us, client, is_old, is_alarmed = row
        if level is None or is_old:
            return _Look(heard)
        probe = self._heartbeats.probe(heard.device)
        facts = Facts(
            level=level,
            heard_s=heard.at_s,
            watched_s=since_us // 1_000_000,
            enrolled_s=(enrolled_us or 0) // 1_000_000,
            listening_s=self._listening_s,
            is_alarmed=bool(is_alarmed),
            phone_pct=heard.phone_pct,
            button_pct=heard.button_pct,
            link=heard.link,
            ahead_s=heard.ahead_s,
            ahead_before_s=heard.ahead_before_s,
            away_s=heard.away_s,
            app=app or "",
            tested_s=tested_us // 1_000_000 if tested_us is not None else None,
            failed_s=failed_us // 1_000_000 if failed_us is not None else None,
            is_second_way=way_of(client) == SECOND_WAY,
            reached_s=probe.reached_s if probe else None,
            gone_s=probe.gone_s if probe else None,
        )
        return _Look(heard, kit, case, facts, tuple(_trouble(row) for row in read(_OPEN, (kit,))))

    def _write(self, looks: Sequence[_Look], now_s: int) -> None:
        """Append what a few looks lead to as one step, then settle them; one that fails is tried alone."""
        outlooks = [
            (look, rules.look_at(look.facts, look.troubles, self._settings, now_s))
            for look in looks
            if look.facts is not None
        ]
        try:
            self._append(
                [(look, event) for look, outlook in outlooks for event in _events(look.kit, outlook)]
            )
        except KeyErased:
            if len(looks) > 1:
                for look in looks:
                    self._write([look], now_s)
                return
            log.info("a kit's case was erased: nobody watches over it any more")
            self._heartbeats.forget([looks[0].heard.device])
            return
        nexts = [Next(look.heard, None) for look in looks if look.facts is None]
        nexts += [Next(look.heard, o.limit_s, o.other_s, o.look_s, " ".join(o.words)) for look, o in outlooks]
        self._heartbeats.settle(nexts, now_s)

    def _append(self, events: Sequence[tuple[_Look, Event]]) -> None:
        """Append those that still hold: another worker may have been faster."""
        if not events:
            return
        with self._journal.transaction() as transaction:
            for look, event in events:
                if _still_holds(transaction.execute, event):
                    transaction.append(Entry(stream=f"kit:{look.kit}", event=event, case=look.case))


def _events(kit: str, outlook: Outlook) -> Iterator[Event]:
    for what in outlook.solved:
        yield KitTroubleSolved(kit=kit, what=what)
    for tell in outlook.told:
        yield KitTroubleTold(kit=kit, what=tell.what, whom=tell.whom, since_us=tell.since_s * 1_000_000)


def _still_holds(execute: Callable[..., sqlite3.Cursor], event: Event) -> bool:
    if isinstance(event, KitTroubleTold):
        sql = f"SELECT {event.whom}_us FROM trouble WHERE kit = ? AND what = ? AND ended_us IS NULL"
        row = execute(sql, (event.kit, event.what)).fetchone()
        return row is None or row[0] is None
    assert isinstance(event, KitTroubleSolved)
    sql = "SELECT 1 FROM trouble WHERE kit = ? AND what = ? AND ended_us IS NULL"
    return execute(sql, (event.kit, event.what)).fetchone() is not None


def _trouble(row: tuple[Any, ...]) -> Trouble:
    what, since_us, *told_us = row
    told = frozenset(whom for whom, at_us in zip(rules.WHOM, told_us, strict=True) if at_us is not None)
    return Trouble(what, since_us // 1_000_000, told)
