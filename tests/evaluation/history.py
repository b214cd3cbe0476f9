"""The invented national history as it was written once: the records that today's builder made of its journal.

To write it takes longer than everything that is asked of it. `python -m tests.evaluation.history` writes it anew by the
command that people use; `make test-full` does so too, and finds the same figures.
"""

import shutil
import tarfile
import tempfile
from pathlib import Path

import pytest

from egide.common.config import Config
from egide.entrypoints.stack.migrated import copy_migrated
from tests.support.commands import start
from tests.support.once import made_once

ARCHIVE = Path(__file__).with_name("history.tar.xz")
# The records, and the word that they are invented.
KEPT = ("evaluation", "invented")


def write_history(folder: Path) -> None:
    """The whole of it in a data directory: journal, registers, records."""
    copy_migrated(Config(folder).app_db)
    # Five years of a whole country: minutes, and many of them beside others.
    done = start(Config(folder), "evaluate", "--history", "--period", "2019", "--json", within_s=1500)
    assert done.returncode == 0, done.stderr[-2000:]


def unpack(folder: Path) -> None:
    """What was kept of it, in a data directory that holds nothing else."""
    copy_migrated(Config(folder).app_db)
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(folder, filter="data")


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A data directory with the records of the history."""
    return made_once(tmp_path_factory, worker_id, "history", unpack)


@pytest.fixture(scope="module")
def history(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Config:
    """A copy of it, for commands that open what they read."""
    own = tmp_path_factory.mktemp("history")
    shutil.copytree(data, own, dirs_exist_ok=True)
    return Config(own)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made, tarfile.open(ARCHIVE, "w:xz") as packed:
        write_history(Path(made))
        for kept in KEPT:
            packed.add(Path(made) / kept, kept)
