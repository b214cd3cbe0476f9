"""The second road: each alert goes out by every road that is set, until the road has taken it.

A road is tried out while nothing has to go by it: that it does not work must show before an alarm needs it.
"""

import contextlib
import logging
import queue
import threading
from collections.abc import Callable

from egide.common.clock import SystemClock
from egide.connectors.base import Alert, Road, RoadError
from egide.connectors.calling import word_of
from egide.entrypoints.serving.lines import say
from egide.journal.now.outcomes import ANSWERS, TAKEN, Outcomes

log = logging.getLogger("egide.watch")

WAIT_S = 0.5
RETRY_S = 5.0
TRIED_EVERY_S = 600.0
# A server that restarts is no trouble yet.
FAILURES_THAT_COUNT = 2


class Carrier(threading.Thread):
    """One road with its own thread, so that a slow road never delays another; repeats until delivered."""

    def __init__(
        self,
        road: Road,
        stopped: threading.Event,
        delivered: Callable[[str, str], None],
        outcomes: Outcomes,
    ) -> None:
        """`delivered` is called with the road's name and the alert's id, in this thread."""
        super().__init__(name=f"road {road.name}", daemon=True)
        self.road = road
        self._stopped = stopped
        self._delivered = delivered
        self._outcomes = outcomes
        self._alerts: queue.SimpleQueue[Alert] = queue.SimpleQueue()
        self._clock = SystemClock()
        self._tried_at_us: int | None = None
        self._failures = 0

    @property
    def is_failing(self) -> bool:
        """Whether this road took nothing several times in a row."""
        return self._failures >= FAILURES_THAT_COUNT

    def carry(self, alert: Alert) -> None:
        """Send as soon as the road is free."""
        self._alerts.put(alert)

    def run(self) -> None:
        while not self._stopped.is_set():
            with contextlib.suppress(queue.Empty):
                self._deliver(self._alerts.get(timeout=WAIT_S))
            self._try_out()

    def _try_out(self) -> None:
        every_s = RETRY_S if self._failures else TRIED_EVERY_S
        now_us = self._clock.steady_us()
        if self._tried_at_us is not None and now_us - self._tried_at_us < every_s * 1e6:
            return
        self._tried_at_us = now_us
        try:
            self.road.check()
        except RoadError as error:
            self._note(error)
            log.error("the road %s does not work: %s", self.road.name, error)
        else:
            self._failures = 0
            self._outcomes.worked("alert", self.road.name, ANSWERS)

    def _note(self, error: RoadError) -> None:
        self._failures += 1
        self._outcomes.failed("alert", self.road.name, word_of(error.__cause__))

    def _deliver(self, alert: Alert) -> None:
        while not self._stopped.is_set():
            try:
                self.road.send(alert)
            except RoadError as error:
                self._note(error)
                log.error("alert %s is not through, will try again: %s", alert.id, error)
                self._stopped.wait(RETRY_S)
            else:
                self._failures = 0
                self._outcomes.worked("alert", self.road.name, TAKEN)
                say(step="watch.alerted", road=self.road.name, alert=alert.id)
                self._delivered(self.road.name, alert.id)
                return
