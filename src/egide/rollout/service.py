"""The face of this package: who takes part and since when, what is missing, whom to ring, which patrols there are."""

from egide.rollout.duties import OnDuty, accounts_on_duty, on_duty
from egide.rollout.map import WIDTH, national_map
from egide.rollout.models import Centre, Office, Zone
from egide.rollout.patrols import ShownPatrol, patrols_of
from egide.rollout.readiness import offices, zones
from egide.rollout.reference import do_load_reference
from egide.rollout.rules import ABROAD, CENTRE, OFFICE, ZONE
from egide.rollout.sign_off import NoSuchBody, do_sign_off, do_withdraw, signatures_of
from egide.rollout.telephones import Telephone, kept_by, telephones_of
from egide.rollout.words import COUNTRIES

__all__ = [
    "ABROAD",
    "CENTRE",
    "COUNTRIES",
    "WIDTH",
    "ZONE",
    "NoSuchBody",
    "OnDuty",
    "ShownPatrol",
    "Telephone",
    "accounts_on_duty",
    "do_load_reference",
    "do_sign_off",
    "do_withdraw",
    "duty_magistrates",
    "kept_by",
    "national_map",
    "office_names",
    "offices",
    "on_duty",
    "patrols_of",
    "signatures_of",
    "telephones_of",
    "zone_names",
    "zone_places",
    "zones",
]


def zone_names(*ids: str) -> dict[str, str]:
    """Names in the reader's language, of these zones or of all; an id without a row stands for itself."""
    rows = Zone.objects.filter(id__in=ids) if ids else Zone.objects.all()
    return {zone: zone for zone in ids} | {row.id: f"{row} · {row.id}" for row in rows}


def zone_places() -> list[tuple[str, str, str]]:
    """Every zone that the map still holds, with its centre and its office ("" where it has none)."""
    rows = Zone.objects.filter(gone=False).values_list("id", "centre_id", "office_id").order_by("id")
    return [(zone, centre or "", office or "") for zone, centre, office in rows]


def office_names(*codes: str) -> dict[str, str]:
    """The same for prosecutor's offices."""
    rows = Office.objects.filter(code__in=codes) if codes else Office.objects.all()
    return {code: code for code in codes} | {row.code: str(row) for row in rows}


def duty_magistrates(zone: str) -> list[OnDuty]:
    """Who is on duty now at the prosecutor's office of this zone, as its roster says."""
    office = Zone.objects.filter(id=zone).values_list("office_id", flat=True).first()
    return on_duty(OFFICE, [office])[office] if office else []


def places_of(kind: str) -> dict[str, str]:
    """All places of a kind ("centre", "zone", "office"), code to name: where somebody's post can be."""
    return {"centre": centre_names, "zone": zone_names, "office": office_names}[kind]()


def centre_names() -> dict[str, str]:
    """Names of all centres in the reader's language."""
    return {row.code: str(row) for row in Centre.objects.all()}
