"""Who is on duty now, and the number to ring; each place keeps its own roster."""

from dataclasses import dataclass

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from egide.access.rules import (
    CLERK,
    COORDINATOR,
    MAGISTRATE,
    OPERATOR,
    REFERENCE_OFFICER,
    SUPERVISOR,
    ZONE_OFFICER,
)
from egide.access.service import ScopedRequest, for_roles
from egide.outbox.service import clock
from egide.rollout import duties
from egide.rollout.duties import OnDuty
from egide.rollout.models import Duty
from egide.rollout.rules import OFFICE, ZONE
from egide.rollout.service import office_names, zone_names

READERS = (OPERATOR, SUPERVISOR, ZONE_OFFICER, REFERENCE_OFFICER, MAGISTRATE, CLERK, COORDINATOR)
_LISTED = 100


@dataclass(frozen=True)
class DutyRow:
    """A place, and who is on duty there now."""

    kind: str
    name: str
    now: list[OnDuty]


@require_http_methods(["GET", "POST"])
@for_roles(*READERS)
def index(request: ScopedRequest) -> HttpResponse:
    """Who can be rung now; below it the lines that the reader keeps, which can be taken out."""
    kept = duties.kept_by(request.scope)
    if request.method == "POST":
        kind, place, number = (request.POST.get(name, "") for name in ("kind", "place", "id"))
        if (kind, place) not in kept or not number.isdecimal() or len(number) > 18:
            raise Http404
        duties.do_take_out(kind, place, int(number), request.scope.user)
        return redirect("duties")
    context = {
        "scope": request.scope,
        "rows": _rows(request),
        "keeps": bool(kept),
        "lines": [] if request.scope.is_coordinator else _lines(kept),
    }
    return render(request, "rollout/duties.html", context)


def _rows(request: ScopedRequest) -> list[DutyRow]:
    places: dict[str, list[str]] = {ZONE: [], OFFICE: []}
    for kind, place in duties.seen_by(request.scope):
        places[kind].append(place)
    names = {ZONE: zone_names(*places[ZONE]), OFFICE: office_names(*places[OFFICE])}
    return [
        DutyRow(kind, names[kind][place], now)
        for kind in (OFFICE, ZONE)
        for place, now in duties.on_duty(kind, places[kind]).items()
    ]


def _lines(kept: frozenset[tuple[str, str]]) -> list[Duty]:
    """What is on or to come of the reader's own rosters."""
    rows = Duty.objects.filter(place__in={place for _kind, place in kept}, ends_us__gt=clock().now_us())
    return [row for row in rows.order_by("starts_us")[:_LISTED] if (row.kind, row.place) in kept]
