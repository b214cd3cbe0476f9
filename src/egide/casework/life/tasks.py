"""What the files need from whom now: lines for the start page, and what the search page finds."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from egide.access.registries.finding import Found
from egide.access.registries.tasks import Level, Task
from egide.access.rules import MAGISTRATE, REFERENCE_OFFICER, ZONE_OFFICER, Scope
from egide.casework import models as m
from egide.casework.file import words as w
from egide.casework.file.details import find_details
from egide.casework.file.files import Listed, in_order, listed, visible
from egide.casework.file.names import find_names
from egide.casework.file.reading import names_of
from egide.casework.file.rules_life import AHEAD_DAYS, Stage
from egide.outbox.days import today

MOST = 100
# The field of a form, and the part of an address, by which somebody goes on from one line of the task list to the next.
THEN, NEXT = "then", "next"
GOING_ON = f"?{THEN}={NEXT}"
FOUND_MOST = 25
SOON_DAYS = AHEAD_DAYS

ZONE_STAGES = (
    Stage.REQUEST,
    Stage.ANALYSIS,
    Stage.CONSULTATION,
    Stage.MORE_ASKED,
    Stage.AGREEMENT,
    Stage.ENDING,
)
OFFICE_STAGES = (Stage.CONSULTATION, Stage.DECISION)


def tasks_of(scope: Scope) -> Iterator[Task]:
    """The files that wait for somebody of this reader's zones or offices, and the reviews that are near."""
    if not scope.has_files:
        return
    magistrate, officer = scope.places(MAGISTRATE), scope.places(ZONE_OFFICER, REFERENCE_OFFICER)
    waiting = Q(managing_zone__in=scope.zones, stage__in=ZONE_STAGES)
    waiting |= Q(office__in=scope.offices, stage__in=OFFICE_STAGES)
    soon = today() + timedelta(days=SOON_DAYS)
    near = Q(stage=Stage.RUNNING) & (Q(review_on__lte=soon) | Q(change_on__lte=soon))
    kept = Q(office__in=scope.offices, erase_on__lte=today())
    died = Q(stage=Stage.DIED, office__in=magistrate, review_on__lte=today())
    for one in listed(in_order(visible(scope).filter(waiting | near | kept | died))[:MOST]):
        yield _task(one, decides=one.case.office in magistrate, writes=one.case.managing_zone in officer)


def _task(one: Listed, *, decides: bool, writes: bool) -> Task:
    case = one.case
    level, places = (
        Level.of(case.danger, case.urgent),
        (f"zone:{case.managing_zone}", f"office:{case.office}"),
    )
    running = case.stage == Stage.RUNNING
    if case.erase_on and case.erase_on <= today():
        return Task(
            title=case.number,
            url=reverse("file", args=[case.id]),
            word=_("Kept long enough: to erase, by two people"),
            since_us=_noon_us(case.erase_on),
        )
    if case.stage == Stage.DIED:
        return Task(
            title=case.number,
            url=f"{reverse('file', args=[case.id])}#deaths",
            word=_("A death: read it, and say what is known of it"),
            since_us=case.waiting_since_us,
            level=Level.URGENT,
        )
    if running and case.change_on is not None and not _is_due(case.review_on):
        return Task(
            title=f"{one.name} · {case.number}",
            url=reverse("file", args=[case.id]),
            word=_("A ban ends or somebody is released: does it call for a review?"),
            since_us=case.waiting_since_us,
            level=level,
            due_us=_noon_us(case.change_on),
            places=places,
        )
    return Task(
        title=f"{one.name} · {case.number}",
        url=_page_of(case, decides=decides, writes=writes),
        word=_("Review") if running else str(w.STAGES[case.stage]),
        since_us=case.waiting_since_us,
        level=level,
        detail=str(w.NEXT[case.stage]) if not running else "",
        due_us=_noon_us(case.review_on) if running and case.review_on else None,
        places=places,
    )


# The stages whose one step is the zone's: the task leads to its page at once.
ZONE_STEPS = {Stage.ANALYSIS: "analysis", Stage.CONSULTATION: "consultation", Stage.AGREEMENT: "agreement"}


def _page_of(case: m.Case, *, decides: bool, writes: bool) -> str:
    """Where the task is done."""
    if decides and case.stage == Stage.DECISION:
        return reverse("file-decision", args=[case.id])
    if writes and case.stage in ZONE_STEPS:
        return reverse("file-step", args=[case.id, ZONE_STEPS[Stage(case.stage)]]) + GOING_ON
    return reverse("file", args=[case.id])


def _is_due(review_on: date | None) -> bool:
    return review_on is not None and review_on <= today() + timedelta(days=SOON_DAYS)


def _noon_us(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, 12, tzinfo=UTC).timestamp()) * 1_000_000


def find_files(scope: Scope, text: str) -> Iterator[Found]:
    """Files whose number or names fit, or a plate, telephone, address or report in them, among those that the reader
    may see."""
    if not scope.has_files:
        return
    cases = visible(scope)
    for one in listed(cases.filter(id__in=_ids_by_number(cases, text))):
        yield _found(one.case, one.name)
    for case, name, detail in find_names(cases, text, FOUND_MOST):
        yield _found(case, name, detail)
    by_details = find_details(scope, cases, text, FOUND_MOST)
    names = names_of([case.id for case, _detail in by_details]) if by_details else {}
    for case, found in by_details:
        yield _found(case, names.get(case.id, "—"), f"{w.DETAILS[found.kind]}: {found.shown}")


def _ids_by_number(cases: QuerySet[m.Case], text: str) -> list[str]:
    """The files whose number ends with this. Numbers are sealed: those that the reader may see are looked through."""
    if not text.isascii() or not text[-1:].isdigit():
        return []
    numbers = cases.values_list("id", "number").iterator()
    return list(islice((case for case, number in numbers if number.endswith(text)), FOUND_MOST))


def _found(case: m.Case, name: str, detail: str = "") -> Found:
    stage = str(w.STAGES[case.stage])
    return Found(
        title=f"{name} · {case.number}",
        url=reverse("file", args=[case.id]),
        word=_("Case file"),
        detail=f"{stage} · {detail}" if detail else stage,
    )
