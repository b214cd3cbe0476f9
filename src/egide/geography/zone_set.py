"""The zones in force with their shapes, to locate and to measure; loads shapely and NumPy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import shapely
from numpy.typing import NDArray

from egide.geography.geojson import Feature
from egide.geography.zones import (
    REFERENCE_FILE,
    Centre,
    Zone,
    ZoneFile,
    ZoneFileError,
    read_centres,
    unreadable,
    zone_path,
    zones_in_force,
)

Shapes = NDArray[np.object_]  # of shapely geometries


class ZoneSet(msgspec.Struct, frozen=True):
    """Zones with their shapes (same order; degrees, lon before lat). `label` is "reference" or "official"; `problem`
    tells why an imported file was passed over, else it is empty; `path` is the GeoJSON file that was read."""

    zones: tuple[Zone, ...]
    shapes: Shapes
    centres: dict[str, Centre]
    label: str
    attribution: str
    path: Path
    problem: str = ""

    @classmethod
    def load(cls, zones_dir: Path | None = None) -> ZoneSet:
        """The imported zones of `zones_dir` where there are any and they can be read, else the reference set."""
        path, _changed_ns = zone_path(zones_dir)
        return cls.read(path)

    @classmethod
    def read(cls, path: Path) -> ZoneSet:
        """The zones of this file where it can be read, else the reference set."""
        try:
            return with_shapes(zones_in_force(path))
        except ZoneFileError as error:
            return msgspec.structs.replace(with_shapes(zones_in_force(REFERENCE_FILE)), problem=str(error))

    @property
    def is_official(self) -> bool:
        return self.label == "official"

    def zone(self, zone_id: str) -> Zone | None:
        """The zone with this id, or None."""
        return next((zone for zone in self.zones if zone.id == zone_id), None)


def with_shapes(found: ZoneFile) -> ZoneSet:
    """The same zones, measurable. Raises ZoneFileError for an outline that is none."""
    try:
        shapes: Any = shapely.from_geojson([bytes(outline) for outline in found.outlines])
    except shapely.GEOSException as error:
        raise unreadable(found.path, error) from error
    return ZoneSet(
        zones=found.zones,
        shapes=np.asarray(shapes, dtype=object),
        centres=read_centres(),
        label=found.label,
        attribution=found.attribution,
        path=found.path,
        problem=found.problem,
    )


def encode_zones(zones: list[Zone], shapes: Shapes, label: str, attribution: str) -> bytes:
    """What `read_zones` reads: GeoJSON (RFC 7946), one feature on each line, so that a diff can be read."""
    features = [
        msgspec.json.encode(
            Feature(properties=zone, geometry=msgspec.Raw(shapely.to_geojson(shape).encode()))
        )
        for zone, shape in zip(zones, shapely.orient_polygons(shapes), strict=True)
    ]
    head = msgspec.json.encode({"type": "FeatureCollection", "label": label, "attribution": attribution})
    return head[:-1] + b',"features":[\n' + b",\n".join(features) + b"\n]}\n"
