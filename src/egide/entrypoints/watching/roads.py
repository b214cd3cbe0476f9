"""The second road: each alert goes out by every road that is set, until the road has taken it."""

import contextlib
import logging
import queue
import threading
from collections.abc import Callable

from egide.connectors.base import Alert, Road, RoadError
from egide.entrypoints.lines import say

log = logging.getLogger("egide.watch")

WAIT_S = 0.5
RETRY_S = 5.0


class Carrier(threading.Thread):
    """One road with its own thread, so that a slow road never delays another; repeats until delivered."""

    def __init__(self, road: Road, stopped: threading.Event, delivered: Callable[[str, str], None]) -> None:
        """`delivered` is called with the road's name and the alert's id, in this thread."""
        super().__init__(name=f"road {road.name}", daemon=True)
        self.road = road
        self._stopped = stopped
        self._delivered = delivered
        self._alerts: queue.SimpleQueue[Alert] = queue.SimpleQueue()

    def carry(self, alert: Alert) -> None:
        """Send as soon as the road is free."""
        self._alerts.put(alert)

    def run(self) -> None:
        while not self._stopped.is_set():
            with contextlib.suppress(queue.Empty):
                self._deliver(self._alerts.get(timeout=WAIT_S))

    def _deliver(self, alert: Alert) -> None:
        while not self._stopped.is_set():
            try:
                self.road.send(alert)
            except RoadError as error:
                log.error("alert %s is not through, will try again: %s", alert.id, error)
                self._stopped.wait(RETRY_S)
            else:
                say(step="watch.alerted", road=self.road.name, alert=alert.id)
                self._delivered(self.road.name, alert.id)
                return
