"""Which files, kits and items of the stock a reader sees: the one filter of this package's pages, lists and numbers."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from egide.access.registries.barring import files_that_bar
from egide.access.rules import REFERENCE_OFFICER, ZONE_OFFICER, Scope, reader_marks
from egide.casework import models as files
from egide.casework import service as casework
from egide.casework.file.rules_life import CLOSED, Stage
from egide.fleet.models import OUT, Item, Kit

OFFICERS = (ZONE_OFFICER, REFERENCE_OFFICER)


class NoSuchKit(LookupError):
    """There is no such kit for this reader."""


def cases_of(scope: Scope) -> QuerySet[files.Case]:
    """The files whose kits this officer keeps: those of the officer's zones, without those that bar the officer."""
    zones = scope.places(*OFFICERS)
    return files.Case.objects.filter(managing_zone__in=zones).exclude(
        barredreader__mark__in=reader_marks(scope)
    )


def kits_of(scope: Scope) -> QuerySet[Kit]:
    """The kits of those files."""
    return Kit.objects.filter(case_id__in=cases_of(scope).values("id")).select_related(
        "button_item", "phone_item"
    )


def kits_of_the_living(scope: Scope) -> QuerySet[Kit]:
    """Those kits without the ones of people who died: nobody is asked anything for them."""
    return kits_of(scope).exclude(case_id__in=cases_of(scope).filter(stage=Stage.DIED).values("id"))


def kits_to_take_back(scope: Scope) -> QuerySet[Kit]:
    """Kits that are still out though their file has ended."""
    over = cases_of(scope).filter(stage__in=CLOSED).values("id")
    return kits_of(scope).filter(state__in=OUT, case_id__in=over)


def hidden_kits(scope: Scope) -> frozenset[str]:
    """The kits that must not exist for this reader, with all that belongs or belonged to them (safety rule 27)."""
    rows = Kit.objects.filter(case_id__in=files_that_bar(scope))
    return frozenset(rows.values_list("id", flat=True))


def items_of(scope: Scope) -> QuerySet[Item]:
    """The items of the stock that this reader may see: all for the coordinator, those of their zones for officers."""
    items = Item.objects.exclude(kit__in=hidden_kits(scope))
    return items if scope.is_coordinator else items.filter(zone__in=scope.places(*OFFICERS))


def check_kit(scope: Scope, kit_id: str) -> Kit:
    """The kit. Raises NoSuchKit when it does not exist or is not for this reader: nobody learns which."""
    kit = kits_of(scope).filter(id=kit_id).first()
    if kit is None:
        raise NoSuchKit(kit_id)
    return kit


@dataclass(frozen=True)
class FileLine:
    """What a list of kits shows of a file."""

    case: str
    number: str
    name: str
    danger: bool = False
    urgent: bool = False
    since_us: int = 0
    zone: str = ""


def about_files(case_ids: Iterable[str]) -> dict[str, FileLine]:
    """A line for each of these files, in two queries; the caller has asked `cases_of`."""
    rows = files.Case.objects.filter(id__in=set(case_ids))
    return {line.case: line for line in file_lines(list(rows))}


def file_lines(rows: list[files.Case]) -> list[FileLine]:
    """The same for these rows, in their order."""
    names = casework.names_of([row.id for row in rows])
    return [
        FileLine(
            row.id,
            row.number,
            names.get(row.id, ""),
            row.danger,
            row.urgent,
            row.waiting_since_us,
            row.managing_zone,
        )
        for row in rows
    ]
