"""Watches over the kits that are out: looks at those due, writes what the rules decide, says when to look again.

Runs in the worker, without Django. Its cost follows what changes and who is due, never the number of kits.
"""

import logging
from collections import deque
from collections.abc import Callable, Iterator, Sequence

import msgspec

from egide.common.clock import Clock
from egide.events.base import Event
from egide.events.register import KitTroubleSolved, KitTroubleTold
from egide.fleet.kits.rules import SECOND_WAY, way_of
from egide.fleet.supervision import rules
from egide.fleet.supervision.devices import look_at_devices
from egide.fleet.supervision.rules import Facts, Outlook, Settings, Trouble
from egide.fleet.supervision.watch_limits import limits_of
from egide.journal.chain import Stored
from egide.journal.now.heartbeats import Heard, Heartbeats, Next
from egide.journal.queries import watched as queries_watched
from egide.journal.reader import Reader
from egide.journal.sealing.keys import KeyErased
from egide.journal.service import Entry, Journal

log = logging.getLogger("egide.supervision")

# How many phones one turn looks at, and how many events one step writes: a press waits for one step at most.
TURN, STEP = 256, 16
# A pause of the service itself (or of its clock) that is longer ends nobody's silence: counting begins anew.
PAUSE_S = 120
# How often devices that are no phones are looked at.
DEVICES_S = 10
_SEED = 500
# How many of the phones in the file are compared each second with those that are enrolled.
_SWEEP = 2000
# Events after which a kit is looked at again, by where they stand.
_OF_KITS = frozenset({"KitWatched", "KitReturned", "KitLost"})
_OF_DEVICES = frozenset({"DeviceEnrolled", "NoticeReceived"})
_OF_TESTS = frozenset({"TestReceived"})
_OF_ALARMS = frozenset(
    {"PressReceived", "PressedAgain", "PressConflicted", "SourcePressed", "PositionReceived", "AlarmClosed"}
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
        self._devices_s = 0
        # Since when the service has listened without a pause, and when it last did.
        self._listening_s, self._listened_s = heartbeats.listening()

    def hear(self, row: Stored) -> None:
        """An event was written; when it concerns a kit's health, it is looked at in the next step."""
        if row.kind == "WatchLimitsSet":
            self._is_set_anew = True
        if row.kind in _OF_KITS | _OF_DEVICES | _OF_TESTS | _OF_ALARMS:
            self._news.append(row)

    def seed(self) -> None:
        """Begin to watch over kits that nobody watches yet: after the heartbeats were lost, or a start in between."""
        for devices in queries_watched.watched_devices(self._journal, _SEED):
            if unwatched := self._heartbeats.unwatched(devices):
                self._heartbeats.wake(unwatched, self._now_s())

    def step(self) -> int:
        """Look at up to TURN phones that are due, and before them at every one in an open alarm.

        Returns how many, TURN at most: then more may wait.
        Raises JournalUnavailable; what was not settled is due again.
        """
        now_s = self._now_s()
        self._listen(now_s)
        self._take_limits()
        self._wake_heard(now_s)
        self._sweep(now_s)
        self._look_at_devices(now_s)
        alarmed = queries_watched.devices_in_alarm(self._journal)
        due = self._heartbeats.due_of(alarmed, now_s) if alarmed else []
        first = {heard.device for heard in due}
        due += [heard for heard in self._heartbeats.due(now_s, TURN) if heard.device not in first]
        looks = [self._look(heard) for heard in due]
        for start in range(0, len(looks), STEP):
            self._write(looks[start : start + STEP], now_s)
        return min(TURN, len(looks))

    def _look_at_devices(self, now_s: int) -> None:
        if not 0 <= now_s - self._devices_s < DEVICES_S:
            self._devices_s = now_s
            look_at_devices(self._journal, self._settings, self._listening_s, now_s)

    def _take_limits(self) -> None:
        """The limits have changed: every kit is looked at once, because each may now be due at another moment."""
        if not self._is_set_anew:
            return
        self._is_set_anew = False
        self._settings = limits_of(self._journal, self._base).settings
        for devices in queries_watched.watched_devices(self._journal, _SEED):
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

    def _devices(self, row: Stored) -> list[str]:
        name = row.stream.partition(":")[2]
        if row.kind in _OF_KITS:
            return queries_watched.devices_of_kit(self._journal, name)
        return queries_watched.devices_beside(self._journal, name[:16])

    def _sweep(self, now_s: int) -> None:
        """Keep nothing of a phone that the journal forgot with an erased case (safety rule 29)."""
        if now_s == self._swept_s:
            return
        self._swept_s = now_s
        devices = self._heartbeats.devices(self._swept, _SWEEP)
        unknown = queries_watched.unknown_devices(self._journal, devices)
        if unknown:
            self._heartbeats.forget(unknown)
        self._swept = devices[-1] if len(devices) == _SWEEP else ""

    def _look(self, heard: Heard) -> _Look:
        phone = queries_watched.standing(self._journal, heard.device)
        if phone is None or phone.level is None or phone.since_us is None or phone.is_superseded:
            return _Look(heard)
        tested_us, failed_us = phone.tested_us, phone.failed_us
        probe = self._heartbeats.probe(heard.device)
        facts = Facts(
            # A level of a newer version: the strictest limits, and nobody else's kit is left alone for it (rule 47).
            level=phone.level if phone.level in rules.LEVELS else rules.HIGHEST,
            heard_s=heard.at_s,
            watched_s=phone.since_us // 1_000_000,
            enrolled_s=(phone.enrolled_us or 0) // 1_000_000,
            listening_s=self._listening_s,
            is_alarmed=bool(phone.is_alarmed),
            phone_pct=heard.phone_pct,
            button_pct=heard.button_pct,
            link=heard.link,
            ahead_s=heard.ahead_s,
            ahead_before_s=heard.ahead_before_s,
            away_s=heard.away_s,
            app=phone.app or "",
            tested_s=tested_us // 1_000_000 if tested_us is not None else None,
            failed_s=failed_us // 1_000_000 if failed_us is not None else None,
            is_second_way=way_of(phone.client) == SECOND_WAY,
            reached_s=probe.reached_s if probe else None,
            gone_s=probe.gone_s if probe else None,
        )
        troubles = queries_watched.open_troubles_of(self._journal, [phone.kit])
        return _Look(heard, phone.kit, phone.case, facts, tuple(map(_trouble, troubles)))

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
                if _still_holds(transaction, event):
                    transaction.append(Entry(stream=f"kit:{look.kit}", event=event, case=look.case))


def _events(kit: str, outlook: Outlook) -> Iterator[Event]:
    for what in outlook.solved:
        yield KitTroubleSolved(kit=kit, what=what)
    for tell in outlook.told:
        yield KitTroubleTold(kit=kit, what=tell.what, whom=tell.whom, since_us=tell.since_s * 1_000_000)


def _still_holds(reader: Reader, event: Event) -> bool:
    if isinstance(event, KitTroubleTold):
        return not queries_watched.is_notified(reader, event.kit, event.what, event.whom)
    assert isinstance(event, KitTroubleSolved)
    return queries_watched.is_open(reader, event.kit, event.what)


def _trouble(found: queries_watched.Trouble) -> Trouble:
    told_us = (found.person_us, found.zone_us, found.officer_us)
    told = frozenset(whom for whom, at_us in zip(rules.WHOM, told_us, strict=True) if at_us is not None)
    return Trouble(found.what, found.since_us // 1_000_000, told)
