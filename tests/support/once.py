"""What takes long to make and is only read: made once in a run, by whichever worker needs it first."""

import fcntl
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest


def made_once(
    factory: pytest.TempPathFactory, worker_id: str, name: str, make: Callable[[Path], object]
) -> Path:
    """The folder `name` that `make` fills; the same for all workers, so nobody writes into it."""
    shared = factory.getbasetemp()
    if worker_id != "master":
        shared = shared.parent
    folder = shared / name
    with (shared / f"{name}.lock").open("w") as lock:
        # Who comes later waits here, and then finds it made.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            draft = Path(tempfile.mkdtemp(dir=shared))
            make(draft)
            draft.rename(folder)
    return folder
