"""The invented streets as a map: vector tiles in the layers of Protomaps, in one PMTiles file."""

import gzip
import math
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import mapbox_vector_tile
import shapely
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer
from shapely.geometry.base import BaseGeometry

from egide.demo.plan import DEMO_TOWNS, Planned, Town, drawn
from egide.geography.tiles.archive import INVENTED, STREETS
from egide.geography.tiles.importing import do_import

LEAST_ZOOM: Final = 10
MOST_ZOOM: Final = 15
# Of the sphere of Web Mercator (EPSG:3857).
_RADIUS_M: Final = 6_378_137.0
_HALF_M: Final = math.pi * _RADIUS_M
_EXTENT: Final = 4_096
# Lines go on over the edge of a tile, by a sixteenth of it, so that no end of one shows there.
_OVER: Final = 1 / 16
_HOUSE_M: Final = 9
# Which of a town's streets are wide; the others are as those where people live.
_WIDE: Final = {"Chaussée": "primary", "Boulevard": "secondary", "Avenue": "tertiary"}
_WIDE_ENDS: Final = {"steenweg": "primary", "lei": "secondary", "laan": "tertiary", "allee": "tertiary"}
_KIND: Final = {"primary": "major_road", "secondary": "major_road", "tertiary": "major_road"}
# From which zoom on a layer's features are in the tiles.
_FROM: Final = {"places": 10, "water": 10, "landuse": 11, "wide": 11, "roads": 13, "buildings": 15}
Feature = tuple[str, BaseGeometry, dict[str, Any], int]


def write_map(path: Path, towns: Iterable[Town] = DEMO_TOWNS, seed: int = 1) -> int:
    """Write the streets of these towns as a map; how many tiles there are. Raises OSError."""
    towns = tuple(towns)
    tiles: dict[int, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for layer, shape, properties, from_zoom in _features(towns, seed):
        for zoom in range(from_zoom, MOST_ZOOM + 1):
            for number, edges in _touched(shape, zoom):
                cut = _in_tile(shape, edges)
                if not cut.is_empty:
                    tiles[number][layer].append({"geometry": cut, "properties": properties})
    with path.open("wb") as file:
        writer = Writer(file)
        for number in sorted(tiles):
            layers = [{"name": name, "features": features} for name, features in tiles[number].items()]
            packed = mapbox_vector_tile.encode(layers, default_options={"extents": _EXTENT})
            writer.write_tile(number, gzip.compress(packed, mtime=0))
        writer.finalize(_header(towns), _metadata())
    return len(tiles)


def do_import_map(target: Path) -> None:
    """Put the demo's streets in force as the map at `target`. Raises MapFileError, OSError."""
    with TemporaryDirectory(prefix="egide-plan-") as folder:
        file = Path(folder) / "plan.pmtiles"
        write_map(file)
        do_import(file, target, STREETS)


def _features(towns: Iterable[Town], seed: int) -> Iterator[Feature]:
    """Layer, shape in metres of Web Mercator, properties, and from which zoom on."""
    for town in towns:
        yield from _ground(town, random.Random(f"{seed} {town.postcode}"))
    streets = list(drawn(towns, seed))
    yield from _ways_between(streets)
    for street in streets:
        called = _called(*street.names)
        detail = _width_of(street)
        layer = "roads" if detail == "residential" else "wide"
        properties = {"kind": _KIND.get(detail, "minor_road"), "kind_detail": detail, **called}
        yield "roads", _line_of(street), properties, _FROM[layer]
        for lat, lon, number in street.houses:
            x, y = _metres(lat, lon)
            yield "buildings", _box(x, y, _HOUSE_M * _stretch(lat)), {"kind": "building"}, _FROM["buildings"]
            point = shapely.Point(x, y)
            yield (
                "buildings",
                point,
                {"kind": "address", "addr_housenumber": str(number)},
                _FROM["buildings"],
            )


def _ground(town: Town, chance: random.Random) -> Iterator[Feature]:
    """A river across the town, three parks, and its name."""
    x, y = _metres(town.lat, town.lon)
    far = town.radius_m * _stretch(town.lat)
    begin, bent = y + chance.uniform(-0.5, 0.5) * far, [chance.uniform(-0.35, 0.35) * far for _ in range(9)]
    course = [(x + (i - 4) / 4 * 1.3 * far, begin + bend) for i, bend in enumerate(bent)]
    river = shapely.LineString(course).buffer(0.03 * far, quad_segs=3)
    yield "water", river, {"kind": "river"}, _FROM["water"]
    for _park in range(3):
        at = x + chance.uniform(-0.8, 0.8) * far, y + chance.uniform(-0.8, 0.8) * far
        park = shapely.Point(at).buffer(chance.uniform(0.05, 0.14) * far, quad_segs=3)
        yield "landuse", shapely.difference(park, river), {"kind": "park"}, _FROM["landuse"]
    names = [town.names.get(language, "") for language in ("de", "fr", "nl")]
    about = {"kind": "locality", "kind_detail": "city", **_called(*names)}
    yield "places", shapely.Point(x, y), about, _FROM["places"]


def _ways_between(streets: Iterable[Planned]) -> Iterator[Feature]:
    """From each end of a street to the nearest other one of its town, without a name: so one comes everywhere."""
    of_town: dict[str, list[shapely.LineString]] = defaultdict(list)
    for street in streets:
        of_town[street.town.postcode].append(_line_of(street))
    about = {"kind": "minor_road", "kind_detail": "residential"}
    for lines in of_town.values():
        for line in lines:
            others = shapely.MultiLineString([other for other in lines if other is not line])
            for end in (line.coords[0], line.coords[-1]):
                yield "roads", shapely.shortest_line(shapely.Point(end), others), about, _FROM["roads"]


def _called(german: str, french: str, dutch: str) -> dict[str, str]:
    """`name` as it stands on the spot, and in each language that there is."""
    by_language = {"de": german, "fr": french, "nl": dutch}
    here = " - ".join(dict.fromkeys(name for name in by_language.values() if name))
    return {"name": here} | {f"name:{language}": name for language, name in by_language.items() if name}


def _width_of(street: Planned) -> str:
    german, french, dutch = street.names
    first = french.partition(" ")[0]
    if first in _WIDE:
        return _WIDE[first]
    ends = (detail for end, detail in _WIDE_ENDS.items() if (dutch or german).endswith(end))
    return next(ends, "residential")


def _line_of(street: Planned) -> shapely.LineString:
    """Between both rows of houses, and a little further."""
    points = [_metres(lat, lon) for lat, lon, _number in street.houses]
    (ax, ay), (bx, by) = (_middle(points[:2]), _middle(points[-2:]))
    length = math.hypot(bx - ax, by - ay) or 1.0
    more = 40 / length
    dx, dy = (bx - ax) * more, (by - ay) * more
    return shapely.LineString([(ax - dx, ay - dy), (bx + dx, by + dy)])


def _middle(points: list[tuple[float, float]]) -> tuple[float, float]:
    return sum(x for x, _y in points) / len(points), sum(y for _x, y in points) / len(points)


def _box(x: float, y: float, wide: float) -> BaseGeometry:
    return shapely.box(x - wide / 2, y - wide / 2, x + wide / 2, y + wide / 2)


def _metres(lat: float, lon: float) -> tuple[float, float]:
    """Metres of Web Mercator (EPSG:3857), east and north."""
    north = math.log(math.tan(math.pi / 4 + math.radians(lat) / 2))
    return _RADIUS_M * math.radians(lon), _RADIUS_M * north


def _stretch(lat: float) -> float:
    """How many of its metres one on the ground is."""
    return 1 / math.cos(math.radians(lat))


def _touched(shape: BaseGeometry, zoom: int) -> Iterator[tuple[int, tuple[float, float, float, float]]]:
    """The tiles around a shape: number, and edges in metres (west, south, east, north)."""
    west, south, east, north = shape.bounds
    wide = 2 * _HALF_M / (1 << zoom)
    columns = range(int((west + _HALF_M) // wide), int((east + _HALF_M) // wide) + 1)
    rows = range(int((_HALF_M - north) // wide), int((_HALF_M - south) // wide) + 1)
    for column in columns:
        for row in rows:
            left, top = column * wide - _HALF_M, _HALF_M - row * wide
            yield zxy_to_tileid(zoom, column, row), (left, top - wide, left + wide, top)


def _in_tile(shape: BaseGeometry, edges: tuple[float, float, float, float]) -> BaseGeometry:
    """The part of a shape that is in a tile or close to it, in the tile's own units from its south-western corner."""
    west, south, east, north = edges
    over = (east - west) * _OVER
    cut = shapely.clip_by_rect(shape, west - over, south - over, east + over, north + over)
    return shapely.transform(
        cut, lambda points: ((points - (west, south)) * (_EXTENT / (east - west))).round()
    )


def _header(towns: tuple[Town, ...]) -> dict[str, Any]:
    margin = 0.05
    west = min(town.lon for town in towns) - margin
    east = max(town.lon for town in towns) + margin
    south = min(town.lat for town in towns) - margin
    north = max(town.lat for town in towns) + margin
    return {
        "tile_type": TileType.MVT,
        "tile_compression": Compression.GZIP,
        "min_lon_e7": round(west * 1e7),
        "min_lat_e7": round(south * 1e7),
        "max_lon_e7": round(east * 1e7),
        "max_lat_e7": round(north * 1e7),
        "center_zoom": LEAST_ZOOM,
        "center_lon_e7": round(towns[0].lon * 1e7),
        "center_lat_e7": round(towns[0].lat * 1e7),
    }


def _metadata() -> dict[str, Any]:
    layers = ("buildings", "landuse", "places", "roads", "water")
    return {INVENTED: True, "attribution": "Egide", "vector_layers": [{"id": name} for name in layers]}
