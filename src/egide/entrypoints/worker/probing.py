"""The worker's thread that asks push services whether the storage of web pages is still there (safety rule 22).

A page whose storage was cleared says nothing any more, like one that is closed. But with the storage its browser gives
up the subscription, and the push service answers 404 or 410 from then on. Nothing is shown on the phone.
The thread gives no sign of life: what it has not proven for an hour counts no more, and supervision waits less long.
"""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from egide.alarm.events import NoticeReceived
from egide.common.clock import Clock
from egide.common.config import Config
from egide.connectors.base import UNPROVEN, WakeError
from egide.journal.errors import JournalError
from egide.journal.now.heartbeats import Heartbeats, Probe
from egide.journal.queries.watched import subscribed_pages
from egide.journal.sealing.keys import KeyErased
from egide.journal.service import Journal
from egide.protocol.link import PUSH

log = logging.getLogger("egide.worker")

LOOK_S = 5.0
AT_ONCE, MOST = 8, 200
# After a push service did not answer.
AGAIN_S = 120


class Prober:
    """Belongs to one thread. `probe` asks for one address and raises WakeError, as `connectors.base.Waker` has it."""

    def __init__(
        self,
        journal: Journal,
        heartbeats: Heartbeats,
        clock: Clock,
        probe: Callable[[str], None],
        every_s: int,
    ) -> None:
        self._journal = journal
        self._heartbeats = heartbeats
        self._clock = clock
        self._probe = probe
        self._every_s = every_s
        self._pool = ThreadPoolExecutor(AT_ONCE, "probe")

    def step(self, is_over: Callable[[], bool] = lambda: False) -> int:
        """Ask about every page that is due, MOST at most; returns how many were. Ends early once `is_over`: a restart
        of the worker waits for it, and routing with it. Raises JournalUnavailable.
        """
        now_s = self._clock.now_us() // 1_000_000
        due: list[tuple[str, Probe]] = []
        known = self._heartbeats.probes()
        for device, seq in subscribed_pages(self._journal):
            before = known.get(device)
            # What a page says anew is another subscription.
            fresh = before if before is not None and before.seq == seq else Probe(seq, now_s)
            if fresh.gone_s is None and fresh.due_s <= now_s and len(due) < MOST:
                due.append((device, fresh))
        for first in range(0, len(due), AT_ONCE):
            if is_over():
                return first
            some = due[first : first + AT_ONCE]
            for device, probe in self._pool.map(lambda one: (one[0], self._ask(one[0], one[1], now_s)), some):
                self._heartbeats.note_probe(device, probe)
                self._heartbeats.wake([device], now_s)
        return len(due)

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)

    def _ask(self, device: str, probe: Probe, now_s: int) -> Probe:
        try:
            self._probe(self._address(probe.seq))
        except WakeError as error:
            if error.is_gone:
                log.info("a page of kit phone %s is no longer known to its push service", device)
                return Probe(probe.seq, probe.due_s, probe.reached_s, now_s)
            if error.why == UNPROVEN:
                # Its push service takes whatever comes: nobody vouches for this page.
                return Probe(probe.seq, now_s + self._every_s)
            log.warning("a push service could not be asked: %s", error.why)
            return Probe(probe.seq, now_s + AGAIN_S, probe.reached_s)
        except KeyErased:
            return Probe(probe.seq, now_s + self._every_s)
        return Probe(probe.seq, now_s + self._every_s, now_s)

    def _address(self, seq: int) -> str:
        """Where the push service keeps the subscription, as the page said it."""
        event = self._journal.open_event(self._journal.read(after=seq - 1, limit=1)[0])
        assert isinstance(event, NoticeReceived)
        return event.body.decode("utf-8", "replace").removeprefix(PUSH)


def probe_until(
    stopped: threading.Event,
    config: Config,
    journal: Journal,
    heartbeats: Heartbeats,
    clock: Clock,
    every_s: int,
) -> None:
    """Ask until stopped; ends at once where the installation has no push services or their settings are wrong."""
    # The thread that wakes people has said which setting is wrong.
    if not config.push_contact:
        return
    # Loaded where somebody is to be woken and nowhere else: it takes 15 MB.
    from egide.connectors.wakers import usable_waker_of

    waker = usable_waker_of(config)
    if waker is None:
        return
    prober = Prober(journal, heartbeats, clock, waker.probe, every_s)
    while not stopped.is_set():
        try:
            prober.step(stopped.is_set)
        except JournalError as error:
            log.warning("push services were not asked, will try again: %s", error)
        except Exception:
            log.exception("push services were not asked, will try again")
        stopped.wait(LOOK_S)
    prober.close()
