"""Named places of the country (GeoNames), as the packaged list has them."""

import csv
from functools import cache

import msgspec

from egide.geography.zones import DATA

PLACES_FILE = DATA / "places.csv"


class NamedPlace(msgspec.Struct, frozen=True):
    """A named place, degrees."""

    name: str
    lat: float
    lon: float


@cache
def read_places() -> tuple[NamedPlace, ...]:
    """All of them, read once."""
    with PLACES_FILE.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        return tuple(NamedPlace(row["name"], float(row["lat"]), float(row["lon"])) for row in rows)
