"""Who is on duty now, and the number to ring; each place keeps its own roster, and its people exchange duties."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

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
from egide.outbox.days import today
from egide.rollout import duties
from egide.rollout.duties import Exchange, ExchangeRefused, NoSuchExchange, OnDuty, Overtaken
from egide.rollout.imports import as_csv
from egide.rollout.models import Duty
from egide.rollout.rules import OFFICE, ZONE
from egide.rollout.service import office_names, zone_names

READERS = (OPERATOR, SUPERVISOR, ZONE_OFFICER, REFERENCE_OFFICER, MAGISTRATE, CLERK, COORDINATOR)
KEEPERS = (REFERENCE_OFFICER, MAGISTRATE, CLERK, COORDINATOR)
_LISTED = 100
_MOST_DIGITS = 18


@dataclass(frozen=True)
class DutyRow:
    """A place, and who is on duty there now."""

    kind: str
    name: str
    now: list[OnDuty]


@require_http_methods(["GET", "POST"])
@for_roles(*READERS)
def index(request: ScopedRequest) -> HttpResponse:
    """Who can be rung now; below it the lines that the reader keeps, which can be taken out and exchanged."""
    kept = duties.kept_by(request.scope)
    if request.method == "POST":
        kind, place, number = (request.POST.get(name, "") for name in ("kind", "place", "id"))
        if (kind, place) not in kept or not number.isdecimal() or len(number) > _MOST_DIGITS:
            raise Http404
        duties.do_take_out(kind, place, int(number), request.scope.user)
        return redirect("duties")
    context = {
        "scope": request.scope,
        "rows": _rows(request),
        "keeps": bool(kept),
        "lines": [] if request.scope.is_coordinator else duties.lines_of(kept)[:_LISTED],
    }
    return render(request, "rollout/duties.html", context)


@require_GET
@for_roles(*KEEPERS)
def take(request: ScopedRequest) -> HttpResponse:
    """What is on or to come of the reader's own rosters, as the file that the import reads."""
    kept = duties.kept_by(request.scope)
    if not kept:
        raise Http404
    reply = HttpResponse(as_csv(duties.lines_of(kept)), content_type="text/csv; charset=utf-8")
    reply["Content-Disposition"] = f'attachment; filename="egide-duties-{today()}.csv"'
    return reply


@require_http_methods(["GET", "POST"])
@for_roles(*KEEPERS)
def exchange(request: ScopedRequest, line: int) -> HttpResponse:
    """Choose with whom a duty is exchanged, see it before and after, say yes."""
    kept = duties.kept_by(request.scope)
    row = next((one for one in duties.lines_of(kept) if one.id == line), None)
    if row is None:
        raise Http404
    chosen = (request.POST if request.method == "POST" else request.GET).get("with", "")
    if not chosen:
        return _show(request, row)
    how, _colon, number = chosen.partition(":")
    other = int(number) if number.isdecimal() and len(number) <= _MOST_DIGITS else 0
    try:
        if request.method == "GET":
            return _show(request, row, duties.exchange_of(kept, row.id, how, other), chosen)
        mark = request.POST.get("mark", "")
        duties.do_exchange(kept, row.id, how, other, mark, request.scope.user)
    except (NoSuchExchange, Overtaken):
        messages.warning(
            request, _("Nothing was exchanged: the roster has changed meanwhile. Look at it first.")
        )
        return redirect("duties")
    except ExchangeRefused:
        found = duties.exchange_of(kept, row.id, how, other)
        return _show(request, row, found, chosen, status=422)
    messages.success(request, _("Exchanged."))
    return redirect("duties")


def _show(
    request: ScopedRequest, row: Duty, found: Exchange | None = None, chosen: str = "", status: int = 200
) -> HttpResponse:
    swaps, people = duties.others_of(row)
    context = {
        "scope": request.scope,
        "line": row,
        "swaps": [(f"{duties.SWAP}:{one.id}", one) for one in swaps[:_LISTED]],
        "people": [(f"{duties.TAKE_OVER}:{one.id}", one) for one in people[:_LISTED]],
        "chosen": chosen,
        "exchange": found,
    }
    return render(request, "rollout/duty_exchange.html", context, status=status)


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
