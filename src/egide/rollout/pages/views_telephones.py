"""The pages of telephone numbers: people at a board read them, and those who keep them write (safety rule 7)."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from egide.access.rules import COORDINATOR, OPERATOR, REFERENCE_OFFICER, SUPERVISOR, ZONE_OFFICER, Scope
from egide.access.service import ScopedRequest, for_roles
from egide.alarm.events import FEDERAL
from egide.outbox.days import today
from egide.rollout import telephones, words
from egide.rollout.models import Centre, Zone
from egide.rollout.rules import ABROAD, TELEPHONE_KINDS, ZONE
from egide.rollout.telephones import Given, NoSuchPlace, Telephone, TelephoneRefused

READERS = (OPERATOR, SUPERVISOR, ZONE_OFFICER, REFERENCE_OFFICER, COORDINATOR)


@dataclass(frozen=True)
class PlaceRow:
    """A zone or a centre in the list, with its numbers."""

    kind: str
    code: str
    name: str
    numbers: list[Telephone]
    may_keep: bool


@require_GET
@for_roles(*READERS)
def index(request: ScopedRequest) -> HttpResponse:
    """The numbers of one centre, of its neighbours abroad and of its zones; every centre can be chosen."""
    scope, centres = request.scope, {row.code: str(row) for row in Centre.objects.all()}
    chosen = request.GET.get("centre", "")
    chosen = chosen if chosen in centres else _own_centre(scope, min(centres, default=""))
    zones = {row.id: str(row) for row in Zone.objects.filter(gone=False, centre_id=chosen)}
    zones[FEDERAL] = telephones.check_place(ZONE, FEDERAL)
    named = {code: name for code, name in centres.items() if code == chosen}
    context = {
        "scope": scope,
        "centres": sorted(centres.items(), key=lambda one: one[1].casefold()),
        "chosen": chosen,
        "groups": [
            (words.TELEPHONE_KINDS[kind], _rows(scope, kind, zones if kind == ZONE else named))
            for kind in TELEPHONE_KINDS
        ],
        "may_import": scope.is_coordinator,
    }
    return render(request, "rollout/telephones.html", context)


def _own_centre(scope: Scope, otherwise: str) -> str:
    """The centre of the reader's desk, or of their zone."""
    of_zone = Zone.objects.filter(id=scope.zone).values_list("centre_id", flat=True).first()
    return scope.centre or of_zone or otherwise


def _rows(scope: Scope, kind: str, names: Mapping[str, str]) -> list[PlaceRow]:
    numbers, kept = telephones.telephones_of(kind, names), telephones.kept_by(scope, kind, names)
    rows = [PlaceRow(kind, code, name, numbers[code], code in kept) for code, name in names.items()]
    return sorted(rows, key=lambda row: row.name.casefold())


@require_http_methods(["GET", "POST"])
@for_roles(*READERS)
def place(request: ScopedRequest, kind: str, place: str) -> HttpResponse:
    """The numbers of one zone or centre, or of the neighbours abroad that a centre holds."""
    try:
        name = telephones.check_place(kind, place)
    except NoSuchPlace as error:
        raise Http404 from error
    row = _rows(request.scope, kind, {place: name})[0]
    if request.method == "GET":
        return _place(request, row, {}, {})
    if not row.may_keep:
        raise Http404
    try:
        _write(request, row)
    except TelephoneRefused as refused:
        wrong = {refused.field: words.REFUSALS[refused.why]}
        return _place(request, row, wrong, request.POST.dict(), status=422)
    return redirect("telephones-of", kind, place)


def _write(request: ScopedRequest, row: PlaceRow) -> None:
    """What the form says. Raises TelephoneRefused."""
    by, typed = request.scope.user, request.POST
    known = {one.id for one in row.numbers}
    number = int(typed.get("id", "")) if typed.get("id", "").isdecimal() else 0
    if number and number not in known:
        raise Http404
    if "check" in typed:
        telephones.do_check(row.kind, row.code, number, by)
        messages.success(request, _("Written down: the number was rung today."))
    elif "out" in typed:
        telephones.do_take_out(row.kind, row.code, number, by)
        messages.success(request, _("The number is taken out."))
    else:
        checked = today() if typed.get("checked") else None
        country = typed.get("country", "") if typed.get("country") in words.COUNTRIES else ""
        given = Given(typed.get("name", ""), typed.get("number", ""), country, checked)
        telephones.do_keep(row.kind, row.code, given, by, changed=number)
        messages.success(request, _("The number is kept."))


def _place(
    request: ScopedRequest,
    row: PlaceRow,
    errors: Mapping[str, object],
    typed: Mapping[str, str],
    status: int = 200,
) -> HttpResponse:
    wanted = typed.get("id") or request.GET.get("change", "")
    changed = next((one for one in row.numbers if str(one.id) == wanted), None)
    if changed and not typed:
        typed = {"name": changed.name, "number": changed.number, "country": changed.country}
    context = {
        "scope": request.scope,
        "row": row,
        "kind_word": words.TELEPHONE_KINDS[row.kind],
        "changed": changed,
        "countries": words.COUNTRIES.items() if row.kind == ABROAD else (),
        "centre": row.code if row.kind != ZONE else _centre_of(row.code),
        "errors": errors,
        "typed": typed,
    }
    return render(request, "rollout/telephones_of.html", context, status=status)


def _centre_of(zone: str) -> str:
    return Zone.objects.filter(id=zone).values_list("centre_id", flat=True).first() or ""
