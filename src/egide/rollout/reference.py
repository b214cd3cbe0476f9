"""Fills the register's own rows from the zone file in force: the imported official one, else the reference set."""

from pathlib import Path

import msgspec
from django.conf import settings
from django.db import transaction

from egide.rollout.models import Centre, Office, Zone

_ROUTING_DATA = Path(__file__).parent.parent / "routing" / "data"
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
    """The file that routing reads."""
    imported: Path = settings.EGIDE.zones_dir / "zones.geojson"
    return imported if imported.exists() else _ROUTING_DATA / "reference_zones.geojson"


@transaction.atomic
def do_load_reference() -> int:
    """Bring centres, offices and zones up to date with the zone file; returns the number of zones.

    Nothing is deleted: a zone that the file no longer holds is marked as gone, since kits may still lie there. What
    somebody entered by hand where the file says nothing stays.
    """
    _write_bodies(Centre, _ROUTING_DATA / "centres.json")
    _write_bodies(Office, _OFFICES)
    found = msgspec.json.decode(zone_file().read_bytes(), type=_Collection)
    zones = [feature.properties for feature in found.features]
    known = Zone.objects.in_bulk()
    offices = set(Office.objects.values_list("code", flat=True))
    rows = []
    for zone in zones:
        row = known.get(zone.id) or Zone(id=zone.id)
        row.name, row.names, row.gone = zone.name, zone.names, False
        row.centre_id = zone.centre or row.centre_id
        row.office_id = zone.prosecutor if zone.prosecutor in offices else row.office_id
        rows.append(row)
    Zone.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["name", "names", "centre", "office", "gone"],
    )
    Zone.objects.exclude(id__in=[zone.id for zone in zones]).update(gone=True)
    return len(zones)


def _write_bodies(model: type[Centre] | type[Office], path: Path) -> None:
    for body in msgspec.json.decode(path.read_bytes(), type=list[_Body]):
        model._default_manager.update_or_create(
            code=body.code, defaults={"name": body.names["en"], "names": body.names}
        )
