"""The invented national history, written once in a run by the command that people use."""

import shutil
from pathlib import Path

import pytest

from egide.common.config import Config
from egide.entrypoints.stack.migrated import copy_migrated
from tests.support.commands import start
from tests.support.once import made_once


def write_history(folder: Path) -> None:
    copy_migrated(Config(folder).app_db)
    done = start(Config(folder), "evaluate", "--history", "--period", "2019", "--json")
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A data directory with the history."""
    return made_once(tmp_path_factory, worker_id, "history", write_history)


@pytest.fixture(scope="module")
def history(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Config:
    """A copy of it, for commands that build the figures anew or open what they read."""
    own = tmp_path_factory.mktemp("history")
    shutil.copytree(data, own, dirs_exist_ok=True)
    return Config(own)
