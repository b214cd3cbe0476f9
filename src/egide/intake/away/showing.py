"""What boards of this machine are shown of what it keeps: a line for each kit, in memory alone.

Nothing is decided: which alarm a press opens or joins, and whose it is, only the journal says.
"""

import threading
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from egide.common.clock import Clock
from egide.common.config import Config
from egide.intake.rules import Device
from egide.protocol.envelope import Kind, Message, Position, Trigger

# A line stays for so long behind the moment at which the journal has all of it: until then its alarm shows by itself,
# with a route or because it has none.
LINGERS_S = 2.5


class KeptAlarm(msgspec.Struct, frozen=True, array_like=True):
    """One kit of which something is kept; of a phone that is not known here, its key id alone.

    `presses` is 0 where an alarm that the journal holds goes on. `position_ms` is when the position was taken; times
    are in milliseconds since 1970. `is_earlier`: another phone enrolled for the kit since (safety rule 38).
    """

    kit: str
    case: str
    home_centre: str
    zone: str
    presses: int
    first_ms: int
    last_ms: int
    is_duress: bool = False
    is_earlier: bool = False
    position: Position | None = None
    position_ms: int = 0
    is_old: bool = False
    known_ms: int = 0


def one_for_each_kit(lines: Iterable[KeptAlarm]) -> list[KeptAlarm]:
    """What several writers of a machine keep of one kit, as of HTTPS and of SMS, is one line (safety rule 9).

    Presses are those of whom has most: the same one may have come by both roads.
    """
    found: dict[str, KeptAlarm] = {}
    for line in lines:
        other = found.get(line.kit)
        found[line.kit] = line if other is None else _together(other, line)
    return list(found.values())


def _together(one: KeptAlarm, other: KeptAlarm) -> KeptAlarm:
    latest = max(one, other, key=lambda line: (line.position is not None, line.position_ms))
    return msgspec.structs.replace(
        latest,
        presses=max(one.presses, other.presses),
        first_ms=min(one.first_ms, other.first_ms),
        last_ms=max(one.last_ms, other.last_ms),
        is_duress=one.is_duress or other.is_duress,
        is_old=one.is_old and other.is_old,
        known_ms=min(one.known_ms, other.known_ms),
    )


class Showing:
    """Lines of one machine; `lines` may be asked from another thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._known: dict[str, Device] = {}
        self._highest: dict[str, int] = {}
        self._gone: set[str] = set()
        self._known_us = 0
        self._lines: dict[str, KeptAlarm] = {}
        self._presses: dict[str, set[int]] = {}
        # Of what the journal has not: in which line each message is, and how many are in each; since when none is.
        self._names: dict[bytes, str] = {}
        self._waiting: Counter[str] = Counter()
        self._settled_us: dict[str, int] = {}
        # What came back before it was told here that it is kept.
        self._early: set[bytes] = set()

    def learn(self, device: Device, highest: int | None = None) -> None:
        """What the journal says of a phone; `highest` is the highest counter of what it has of it, where asked."""
        self._known[device.device] = device
        self._gone.discard(device.device)
        if highest is not None:
            self._highest[device.device] = highest

    def forget(self, kid: str) -> None:
        """The journal knows no such phone any more, as after an erasure."""
        if self._known.pop(kid, None) is not None:
            self._highest.pop(kid, None)
            self._gone.add(kid)

    def note_moment(self, at_us: int) -> None:
        """What was learned is as of this moment."""
        self._known_us = at_us

    def knows(self, kid: str) -> bool:
        """Whether the journal had such a phone when this machine looked last, blocked or not."""
        return kid in self._known

    def was_refused(self, kid: str) -> bool:
        """Whether the journal would know no such phone, as far as this machine knows: erased, or blocked."""
        device = self._known.get(kid)
        return kid in self._gone or (device is not None and device.is_blocked)

    def highest(self, kid: str) -> int:
        """The highest counter of what the journal has of this phone, as far as this machine knows."""
        return self._highest.get(kid, 0)

    def add(self, kid: str, digest: bytes, message: Message, at_us: int) -> None:
        """A message was kept. A blocked phone is answered, and shown, as if nobody knew it."""
        device = self._known.get(kid)
        if device is not None and device.is_blocked:
            return
        name = kid if device is None or device.is_superseded else device.kit
        with self._lock:
            if digest in self._early:
                self._early.discard(digest)
                return
            self._drop_old()
            self._add(name, kid, device, message, at_us // 1000)
            if digest not in self._names:
                self._names[digest] = name
                self._waiting[name] += 1
                self._settled_us.pop(name, None)

    def _add(self, name: str, kid: str, device: Device | None, message: Message, at_ms: int) -> None:
        line = self._lines.get(name) or self._first(kid, device, at_ms)
        presses = self._presses.setdefault(name, set())
        if message.kind is Kind.PRESS:
            presses.add(message.counter)
        changed: dict[str, Any] = {"presses": len(presses), "last_ms": max(line.last_ms, at_ms)}
        changed["is_old"] = line.is_old and message.counter <= self.highest(kid)
        changed["is_duress"] = line.is_duress or message.trigger == Trigger.DURESS
        # Where a phone is that nobody knows here, or that somebody else may have, is for no board.
        if message.position is not None and device is not None and not device.is_superseded:
            taken_ms = (message.sent_at_s - message.position.age_s) * 1000
            if taken_ms >= line.position_ms:
                changed |= {"position": message.position, "position_ms": taken_ms}
        self._lines[name] = msgspec.structs.replace(line, **changed)

    def _first(self, kid: str, device: Device | None, at_ms: int) -> KeptAlarm:
        known_ms = self._known_us // 1000
        if device is None:
            return KeptAlarm(kid, "", "", "", 0, at_ms, at_ms, is_old=True, known_ms=known_ms)
        return KeptAlarm(
            device.kit,
            device.case,
            device.origin.home_centre,
            device.origin.managing_zone,
            0,
            at_ms,
            at_ms,
            is_earlier=device.is_superseded,
            is_old=True,
            known_ms=known_ms,
        )

    def settle(self, digests: Iterable[bytes]) -> None:
        """The journal has these messages, or will never take them."""
        with self._lock:
            for digest in digests:
                name = self._names.pop(digest, None)
                if name is None:
                    self._early.add(digest)
                    continue
                self._waiting[name] -= 1
                if not self._waiting[name]:
                    self._settled_us[name] = self._clock.steady_us()

    def settle_all(self) -> None:
        """Nothing waits for the journal any more."""
        self.settle(list(self._names))
        self._early.clear()

    def lines(self) -> list[KeptAlarm]:
        """What is kept now, or was a moment ago, oldest first."""
        with self._lock:
            self._drop_old()
            return list(self._lines.values())

    def _drop_old(self) -> None:
        until_us = self._clock.steady_us() - round(LINGERS_S * 1e6)
        for name in [name for name, since_us in self._settled_us.items() if since_us <= until_us]:
            del self._settled_us[name], self._waiting[name], self._lines[name], self._presses[name]


def sockets_of(config: Config) -> Path:
    """Where writers answer who shows their lines: a folder to which this installation's own accounts come alone."""
    return config.data_dir / "keepers"
