"""The worker's thread that has the figures built anew each night."""

import sys
import threading
from datetime import date, datetime
from zoneinfo import ZoneInfo

from egide.common.clock import Clock
from egide.common.config import Config
from egide.entrypoints.worker.apart import do_apart

REBUILD = (sys.executable, "-m", "egide.entrypoints.rebuild")
LOOK_S = 60.0
# Hours in which a dispatch centre is quiet and few alarms come.
_FROM_HOUR, _TO_HOUR = 4, 6
_ZONE = ZoneInfo("Europe/Brussels")


def night_of(now_us: int) -> date | None:
    """The day whose early hours it is; None by day and in the evening."""
    now = datetime.fromtimestamp(now_us / 1e6, _ZONE)
    return now.date() if _FROM_HOUR <= now.hour < _TO_HOUR else None


def rebuild_until(stopped: threading.Event, config: Config, clock: Clock) -> None:
    """Once a night, until stopped; never where the settings say so. What failed is tried again in the same night."""
    if not config.figures_by_night:
        return
    done: date | None = None
    while not stopped.is_set():
        night = night_of(clock.now_us())
        if night is not None and night != done and do_apart(REBUILD, stopped):
            done = night
        stopped.wait(LOOK_S)
