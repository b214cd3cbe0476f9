"""The invented national history, written once in a run by the command that people use."""

import fcntl
import shutil
import tempfile
from pathlib import Path

import pytest

from egide.common.config import Config
from tests.support.commands import start


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A data directory with the history: the same for all workers, so nobody writes into it."""
    shared = tmp_path_factory.getbasetemp()
    if worker_id != "master":
        shared = shared.parent
    folder = shared / "history"
    with (shared / "history.lock").open("w") as lock:
        # Who comes later waits here, and then finds it written.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            draft = Path(tempfile.mkdtemp(dir=shared))
            done = start(Config(draft), "evaluate", "--history", "--period", "2019", "--json")
            assert done.returncode == 0, done.stderr[-2000:]
            draft.rename(folder)
    return folder


@pytest.fixture(scope="module")
def history(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Config:
    """A copy of it, for commands that build the figures anew or open what they read."""
    own = tmp_path_factory.mktemp("history")
    shutil.copytree(data, own, dirs_exist_ok=True)
    return Config(own)
