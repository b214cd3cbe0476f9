"""Invented numbers of centres, zones and neighbours abroad, patrols of a zone that keeps a list, and who is on duty."""

from datetime import timedelta

from django.db import transaction

from egide.access.models import User
from egide.alarm.events import FEDERAL
from egide.outbox.days import today
from egide.outbox.service import clock
from egide.rollout.models import Centre, Duty, Patrol, TelephoneNumber, Zone
from egide.rollout.rules import ABROAD, CENTRE, OFFICE, OLD_AFTER_DAYS, ZONE

# The deploying authority enters the real ones.
_ABROAD = (
    ("HAI", "FR", "Salle de commandement (démo) · Nord", "+33 0 00 00 00 17"),
    ("WVL", "FR", "Salle de commandement (démo) · Nord", "+33 0 00 00 00 17"),
    ("NAM", "FR", "Salle de commandement (démo) · Ardennes", "+33 0 00 00 00 08"),
    ("LUX", "FR", "Salle de commandement (démo) · Ardennes", "+33 0 00 00 00 08"),
    ("LUX", "LU", "Einsatzzentrale (Demo) · Lëtzebuerg", "+352 00 00 01 13"),
    ("LIE", "DE", "Leitstelle (Demo) · Aachen", "+49 000 000 0110"),
    ("LIE", "NL", "Meldkamer (demo) · Limburg", "+31 00 000 0112"),
    ("LIE", "LU", "Einsatzzentrale (Demo) · Lëtzebuerg", "+352 00 00 01 13"),
    ("LIM", "NL", "Meldkamer (demo) · Limburg", "+31 00 000 0112"),
    ("ANT", "NL", "Meldkamer (demo) · Brabant", "+31 00 000 0212"),
    ("OVL", "NL", "Meldkamer (demo) · Zeeland", "+31 00 000 0312"),
)
# One zone keeps none, and what Gent keeps is old: so that the pages show both.
_WITHOUT, _OLD = "5277", "5415"
CHECKED_DAYS = 30
# Call sign, telephone, and whether it is on duty.
_PATROLS = {
    "5324": (
        ("Mons 12 (démo)", "+32 000 40 012 0", True),
        ("Mons 14 (démo)", "+32 000 40 014 0", True),
        ("Mons 16 (démo)", "", False),
    )
}

# This week and the next: how they answer, number, account.
_DUTIES = {
    (OFFICE, "mons"): (
        ("Substitut de garde (démo)", "+32 000 50 001 0", "parquet-mons-01"),
        ("Substitute suivante (démo)", "+32 000 50 003 0", ""),
    ),
    (ZONE, "5324"): (
        ("Officier de garde (démo)", "+32 000 50 002 0", "mons-quevy-ref"),
        ("Officière suivante (démo)", "+32 000 50 004 0", ""),
    ),
}
_MINUTE_US, _WEEK_US = 60_000_000, 7 * 86_400_000_000


@transaction.atomic
def do_load_demo_telephones() -> None:
    """Write the invented numbers. Repeating changes nothing."""
    for centre, country, name, number in _ABROAD:
        _keep(ABROAD, centre, name, number, country=country)
    for place, code in enumerate(Centre.objects.values_list("code", flat=True)):
        _keep(CENTRE, code, f"CIC (démo) {code}", f"+32 000 10 {place:02} 00")
    _keep(ZONE, FEDERAL, "Permanence (démo)", "+32 000 30 000 0")
    zones = Zone.objects.filter(gone=False).exclude(id=_WITHOUT).values_list("id", flat=True)
    for place, zone in enumerate(zones):
        days = OLD_AFTER_DAYS + CHECKED_DAYS if zone == _OLD else CHECKED_DAYS
        _keep(ZONE, zone, f"Dispatching (démo) {zone}", f"+32 000 20 {place:03} 0", days=days)
    _keep_patrols()


@transaction.atomic
def do_load_demo_duties() -> None:
    """Write the invented rosters, a week each, so that a demo has somebody on duty whenever it is looked at."""
    accounts = {user.name: user for user in User.objects.all()}
    now_us = clock().now_us() // _MINUTE_US * _MINUTE_US
    for (kind, place), people in _DUTIES.items():
        for week, (name, number, account) in enumerate(people):
            begin_us = now_us + week * _WEEK_US
            said = {"number": number, "account": accounts.get(account), "ends_us": begin_us + _WEEK_US}
            Duty.objects.create(kind=kind, place=place, name=name, starts_us=begin_us, **said)


def _keep_patrols() -> None:
    for zone, patrols in _PATROLS.items():
        for sign, telephone, on_duty in patrols:
            said = {"telephone": telephone, "on_duty": on_duty, "changed_at_us": clock().now_us()}
            Patrol.objects.update_or_create(zone=zone, call_sign=sign, defaults=said)


def _keep(
    kind: str, place: str, name: str, number: str, *, country: str = "", days: int = CHECKED_DAYS
) -> None:
    TelephoneNumber.objects.update_or_create(
        kind=kind,
        place=place,
        country=country,
        name=name,
        defaults={"number": number, "checked_on": today() - timedelta(days=days)},
    )
