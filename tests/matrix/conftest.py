"""Loads Django before the matrix is collected; gives it a directory whose writes cost nothing."""

import logging
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.pages import migrated

# isort: split
# Django is loaded now.
from tests.matrix.world import World, build

__all__ = ["migrated"]

_MEMORY = Path("/dev/shm")


@pytest.fixture(scope="module", autouse=True)
def quiet() -> Iterator[None]:
    """Thousands of refusals are what it is about: nobody reads of each in a log."""
    logging.disable(logging.WARNING)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture(scope="package")
def quick_dir() -> Iterator[Path]:
    """A directory in memory where the system has one: hundreds of worlds are copied, asked and thrown away."""
    with tempfile.TemporaryDirectory(
        dir=_MEMORY if _MEMORY.is_dir() else None, prefix="egide-matrix-"
    ) as made:
        yield Path(made)


@pytest.fixture(scope="package")
def world(quick_dir: Path, migrated: Path) -> World:
    """The world as files."""
    filled = quick_dir / "world"
    filled.mkdir()
    return build(filled, migrated)
