"""The police zones in force, their centres, and where they are read from: the imported official file, else the packaged
reference set."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
import shapely
from numpy.typing import NDArray

DATA: Final = Path(__file__).parent / "data"
REFERENCE_FILE: Final = DATA / "reference_zones.geojson"
IMPORTED_NAME: Final = "zones.geojson"  # inside the installation's zones directory

Shapes = NDArray[np.object_]  # of shapely geometries


class ZoneFileError(ValueError):
    """A zone file that cannot be used; the text says which feature, why, and what to do."""


class Zone(msgspec.Struct, frozen=True, kw_only=True):
    """A local police zone. `id` is its number as text, or a word while it has none; `lang` its official language(s);
    `province` the NIS code; `municipalities` NIS codes (Statbel REFNIS)."""

    id: str
    number: int | None = None
    name: str
    names: dict[str, str] = {}
    lang: str = ""
    centre: str
    province: str = ""
    prosecutor: str = ""
    predecessors: tuple[int, ...] = ()
    municipalities: tuple[str, ...] = ()

    def name_in(self, language: str) -> str:
        """The name in "fr", "nl" or "de" where there is one, else the official name."""
        return self.names.get(language, self.name)


class Centre(msgspec.Struct, frozen=True):
    """A dispatch centre (CIC): one for each province and one for Brussels; `languages` in order of use."""

    code: str
    names: dict[str, str]
    languages: tuple[str, ...]

    def name_in(self, language: str) -> str:
        """The name in "fr", "nl", "de" or "en"."""
        return self.names.get(language, self.names["en"])

    @property
    def own_name(self) -> str:
        """The name in the centre's own first language."""
        return self.names[self.languages[0]]


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
        """The imported zones of `zones_dir` where there are any, else the reference set.

        An imported file that cannot be read does not stop the routing of alarms: the reference set stands in, labelled
        as such, and `problem` says why.
        """
        imported = zones_dir / IMPORTED_NAME if zones_dir else None
        if imported is None or not imported.exists():
            return read_zones(REFERENCE_FILE)
        try:
            return read_zones(imported)
        except ZoneFileError as error:
            return msgspec.structs.replace(read_zones(REFERENCE_FILE), problem=str(error))

    @property
    def is_official(self) -> bool:
        return self.label == "official"

    def zone(self, zone_id: str) -> Zone | None:
        """The zone with this id, or None."""
        return next((zone for zone in self.zones if zone.id == zone_id), None)


class _Feature(msgspec.Struct, tag_field="type", tag="Feature"):
    properties: Zone
    geometry: msgspec.Raw


class _Collection(msgspec.Struct, tag_field="type", tag="FeatureCollection"):
    label: str
    attribution: str
    features: list[_Feature]


def read_zones(path: Path) -> ZoneSet:
    """A file in the project's own form (as `make zones` and `egide zones import` write it).

    Raises ZoneFileError when it is not one.
    """
    try:
        found = msgspec.json.decode(path.read_bytes(), type=_Collection)
        shapes: Any = shapely.from_geojson([bytes(feature.geometry) for feature in found.features])
    except (OSError, msgspec.MsgspecError, shapely.GEOSException) as error:
        raise ZoneFileError(
            f"{path.name}: {error}. Import the official file again: egide zones import FILE"
        ) from error
    return ZoneSet(
        zones=tuple(feature.properties for feature in found.features),
        shapes=np.asarray(shapes, dtype=object),
        centres=read_centres(),
        label=found.label,
        attribution=found.attribution,
        path=path,
    )


def encode_zones(zones: list[Zone], shapes: Shapes, label: str, attribution: str) -> bytes:
    """The bytes that `read_zones` reads: GeoJSON (RFC 7946), one feature on each line, so that a diff can be read."""
    features = [
        msgspec.json.encode(
            _Feature(properties=zone, geometry=msgspec.Raw(shapely.to_geojson(shape).encode()))
        )
        for zone, shape in zip(zones, shapely.orient_polygons(shapes), strict=True)
    ]
    head = msgspec.json.encode({"type": "FeatureCollection", "label": label, "attribution": attribution})
    return head[:-1] + b',"features":[\n' + b",\n".join(features) + b"\n]}\n"


def read_centres() -> dict[str, Centre]:
    """The eleven centres by their code, such as HAI."""
    found = msgspec.json.decode((DATA / "centres.json").read_bytes(), type=list[Centre])
    return {centre.code: centre for centre in found}
