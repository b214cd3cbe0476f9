"""Names and outlines of zones and centres for the board, read from routing's files without loading its geometry."""

import csv
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
from django.conf import settings
from django.utils.translation import gettext as _

from egide.response.rules import FEDERAL

DATA = Path(__file__).parent.parent / "routing" / "data"
REFERENCE_FILE = DATA / "reference_zones.geojson"
IMPORTED_NAME = "zones.geojson"
NEAR_DEG = 0.35
# 1e-4 degree is about ten metres: finer than the reference lines are true.
_DECIMALS = 4

Ring = list[list[float]]


class _Properties(msgspec.Struct):
    id: str
    name: str
    centre: str = ""
    names: dict[str, str] = {}


class _Geometry(msgspec.Struct):
    type: str
    coordinates: list[Any]


class _Feature(msgspec.Struct):
    properties: _Properties
    geometry: _Geometry


class _Collection(msgspec.Struct):
    label: str
    attribution: str
    features: list[_Feature]


class _CentreNames(msgspec.Struct):
    code: str
    names: dict[str, str]


class Outline(msgspec.Struct, frozen=True):
    """One zone ready for a map: rounded polygons as GeoJSON text, and the box around them, west south east north.

    Text, because lists of numbers would take ten times the memory.
    """

    id: str
    name: str
    centre: str
    names: dict[str, str]
    polygons: msgspec.Raw
    box: tuple[float, float, float, float]


class Named(msgspec.Struct, frozen=True):
    """A named place, degrees."""

    name: str
    lat: float
    lon: float


class Atlas(msgspec.Struct, frozen=True):
    """All zones of the file in force. `is_official` is false for the reference set, which every map must say;
    `version` changes with the file."""

    zones: dict[str, Outline]
    centres: dict[str, dict[str, str]]
    places: list[Named]
    is_official: bool
    attribution: str
    version: int

    def zone_name(self, zone: str, language: str) -> str:
        """The zone's name with its number, or the bare id when it is unknown."""
        if zone == FEDERAL:
            return _("Federal unit")
        outline = self.zones.get(zone)
        return f"{outline.names.get(language, outline.name)} · {zone}" if outline else zone

    def centre_name(self, code: str, language: str) -> str:
        """The centre's name in `language`, or its code."""
        names = self.centres.get(code, {})
        return names.get(language) or names.get("en") or code

    def near(self, lat_deg: float, lon_deg: float) -> list[Outline]:
        """Zones whose box comes within about 25 to 40 km of a position."""
        return [
            zone
            for zone in self.zones.values()
            if zone.box[0] - NEAR_DEG <= lon_deg <= zone.box[2] + NEAR_DEG
            and zone.box[1] - NEAR_DEG <= lat_deg <= zone.box[3] + NEAR_DEG
        ]

    def places_near(self, lat_deg: float, lon_deg: float) -> list[Named]:
        """Named places of the same neighbourhood: with no streets, they say where one is."""
        return [
            place
            for place in self.places
            if abs(place.lat - lat_deg) <= NEAR_DEG and abs(place.lon - lon_deg) <= NEAR_DEG
        ]


def atlas() -> Atlas:
    """The zones in force: the imported file where there is one, else the reference set."""
    imported = settings.EGIDE.zones_dir / IMPORTED_NAME
    path = imported if imported.exists() else REFERENCE_FILE
    return _read(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=2)
def _read(path: Path, changed_ns: int) -> Atlas:
    found = msgspec.json.decode(path.read_bytes(), type=_Collection)
    centres = msgspec.json.decode((DATA / "centres.json").read_bytes(), type=list[_CentreNames])
    return Atlas(
        zones={feature.properties.id: _outline(feature) for feature in found.features},
        centres={centre.code: centre.names for centre in centres},
        places=_places(),
        is_official=found.label == "official",
        attribution=found.attribution,
        version=changed_ns,
    )


def _places() -> list[Named]:
    with (DATA / "places.csv").open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        return [Named(row["name"], float(row["lat"]), float(row["lon"])) for row in rows]


def _outline(feature: _Feature) -> Outline:
    shape = feature.geometry
    polygons = [shape.coordinates] if shape.type == "Polygon" else shape.coordinates
    rounded = [[_thin(ring) for ring in polygon] for polygon in polygons]
    points = [point for polygon in rounded for point in polygon[0]]
    lons, lats = [point[0] for point in points], [point[1] for point in points]
    about = feature.properties
    box = (min(lons), min(lats), max(lons), max(lats))
    text = msgspec.Raw(msgspec.json.encode(rounded))
    return Outline(about.id, about.name, about.centre, about.names, text, box)


def _thin(ring: Ring) -> Ring:
    """Rounded, without points that fall on the one before."""
    thin: Ring = []
    for lon, lat, *_height in ring:
        point = [round(lon, _DECIMALS), round(lat, _DECIMALS)]
        if not thin or thin[-1] != point:
            thin.append(point)
    return thin
