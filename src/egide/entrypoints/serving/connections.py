"""Who keeps a connection, and for how long: one rule for all servers (safety rule 42).

Nobody is refused for the sake of connections that do nothing: when there are too many, those go that are idle or slow,
first of the address that holds most. What has sent something verified, and what is being answered, stays.
"""

import asyncio
import heapq
import resource
import time
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from egide.common.callers import Proxies, neighbourhood
from egide.common.config import Config
from egide.journal.now.signs import Signs

# From the first moment to the end of a head, and from there to the end of the body; a piece of sound by EDGE takes 50.
HEAD_S, BODY_S = 15.0, 60.0
# How long somebody may take nothing of an answer.
TAKING_S = 60.0
# Descriptors for everything that is no connection.
_OTHER_DESCRIPTORS = 128
_MOST_DESCRIPTORS = 65_536
# The names of these counts begin with this; the kind of process and the reason follow.
COUNTED = "connections "
NowS = Callable[[], float]
# A connection this young, and this many of each address, go after idle ones of people who are known.
_YOUNG_S, _SHARE = 3.0, 16
# While strangers hold more than this part of all, nobody who is known makes room for them.
_ROOM = 8
# A stolen phone must not take the place of all others: this many connections of one are known, its newest.
_KNOWN_EACH = 4
# So many messages of strangers in one turn: with a signature to check for each, a press of somebody known waits half a
# millisecond for them.
_AT_ONCE = 4
# A proxy's connection brings messages of many: there, for this long, the caller's address stands for the connection.
_VERIFIED_S, _MOST_VERIFIED = 600.0, 65_536


class Phase(Enum):
    """Where a connection stands."""

    HEAD = "head"  # nothing came yet, or not the whole head
    BODY = "body"  # the head is there, the body is not
    ANSWER = "answer"  # all was read; the answer is made
    TAKING = "taking"  # the answer is made, the peer takes it slowly
    IDLE = "idle"  # an answer was given, nothing was asked since


@dataclass(frozen=True)
class Limits:
    """Of one process. `most` connections in all, `by_address` of strangers from one address who are not being answered,
    `unread_bytes` of what is not complete, `idle_s` between two requests."""

    most: int
    by_address: int
    unread_bytes: int
    idle_s: float

    @classmethod
    def of(cls, config: Config, *, unread_bytes: int, idle_s: float, most: int | None = None) -> "Limits":
        """An installation's own, as far as this process may open descriptors."""
        wanted = min(config.connections, most or config.connections)
        return cls(min(wanted, _affordable()), config.connections_by_address, unread_bytes, idle_s)


def _affordable() -> int:
    """How many connections there are descriptors for: half, since a burst is let in before those that go are gone."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MOST_DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, _MOST_DESCRIPTORS)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    return max(16, (min(soft, wanted) - _OTHER_DESCRIPTORS) // 2)


class Held:
    """One connection. `end` ends it now; `is_late` when its peer took too long and may get an answer."""

    def __init__(self, peer: str, end: Callable[[bool], None], now_s: NowS = time.monotonic) -> None:
        self.peer = peer
        self.end = end
        self._now_s = now_s
        # Whom it is counted for; empty for a proxy's between two requests.
        self.address = ""
        self.is_proxy = False
        self.is_known = False
        # Known, and what came last was in order: its messages do not wait behind those of strangers.
        self.comes_first = False
        # It was told last that it sends too much.
        self.was_limited = False
        # The phone whose message made it known, where that is told.
        self.phone = ""
        self.unread = 0
        self._phase = Phase.HEAD
        self._since_s = now_s()

    @property
    def phase(self) -> Phase:
        return self._phase

    @property
    def since_s(self) -> float:
        """Since when it is in this phase (monotonic seconds)."""
        return self._since_s

    def enter(self, phase: Phase) -> None:
        """Go on to another phase."""
        self._phase = phase
        self._since_s = self._now_s()


class Counting:
    """Adds what a process ended to what administrators read (`egide_connections_ended_total`)."""

    def __init__(self, signs: Signs, process: str) -> None:
        self._signs = signs
        self._process = process

    def add(self, ended: Counter[str]) -> None:
        """Add these, by reason. Raises nothing."""
        for reason, number in ended.items():
            self._signs.count(f"{COUNTED}{self._process} {reason}", number)


class Line:
    """What strangers sent, in its order: between two turns of the running loop, all who are known are served first."""

    def __init__(self) -> None:
        self._waiting: deque[Callable[[], None]] = deque()
        self._is_going = False

    def put(self, take: Callable[[], None]) -> None:
        """Call this in its turn. It must raise nothing."""
        self._waiting.append(take)
        if not self._is_going:
            self._go_on()

    def _go_on(self) -> None:
        # What is called soon runs once in a turn, and what arrived is read between two.
        self._is_going = bool(self._waiting)
        if self._is_going:
            asyncio.get_running_loop().call_soon(self._take)

    def _take(self) -> None:
        for _ in range(min(_AT_ONCE, len(self._waiting))):
            self._waiting.popleft()()
        self._go_on()


class Connections:
    """All connections of one process; used from its event loop alone. `ended` counts by reason what it ended."""

    def __init__(self, limits: Limits, proxies: Proxies, now_s: NowS = time.monotonic) -> None:
        self.limits = limits
        self._now_s = now_s
        self.ended: Counter[str] = Counter()
        self._proxies = proxies
        self._all: set[Held] = set()
        self._strangers: dict[str, set[Held]] = {}
        self._of_phone: dict[str, list[Held]] = {}
        # Addresses behind a proxy from which something verified came last, and until when that counts.
        self._verified: OrderedDict[str, float] = OrderedDict()
        self._unread = 0
        self.line = Line()
        self._deadline_s = {
            Phase.HEAD: HEAD_S,
            Phase.BODY: BODY_S,
            Phase.TAKING: TAKING_S,
            Phase.IDLE: limits.idle_s,
        }

    def __len__(self) -> int:
        return len(self._all)

    def open(self, one: Held) -> None:
        """Take in a new connection, at the cost of worse ones where there are too many."""
        self._all.add(one)
        one.is_proxy = one.is_known = self._proxies.trusts(one.peer)
        if not one.is_proxy:
            self._count_for(one, neighbourhood(one.peer))
        if len(self._all) > self.limits.most:
            self._end_worst(self._without_known() or self._all, "too-many")

    def close(self, one: Held) -> None:
        """It is gone, whichever side ended it."""
        self._all.discard(one)
        self._forget_stranger(one)
        self._forget_phone(one)
        self._unread -= one.unread
        one.unread = 0

    def begin(self, one: Held, forwarded: Sequence[str]) -> str:
        """A request's head was read; returns the caller's address, for whom a proxy's connection now counts."""
        if not one.is_proxy:
            return one.peer
        caller = self._proxies.caller(one.peer, forwarded)
        if caller != one.peer:
            address = neighbourhood(caller)
            one.is_known, one.comes_first = False, self._verified.get(address, 0.0) > self._now_s()
            self._count_for(one, address)
        return caller

    def finish(self, one: Held) -> None:
        """The request was answered: a proxy's connection counts for nobody until the next one."""
        if one.is_proxy:
            self._forget_stranger(one)
            self._forget_phone(one)
            one.address, one.is_known, one.comes_first = "", True, False

    def know(self, one: Held, phone: str = "") -> None:
        """Something verified came by it, of this phone where that is told."""
        self._forget_stranger(one)
        one.is_known = one.comes_first = True
        one.was_limited = False
        if one.is_proxy:
            self._verified[one.address] = self._now_s() + _VERIFIED_S
            self._verified.move_to_end(one.address)
            if len(self._verified) > _MOST_VERIFIED:
                self._verified.popitem(last=False)
        if not phone or one.phone:
            return
        one.phone = phone
        of_phone = self._of_phone.setdefault(phone, [])
        of_phone.append(one)
        if len(of_phone) > _KNOWN_EACH:
            oldest = of_phone[0]
            self._forget_phone(oldest)
            oldest.is_known = oldest.comes_first = False
            self._count_for(oldest, oldest.address)

    def doubt(self, one: Held, *, is_limit: bool = False) -> None:
        """What came by it was refused: until something verified comes again, it waits with strangers.

        A phone that makes up for hours without a network is told each second that it sends too much: its presses, and
        those of all others behind its address, must not wait for that. Whoever goes on regardless is doubted.
        """
        if is_limit and not one.was_limited:
            one.was_limited = True
            return
        one.comes_first = False
        if one.is_proxy:
            self._verified.pop(one.address, None)

    def note_unread(self, one: Held, count: int) -> None:
        """This many bytes wait in memory for the rest; the slowest go when all together are too many."""
        self._unread += count - one.unread
        one.unread = count
        if self._unread <= self.limits.unread_bytes:
            return
        waiting = [held for held in self._all if held.unread]
        for held in self._worst(waiting, len(waiting)):
            if self._unread <= self.limits.unread_bytes * 3 // 4:
                break
            self._end(held, "too-much-unread")

    def end_late(self) -> None:
        """End what took too long. Called about once a second."""
        now_s = self._now_s()
        late = []
        for one in self._all:
            phase = one.phase
            if phase is not Phase.ANSWER and now_s - one.since_s > self._deadline_s[phase]:
                late.append((one, phase))
        for one, phase in late:
            self._end(one, f"{phase.value}-late", is_late=True)

    def take_ended(self) -> Counter[str]:
        """What was ended since this was asked last, by reason."""
        ended, self.ended = self.ended, Counter()
        return ended

    def _count_for(self, one: Held, address: str) -> None:
        one.address = address
        strangers = self._strangers.setdefault(address, set())
        strangers.add(one)
        if len(strangers) <= self.limits.by_address:
            return
        # What is being answered waits for us: whoever comes meanwhile, behind the same address, must not go for it.
        waiting = {held for held in strangers if held.phase is not Phase.ANSWER}
        if len(waiting) > self.limits.by_address:
            self._end_worst(waiting, "too-many-by-address")

    def _forget_stranger(self, one: Held) -> None:
        strangers = self._strangers.get(one.address)
        if strangers is None:
            return
        strangers.discard(one)
        if not strangers:
            del self._strangers[one.address]

    def _forget_phone(self, one: Held) -> None:
        of_phone = self._of_phone.get(one.phone, [])
        if one in of_phone:
            of_phone.remove(one)
            if not of_phone:
                del self._of_phone[one.phone]
        one.phone = ""

    def _without_known(self) -> set[Held]:
        """The strangers, where they are enough to make room among themselves; else none."""
        strangers = {one for one in self._all if not one.is_known}
        is_enough = len(strangers) > self.limits.most // _ROOM
        return strangers if is_enough and any(one.phase is not Phase.ANSWER for one in strangers) else set()

    def _end_worst(self, among: set[Held], reason: str) -> None:
        """A sixteenth at once, so that looking for them costs little for each that comes."""
        for one in self._worst(among, max(1, len(among) // 16)):
            self._end(one, reason)

    def _end(self, one: Held, reason: str, *, is_late: bool = False) -> None:
        self.ended[reason] += 1
        self.close(one)
        one.end(is_late)

    def _worst(self, among: Iterable[Held], count: int) -> list[Held]:
        """Those that can best be spared, worst first; nothing that is being answered is among them."""
        now_s = self._now_s()
        weak = [one for one in among if one.phase is not Phase.ANSWER]
        weak.sort(key=lambda one: one.since_s, reverse=True)
        places: Counter[str] = Counter()
        ranked: list[tuple[int, int, float, int, Held]] = []
        for number, one in enumerate(weak):
            places[one.address] += 1
            age_s = now_s - one.since_s
            place = 0 if one.is_known else places[one.address]
            ranked.append((_spared(one, place, age_s), place, age_s, number, one))
        return [rank[-1] for rank in heapq.nlargest(count, ranked)]


def _spared(one: Held, place: int, age_s: float) -> int:
    """How well it can be spared; `place` is its number from the newest of its address."""
    if one.is_known:
        return 2 if one.phase is Phase.IDLE or not one.address else 0
    return 3 if place > _SHARE or age_s > _YOUNG_S else 1
