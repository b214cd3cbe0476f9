"""From a position to whom it concerns: `Locator.locate` treats a position as a circle and names the most probable zone,
the others that the circle touches, the centre, the border's distance and the nearest place."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Final

import msgspec
import shapely

from egide.geography import ground
from egide.geography.borders import Borders, Tiles, circle
from egide.geography.gazetteer import Gazetteer, Place
from egide.geography.neighbours import SEA, UNKNOWN, Surroundings
from egide.geography.projection import lonlat_to_metres, to_metres
from egide.geography.zone_set import ZoneSet
from egide.geography.zones import zone_path

# A position that claims to be exact is not: nothing smaller than this is a circle.
_SMALLEST_M: Final = 1.0
# The envelope's largest accuracy (16 bits); a larger circle says nothing that this one does not.
_LARGEST_M: Final = 65_535.0
# At sea the nearest zone answers up to this distance (piers, beaches, bathers): design, "Geography".
SEA_REACH_M: Final = 3_000.0
# Beyond this radius outlines of 100 m are exact enough, and ten times faster.
_COARSE_FROM_M: Final = 3_000.0
_FINE_TILE_M: Final = 4_000.0
_COARSE_TILE_M: Final = 16_000.0
_COARSE_TOLERANCE_M: Final = 150.0
# Distances on the map are trusted up to here; farther away the great circle is used.
_MAP_TRUSTED_M: Final = 200_000.0


class Candidate(msgspec.Struct, frozen=True):
    """A zone that the circle touches, with the part (0 to 1) of the circle's area within it."""

    zone: str
    share: float


class Location(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a position concerns.

    zone          most probable zone: the largest share of the circle; at sea the nearest within 3 km; else None
    centre        that zone's centre; abroad or at sea the nearest zone's centre; None when `outside` is "unknown"
    candidates    zones that the circle touches, largest share first; with `outside_share` they add up to 1
    border_m      metres from the circle's middle to the border of the zone around it (outside: to the
                  nearest zone; from farther than 200 km, to the middle of the country)
    outside       None, or where the middle lies: "sea", "abroad:NL" (DE, FR, LU, GB), "unknown"
    nearest_zone  outside every zone: the zone to inform all the same; else None
    place         nearest place and where the position lies seen from it; None more than 50 km from all
    """

    zone: str | None
    centre: str | None
    candidates: tuple[Candidate, ...]
    outside_share: float
    border_m: int
    outside: str | None
    nearest_zone: str | None
    place: Place | None


class Locator:
    """The zones, ready to be asked. Making one takes a fraction of a second and about 30 MB; asking changes nothing."""

    def __init__(self, zone_set: ZoneSet) -> None:
        shapes = shapely.transform(zone_set.shapes, lonlat_to_metres)
        self.zone_set = zone_set
        self._ids = [zone.id for zone in zone_set.zones]
        self._centres = [zone.centre for zone in zone_set.zones]
        self._fine = Tiles(shapes, _FINE_TILE_M)
        self._coarse = Tiles(
            shapely.make_valid(shapely.coverage_simplify(shapes, _COARSE_TOLERANCE_M)), _COARSE_TILE_M
        )
        self._borders = Borders(shapes)
        self._surroundings = Surroundings()
        self._gazetteer = Gazetteer()

    def locate(self, lat_e7: int, lon_e7: int, accuracy_m: float) -> Location:
        """Whom a position (1e-7 degree, WGS 84; radius in metres) concerns. Never raises for |lat| ≤ 90°, |lon| ≤ 180°.

        Lengths are measured on Belgian Lambert 2008: within 0.01 % of the ground in the country.
        """
        x_m, y_m = to_metres(lat_e7 / 1e7, lon_e7 / 1e7)
        point = shapely.Point(x_m, y_m)
        radius_m = min(max(accuracy_m, _SMALLEST_M), _LARGEST_M)
        place = self._gazetteer.nearest(point, lat_e7, lon_e7)
        inside = self._fine.zone_at(point)
        if inside is None:
            return self._locate_outside(point, lat_e7, lon_e7, radius_m, place)
        _, border_m = self._borders.nearest(point)
        shares = {inside: 1.0} if radius_m <= border_m else self._shares(x_m, y_m, radius_m)
        best = max(shares, key=shares.__getitem__, default=inside)
        return Location(
            zone=self._ids[best],
            centre=self._centres[best],
            candidates=self._candidates(shares),
            outside_share=_rest(shares),
            border_m=round(border_m),
            outside=None,
            nearest_zone=None,
            place=place,
        )

    def _locate_outside(
        self, point: shapely.Point, lat_e7: int, lon_e7: int, radius_m: float, place: Place | None
    ) -> Location:
        """The middle lies in no zone. What is there is said, and the nearest zone is named all the same."""
        nearest, away_m = self._borders.nearest(point)
        outside = self._surroundings.word_for(point)
        shares = self._shares(point.x, point.y, radius_m) if radius_m > away_m else {}
        zone = max(shares, key=shares.__getitem__, default=None)
        if zone is None and outside == SEA and away_m <= SEA_REACH_M:
            zone = nearest
        known = zone if zone is not None else nearest if outside != UNKNOWN else None
        return Location(
            zone=None if zone is None else self._ids[zone],
            centre=None if known is None else self._centres[known],
            candidates=self._candidates(shares),
            outside_share=_rest(shares),
            border_m=round(away_m if away_m <= _MAP_TRUSTED_M else self._far_m(lat_e7, lon_e7)),
            outside=outside,
            nearest_zone=self._ids[nearest],
            place=place,
        )

    def _shares(self, x_m: float, y_m: float, radius_m: float) -> dict[int, float]:
        """Zone number -> part of the circle; hair-thin rests of the borders' own width are put right."""
        tiles = self._coarse if radius_m > _COARSE_FROM_M else self._fine
        shares = tiles.shares(circle(x_m, y_m, radius_m))
        total = sum(shares.values())
        return {zone: share / total for zone, share in shares.items()} if abs(total - 1) < 1e-4 else shares

    def _candidates(self, shares: dict[int, float]) -> tuple[Candidate, ...]:
        ordered = sorted(shares.items(), key=lambda item: (-item[1], item[0]))
        return tuple(Candidate(zone=self._ids[zone], share=share) for zone, share in ordered)

    def _far_m(self, lat_e7: int, lon_e7: int) -> float:
        """Metres to the middle of the country, for a position far away from it."""
        west, south, east, north = shapely.total_bounds(self.zone_set.shapes)
        return ground.distance_m(
            round((south + north) / 2 * 1e7), round((west + east) / 2 * 1e7), lat_e7, lon_e7
        )


def locator_of(zones_dir: Path | None = None) -> Locator:
    """That of the zones in force; a process makes one for each state of their file."""
    return _locator(*zone_path(zones_dir))


@lru_cache(maxsize=1)
def _locator(path: Path, _changed_ns: int) -> Locator:
    return Locator(ZoneSet.read(path))


def _rest(shares: dict[int, float]) -> float:
    """What the zones leave of the circle."""
    return max(0.0, 1.0 - sum(shares.values())) if shares else 1.0
