"""Words for a position where there may be no street: the nearest named place, how far, in which direction."""

from __future__ import annotations

from typing import Final

import msgspec
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from egide.geography import ground
from egide.geography.places import read_places
from egide.geography.projection import lonlat_to_metres

COMPASS: Final = ("N", "NE", "E", "SE", "S", "SW", "W", "NW")
# A place farther away than this says nothing.
_FARTHEST_M: Final = 50_000.0


class Place(msgspec.Struct, frozen=True):
    """`name` is the nearest place; the position lies `distance_m` from it at `bearing_deg` (0 north, clockwise),
    that is to its `compass` ("N", "NE" ...)."""

    name: str
    distance_m: int
    bearing_deg: int
    compass: str


class Gazetteer:
    """Named places (GeoNames), by distance."""

    def __init__(self) -> None:
        places = read_places()
        self._names = [place.name for place in places]
        lonlat = np.array([(place.lon, place.lat) for place in places])
        self._latlon_e7 = [(round(lat * 1e7), round(lon * 1e7)) for lon, lat in lonlat]
        self._tree = shapely.STRtree([shapely.Point(xy) for xy in lonlat_to_metres(lonlat)])

    def nearest(self, point: BaseGeometry, lat_e7: int, lon_e7: int) -> Place | None:
        """The place nearest to a position, given in metres (`point`) and in degrees; None far from all."""
        number = int(self._tree.nearest(point))
        place = self._latlon_e7[number]
        distance_m = ground.distance_m(*place, lat_e7, lon_e7)
        if distance_m > _FARTHEST_M:
            return None
        bearing = round(ground.bearing_deg(*place, lat_e7, lon_e7)) % 360
        return Place(
            name=self._names[number],
            distance_m=round(distance_m),
            bearing_deg=bearing,
            compass=COMPASS[round(bearing / 45) % 8],
        )
