"""Fills the register's own rows from the zone file in force: the imported official one, else the reference set."""

import logging
from functools import lru_cache
from pathlib import Path

import msgspec
from django.conf import settings
from django.db import transaction

from egide.rollout.models import Centre, Office, Zone

log = logging.getLogger("egide.rollout")

_ROUTING_DATA = Path(__file__).parent.parent / "routing" / "data"
_REFERENCE = _ROUTING_DATA / "reference_zones.geojson"
_OFFICES = Path(__file__).parent / "data" / "offices.json"


class _Zone(msgspec.Struct):
    id: str
    name: str
    names: dict[str, str] = {}
    centre: str = ""
    prosecutor: str = ""


class _Feature(msgspec.Struct):
    properties: _Zone


class _Collection(msgspec.Struct):
    features: list[_Feature]


class _Body(msgspec.Struct):
    code: str
    names: dict[str, str]


def zone_file() -> Path:
    """The file that routing reads. One that cannot be read stops no page: the reference set stands in, as there."""
    imported: Path = settings.EGIDE.zones_dir / "zones.geojson"
    if imported.exists() and _zones_in(imported, imported.stat().st_mtime_ns) is not None:
        return imported
    return _REFERENCE


@lru_cache(maxsize=2)
def _zones_in(path: Path, changed_ns: int) -> list[_Zone] | None:
    """The zones of a file, None when it is not one."""
    try:
        found = msgspec.json.decode(path.read_bytes(), type=_Collection)
    except (OSError, msgspec.MsgspecError) as error:
        log.warning("%s cannot be read, the reference zones stand in: %s", path, error)
        return None
    return [feature.properties for feature in found.features]


@transaction.atomic
def do_load_reference() -> int:
    """Bring centres, offices and zones up to date with the zone file; returns the number of zones.

    Nothing is deleted: a zone that the file no longer holds is marked as gone, since kits may still lie there. What
    somebody imported by hand stays. Done at every start of the web process; repeating changes nothing.
    """
    _write_bodies(Centre, _ROUTING_DATA / "centres.json")
    _write_bodies(Office, _OFFICES)
    path = zone_file()
    zones = _zones_in(path, path.stat().st_mtime_ns) or []
    known = Zone.objects.in_bulk()
    offices = set(Office.objects.values_list("code", flat=True))
    rows = []
    for zone in zones:
        row = known.get(zone.id) or Zone(id=zone.id)
        row.gone = False
        if not row.by_hand:
            row.name, row.names = zone.name, zone.names
            row.centre_id = zone.centre or row.centre_id
            row.office_id = zone.prosecutor if zone.prosecutor in offices else row.office_id
        rows.append(row)
    Zone.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["name", "names", "centre", "office", "gone"],
    )
    Zone.objects.exclude(id__in=[zone.id for zone in zones]).filter(by_hand=False).update(gone=True)
    return len(zones)


def _write_bodies(model: type[Centre] | type[Office], path: Path) -> None:
    for body in msgspec.json.decode(path.read_bytes(), type=list[_Body]):
        model._default_manager.update_or_create(
            code=body.code, defaults={"name": body.names["en"], "names": body.names}
        )
