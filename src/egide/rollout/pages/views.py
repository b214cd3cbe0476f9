"""The pages of the roll-out: where the alarm is available and since when, and what each zone and office lacks."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from egide.access.rules import COORDINATOR, STEERING
from egide.access.service import ScopedRequest, for_roles
from egide.access.templatetags.units import day
from egide.outbox.days import today
from egide.rollout import readiness, rules, sign_off, words
from egide.rollout.map import WIDTH, national_map
from egide.rollout.models import Attendance, Office, Zone
from egide.rollout.readiness import Readiness
from egide.rollout.sign_off import NoSuchBody, SignOffRefused

READERS = (COORDINATOR, STEERING)
# Written out: to compute it for each of 190 rows costs as much as the rest of the page.
ADDRESS = "/rollout/"


@dataclass(frozen=True)
class BodyRow:
    """A zone or office in a list."""

    code: str
    name: str
    readiness: Readiness
    missing: tuple[str, ...]
    centre: str = ""
    office: str = ""
    path: str = ""

    @property
    def since(self) -> str:
        """ "since 3 March 2026" where nothing is missing, else nothing."""
        since = self.readiness.since
        return _("since %(day)s") % {"day": day(since)} if since else ""

    @property
    def ends(self) -> str:
        """From when too few certificates are left, when that is near."""
        ends = self.readiness.expires_on
        return _("too few certificates from %(day)s on") % {"day": day(ends)} if ends else ""

    @property
    def lacks(self) -> str:
        """Everything that is missing, on one line."""
        return " · ".join(self.missing)

    @property
    def url(self) -> str:
        return f"{ADDRESS}{self.readiness.kind}/{self.code}/"

    @property
    def mark(self) -> str:
        """How the map paints it: "ready", "begun" or "none"."""
        if self.readiness.is_ready:
            return "ready"
        return "begun" if self.readiness.has_begun else "none"


def row_of(code: str, name: str, found: Readiness, **more: str) -> BodyRow:
    """A list's row, with what is missing in words."""
    missing = tuple(words.missing_text(found.kind, missing) for missing in found.missing)
    return BodyRow(code, name, found, missing, **more)


@require_GET
@for_roles(*READERS)
def index(request: ScopedRequest) -> HttpResponse:
    """The national map and the table. Inside the service only: public figures locate nobody (safety rule 34)."""
    chosen = request.GET.get("office", "")
    drawn = national_map()
    ready = readiness.zones()
    zones = [
        row_of(
            zone.id,
            str(zone),
            ready[zone.id],
            centre=str(zone.centre or ""),
            office=str(zone.office or ""),
            path=drawn.paths.get(zone.id, ""),
        )
        for zone in Zone.objects.filter(gone=False).select_related("centre", "office")
        if not chosen or zone.office_id == chosen
    ]
    office_ready = readiness.offices()
    offices = [row_of(office.code, str(office), office_ready[office.code]) for office in Office.objects.all()]
    context = {
        "scope": request.scope,
        "zones": zones,
        "groups": {
            mark: _in_order(row for row in zones if row.mark == mark) for mark in ("ready", "begun", "none")
        },
        "offices": sorted(offices, key=lambda row: (bool(row.missing), row.name.casefold())),
        "chosen": chosen,
        "map": drawn,
        "width": WIDTH,
        "may_write": request.scope.is_coordinator,
    }
    return render(request, "rollout/index.html", context)


def _in_order(rows: Iterable[BodyRow]) -> list[BodyRow]:
    """Those that lack least first: they are the next step."""
    return sorted(rows, key=lambda row: (len(row.missing), row.name.casefold()))


@require_http_methods(["GET", "POST"])
@for_roles(*READERS)
def body(request: ScopedRequest, kind: str, code: str) -> HttpResponse:
    """One zone or office: what is missing, trainings, signatures; the coordinator writes down who signed."""
    try:
        found = sign_off.check_body(kind, code)
    except NoSuchBody as error:
        raise Http404 from error
    if request.method == "GET":
        return _body(request, kind, code, found)
    if not request.scope.is_coordinator:
        raise Http404
    try:
        _write(request, kind, code)
    except SignOffRefused as refused:
        wrong: dict[str, object] = {refused.field: words.REFUSALS[refused.why]}
        return _body(request, kind, code, found, wrong, status=422)
    return redirect("rollout-body", kind, code)


def _write(request: ScopedRequest, kind: str, code: str) -> None:
    if "withdraw" in request.POST:
        sign_off.do_withdraw(kind, code, request.POST.get("why", ""), request.scope.user)
        messages.success(request, _("The signature is withdrawn. No kit leaves there from now on."))
        return
    try:
        on = date.fromisoformat(request.POST.get("on", ""))
    except ValueError as error:
        raise SignOffRefused("on", "date") from error
    sign_off.do_sign_off(kind, code, request.POST.get("signer", ""), on, request.scope.user)
    messages.success(request, _("The signature is recorded."))


def _body(
    request: ScopedRequest,
    kind: str,
    code: str,
    found: Zone | Office,
    errors: dict[str, object] | None = None,
    status: int = 200,
) -> HttpResponse:
    ready = readiness.zones(code) if kind == rules.ZONE else readiness.offices(code)
    trained = Attendance.objects.filter(**{f"{kind}_id": code}).select_related("session")
    signatures = sign_off.signatures_of(kind, code)
    stands = any(signature.last is None for signature in signatures)
    context = {
        "scope": request.scope,
        "kind": kind,
        "kind_word": words.KINDS[kind],
        "signer_word": words.SIGNERS[kind],
        "row": row_of(code, str(found), ready[code]),
        "body": found,
        "today": today(),
        "trained": trained.order_by("-session__on", "person"),
        "signatures": signatures,
        "stands": stands,
        "may_write": request.scope.is_coordinator,
        "errors": errors or {},
        # A colleague may have signed or withdrawn meanwhile: then the form is another one.
        "error_targets": dict.fromkeys(("on", "signer") if stands else ("why",), ""),
        "typed": request.POST,
    }
    return render(request, "rollout/body.html", context, status=status)
