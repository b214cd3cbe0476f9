"""How often each law is tried."""

import os
from pathlib import Path

import pytest

from tests.android.played import build_web
from tests.support.once import made_once

ROUNDS = int(os.environ.get("LAW_ROUNDS", "3"))
# What one round of the slowest law may take: a process is killed, found missing, started again and found back.
S_A_ROUND = 20


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A law may take longer the more often it is tried."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.timeout(600 + ROUNDS * S_A_ROUND))


@pytest.fixture
def rounds() -> int:
    """How many rounds: LAW_ROUNDS, 3 unless `make test-full` or `make laws` asks for more."""
    return ROUNDS


@pytest.fixture(scope="session")
def web_app(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The folder of the phone's web app as a process, built once in a run."""
    return made_once(tmp_path_factory, worker_id, "played-web", build_web)
