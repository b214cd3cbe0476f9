"""The crossing nearest to a position, by the names of the streets that meet there, from the map that is in force.

Read from the map's own tiles when it is asked for: no other list has where streets meet. Bridges and tunnels are left
out, for a street that goes over another one does not meet it.
"""

import math
import zlib
from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache, partial
from itertools import combinations, pairwise
from pathlib import Path
from typing import IO, Final, NamedTuple

from pmtiles.reader import Reader

from egide.geography.ground import EARTH_RADIUS_M
from egide.geography.tiles.archive import VECTOR, MapFileError, about, unpacked
from egide.geography.tiles.vectors import Line, Points, lines_of

# Farther away, or of a position less exact than this, it would be a guess.
REACH_M: Final = 200
# Ends that are this near to another line meet it: makers of tiles leave points out, and round the others.
_TOUCH_M: Final = 4.0
# In which layers lines have names: Protomaps, OpenMapTiles, Shortbread.
NAME_LAYERS: Final = ("roads", "transportation_name", "street_labels")
_KINDS: Final = ("kind", "kind_detail", "class", "subclass")
_NO_STREETS: Final = frozenset({"rail", "light_rail", "tram", "subway", "ferry", "aerialway", "transit"})
_OVER_OR_UNDER: Final = ("is_bridge", "is_tunnel", "bridge", "tunnel", "brunnel")
_MOST_ZOOM: Final = 16
_GZIP: Final = b"\x1f\x8b"

Point = tuple[float, float]
Segment = tuple[Point, Point]


class Crossing(NamedTuple):
    """The names of the two streets, the nearer first, and how far away it is."""

    streets: tuple[str, str]
    distance_m: int


def nearest_crossing(
    path: Path, lat_e7: int, lon_e7: int, accuracy_m: float, language: str
) -> Crossing | None:
    """The nearest one within reach; None where there is none, and where no map of vectors can be read."""
    if accuracy_m > REACH_M:
        return None
    try:
        known, stat = about(path), path.stat()
    except (MapFileError, OSError):
        return None
    if known.kind != VECTOR:
        return None
    zoom = min(known.max_zoom, _MOST_ZOOM)
    return _nearest(path, (stat.st_mtime_ns, stat.st_size), zoom, lat_e7, lon_e7, language)


@lru_cache(maxsize=1024)
def _nearest(
    path: Path, version: tuple[int, int], zoom: int, lat_e7: int, lon_e7: int, language: str
) -> Crossing | None:
    x, y = _place(lat_e7, lon_e7, zoom)
    tile_m = math.cos(math.radians(lat_e7 / 1e7)) * 2 * math.pi * EARTH_RADIUS_M / (1 << zoom)
    reach = REACH_M / tile_m
    streets: defaultdict[str, list[Segment]] = defaultdict(list)
    for column in range(math.floor(x - reach), math.floor(x + reach) + 1):
        for row in range(math.floor(y - reach), math.floor(y + reach) + 1):
            for line in _streets(path, version, zoom, column, row):
                for part in line.parts:
                    near = _near(part, column - x, row - y, tile_m)
                    streets[_called(line, language)] += near
    return _closest({name: segments for name, segments in streets.items() if segments})


def _place(lat_e7: int, lon_e7: int, zoom: int) -> Point:
    """Columns and rows of Web Mercator (EPSG:3857), with the part of one."""
    wide = 1 << zoom
    down = (1 - math.asinh(math.tan(math.radians(lat_e7 / 1e7))) / math.pi) / 2
    return (lon_e7 / 1e7 + 180) / 360 * wide, down * wide


def _near(part: Points, east: float, south: float, tile_m: float) -> list[Segment]:
    """What of a line is within reach, in metres east and south of the position."""
    moved = [((x + east) * tile_m, (y + south) * tile_m) for x, y in part]
    return [segment for segment in pairwise(moved) if _is_near(*segment)]


def _is_near(one: Point, other: Point) -> bool:
    return all(min(a, b) <= REACH_M and max(a, b) >= -REACH_M for a, b in zip(one, other, strict=True))


def _called(line: Line, language: str) -> str:
    """Its name in this language where it has one, else the one on the spot."""
    own = line.properties.get(f"name:{language}") or line.properties.get(f"name_{language}")
    return str(own or line.properties["name"])


def _closest(streets: dict[str, list[Segment]]) -> Crossing | None:
    met = (
        (math.hypot(*point), one, other)
        for one, other in combinations(sorted(streets), 2)
        for first in streets[one]
        for second in streets[other]
        if (point := _meeting(first, second)) is not None
    )
    away_m, one, other = min(met, default=(REACH_M + 1.0, "", ""))
    if away_m > REACH_M:
        return None
    nearer = min(_away_m(segment) for segment in streets[one]) <= min(
        _away_m(segment) for segment in streets[other]
    )
    return Crossing((one, other) if nearer else (other, one), round(away_m))


def _meeting(first: Segment, second: Segment) -> Point | None:
    """Where two pieces cross, or where an end of one touches the other."""
    (ax, ay), (bx, by) = first
    (cx, cy), (dx, dy) = second
    # Far from each other, as most are.
    if (
        min(ax, bx) > max(cx, dx) + _TOUCH_M
        or min(cx, dx) > max(ax, bx) + _TOUCH_M
        or min(ay, by) > max(cy, dy) + _TOUCH_M
        or min(cy, dy) > max(ay, by) + _TOUCH_M
    ):
        return None
    ux, uy, vx, vy = bx - ax, by - ay, dx - cx, dy - cy
    turn = ux * vy - uy * vx
    if turn:
        along = ((cx - ax) * vy - (cy - ay) * vx) / turn
        across = ((cx - ax) * uy - (cy - ay) * ux) / turn
        if 0 <= along <= 1 and 0 <= across <= 1:
            return ax + along * ux, ay + along * uy
    ends = [(point, second) for point in first] + [(point, first) for point in second]
    return next((point for point, segment in ends if _to(point, segment) <= _TOUCH_M), None)


def _to(point: Point, segment: Segment) -> float:
    """The distance of a point to a piece of a line."""
    (x, y), (ax, ay), (bx, by) = point, *segment
    ux, uy = bx - ax, by - ay
    length2 = ux * ux + uy * uy
    part = max(0.0, min(1.0, ((x - ax) * ux + (y - ay) * uy) / length2)) if length2 else 0.0
    return math.hypot(ax + part * ux - x, ay + part * uy - y)


_away_m = partial(_to, (0.0, 0.0))


@lru_cache(maxsize=128)
def _streets(path: Path, _version: tuple[int, int], zoom: int, column: int, row: int) -> tuple[Line, ...]:
    """All named streets of a tile that run on the ground; none where it cannot be read."""
    try:
        with path.open("rb") as file:
            data = Reader(partial(_piece, file)).get(zoom, column, row)
        if not data:
            return ()
        tile = unpacked(data) if data.startswith(_GZIP) else data
        return tuple(line for line in lines_of(tile, NAME_LAYERS, "name") if _is_street(line))
    except (OSError, ValueError, zlib.error):
        return ()


def _piece(file: IO[bytes], offset: int, length: int) -> bytes:
    file.seek(offset)
    return file.read(length)


def _is_street(line: Line) -> bool:
    told: Iterator[object] = (line.properties.get(key) for key in _KINDS)
    is_apart = any(line.properties.get(key) for key in _OVER_OR_UNDER)
    return not is_apart and _NO_STREETS.isdisjoint(str(each) for each in told)
