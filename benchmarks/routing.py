"""How long it takes to say whom a position concerns: points, circles, and circles near a zone's border."""

from __future__ import annotations

import random
import time
from typing import Final, NamedTuple

import numpy as np
import shapely

from egide.geography.locate import Locator
from egide.geography.zone_set import ZoneSet

# Radius in metres -> microseconds that a question may take: the median of points, the 99th percentile of circles.
RADII_M: Final = {0: 50, 15: 50, 100: 1_000, 500: 1_000, 2_000: 1_000, 10_000: 5_000, 65_535: 5_000}
POSITIONS: Final = 1_000
PASSES: Final = 3
NEAR_M: Final = 50.0

Positions = list[tuple[int, int]]


class Row(NamedTuple):
    """One line of the table. `required_us` bounds the median for a point (`bound` "p50"), p99 for a circle."""

    name: str
    p50_us: float
    p99_us: float
    bound: str
    required_us: float

    @property
    def holds(self) -> bool:
        return (self.p50_us if self.bound == "p50" else self.p99_us) <= self.required_us


def run() -> list[Row]:
    """All rows; about ten seconds."""
    zone_set = ZoneSet.load()
    locator = Locator(zone_set)
    source = random.Random(1)
    kinds = {
        "anywhere in the country": _anywhere(zone_set, source),
        "within 50 m of a border": _near_borders(zone_set, source),
    }
    rows = []
    for kind, positions in kinds.items():
        for radius_m, required_us in RADII_M.items():
            name = f"point, {kind}" if radius_m == 0 else f"circle {radius_m:>6,} m, {kind}"
            is_point = required_us == 50
            if is_point and radius_m and "border" in kind:
                is_point, required_us = False, 1_000  # the circle crosses the border: no longer a point
            sample = positions if radius_m <= 2_000 else positions[: POSITIONS // 4]
            p50_us, p99_us = _measure(locator, sample, radius_m)
            rows.append(Row(name, p50_us, p99_us, "p50" if is_point else "p99", required_us))
    return rows


def _measure(locator: Locator, positions: Positions, radius_m: float) -> tuple[float, float]:
    """Median and 99th percentile over the positions, in microseconds.

    Each position is asked PASSES times, a whole pass apart, and counts with its best: what differs between positions is
    routing, what differs between passes is the machine's other work.
    """
    taken_ns = np.empty((PASSES, len(positions)))
    for row in taken_ns:
        for number, (lat_e7, lon_e7) in enumerate(positions):
            start_ns = time.perf_counter_ns()
            locator.locate(lat_e7, lon_e7, radius_m)
            row[number] = time.perf_counter_ns() - start_ns
    p50_ns, p99_ns = np.percentile(taken_ns.min(axis=0), (50, 99))
    return float(p50_ns) / 1_000, float(p99_ns) / 1_000


def _anywhere(zone_set: ZoneSet, source: random.Random) -> Positions:
    """Positions spread evenly over all zones."""
    whole = shapely.union_all(zone_set.shapes)
    shapely.prepare(whole)
    west, south, east, north = whole.bounds
    found: Positions = []
    while len(found) < POSITIONS:
        lon, lat = source.uniform(west, east), source.uniform(south, north)
        if shapely.contains_xy(whole, lon, lat):
            found.append((round(lat * 1e7), round(lon * 1e7)))
    return found


def _near_borders(zone_set: ZoneSet, source: random.Random) -> Positions:
    """Positions at most NEAR_M (in each direction) from the border of a zone drawn at random."""
    borders = shapely.boundary(zone_set.shapes)
    found: Positions = []
    for _ in range(POSITIONS):
        at = shapely.line_interpolate_point(
            source.choice(shapely.get_parts(borders)), source.random(), normalized=True
        )
        lat = at.y + source.uniform(-NEAR_M, NEAR_M) / 111_000
        lon = at.x + source.uniform(-NEAR_M, NEAR_M) / 71_000
        found.append((round(lat * 1e7), round(lon * 1e7)))
    return found


def main() -> None:
    """Print the table."""
    print(f"{'routing':<46}{'p50 µs':>9}{'p99 µs':>9}   required")
    for row in run():
        word = "" if row.holds else "  MISSED"
        print(
            f"{row.name:<46}{row.p50_us:>9.0f}{row.p99_us:>9.0f}   {row.bound} ≤ {row.required_us:,.0f}{word}"
        )


if __name__ == "__main__":
    main()
