"""Our reader of lines against the library that reads all of a tile."""

import random
from contextlib import suppress
from typing import Any

import mapbox_vector_tile
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from egide.geography.tiles.vectors import lines_of

POINT = st.tuples(st.integers(-300, 4_400), st.integers(-300, 4_400))
LINE = st.lists(POINT, min_size=2, max_size=8, unique=True)
PROPERTIES = st.fixed_dictionaries(
    {},
    optional={
        "name": st.text(min_size=1, max_size=12),
        "is_bridge": st.booleans(),
        "layer": st.integers(-3, 3),
        "wide": st.floats(1, 9),
    },
)


def tile_of(layers: dict[str, list[tuple[Any, dict[str, Any]]]], extent: int = 4096) -> bytes:
    """A tile as another program writes it, rows counted from the north."""
    written = [
        {"name": name, "features": [{"geometry": shape, "properties": about} for shape, about in features]}
        for name, features in layers.items()
    ]
    options = {"y_coord_down": True, "extents": extent}
    return bytes(mapbox_vector_tile.encode(written, default_options=options))


@given(st.lists(st.tuples(st.lists(LINE, min_size=1, max_size=3), PROPERTIES), max_size=5))
def test_it_reads_what_the_library_reads(
    features: list[tuple[list[list[tuple[int, int]]], dict[str, Any]]],
) -> None:
    shapes = [(shapely.MultiLineString(parts), about) for parts, about in features]
    extra = (shapely.Point(5, 5), {"name": "no line"}), (shapely.box(0, 0, 9, 9), {"name": "no line either"})
    tile = tile_of({"roads": [*shapes, *extra], "water": shapes})
    found = mapbox_vector_tile.decode(tile, default_options={"y_coord_down": True})
    wanted = []
    for feature in found.get("roads", {"features": []})["features"]:
        shape = shapely.geometry.shape(feature["geometry"])
        if "name" in feature["properties"] and shape.geom_type.endswith("LineString"):
            parts = shape.geoms if shape.geom_type == "MultiLineString" else [shape]
            wanted.append((feature["properties"]["name"], [[*part.coords] for part in parts]))
    read = [
        (
            line.properties["name"],
            [[(round(x * 4096), round(y * 4096)) for x, y in part] for part in line.parts],
        )
        for line in lines_of(tile, {"roads"}, "name")
    ]
    assert read == wanted


def test_the_properties_are_what_was_written() -> None:
    about = {"name": "Rue", "is_bridge": True, "is_tunnel": False, "layer": -2, "lanes": 2}
    (line,) = lines_of(
        tile_of({"roads": [(shapely.LineString([(0, 0), (4096, 2048)]), about)]}), {"roads"}, "name"
    )
    assert line.properties == about
    assert line.parts == (((0.0, 0.0), (1.0, 0.5)),)


@pytest.mark.parametrize("cut", range(1, 60, 7))
def test_what_is_cut_off_is_no_tile(cut: int) -> None:
    tile = tile_of(
        {"roads": [(shapely.LineString([(0, 0), (400, 200), (7, 9)]), {"name": "Rue de l'Exemple"})]}
    )
    with pytest.raises(ValueError, match=r"cut off|no "):
        list(lines_of(tile[:-cut], {"roads"}, "name"))


def test_rubbish_is_no_tile_or_has_no_lines() -> None:
    chance = random.Random(3)
    for _round in range(2_000):
        rubbish = chance.randbytes(chance.randrange(60))
        with suppress(ValueError):
            assert list(lines_of(rubbish, {"roads"}, "name")) == []
