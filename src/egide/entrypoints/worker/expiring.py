"""The worker's thread that discards sound which nobody heard, once its time is over (safety rule 23)."""

import logging
import threading

from egide.casework.life.retention import RetentionError, unheard_sound_days
from egide.common.clock import Clock
from egide.common.config import Config
from egide.journal.ending.sounds import Expirer
from egide.journal.errors import JournalUnavailable
from egide.journal.sealing.blobs import Blobs
from egide.journal.service import Journal

log = logging.getLogger("egide.worker")

# Days count here, not minutes; and what was due at one look goes at the next.
LOOK_S = 3600


def expire_until(stopped: threading.Event, config: Config, journal: Journal, clock: Clock) -> None:
    """Look every hour until stopped. While the setting cannot be read, nothing is discarded."""
    expirer = Expirer(journal, Blobs(config, journal.keys))
    while not stopped.is_set():
        try:
            expired = expirer.look(clock.now_us(), unheard_sound_days(config.data_dir))
            if expired:
                log.info("unheard sound of %d alarms was discarded", expired)
        except (RetentionError, JournalUnavailable) as error:
            log.error("no sound was discarded: %s", error)
        except Exception:
            # If this thread ended, what must go would stay forever.
            log.exception("sound could not be looked through, will try again")
        stopped.wait(LOOK_S)
