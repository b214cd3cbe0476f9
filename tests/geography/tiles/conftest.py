"""A small invented map, drawn once."""

from pathlib import Path

import pytest

from egide.demo.plan import Town
from egide.demo.plan_map import write_map

TOWN = Town({"fr": "Mons", "nl": "Bergen"}, "7000", 50.4518, 3.9571, 500, 4)


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EGIDE_LANG", "en")


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A PMTiles file of vectors."""
    path = tmp_path_factory.mktemp("map") / "plan.pmtiles"
    write_map(path, (TOWN,))
    return path


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "data" / "streets.pmtiles"
