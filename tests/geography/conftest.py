"""The reference zones, read once, and zone files made from them."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
import shapely

from egide.geography.locate import Locator, locator_of
from egide.geography.zone_set import ZoneSet, encode_zones

# How far a border of the plain zones may run from the true one, in degrees: some 300 m.
PLAINNESS = 0.003


@pytest.fixture(scope="session")
def reference(locator: Locator) -> ZoneSet:
    return locator.zone_set


@pytest.fixture(scope="session")
def locator() -> Locator:
    return locator_of()


@pytest.fixture(scope="session")
def plain(reference: ZoneSet) -> ZoneSet:
    """The reference zones with a fraction of their corners: an import asks the same of them, in a third of the time."""
    return msgspec.structs.replace(reference, shapes=shapely.coverage_simplify(reference.shapes, PLAINNESS))


@pytest.fixture(scope="session")
def plain_file(plain: ZoneSet) -> bytes:
    """They as a file in the project's own form."""
    return encode_zones(list(plain.zones), plain.shapes, "official", plain.attribution)


@pytest.fixture
def collection(plain_file: bytes) -> dict[str, Any]:
    """They as a GeoJSON object that a test may spoil."""
    found: dict[str, Any] = json.loads(plain_file)
    return found


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return tmp_path / "official.geojson"


@pytest.fixture
def zones_dir(tmp_path: Path) -> Path:
    return tmp_path / "zones"
