"""For all tests: a profile for hypothesis, long tests on demand, and an installation of its own for whoever asks."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.support.installation import Installation

# Two cores, many processes: how long one example takes says nothing here.
settings.register_profile("egide", deadline=None)
settings.load_profile("egide")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full", action="store_true", help="run what is marked `full`, too")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what only `make test-full` runs."""
    if config.getoption("--full"):
        return
    left_out = [item for item in items if item.get_closest_marker("full")]
    items[:] = [item for item in items if not item.get_closest_marker("full")]
    config.hook.pytest_deselected(items=left_out)


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    """A fresh data directory with its journal and keys, under a clock that is set."""
    with Installation(tmp_path) as made:
        yield made
