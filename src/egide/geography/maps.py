"""Names and outlines of zones and centres, ready for a page: without loading any geometry."""

from functools import lru_cache
from pathlib import Path

import msgspec

from egide.geography.geojson import Ring, polygons_of
from egide.geography.places import NamedPlace, read_places
from egide.geography.zones import Zone, read_centres, zones_in_force

NEAR_DEG = 0.35
# Some five kilometres: people at the edge of a zone may name a place beyond it.
EDGE_DEG = 0.05
# 1e-4 degree is about ten metres: finer than the reference lines are true.
_DECIMALS = 4


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


class Atlas(msgspec.Struct, frozen=True):
    """All zones of the file in force. `is_official` is false for the reference set, which every map must say;
    `version` changes with the file."""

    zones: dict[str, Outline]
    centres: dict[str, dict[str, str]]
    places: tuple[NamedPlace, ...]
    is_official: bool
    attribution: str
    version: int

    def zone_name(self, zone: str, language: str) -> str:
        """The zone's name with its number, or the bare id when it is unknown."""
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

    def places_near(self, lat_deg: float, lon_deg: float) -> list[NamedPlace]:
        """Named places of the same neighbourhood: with no streets, they say where one is."""
        return [
            place
            for place in self.places
            if abs(place.lat - lat_deg) <= NEAR_DEG and abs(place.lon - lon_deg) <= NEAR_DEG
        ]


def places_of_zone(path: Path, version: int, zone: str) -> tuple[NamedPlace, ...]:
    """The named places in and around a zone, each name once; empty for a zone that the file does not hold."""
    box = _boxes(path, version).get(zone)
    if box is None:
        return ()
    west, south, east, north = box
    found = {
        place.name: place
        for place in read_places()
        if west - EDGE_DEG <= place.lon <= east + EDGE_DEG
        and south - EDGE_DEG <= place.lat <= north + EDGE_DEG
    }
    return tuple(found.values())


@lru_cache(maxsize=1)
def _boxes(path: Path, version: int) -> dict[str, tuple[float, float, float, float]]:
    """The box around each zone; the outlines themselves are not kept."""
    return {zone: outline.box for zone, outline in read_atlas(path, version).zones.items()}


def read_atlas(path: Path, version: int) -> Atlas:
    """The atlas of a zone file; `version` says when it changed."""
    found = zones_in_force(path)
    return Atlas(
        zones={zone.id: _outline(zone, text) for zone, text in zip(found.zones, found.outlines, strict=True)},
        centres={code: centre.names for code, centre in read_centres().items()},
        places=read_places(),
        is_official=found.is_official,
        attribution=found.attribution,
        version=version,
    )


def _outline(zone: Zone, geometry: msgspec.Raw) -> Outline:
    rounded = [[_thin(ring) for ring in polygon] for polygon in polygons_of(geometry)]
    points = [point for polygon in rounded for point in polygon[0]]
    lons, lats = [point[0] for point in points], [point[1] for point in points]
    box = (min(lons), min(lats), max(lons), max(lats))
    text = msgspec.Raw(msgspec.json.encode(rounded))
    return Outline(zone.id, zone.name, zone.centre, zone.names, text, box)


def _thin(ring: Ring) -> Ring:
    """Rounded, without points that fall on the one before."""
    thin: Ring = []
    for lon, lat, *_height in ring:
        point = [round(lon, _DECIMALS), round(lat, _DECIMALS)]
        if not thin or thin[-1] != point:
            thin.append(point)
    return thin
