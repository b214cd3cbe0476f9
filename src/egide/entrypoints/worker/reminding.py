"""The worker's thread that has people reminded of what waits for them, every few minutes."""

import sys
import threading

from egide.common.config import Config
from egide.entrypoints.worker.apart import do_apart

REMIND = (sys.executable, "-m", "egide.entrypoints.remind")


def remind_until(stopped: threading.Event, config: Config) -> None:
    """Until stopped; ends at once where the installation has no road to remind anybody."""
    if not (config.mail_smtp or config.push_contact):
        return
    while not stopped.wait(config.remind_every_s):
        do_apart(REMIND, stopped)
