"""Duty rosters of zones and prosecutor's offices: who is on duty now, and the number to ring."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from django.db import transaction

from egide.access.rules import CLERK, MAGISTRATE, REFERENCE_OFFICER, Scope
from egide.events.rollout import DutiesKept
from egide.outbox.service import clock, offer
from egide.rollout.models import Duty, Office, Zone
from egide.rollout.rules import OFFICE, ZONE

# What is over is kept for a month: somebody may ask who it was.
_KEPT_US = 30 * 86_400_000_000


@dataclass(frozen=True)
class OnDuty:
    """Somebody who is on duty, until when (microseconds)."""

    name: str
    number: str
    until_us: int


@dataclass(frozen=True)
class Entry:
    """A line of a roster."""

    kind: str
    place: str
    name: str
    number: str
    starts_us: int
    ends_us: int


def on_duty(kind: str, places: Collection[str]) -> dict[str, list[OnDuty]]:
    """Who is on duty now at each of these places; whoever began last comes first."""
    found: dict[str, list[OnDuty]] = {place: [] for place in places}
    now_us = clock().now_us()
    rows = Duty.objects.filter(kind=kind, place__in=found, starts_us__lte=now_us, ends_us__gt=now_us)
    for row in rows.order_by("-starts_us", "name"):
        found[row.place].append(OnDuty(row.name, row.number, row.ends_us))
    return found


def kept_by(scope: Scope) -> frozenset[tuple[str, str]]:
    """Kind and place of the rosters that this person keeps: their own zone's or office's; the coordinator all."""
    if scope.is_coordinator:
        zones = {(ZONE, zone) for zone in Zone.objects.values_list("id", flat=True)}
        return frozenset(zones | {(OFFICE, code) for code in Office.objects.values_list("code", flat=True)})
    zones = {(ZONE, zone) for zone in scope.places(REFERENCE_OFFICER)}
    return frozenset(zones | {(OFFICE, office) for office in scope.places(MAGISTRATE, CLERK)})


def seen_by(scope: Scope) -> Iterator[tuple[str, str]]:
    """Kind and place of the rosters that this person may have to ring: of their centre's zones with their offices,
    of their own zone, of their own office."""
    zones = Zone.objects.filter(gone=False)
    if not scope.is_coordinator:
        zones = zones.filter(id__in=scope.zones) | zones.filter(centre_id__in=scope.centres)
    offices = set(scope.offices)
    for zone, office in zones.values_list("id", "office_id").order_by("id"):
        yield ZONE, zone
        offices |= {office} if office else set()
    yield from ((OFFICE, office) for office in sorted(offices))


@transaction.atomic
def do_keep(entries: Iterable[Entry], by: str) -> int:
    """Keep these lines; one of the same place, begin and name is replaced, and what was over a month ago goes."""
    told: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        Duty.objects.update_or_create(
            kind=entry.kind,
            place=entry.place,
            name=entry.name,
            starts_us=entry.starts_us,
            defaults={"number": entry.number, "ends_us": entry.ends_us},
        )
        told.setdefault((entry.kind, entry.place), []).append(entry)
    Duty.objects.filter(ends_us__lt=clock().now_us() - _KEPT_US).delete()
    for (kind, place), lines in told.items():
        event = DutiesKept(
            subject=f"{kind}:{place}",
            by=by,
            number=len(lines),
            from_us=min(line.starts_us for line in lines),
            until_us=max(line.ends_us for line in lines),
        )
        offer(event, f"rollout:{kind}:{place}")
    return sum(map(len, told.values()))


@transaction.atomic
def do_take_out(kind: str, place: str, number: int, by: str) -> None:
    """A line goes; nothing where the place has no such line."""
    for row in Duty.objects.filter(kind=kind, place=place, id=number):
        row.delete()
        told = DutiesKept(
            subject=f"{kind}:{place}", by=by, number=-1, from_us=row.starts_us, until_us=row.ends_us
        )
        offer(told, f"rollout:{kind}:{place}")
