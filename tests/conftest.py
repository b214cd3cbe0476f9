"""For all tests: one profile for hypothesis, and an installation of its own for whoever asks."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.support.installation import Installation

# Two cores, many processes: how long one example takes says nothing here.
settings.register_profile("egide", deadline=None)
settings.load_profile("egide")


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    """A fresh data directory with its journal and keys, under a clock that is set."""
    with Installation(tmp_path) as made:
        yield made
