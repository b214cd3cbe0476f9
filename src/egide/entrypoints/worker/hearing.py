"""The worker's threads that hear what control rooms of others say of an alarm that was handed to them: one for each
queue of an exchange. Nothing in an alarm waits for them."""

import logging
import threading
from collections.abc import Sequence

from egide.common.clock import Clock
from egide.common.config import Config
from egide.connectors.dispatch.facts import HEARD, LOOKED
from egide.connectors.dispatch.receivers import Receiver, receivers_of
from egide.connectors.ucri2.hearing import Hearing, queues_of
from egide.entrypoints.worker.records import reach_records
from egide.journal.errors import JournalError
from egide.journal.now.signs import Signs

log = logging.getLogger("egide.worker")

# An exchange need not keep a question open: then this is how often it is asked.
PAUSE_S = 1.0
AGAIN_S = 5.0


def hear_until(stopped: threading.Event, config: Config, receivers: Sequence[Receiver], clock: Clock) -> None:
    """Look through the queue of these receivers until stopped."""
    if not reach_records(stopped):
        return
    # Loaded here and not with the worker: whose routing needs no Django, and must not wait for it.
    from egide.boards import telling

    signs = Signs(config, clock)

    def note(name: str, word: str) -> None:
        signs.note_last(f"{HEARD}{name}", word)

    hearing: Hearing | None = None
    while not stopped.is_set():
        pause_s = PAUSE_S
        try:
            if hearing is None:
                hearing = Hearing(receivers, telling, clock, note)
            if hearing.turn():
                pause_s = 0
            for one in receivers:
                signs.note_last(f"{LOOKED}{one.name}", "looked")
        except (OSError, ValueError, JournalError) as error:
            # Missed by the thread that tells, if it goes on: boards say so.
            log.warning("%s cannot be heard, will try again: %s", receivers[0].name, type(error).__name__)
            pause_s = AGAIN_S
        except Exception:
            # A thread that ended would hear nothing ever again.
            log.exception("%s cannot be heard, will try again", receivers[0].name)
            pause_s = AGAIN_S
        stopped.wait(pause_s)


def hearers_of(stopped: threading.Event, config: Config, clock: Clock) -> list[threading.Thread]:
    """A thread for each queue of the settings; none where they are wrong, which is said by those who tell."""
    try:
        receivers = [one for one in receivers_of(config) if one.is_by_hand]
    except ValueError:
        return []
    return [
        threading.Thread(
            target=hear_until, args=(stopped, config, queue, clock), name=f"hears {queue[0].name}"
        )
        for queue in queues_of(receivers)
    ]
