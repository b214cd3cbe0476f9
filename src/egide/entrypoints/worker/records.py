"""The records, for threads of the worker: whose routing needs no Django, and must not wait for it."""

import logging
import threading

log = logging.getLogger("egide.worker")

AGAIN_S = 5.0


def reach_records(stopped: threading.Event) -> bool:
    """Whether they could be opened before the worker was stopped. Where they are locked at the start of a machine they
    are free later."""
    from egide.entrypoints.upgrading.tables import setup

    while True:
        try:
            setup()
        except Exception:
            log.exception("the records cannot be opened, will try again")
        else:
            return True
        if stopped.wait(AGAIN_S):
            return False
