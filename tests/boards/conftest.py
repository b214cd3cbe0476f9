"""The pages with an installation of their own, and a dispatch system beside them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.dispatch_system import DispatchSystem, dispatch_system
from tests.support.pages import Pages, migrated, pages
from tests.support.telling import Told, receiver_of

__all__ = ["migrated", "pages"]


@pytest.fixture
def system(tmp_path: Path) -> Iterator[DispatchSystem]:
    with dispatch_system(tmp_path / "ccic") as running:
        yield running


@pytest.fixture
def told(pages: Pages, system: DispatchSystem) -> Told:
    return Told(pages, receiver_of(system))
