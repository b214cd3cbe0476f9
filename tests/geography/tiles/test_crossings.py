"""Which crossing is said of a position, and of which position none."""

import gzip
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import shapely
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer

from egide.geography.tiles.crossings import Crossing, nearest_crossing
from egide.geography.tiles.importing import do_import
from tests.geography.tiles.test_importing import picture, write_mbtiles, write_tiles
from tests.geography.tiles.test_vectors import tile_of

ZOOM, COLUMN, ROW = 14, 8_372, 5_524
# The middle of that tile, which is 1,557 m wide there: 0.38 m for each of its units.
LAT_E7, LON_E7 = 504_505_000, 39_660_000
UNIT_M = 0.38
Street = tuple[list[tuple[float, float]], dict[str, Any]]


def middle() -> tuple[int, int]:
    """The position (degrees · 10⁷) of the middle of the tile."""
    wide = 1 << ZOOM
    lon = (COLUMN + 0.5) / wide * 360 - 180
    lat = math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * (ROW + 0.5) / wide))))
    return round(lat * 1e7), round(lon * 1e7)


def mapped(path: Path, streets: Iterable[Street], layer: str = "roads") -> Path:
    """A map with one tile; streets in metres east and north of its middle."""
    features = [
        (
            shapely.LineString([(2048 + x / UNIT_M, 2048 - y / UNIT_M) for x, y in points]),
            about,
        )
        for points, about in streets
    ]
    with path.open("wb") as file:
        writer = Writer(file)
        writer.write_tile(zxy_to_tileid(ZOOM, COLUMN, ROW), gzip.compress(tile_of({layer: features})))
        lat_e7, lon_e7 = middle()
        writer.finalize(
            {
                "tile_type": TileType.MVT,
                "tile_compression": Compression.GZIP,
                "min_lon_e7": lon_e7 - 100_000,
                "min_lat_e7": lat_e7 - 100_000,
                "max_lon_e7": lon_e7 + 100_000,
                "max_lat_e7": lat_e7 + 100_000,
                "center_zoom": ZOOM,
                "center_lon_e7": lon_e7,
                "center_lat_e7": lat_e7,
            },
            {"vector_layers": [{"id": layer}]},
        )
    return path


def found(path: Path, accuracy_m: float = 10, language: str = "fr") -> Crossing | None:
    return nearest_crossing(path, *middle(), accuracy_m, language)


def straight(name: str, east_m: float = 0, north_m: float | None = None, **more: Any) -> Street:
    """A street to the north and south at `east_m`, or to the east and west at `north_m`."""
    if north_m is None:
        return [(east_m, -150), (east_m, 150)], {"name": name, **more}
    return [(-150, north_m), (150, north_m)], {"name": name, **more}


def test_the_nearest_one_is_said_with_the_nearer_street_first(tmp_path: Path) -> None:
    streets = [straight("Rue A", 5), straight("Rue B", north_m=60), straight("Rue C", north_m=-90)]
    crossing = found(mapped(tmp_path / "map", streets))
    assert crossing is not None
    assert crossing.streets == ("Rue A", "Rue B") and crossing.distance_m == pytest.approx(60, abs=3)


@pytest.mark.parametrize(("language", "name"), [("nl", "Straat"), ("fr", "Rue"), ("de", "Rue - Straat")])
def test_names_are_in_the_readers_language_where_the_map_has_them(
    language: str, name: str, tmp_path: Path
) -> None:
    names = {"name:fr": "Rue", "name:nl": "Straat"}
    path = mapped(tmp_path / "map", [straight("Rue - Straat", 5, **names), straight("B", north_m=60)])
    crossing = found(path, language=language)
    assert crossing is not None and crossing.streets[0] == name


def test_a_street_that_ends_at_another_one_meets_it(tmp_path: Path) -> None:
    ending: Street = [(0, 10), (0, 57)], {"name": "Rue A"}
    crossing = found(mapped(tmp_path / "map", [ending, straight("Rue B", north_m=60)]))
    assert crossing is not None and crossing.distance_m == pytest.approx(58, abs=4)
    short: Street = [(0, 10), (0, 45)], {"name": "Rue A"}
    assert found(mapped(tmp_path / "other", [short, straight("Rue B", north_m=60)])) is None


@pytest.mark.parametrize(
    "about",
    [
        {"is_bridge": True},
        {"is_tunnel": True},
        {"brunnel": "bridge"},
        {"kind": "rail"},
        {"class": "transit"},
        {"kind_detail": "tram"},
    ],
)
def test_what_goes_over_or_under_a_street_does_not_meet_it(about: dict[str, Any], tmp_path: Path) -> None:
    assert found(mapped(tmp_path / "map", [straight("A", **about), straight("B", north_m=60)])) is None


def test_pieces_of_one_street_are_no_crossing(tmp_path: Path) -> None:
    assert found(mapped(tmp_path / "map", [straight("Rue A"), straight("Rue A", north_m=60)])) is None


def test_a_street_without_a_name_is_not_said(tmp_path: Path) -> None:
    assert found(mapped(tmp_path / "map", [straight(""), straight("B", north_m=60)])) is None


def test_what_is_far_or_inexact_says_nothing(tmp_path: Path) -> None:
    path = mapped(tmp_path / "map", [straight("A"), straight("B", north_m=60)])
    assert found(path, accuracy_m=200) is not None
    assert found(path, accuracy_m=201) is None
    far: Street = [(-300, 195), (300, 195)], {"name": "B"}
    wide: Street = [(150, -300), (150, 300)], {"name": "A"}
    assert found(mapped(tmp_path / "far", [wide, far])) is None


@pytest.mark.parametrize("layer", ["transportation_name", "street_labels"])
def test_the_layers_of_other_makers_are_read(layer: str, tmp_path: Path) -> None:
    assert found(mapped(tmp_path / "map", [straight("A"), straight("B", north_m=60)], layer)) is not None


def test_a_crossing_in_the_next_tile_is_found(tmp_path: Path) -> None:
    path = mapped(tmp_path / "map", [straight("A"), straight("B", north_m=60)])
    lat_e7, lon_e7 = middle()
    # Out of the tile to the north: the crossing is too far away from there.
    beyond = lat_e7 + round(790 * 89.93)
    assert nearest_crossing(path, beyond, lon_e7, 10, "fr") is None
    edge = mapped(
        tmp_path / "edge", [straight("A"), straight("B", north_m=700), ([(0, 650), (0, 760)], {"name": "C"})]
    )
    crossing = nearest_crossing(edge, lat_e7 + round(800 * 89.93), lon_e7, 10, "fr")
    assert crossing is not None and set(crossing.streets) == {"B", "C"}


def test_without_a_map_of_vectors_nothing_is_said(tmp_path: Path) -> None:
    assert found(tmp_path / "none") is None
    (tmp_path / "rubbish").write_bytes(b"rubbish" * 50)
    assert found(tmp_path / "rubbish") is None
    air = write_mbtiles(tmp_path / "air.mbtiles", {(14, COLUMN, ROW): picture("red")}, format="jpg")
    do_import(air, tmp_path / "air", "aerial")
    assert found(tmp_path / "air") is None
    # A tile that is none.
    assert nearest_crossing(write_tiles(tmp_path / "odd"), LAT_E7, LON_E7, 10, "fr") is None
