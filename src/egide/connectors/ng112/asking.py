"""LoST asked before an alarm goes out: whom it names stands in the message, for the receiver's proxy to pass it on to.

The connection goes where the settings say and nowhere else: an answer leads nobody's alarm to a stranger. Without an
answer the message goes all the same, and the proxy asks by itself (RFC 6881, SP-25).
"""

import base64
import logging
import threading
from functools import lru_cache
from pathlib import Path

from egide.common.clock import Clock
from egide.common.files import check_private
from egide.connectors.calling import call, word_of
from egide.connectors.ng112.lost import TYPE, Mapping, NotMapped, mapping_in, question
from egide.connectors.ng112.pidf import Circle
from egide.journal.now.outcomes import ANSWERED, Outcomes

log = logging.getLogger("egide.ng112")

# An alarm waits for it no longer.
DEADLINE_S = 2.0
# One that did not answer is left alone for so long: later positions do not wait for it again.
PAUSE_US = 30_000_000
MOST_KEPT = 256
# No cache between us answers in its stead (RFC 5222, section 14).
_FRESH = {"Cache-Control": "no-cache"}


class Asking:
    """One LoST server. Threads of several receivers may share it. `outcomes`: who notes how it went, if anybody."""

    outcomes: Outcomes | None = None

    def __init__(self, url: str, key_file: str = "") -> None:
        self._url, self._key_file = url, key_file
        self._kept: dict[tuple[float, float, float, str], Mapping] = {}
        self._lock = threading.Lock()
        self._away_until_us = 0

    def route(self, circle: Circle, service: str, clock: Clock) -> str:
        """The address that answers for this place; empty where nobody names one.

        What was said of the same place is used until it ends, and beyond where the server is away: it was right once.
        """
        key = (circle.lat, circle.lon, circle.radius_m, service)
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None and clock.now_us() < kept.expires_us:
                return kept.uri
            if clock.steady_us() < self._away_until_us:
                return kept.uri if kept else ""
        try:
            found = self._ask(circle, service, clock)
        except NotMapped as error:
            log.warning("LoST named nobody: %s", error.word)
            self._failed(error.word)
            return ""
        except (OSError, ValueError) as error:
            log.warning("LoST could not be asked: %s", type(error).__name__)
            self._failed(word_of(error) if isinstance(error, OSError) else "no-lost")
            with self._lock:
                self._away_until_us = clock.steady_us() + PAUSE_US
            return kept.uri if kept else ""
        if self.outcomes is not None:
            self.outcomes.worked("ng112", "asked", ANSWERED)
        with self._lock:
            while len(self._kept) >= MOST_KEPT:
                del self._kept[next(iter(self._kept))]
            self._kept[key] = found
        return found.uri

    def _ask(self, circle: Circle, service: str, clock: Clock) -> Mapping:
        """Raises OSError, ValueError (of which NotMapped is one)."""
        headers = {"Content-Type": f"{TYPE};charset=utf-8", "Accept": TYPE, **_FRESH, **self._key()}
        return mapping_in(call(self._url, question(circle, service), headers, DEADLINE_S), clock.now_us())

    def _failed(self, word: str) -> None:
        if self.outcomes is not None:
            self.outcomes.failed("ng112", "asked", word)

    def _key(self) -> dict[str, str]:
        """By Basic (RFC 7617), read for each question: one that is changed holds at once."""
        if not self._key_file:
            return {}
        path = Path(self._key_file)
        check_private(path)
        return {"Authorization": "Basic " + base64.b64encode(path.read_bytes().strip()).decode()}


@lru_cache(maxsize=32)
def asking(url: str, key_file: str) -> Asking:
    """The one of this process: what it was told before is not asked again."""
    return Asking(url, key_file)
