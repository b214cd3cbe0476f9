"""The reference zones, read once, and zone files made from them."""

import json
from pathlib import Path
from typing import Any

import pytest

from egide.routing.locate import Locator
from egide.routing.zones import REFERENCE_FILE, ZoneSet


@pytest.fixture(scope="session")
def reference() -> ZoneSet:
    return ZoneSet.load()


@pytest.fixture(scope="session")
def locator(reference: ZoneSet) -> Locator:
    return Locator(reference)


@pytest.fixture
def collection() -> dict[str, Any]:
    """The reference zones as a GeoJSON object that a test may spoil."""
    found: dict[str, Any] = json.loads(REFERENCE_FILE.read_bytes())
    return found


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return tmp_path / "official.geojson"


@pytest.fixture
def zones_dir(tmp_path: Path) -> Path:
    return tmp_path / "zones"
