"""Fills the register's own rows from the zone file in force: the imported official one, else the reference set."""

import logging
from collections.abc import Iterable
from pathlib import Path

import msgspec
from django.conf import settings
from django.db import transaction

from egide.geography import zones as geography
from egide.geography.zones import ZoneFile, read_centres, zone_path, zones_in_force
from egide.rollout.models import Centre, Office, Zone

log = logging.getLogger("egide.rollout")

_OFFICES = Path(__file__).parent / "data" / "offices.json"


class _Body(msgspec.Struct):
    code: str
    names: dict[str, str]


def zone_file() -> ZoneFile:
    """The zones that routing reads."""
    path, _changed_ns = zone_path(settings.EGIDE.zones_dir)
    found = zones_in_force(path)
    if found.problem:
        log.warning("%s cannot be read, the reference zones stand in: %s", path, found.problem)
    return found


@transaction.atomic
def do_load_reference() -> int:
    """Bring centres, offices and zones up to date with the zone file; returns the number of zones.

    Nothing is deleted: a zone that the file no longer holds is marked as gone, since kits may still lie there. What
    somebody imported by hand stays. Done at every start of the web process; repeating changes nothing.
    """
    _write_bodies(Centre, read_centres().values())
    _write_bodies(Office, msgspec.json.decode(_OFFICES.read_bytes(), type=list[_Body]))
    zones = zone_file().zones
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


def _write_bodies(model: type[Centre] | type[Office], bodies: Iterable[geography.Centre | _Body]) -> None:
    for body in bodies:
        model._default_manager.update_or_create(
            code=body.code, defaults={"name": body.names["en"], "names": body.names}
        )
