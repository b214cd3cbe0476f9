"""The worker's thread that wakes zones and teams: follows the journal, and tells it what became of each try.

At least once: what was not noted before a crash is sent again, under the same name. What fails is no reason to stop,
and the ladder learns of it at once. A slow push service keeps nothing of an alarm waiting.
"""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Protocol

from egide.common.clock import Clock
from egide.common.config import Config
from egide.connectors.base import Subscription, WakeError, Waker
from egide.connectors.registry import problems_of
from egide.entrypoints.worker.records import reach_records
from egide.journal.chain import Stored
from egide.journal.errors import JournalError, JournalUnavailable
from egide.journal.follow import Follower
from egide.journal.now.outcomes import Outcomes
from egide.journal.now.signs import Pulse, Signs
from egide.journal.sealing.keys import KeyErased
from egide.journal.service import Journal

if TYPE_CHECKING:
    from egide.boards.waking.devices import Device
    from egide.boards.waking.rules import Wake

log = logging.getLogger("egide.worker")

WAIT_S = 0.25
AT_ONCE = 8
# After a first try that failed for a while.
AGAIN_AFTER_S = (5, 30)
# What is later than this wakes nobody any more who was not notified another way.
MOST_WAIT_S = 120


class Planning(Protocol):
    """What `egide.boards.waking.planning` does for this thread."""

    def plan(self, row: Stored) -> Sequence[tuple["Wake", Sequence["Device"]]]: ...
    def plan_again(self, alarm: str, wake: "Wake") -> tuple["Wake", Sequence["Device"]] | None: ...
    def do_note(self, alarm: str, wake: "Wake", road: str, whys: Mapping[str, str]) -> None: ...


class Pusher:
    """Wakes whom an event concerns.

    `forget` gets the devices that can never be woken again, `count` of how many tries were "taken" or "failed". `turn`
    hears after each few devices that this goes on: a push service that answers nobody takes seconds for each.
    `came` gets why each try failed, in one word; "" when it did not.
    """

    def __init__(
        self,
        waker: Waker,
        planning: Planning,
        forget: Callable[[Sequence[str]], None],
        clock: Clock,
        count: Callable[[str, int], None] = lambda _result, _by: None,
        turn: Callable[[], object] = lambda: None,
        came: Callable[[str], None] = lambda _why: None,
    ) -> None:
        self._waker = waker
        self._planning = planning
        self._forget = forget
        self._clock = clock
        self._count = count
        self._turn = turn
        self._came = came
        self._pool = ThreadPoolExecutor(AT_ONCE, "push")
        self._later: list[tuple[int, str, Wake]] = []

    def handle(self, row: Stored) -> None:
        """Wake the people whom this event concerns."""
        for wake, devices in self._planning.plan(row):
            self._send(row.alarm or "", wake, devices)

    def try_again(self) -> None:
        """What failed some seconds ago and is still needed."""
        now_us = self._clock.steady_us()
        due = [item for item in self._later if item[0] <= now_us]
        self._later = [item for item in self._later if item[0] > now_us]
        for _at_us, alarm, wake in due:
            again = self._planning.plan_again(alarm, wake)
            if again is not None and again[1]:
                self._send(alarm, *again)

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)

    def _send(self, alarm: str, wake: "Wake", devices: Sequence["Device"]) -> None:
        tries: list[WakeError | None] = []
        for first in range(0, len(devices), AT_ONCE):
            some = devices[first : first + AT_ONCE]
            tries += self._pool.map(lambda device: self._try(device, wake.id), some)
            self._turn()
        whys = {device.id: error.why if error else "" for device, error in zip(devices, tries, strict=True)}
        self._planning.do_note(alarm, wake, self._waker.name, whys)
        failed = sum(error is not None for error in tries)
        for result, number in (("taken", len(tries) - failed), ("failed", failed)):
            if number:
                self._count(result, number)
        for why in whys.values():
            self._came(why)
        self._forget([d.id for d, error in zip(devices, tries, strict=True) if error and error.is_gone])
        may_come = any(error is None or not error.is_final for error in tries)
        if all(whys.values()) and may_come and wake.attempt <= len(AGAIN_AFTER_S):
            # A push service that says when is called no earlier, as long as it says something sensible.
            asked_s = min(max((error.wait_s for error in tries if error), default=0), MOST_WAIT_S)
            pause_s = max(AGAIN_AFTER_S[wake.attempt - 1], asked_s)
            at_us = self._clock.steady_us() + pause_s * 1_000_000
            self._later.append((at_us, alarm, wake))

    def _try(self, device: "Device", wake: str) -> WakeError | None:
        try:
            self._waker.wake(Subscription(device.endpoint, device.p256dh, device.auth), wake)
        except WakeError as error:
            return error
        except Exception:
            # Without the words of the error: they may hold the address of a device.
            log.error("a device could not be woken: unforeseen error of %s", self._waker.name)
            return WakeError("error")
        return None


def push_until(
    stopped: threading.Event, config: Config, journal: Journal, clock: Clock, pulse: Pulse
) -> None:
    """Wake people until stopped; ends at once where nobody is to be woken or the settings are wrong."""
    for connector, problem in problems_of(config):
        log.error("%s: %s", connector, problem)
    if not config.push_contact:
        return
    # Loaded where somebody is to be woken and nowhere else: it takes 15 MB.
    from egide.connectors.wakers import usable_waker_of

    waker = usable_waker_of(config)
    if waker is None:
        return
    if not reach_records(stopped):
        return
    # Loaded here and not with the worker: whose routing needs no Django, and must not wait for it.
    from egide.boards.waking import devices
    from egide.boards.waking import planning as waking

    signs = Signs(config, clock)
    outcomes = Outcomes(signs, clock)
    pusher = Pusher(
        waker,
        waking,
        devices.do_forget,
        clock,
        lambda result, by: signs.count(f"push {result}", by),
        lambda: pulse.is_due,
        lambda why: outcomes.failed("webpush", "out", why) if why else outcomes.worked("webpush", "out"),
    )
    follower = Follower(journal, "push")
    while not stopped.is_set():
        is_due = pulse.is_due
        try:
            follower.step(lambda row: _handle(pusher, row), WAIT_S)
            _handle(pusher, None)
            if is_due:
                pulse.beat(follower.seq, journal.head())
                outcomes.do_keep()
        except JournalUnavailable as error:
            log.warning("the journal cannot be followed, will try again: %s", error)
            stopped.wait(WAIT_S)
        except Exception:
            # A thread that ended would wake nobody ever again.
            log.exception("the journal cannot be followed, will try again")
            stopped.wait(WAIT_S)
    pusher.close()
    follower.close()
    outcomes.do_keep()
    pulse.leave()


def _handle(pusher: Pusher, row: Stored | None) -> None:
    """One that fails keeps nobody else waiting; the ladder climbs by its deadlines all the same."""
    try:
        if row is None:
            pusher.try_again()
        else:
            pusher.handle(row)
    except (KeyErased, JournalError, LookupError) as error:
        log.warning("nobody was woken: %s", type(error).__name__)
    except Exception:
        log.exception("nobody was woken by event %d", row.seq if row else 0)
