"""The numbers of zones, centres and neighbours abroad, who keeps them, and when each was last rung."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from egide.access.answering import AnswerRefused
from egide.access.rules import REFERENCE_OFFICER, SUPERVISOR, Scope
from egide.alarm.events import FEDERAL
from egide.common.telephones import dial_of
from egide.events.rollout import TelephoneNumberKept
from egide.outbox.days import today
from egide.outbox.service import offer
from egide.rollout.models import Centre, TelephoneNumber, Zone
from egide.rollout.rules import ABROAD, OLD_AFTER_DAYS, TELEPHONE_KINDS, ZONE

SHORTEST_NAME, LONGEST_NAME, LONGEST_NUMBER = 2, 120, 40


class TelephoneRefused(AnswerRefused):
    """A number that cannot be kept; `field` names the answer at fault, `why` is a word of `words.REFUSALS`."""


class NoSuchPlace(LookupError):
    """There is no such zone or centre."""


@dataclass(frozen=True)
class Telephone:
    """A number as it is shown. `is_old`: nobody has rung it for half a year, or ever."""

    id: int
    kind: str
    place: str
    country: str
    name: str
    number: str
    checked_on: date | None

    @property
    def is_old(self) -> bool:
        return self.checked_on is None or self.checked_on < today() - timedelta(days=OLD_AFTER_DAYS)


@dataclass(frozen=True)
class Given:
    """What somebody typed of a number."""

    name: str
    number: str
    country: str = ""
    checked_on: date | None = None


def telephones_of(kind: str, places: Collection[str], country: str = "") -> dict[str, list[Telephone]]:
    """The numbers of these places, each of `places` with its own; the one look-up of numbers that there is.

    Where a centre holds no number for `country`, it gives every number abroad: any of them can pass the call on.
    """
    found: dict[str, list[Telephone]] = {place: [] for place in places}
    for row in TelephoneNumber.objects.filter(kind=kind, place__in=found):
        found[row.place].append(_shown(row))
    if country:
        of_country = {place: [one for one in rows if one.country == country] for place, rows in found.items()}
        return {place: of_country[place] or rows for place, rows in found.items()}
    return found


def kept_by(scope: Scope, kind: str, places: Collection[str]) -> frozenset[str]:
    """Those of `places` whose numbers this person keeps.

    The coordinator keeps all, a reference officer those of their own zone, a supervisor those of their own centre, of
    its neighbours abroad and of its zones: the people who ring them learn first that one is wrong.
    """
    wanted = frozenset(places)
    if scope.is_coordinator:
        return wanted
    centres = scope.places(SUPERVISOR)
    if kind != ZONE:
        return wanted & centres
    # Most people at a board supervise nothing: there is nothing to look up.
    mine = (
        Zone.objects.filter(id__in=wanted, centre_id__in=centres).values_list("id", flat=True)
        if centres
        else ()
    )
    return wanted & (scope.places(REFERENCE_OFFICER) | frozenset(mine))


def check_place(kind: str, place: str) -> str:
    """The name of the zone, of the federal unit, or of the centre. Raises NoSuchPlace."""
    if (kind, place) == (ZONE, FEDERAL):
        return _("Federal unit")
    rows: QuerySet[Zone] | QuerySet[Centre] = Zone.objects.all() if kind == ZONE else Centre.objects.all()
    found = rows.filter(pk=place).first() if kind in TELEPHONE_KINDS else None
    if found is None:
        raise NoSuchPlace(f"{kind}:{place}")
    return str(found)


def check_given(kind: str, given: Given) -> Given:
    """What was typed, tidied. Raises TelephoneRefused."""
    name, number = " ".join(given.name.split()), " ".join(given.number.split())
    if not SHORTEST_NAME <= len(name) <= LONGEST_NAME:
        raise TelephoneRefused("name", "telephone-name")
    if len(number) > LONGEST_NUMBER or not dial_of(number):
        raise TelephoneRefused("number", "telephone-number")
    if kind == ABROAD and not number.startswith("+"):
        raise TelephoneRefused("number", "telephone-abroad")
    if (kind == ABROAD) != bool(given.country):
        raise TelephoneRefused("country", "telephone-country")
    if given.checked_on and given.checked_on > today():
        raise TelephoneRefused("checked_on", "future")
    return Given(name, number, given.country, given.checked_on)


@transaction.atomic
def do_keep(kind: str, place: str, given: Given, by: str, changed: int = 0) -> None:
    """Keep a number; `changed` is the id of the one whose place it takes. Raises NoSuchPlace, TelephoneRefused."""
    check_place(kind, place)
    told = check_given(kind, given)
    others = TelephoneNumber.objects.filter(kind=kind, place=place)
    if others.filter(country=told.country, name=told.name).exclude(id=changed).exists():
        raise TelephoneRefused("name", "telephone-twice")
    row = others.filter(id=changed).first() or TelephoneNumber(kind=kind, place=place)
    if row.id and (row.name, row.country) != (told.name, told.country):
        _tell(row, by, is_out=True)
    row.name, row.number, row.country, row.checked_on = told.name, told.number, told.country, told.checked_on
    row.save()
    _tell(row, by)


@transaction.atomic
def do_check(kind: str, place: str, number: int, by: str) -> None:
    """Somebody rang the number today, and it is right."""
    for row in TelephoneNumber.objects.filter(kind=kind, place=place, id=number):
        row.checked_on = today()
        row.save(update_fields=["checked_on"])
        _tell(row, by)


@transaction.atomic
def do_take_out(kind: str, place: str, number: int, by: str) -> None:
    """The number is kept no longer."""
    for row in TelephoneNumber.objects.filter(kind=kind, place=place, id=number):
        _tell(row, by, is_out=True)
        row.delete()


def do_import(kind_place_given: Iterable[tuple[str, str, Given]], by: str) -> None:
    """Keep the numbers of a file; one that has the same name takes the place of the former."""
    for kind, place, given in kind_place_given:
        told = check_given(kind, given)
        same = TelephoneNumber.objects.filter(kind=kind, place=place, country=told.country, name=told.name)
        do_keep(kind, place, told, by, changed=same.values_list("id", flat=True).first() or 0)


def _shown(row: TelephoneNumber) -> Telephone:
    return Telephone(row.id, row.kind, row.place, row.country, row.name, row.number, row.checked_on)


def _tell(row: TelephoneNumber, by: str, *, is_out: bool = False) -> None:
    event = TelephoneNumberKept(
        subject=f"{row.kind}:{row.place}",
        name=row.name,
        number="" if is_out else row.number,
        by=by,
        country=row.country,
        checked_on=row.checked_on.isoformat() if row.checked_on and not is_out else "",
    )
    offer(event, f"rollout:{row.kind}:{row.place}")
