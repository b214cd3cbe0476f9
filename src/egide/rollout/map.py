"""The national map as SVG paths, one for each zone: flat, small, and made once for each zone file."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import msgspec
from django.conf import settings

from egide.geography.geojson import polygons_of
from egide.geography.zones import zone_path, zones_in_force

# One unit is about a pixel on a wide screen: finer is not seen, and would make the page heavy.
WIDTH = 900
_SMALLEST_RING = 4
_MIDDLE_LAT = 50.5


@dataclass(frozen=True)
class Map:
    """Paths by zone id (the `d` of an SVG path), the height for `WIDTH`, whose map it is."""

    paths: dict[str, str]
    height: int
    attribution: str
    is_official: bool


def national_map() -> Map:
    """The map of the zone file in force."""
    return _draw(*zone_path(settings.EGIDE.zones_dir))


@lru_cache(maxsize=2)
def _draw(path: Path, changed_ns: int) -> Map:
    found = zones_in_force(path)
    rings = {
        zone.id: list(_rings(outline)) for zone, outline in zip(found.zones, found.outlines, strict=True)
    }
    points = [point for zone in rings.values() for ring in zone for point in ring]
    west, east = min(x for x, _y in points), max(x for x, _y in points)
    south, north = min(y for _x, y in points), max(y for _x, y in points)
    # Equirectangular, true in the middle of the country: enough for a map of three hundred kilometres.
    squeeze = math.cos(math.radians(_MIDDLE_LAT))
    scale = WIDTH / ((east - west) * squeeze)

    def place(x: float, y: float) -> tuple[float, float]:
        return (x - west) * squeeze * scale, (north - y) * scale

    paths = {
        zone: "".join(_path([place(*point) for point in ring]) for ring in own) for zone, own in rings.items()
    }
    height = math.ceil((north - south) * scale)
    return Map(paths, height, found.attribution, found.is_official)


def _rings(outline: msgspec.Raw) -> Iterator[list[tuple[float, float]]]:
    for polygon in polygons_of(outline):
        for ring in polygon:
            yield [(point[0], point[1]) for point in ring]


def _path(points: list[tuple[float, float]]) -> str:
    """One closed ring in whole units, without points that fall on the one before; nothing for a speck."""
    thin: list[tuple[int, int]] = []
    for x, y in points:
        point = (round(x), round(y))
        if not thin or thin[-1] != point:
            thin.append(point)
    if len(thin) < _SMALLEST_RING:
        return ""
    steps = "".join(f"{x1 - x0} {y1 - y0} " for (x0, y0), (x1, y1) in pairwise(thin))
    return f"M{thin[0][0]} {thin[0][1]}l{steps.replace(' -', '-').rstrip()}z"
