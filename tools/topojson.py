"""Country outlines out of world-atlas: the small part of TopoJSON (quantised, delta-encoded arcs) that it uses."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry


def country_outlines(atlas: dict[str, Any], box: BaseGeometry) -> dict[str, BaseGeometry]:
    """ISO 3166-1 numeric code -> polygons in degrees (lon, lat), clipped to `box`; countries outside are left out."""
    arcs = [_arc(arc, atlas["transform"]) for arc in atlas["arcs"]]
    outlines: dict[str, BaseGeometry] = {}
    for country in atlas["objects"]["countries"]["geometries"]:
        polygons = country["arcs"] if country["type"] == "MultiPolygon" else [country["arcs"]]
        shapes = [shape for rings in polygons if (shape := _polygon(rings, arcs)).intersects(box)]
        if shapes and "id" in country:
            outlines[country["id"]] = shapely.intersection(shapely.union_all(shapes), box)
    return outlines


def _arc(deltas: list[list[int]], transform: dict[str, list[float]]) -> NDArray[np.float64]:
    """Absolute coordinates, shape (n, 2), of one delta-encoded arc (TopoJSON specification, 2.1.2 and 2.1.3)."""
    return np.cumsum(np.array(deltas), axis=0) * transform["scale"] + transform["translate"]


def _polygon(rings: list[list[int]], arcs: list[NDArray[np.float64]]) -> BaseGeometry:
    """A valid polygon of rings of arc numbers; a negative number ~n means arc n backwards."""
    lines = [np.concatenate([arcs[n] if n >= 0 else arcs[~n][::-1] for n in ring]) for ring in rings]
    if len(lines[0]) < 4:  # an islet that the quantisation reduced to a line
        return shapely.Polygon()
    return shapely.make_valid(shapely.Polygon(lines[0], lines[1:]))
