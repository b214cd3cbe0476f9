"""Work that a thread of the worker has done in a process of its own: what it takes is given back with its end."""

import logging
import os
import subprocess
import threading
from collections.abc import Sequence

from egide.entrypoints.serving.lines import PARENT_VARIABLE

log = logging.getLogger("egide.worker")


def do_apart(command: Sequence[str], stopped: threading.Event) -> bool:
    """Whether it did its work; a worker that ends takes it along."""
    try:
        # It ends with this worker, not with the worker's parent.
        environment = {**os.environ, PARENT_VARIABLE: str(os.getpid())}
        child = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, env=environment
        )
    except OSError as error:
        log.error("%s did not begin, will try again: %s", command[-1], error)
        return False
    while child.poll() is None:
        if stopped.wait(0.2):
            child.terminate()
    if child.returncode != 0 and not stopped.is_set():
        log.error("%s failed, will try again: exit %d", command[-1], child.returncode)
    return child.returncode == 0
