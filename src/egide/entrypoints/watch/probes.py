"""Asking at the addresses of the chain: is somebody there, and does a canary get in? A thread for each address."""

import logging
import threading

from egide.common.clock import Clock
from egide.common.config import Config
from egide.connectors.calling import call
from egide.entrypoints.watch.canary import ANSWER_S, Canary, CanaryLost, CanaryUnknown
from egide.entrypoints.watch.rules import INTAKE, LIVE
from egide.journal.errors import JournalUnavailable

log = logging.getLogger("egide.watch")

ASK_S = 5.0


class Probe(threading.Thread):
    """Asks one address every ASK_S for its health, and sends it a canary every `canary_every_s`; sooner after a loss.

    `is_answered`, `canary_seq` and `is_unknown` are what the last tries brought; read from any thread.
    """

    def __init__(
        self,
        part: str,
        url: str,
        clock: Clock,
        stopped: threading.Event,
        canary: Canary | None,
        every_s: float,
    ) -> None:
        super().__init__(name=f"probe {part}", daemon=True)
        self.part = part
        self._url = url
        self._clock = clock
        self._stopped = stopped
        self._canary = canary
        self._every_us = round(every_s * 1e6)
        self._next_us = 0
        self.is_answered = True
        self.canary_seq = 0
        self.is_unknown = False

    def run(self) -> None:
        pause_s = min(ASK_S, self._every_us / 1e6)
        while not self._stopped.is_set():
            self.is_answered = self._is_healthy() and self._press_if_due()
            self._stopped.wait(pause_s)

    def _is_healthy(self) -> bool:
        try:
            call(f"{self._url}/v1/health", deadline_s=ANSWER_S)
        except OSError as error:
            log.info("%s: %s", self.part, error)
            return False
        return True

    def _press_if_due(self) -> bool:
        """Whether intake takes canaries: the last one when none is due."""
        now_us = self._clock.steady_us()
        if self._canary is None or now_us < self._next_us:
            return True
        try:
            self.canary_seq = self._canary.press(self._url)
        except CanaryUnknown:
            # Intake did what it should: enrolling the canary is the worker's task.
            self.is_unknown = True
            return True
        except (CanaryLost, JournalUnavailable) as error:
            log.info("%s: the canary is lost: %s", self.part, error)
            return False
        self.is_unknown = False
        self._next_us = now_us + self._every_us
        return True


def probes_for(config: Config, canary: Canary, clock: Clock, stopped: threading.Event) -> list[Probe]:
    """One for each address of intake, and one for live."""
    every_s = config.canary_every_s
    probes = [
        Probe(f"{INTAKE}:{url.partition('://')[2]}", url, clock, stopped, canary, every_s)
        for url in config.intake_urls
    ]
    return [*probes, Probe(LIVE, config.live_url, clock, stopped, None, every_s)]
