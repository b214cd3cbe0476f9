"""The journal's own tests run on both engines: each that asks for `installation` is one test for each."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.installation import Installation

# For a test of a file alone.
ON_SQLITE = pytest.mark.parametrize("journal_at", ["sqlite"], indirect=True)


@pytest.fixture
def installation(tmp_path: Path, journal_at: str) -> Iterator[Installation]:
    """A fresh data directory with its journal and keys, under a clock that is set."""
    with Installation(tmp_path, address=journal_at) as made:
        yield made
