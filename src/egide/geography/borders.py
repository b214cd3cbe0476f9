"""Indexes over the zones' shapes in metres, made once at the start: tiles tell which zone, border pieces how far."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from egide.geography.zone_set import Shapes

# A polygon of this many sides stands for a circle; its radius is chosen so that the areas are equal.
CIRCLE_SIDES: Final = 32
_TURN: Final = np.linspace(0, 2 * math.pi, CIRCLE_SIDES, endpoint=False)
_UNIT_CIRCLE: Final = np.column_stack((np.cos(_TURN), np.sin(_TURN))) * math.sqrt(
    2 * math.pi / (CIRCLE_SIDES * math.sin(2 * math.pi / CIRCLE_SIDES))
)
# Measured: with short pieces and narrow tree nodes the nearest border is found in 7 µs, with long ones in 15 µs.
_PIECE_SEGMENTS: Final = 8
_NODE_CAPACITY: Final = 4
_GRID_M: Final = 0.01  # vertices closer than this are the same one


def circle(x_m: float, y_m: float, radius_m: float) -> BaseGeometry:
    """A prepared polygon with the area of the circle."""
    shape = shapely.Polygon(_UNIT_CIRCLE * radius_m + (x_m, y_m))
    shapely.prepare(shape)
    return shape


class Tiles:
    """Zones cut along a square grid, so that any question touches only a few short outlines."""

    def __init__(self, shapes: Shapes, size_m: float) -> None:
        boxes = _grid_boxes(shapes, size_m)
        box_of, zone_of = shapely.STRtree(shapes).query(boxes, predicate="intersects")
        pieces: list[BaseGeometry] = []
        owners: list[int] = []
        for number in np.unique(box_of):
            zones = zone_of[box_of == number]
            clipped = _clip(shapes[zones], boxes[number])
            pieces += list(clipped)
            owners += zones.tolist()
        kept = [i for i, piece in enumerate(pieces) if piece.area > 0]
        self._pieces: Shapes = np.array([pieces[i] for i in kept], dtype=object)
        self._owner: NDArray[np.intp] = np.array([owners[i] for i in kept])
        self._area_m2: NDArray[np.float64] = shapely.area(self._pieces)
        shapely.prepare(self._pieces)
        self._tree = shapely.STRtree(self._pieces, node_capacity=_NODE_CAPACITY)

    def zone_at(self, point: BaseGeometry) -> int | None:
        """Number of the zone around a point; on a border, the lower number; None outside every zone."""
        found = self._tree.query(point, predicate="intersects")
        if found.size == 1:
            return int(self._owner[found[0]])
        return int(self._owner[found].min()) if found.size else None

    def nearest(self, point: BaseGeometry) -> tuple[int, float]:
        """Number of the zone around or nearest to a point, and its distance in metres (0 inside)."""
        found, away_m = self._tree.query_nearest(point, return_distance=True, all_matches=False)
        return int(self._owner[found[0]]), float(away_m[0])

    def shares(self, area: BaseGeometry) -> dict[int, float]:
        """Zone number -> part of the (prepared) area that lies in the zone; what is missing to 1 lies in none."""
        found = self._tree.query(area, predicate="intersects")
        if not found.size:
            return {}
        area_m2 = self._area_m2[found].copy()
        cut = ~shapely.covers(area, self._pieces[found])
        area_m2[cut] = shapely.area(shapely.intersection(self._pieces[found[cut]], area))
        zones, slot = np.unique(self._owner[found], return_inverse=True)
        totals = np.bincount(slot, weights=area_m2) / area.area
        return {int(zone): float(share) for zone, share in zip(zones, totals, strict=True) if share > 0}


def _grid_boxes(shapes: Shapes, size_m: float) -> Shapes:
    """Squares of `size_m` that cover all shapes."""
    west, south, east, north = shapely.total_bounds(shapes)
    xs, ys = np.arange(west, east, size_m), np.arange(south, north, size_m)
    x, y = (axis.ravel() for axis in np.meshgrid(xs, ys))
    return np.asarray(shapely.box(x, y, x + size_m, y + size_m), dtype=object)


def _clip(shapes: Shapes, box: BaseGeometry) -> Shapes:
    """Shapes within a box; the fast clip can leave an invalid polygon, which is then cut exactly."""
    clipped = shapely.clip_by_rect(shapes, *box.bounds)
    bad = ~shapely.is_valid(clipped)
    if bad.any():
        clipped[bad] = shapely.intersection(shapes[bad], box)
    return np.asarray(clipped, dtype=object)


class Borders:
    """Every border line once, in short pieces, for the distance to it."""

    def __init__(self, shapes: Shapes) -> None:
        lines, owners = _border_pieces(shapes)
        self._owner: list[int] = owners[:, 0].tolist()
        self._tree = shapely.STRtree(lines, node_capacity=_NODE_CAPACITY)

    def nearest(self, point: BaseGeometry) -> tuple[int, float]:
        """Number of a zone at the border nearest to a point, and the distance in metres.

        Within a zone that is the distance to its own border; outside every zone the number is that of the nearest zone.
        """
        found, away_m = self._tree.query_nearest(point, return_distance=True, all_matches=False)
        return self._owner[found[0]], float(away_m[0])


def _border_pieces(shapes: Shapes) -> tuple[Shapes, NDArray[np.intp]]:
    """(lines, owners): lines of a few segments each; owners (n, 2) are the zone numbers on both sides, -1 for none."""
    parts, zone_of_part = shapely.get_parts(shapes, return_index=True)
    rings, part_of_ring = shapely.get_rings(parts, return_index=True)
    xy, ring_of = shapely.get_coordinates(rings, return_index=True)
    start = np.flatnonzero(ring_of[:-1] == ring_of[1:])  # segment i runs from vertex start[i] to the next
    zone_of = zone_of_part[part_of_ring][ring_of[start]]
    _, vertex = np.unique(np.round(xy / _GRID_M).astype(np.int64), axis=0, return_inverse=True)
    ends = np.sort(np.column_stack((vertex[start], vertex[start + 1])), axis=1)
    _, first, same = np.unique(ends, axis=0, return_index=True, return_inverse=True)
    highest = np.full(first.size, -1)
    np.maximum.at(highest, same, zone_of)
    owners = np.column_stack((zone_of[first], np.where(highest == zone_of[first], -1, highest)))

    keep = np.sort(first)  # each segment once, in the order in which it runs
    pair = owners[same[keep]]
    run = np.ones(keep.size, dtype=bool)
    run[1:] = (start[keep[1:]] != start[keep[:-1]] + 1) | (pair[1:] != pair[:-1]).any(axis=1)
    run_start = np.maximum.accumulate(np.where(run, np.arange(keep.size), 0))
    begins = np.flatnonzero(run | ((np.arange(keep.size) - run_start) % _PIECE_SEGMENTS == 0))
    counts = np.diff(np.append(begins, keep.size)) + 1
    line_of = np.repeat(np.arange(begins.size), counts)
    offset = np.arange(line_of.size) - np.repeat(np.cumsum(counts) - counts, counts)
    lines = shapely.linestrings(xy[start[keep[begins]][line_of] + offset], indices=line_of)
    return np.asarray(lines, dtype=object), pair[begins]
