"""Import of an official zone file (GeoJSON, GeoPackage, Shapefile): read, check strictly, replace the zones in force at
one stroke. Loads GDAL and PROJ, so only the command line imports it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
import pyogrio  # type: ignore[import-untyped]
import pyproj
import shapely
from numpy.typing import NDArray
from pyogrio.errors import (  # type: ignore[import-untyped]
    DataLayerError,
    DataSourceError,
    FeatureError,
    FieldError,
    GeometryError,
)
from shapely.geometry.base import BaseGeometry

from egide.common.files import put_in_place
from egide.common.text import _
from egide.geography.projection import lonlat_to_metres
from egide.geography.zone_set import Shapes, ZoneSet, encode_zones
from egide.geography.zones import IMPORTED_NAME, Centre, Zone, ZoneFileError

SUFFIXES: Final = (".geojson", ".json", ".gpkg", ".shp")
# The names under which official files are likely to carry what is needed; upper and lower case are the same.
FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "id": ("id", "zone_id"),
    "number": ("number", "zone_number", "numero", "nummer", "pz_nr", "zp_nr"),
    "name": ("name", "zone_name", "naam", "nom"),
    "name_fr": ("name_fr", "nom_fr"),
    "name_nl": ("name_nl", "naam_nl"),
    "name_de": ("name_de",),
    "centre": ("centre", "cic_code", "cic"),
}
# Degrees (west, south, east, north) around the country with a margin of some 20 km.
PLAUSIBLE: Final = (2.2, 49.3, 6.7, 51.75)
# Two zones may overlap in a strip as wide as this, as lines drawn twice do.
SLIVER_M: Final = 100.0
# Part of a reference zone's area that the file must cover: a hole in the map is a press that nobody receives.
COVERED: Final = 0.5


class ZoneImport(msgspec.Struct, frozen=True):
    """What an import did: zones in force now, zones that came and went, zones whose centre was not in the file."""

    zones: int
    added: tuple[str, ...]
    removed: tuple[str, ...]
    derived_centres: tuple[str, ...]
    path: Path


def do_import(
    source: Path, zones_dir: Path, attribution: str = "", fields: Mapping[str, str] | None = None
) -> ZoneImport:
    """Check `source` and put its zones in force in `zones_dir`.

    `fields` maps a key of FIELDS to the file's own field name. Raises ZoneFileError, naming the feature that is wrong;
    the zones in force then stay as they were.
    """
    reference, before = ZoneSet.load(), ZoneSet.load(zones_dir)
    rows, shapes = read_features(source, fields or {})
    check_shapes(rows, shapes)
    zones, derived = _zones_of(rows, shapes, reference)
    check_fit(rows, shapes)
    check_coverage(shapes, reference)
    credit = attribution or _("Imported from {file}").format(file=source.name)
    path = zones_dir / IMPORTED_NAME
    replace_file(path, encode_zones(zones, _rounded(shapes), "official", credit))
    now, then = {zone.id for zone in zones}, {zone.id for zone in before.zones}
    return ZoneImport(
        zones=len(zones),
        added=tuple(sorted(now - then)),
        removed=tuple(sorted(then - now)),
        derived_centres=derived,
        path=path,
    )


class FeatureFields(msgspec.Struct, frozen=True):
    """One feature's fields as text, with its place in the file (0 first)."""

    index: int
    fields: dict[str, str]

    def refuse(self, reason: str, advice: str) -> ZoneFileError:
        """The error that names this feature."""
        name = self.fields.get("name") or self.fields.get("id") or self.fields.get("number") or "?"
        return ZoneFileError(
            _("Feature {index} ({name}): {reason} {advice}").format(
                index=self.index, name=name, reason=reason, advice=advice
            )
        )


# Reading

# A name or a value that is no UTF-8 has an error of its own, and so has a feature that GDAL itself gives up.
_UNREADABLE: Final = (
    DataSourceError,
    DataLayerError,
    FeatureError,
    FieldError,
    GeometryError,
    UnicodeDecodeError,
)


def read_features(source: Path, fields: Mapping[str, str]) -> tuple[list[FeatureFields], Shapes]:
    """Rows and shapes (degrees, lon before lat) of the file's only layer. Raises ZoneFileError."""
    if not source.is_file():
        raise ZoneFileError(_("{file}: there is no such file.").format(file=source))
    if source.suffix.lower() not in SUFFIXES:
        raise ZoneFileError(
            _("{file}: not a zone file. Give a GeoJSON, GeoPackage or Shapefile ({suffixes}).").format(
                file=source.name, suffixes=", ".join(SUFFIXES)
            )
        )
    try:
        layers = pyogrio.list_layers(source)
        if len(layers) != 1:
            raise ZoneFileError(
                _("{file}: {count} layers ({names}); keep only the one with the zones.").format(
                    file=source.name, count=len(layers), names=", ".join(str(name) for name, _type in layers)
                )
            )
        meta, _fids, wkb, columns = pyogrio.raw.read(source, force_2d=True)
    except _UNREADABLE as error:
        raise ZoneFileError(
            _("{file}: cannot be read: {reason}").format(file=source.name, reason=error)
        ) from error
    if wkb is None or not len(wkb):
        raise ZoneFileError(_("{file}: no feature with a shape in it.").format(file=source.name))
    rows = _rows([str(name) for name in meta["fields"]], columns, len(wkb), fields, source.name)
    return rows, _in_degrees(rows, wkb, meta["crs"], source.name)


def _rows(
    names: list[str], columns: list[Any], count: int, fields: Mapping[str, str], file: str
) -> list[FeatureFields]:
    """The known fields of every feature, as text."""
    place = {name.lower(): number for number, name in enumerate(names)}
    missing = [name for name in fields.values() if name.lower() not in place]
    if missing:
        raise ZoneFileError(
            _("{file}: no field {field}. It has: {names}.").format(
                file=file, field=", ".join(missing), names=", ".join(names)
            )
        )
    found: dict[str, Any] = {}
    for key, aliases in FIELDS.items():
        wanted = (fields[key],) if key in fields else aliases
        column = next((place[alias.lower()] for alias in wanted if alias.lower() in place), None)
        if column is not None:
            found[key] = columns[column]
    return [FeatureFields(i, {key: _text(column[i]) for key, column in found.items()}) for i in range(count)]


def _text(value: object) -> str:
    """A field's value as text: empty for null and for NaN; 5324.0 is 5324."""
    if value is None or value != value:
        return ""
    text = str(value).strip()
    return text[:-2] if re.fullmatch(r"\d+\.0", text) else text


def _in_degrees(rows: list[FeatureFields], wkb: NDArray[np.object_], crs: str | None, file: str) -> Shapes:
    """WGS 84 shapes, with None where the feature has none. Raises ZoneFileError when the file names no coordinates."""
    if crs is None:
        raise ZoneFileError(
            _("{file}: it does not say in which coordinates it is (a Shapefile needs its .prj).").format(
                file=file
            )
        )
    shapes = np.asarray(shapely.from_wkb(wkb, on_invalid="ignore"), dtype=object)
    if pyproj.CRS(crs).equals(pyproj.CRS("OGC:CRS84"), ignore_axis_order=True):
        return shapes
    to_degrees = pyproj.Transformer.from_crs(crs, "OGC:CRS84", always_xy=True)
    return np.asarray(
        shapely.transform(shapes, lambda xy: np.column_stack(to_degrees.transform(xy[:, 0], xy[:, 1]))),
        dtype=object,
    )


# Checking


def check_shapes(rows: list[FeatureFields], shapes: Shapes) -> None:
    """Every feature: a valid polygon within the country's surroundings. Raises ZoneFileError."""
    repair = _("Repair it in a geographic information system (for example “Fix geometries” in QGIS).")
    for row, shape in zip(rows, shapes, strict=True):
        if shape is None or shape.is_empty or shape.geom_type not in ("Polygon", "MultiPolygon"):
            kind = shape.geom_type if shape is not None else _("nothing")
            raise row.refuse(_("the shape is not a polygon but {kind}.").format(kind=kind), repair)
        if not _is_near(shape):
            west, south, east, north = shape.bounds
            where = f"{south:.4f} {west:.4f} – {north:.4f} {east:.4f}"
            raise row.refuse(
                _("it lies outside Belgium ({where}).").format(where=where),
                _("Check the coordinate system and the order of the axes."),
            )
        if not shape.is_valid:
            raise row.refuse(
                _("the shape is not valid: {reason}.").format(reason=shapely.is_valid_reason(shape)), repair
            )


def _is_near(shape: BaseGeometry) -> bool:
    west, south, east, north = shape.bounds
    return bool(
        west >= PLAUSIBLE[0] and south >= PLAUSIBLE[1] and east <= PLAUSIBLE[2] and north <= PLAUSIBLE[3]
    )


def check_fit(rows: list[FeatureFields], shapes: Shapes) -> None:
    """No two zones overlap by more than a strip of SLIVER_M. Raises ZoneFileError naming both."""
    metres = np.asarray(shapely.transform(shapes, lonlat_to_metres), dtype=object)
    left, right = shapely.STRtree(metres).query(metres, predicate="intersects")
    once = left < right
    common = shapely.intersection(metres[left[once]], metres[right[once]])
    wide = ~shapely.is_empty(shapely.buffer(common, -SLIVER_M / 2))
    if wide.any():
        worst = int(np.argmax(np.where(wide, shapely.area(common), 0)))
        first, second = rows[left[once][worst]], rows[right[once][worst]]
        raise second.refuse(
            _("it overlaps feature {index} ({name}) by {area} km².").format(
                index=first.index, name=first.fields.get("name", "?"), area=round(common[worst].area / 1e6, 2)
            ),
            _("Every place must belong to one zone: correct the border of one of them."),
        )


def check_coverage(shapes: Shapes, reference: ZoneSet) -> None:
    """The zones cover the country: a hole is a press that nobody receives. Raises ZoneFileError."""
    whole = shapely.union_all(shapes)
    shapely.prepare(whole)
    share = shapely.area(shapely.intersection(reference.shapes, whole)) / shapely.area(reference.shapes)
    holes = [f"{z.id} {z.name}" for z, part in zip(reference.zones, share, strict=True) if part < COVERED]
    if holes:
        raise ZoneFileError(
            _(
                "Zones of the country that the file leaves without a map ({count}): {names}. Complete it first."
            ).format(count=len(holes), names=", ".join(holes[:5]) + (" …" if len(holes) > 5 else ""))
        )


# From a feature to a zone


def _zones_of(
    rows: list[FeatureFields], shapes: Shapes, reference: ZoneSet
) -> tuple[list[Zone], tuple[str, ...]]:
    """The zones, and the ids of those whose centre the file does not give. Raises ZoneFileError."""
    by_id = {zone.id: zone for zone in reference.zones}
    tree = shapely.STRtree(reference.shapes)
    seen: dict[str, FeatureFields] = {}
    zones: list[Zone] = []
    derived: list[str] = []
    for row, shape in zip(rows, shapes, strict=True):
        zone_id, number = check_identity(row)
        if zone_id in seen:
            raise row.refuse(
                _("the id {id} is already that of feature {index}.").format(
                    id=zone_id, index=seen[zone_id].index
                ),
                _("Every zone needs its own."),
            )
        seen[zone_id] = row
        known = by_id.get(zone_id)
        twin = known or _largest_overlap(shape, reference, tree)
        centre = _centre_of(row, reference.centres)
        if centre is None:
            derived.append(zone_id)
            centre = _derived_centre(row, twin)
        zones.append(_zone(row, zone_id, number, centre, known, twin))
    return zones, tuple(derived)


def check_identity(row: FeatureFields) -> tuple[str, int | None]:
    """(id, number) of a feature: it needs a name, and a number (then that is its id) or an id. Raises ZoneFileError."""
    number = row.fields.get("number", "")
    zone_id = number or row.fields.get("id", "")
    if not row.fields.get("name"):
        raise row.refuse(_("it has no name."), _("Fill it in, or name its field: --field name=FIELD."))
    if not zone_id:
        raise row.refuse(
            _("it has neither a number nor an id."),
            _("Fill one in, or name its field: --field number=FIELD."),
        )
    if number and not re.fullmatch(r"[0-9]{4}", number):
        raise row.refuse(
            _("{number} is not a zone number.").format(number=repr(number)),
            _("It has four digits, such as 5324."),
        )
    # Ids stand in lists separated by spaces and in addresses of pages.
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}", zone_id):
        raise row.refuse(
            _("{id} cannot be an id.").format(id=repr(zone_id)),
            _("Use at most 40 letters, digits, dots, dashes."),
        )
    return zone_id, int(number) if number else None


def _centre_of(row: FeatureFields, centres: dict[str, Centre]) -> str | None:
    """The code of the centre that the file names, by code or by name in any language; None when it names none."""
    given = row.fields.get("centre", "")
    if not given:
        return None
    for centre in centres.values():
        if given == centre.code or given in centre.names.values():
            return centre.code
    raise row.refuse(
        _("{centre} is not a dispatch centre.").format(centre=repr(given)),
        _("Use one of: {codes}.").format(codes=", ".join(sorted(centres))),
    )


def _derived_centre(row: FeatureFields, twin: Zone | None) -> str:
    if twin is None:
        raise row.refuse(
            _("no dispatch centre is given, and no known zone lies there."),
            _("Add a field “centre” with its code."),
        )
    return twin.centre


def _largest_overlap(shape: BaseGeometry, reference: ZoneSet, tree: shapely.STRtree) -> Zone | None:
    """The reference zone that shares most ground with a shape."""
    found = tree.query(shape, predicate="intersects")
    if not found.size:
        return None
    return reference.zones[
        int(found[np.argmax(shapely.area(shapely.intersection(reference.shapes[found], shape)))])
    ]


def _zone(
    row: FeatureFields, zone_id: str, number: int | None, centre: str, known: Zone | None, twin: Zone | None
) -> Zone:
    """The zone of a feature; what the file lacks comes from the reference zone of that id, or of that place."""
    names = {
        lang: row.fields[f"name_{lang}"] for lang in ("fr", "nl", "de") if row.fields.get(f"name_{lang}")
    }
    return Zone(
        id=zone_id,
        number=number,
        name=row.fields["name"],
        names={lang: name for lang, name in names.items() if name != row.fields["name"]},
        lang=twin.lang if twin else "",
        centre=centre,
        province=twin.province if twin else "",
        prosecutor=twin.prosecutor if twin else "",
        predecessors=known.predecessors if known else (),
        municipalities=known.municipalities if known else (),
    )


# Writing


def _rounded(shapes: Shapes) -> Shapes:
    """Coordinates of 1e-5 degree (a metre); a shape that the rounding would break keeps its digits."""
    rounded = np.asarray(shapely.transform(shapes, lambda lonlat: np.round(lonlat, 5)), dtype=object)
    return np.where(shapely.is_valid(rounded), rounded, shapes)


def replace_file(path: Path, data: bytes) -> None:
    """Write beside, flush to the disk, rename: a reader sees the old bytes or the new, whatever happens."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.new")
    draft.write_bytes(data)
    put_in_place(draft, path)
