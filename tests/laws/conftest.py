"""How often each law is tried, and where its moments come from."""

import os
import random

import pytest


@pytest.fixture
def rounds() -> int:
    """So many rounds: LAW_ROUNDS, 8 unless `make test-full` or `make laws` asks for more."""
    return int(os.environ.get("LAW_ROUNDS", "8"))


@pytest.fixture
def chance(request: pytest.FixtureRequest) -> random.Random:
    """The moments of this law: others in each run, the same again with the run's seed."""
    return random.Random(f"{request.config.getoption('randomly_seed', 'none')} {request.node.nodeid}")
