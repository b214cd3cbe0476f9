"""The pages with an installation of their own, and a dispatch system beside them."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings

from tests.support.dispatch_system import DispatchSystem, dispatch_system, settings_file
from tests.support.pages import Pages, migrated, pages
from tests.support.telling import Told, receiver_of
from tests.support.ucri2.exchange import ControlRoom, Exchange, exchange
from tests.support.ucri2.handing import Handed

__all__ = ["migrated", "pages"]


@pytest.fixture
def with_files(pages: Pages) -> None:
    """The four files are there before all else: a copy of them, for later they would be written anew."""
    assert pages.files


@pytest.fixture
def system(tmp_path: Path) -> Iterator[DispatchSystem]:
    with dispatch_system(tmp_path / "ccic") as running:
        yield running


@pytest.fixture
def told(pages: Pages, system: DispatchSystem) -> Told:
    return Told(pages, receiver_of(system))


@pytest.fixture(scope="module")
def running_exchange(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exchange]:
    """One for all tests of a module that run in this worker: it begins in half a second."""
    with exchange(tmp_path_factory.mktemp("exchange") / "ucrm") as running:
        yield running


@pytest.fixture
def ucrm(running_exchange: Exchange) -> Exchange:
    running_exchange.begin_anew()
    return running_exchange


@pytest.fixture
def there(ucrm: Exchange) -> ControlRoom:
    return ControlRoom(ucrm)


@pytest.fixture
def handed(
    with_files: None, pages: Pages, ucrm: Exchange, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Handed:
    """The pages know of the control room, too."""
    path = settings_file(tmp_path, (ucrm.entry(),))
    monkeypatch.setattr(settings, "EGIDE", replace(settings.EGIDE, dispatch_systems=str(path)))
    return Handed(pages, ucrm)
