"""Words for a position where there may be no street: the nearest named place, how far, in which direction."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from egide.common import geo
from egide.routing.projection import lonlat_to_metres
from egide.routing.zones import DATA

PLACES_FILE: Final = DATA / "places.csv"
COMPASS: Final = ("N", "NE", "E", "SE", "S", "SW", "W", "NW")
# Farther than this a place says nothing any more.
_FARTHEST_M: Final = 50_000.0


class NearPlace(msgspec.Struct, frozen=True):
    """`name` is the nearest place; the position lies `distance_m` from it at `bearing_deg` (0 north, clockwise),
    that is to its `compass` ("N", "NE" ...)."""

    name: str
    distance_m: int
    bearing_deg: int
    compass: str


class Gazetteer:
    """Named places (GeoNames), by distance."""

    def __init__(self, path: Path = PLACES_FILE) -> None:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
        self._names = [row["name"] for row in rows]
        lonlat = np.array([(float(row["lon"]), float(row["lat"])) for row in rows])
        self._latlon_e7 = [(round(lat * 1e7), round(lon * 1e7)) for lon, lat in lonlat]
        self._tree = shapely.STRtree([shapely.Point(xy) for xy in lonlat_to_metres(lonlat)])

    def nearest(self, point: BaseGeometry, lat_e7: int, lon_e7: int) -> NearPlace | None:
        """The place nearest to a position, given in metres (`point`) and in degrees; None far from all."""
        number = int(self._tree.nearest(point))
        place = self._latlon_e7[number]
        distance_m = geo.distance_m(*place, lat_e7, lon_e7)
        if distance_m > _FARTHEST_M:
            return None
        bearing = round(geo.bearing_deg(*place, lat_e7, lon_e7)) % 360
        return NearPlace(
            name=self._names[number],
            distance_m=round(distance_m),
            bearing_deg=bearing,
            compass=COMPASS[round(bearing / 45) % 8],
        )
