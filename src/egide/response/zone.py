"""The page of a police zone: alarms that concern it, who of it is informed, which team goes, and how far it is."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from egide.access.rules import Scope
from egide.access.service import DeskRequest, for_zone, live_url_for, titles
from egide.events.state import AlarmState
from egide.journal.errors import JournalError
from egide.outbox.service import clock, journal
from egide.response import service
from egide.response.clocks import Due, dues_of
from egide.response.geography import atlas
from egide.response.rules import Refused
from egide.response.words import REFUSALS, place_of

View = Callable[..., HttpResponseBase]
LEADING, MANAGING, NEIGHBOURING = "leading", "managing", "neighbouring"


@dataclass(frozen=True)
class Card:
    """One alarm as the zone sees it. `name` is empty for a neighbour: who is concerned is not for it to know."""

    state: AlarmState
    role: str
    name: str
    centre: str
    lead_zone: str
    place: str
    dues: tuple[Due, ...]
    is_ours: bool
    no_patrol: str
    may_lead: bool

    @property
    def received_ms(self) -> int:
        return self.state.received_at_us // 1000


def role_of(zone: str, state: AlarmState) -> str:
    """Why `zone` sees the alarm. It leads by name, or by the position while no zone is named (safety rule 2)."""
    position_zone = state.route.zone if state.route else ""
    if zone in (state.lead_zone, position_zone):
        return LEADING
    return MANAGING if zone == state.origin.managing_zone else NEIGHBOURING


def may_lead(zone: str, state: AlarmState) -> bool:
    """Whether somebody of `zone` may take the lead: nobody has it, or can send a team, or the position is here."""
    if not state.lead_zone or state.lead_zone in state.no_patrol:
        return True
    return state.route is not None and state.route.zone == zone


def _answers(view: View) -> View:
    """What does not concern the zone does not exist (404); a refusal or a journal that is down is said on the page."""

    @wraps(view)
    def guarded(request: DeskRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except service.NotForYou as error:
            raise Http404 from error
        except Refused as refused:
            by = titles([refused.by]).get(refused.by, "")
            return _page(request, str(REFUSALS[refused.why]) % {"by": by}, 422)
        except (JournalError, sqlite3.Error):
            down = _("The journal takes nothing at the moment. Act, and try again.")
            return HttpResponse(down, status=503, content_type="text/plain; charset=utf-8")

    return guarded


@require_GET
@for_zone
@_answers
def page(request: DeskRequest) -> HttpResponse:
    """The whole page, with the alarms as they are now."""
    return _page(request)


@require_GET
@for_zone
@_answers
def alarms(request: DeskRequest) -> HttpResponse:
    """The list alone."""
    return render(request, "response/zone_alarms.html", _context(request.scope))


@require_POST
@for_zone
@_answers
def confirm(request: DeskRequest, alarm: str) -> HttpResponse:
    """Somebody of this zone is informed, by name or reference."""
    if not may_lead(request.scope.zone, service.check_alarm(request.scope, alarm)):
        raise Refused("other-leads")
    service.do_confirm_zone(request.scope, alarm, request.scope.zone, request.POST.get("reference", ""))
    return redirect("zone")


@require_POST
@for_zone
@_answers
def team(request: DeskRequest, alarm: str) -> HttpResponse:
    """A team of this zone goes."""
    _check_leads(request.scope, alarm)
    call_sign, telephone = request.POST.get("call_sign", ""), request.POST.get("telephone", "")
    service.do_name_team(request.scope, alarm, call_sign, telephone)
    return redirect("zone")


@require_POST
@for_zone
@_answers
def no_patrol(request: DeskRequest, alarm: str) -> HttpResponse:
    """This zone leads and has nobody to send."""
    _check_leads(request.scope, alarm)
    service.do_report_no_patrol(request.scope, alarm)
    return redirect("zone")


@require_POST
@for_zone
@_answers
def under_way(request: DeskRequest, alarm: str) -> HttpResponse:
    """The team has left."""
    _check_leads(request.scope, alarm)
    service.do_report_under_way(request.scope, alarm)
    return redirect("zone")


@require_POST
@for_zone
@_answers
def on_site(request: DeskRequest, alarm: str) -> HttpResponse:
    """The team is on the spot."""
    _check_leads(request.scope, alarm)
    service.do_report_on_site(request.scope, alarm)
    return redirect("zone")


def _check_leads(scope: Scope, alarm: str) -> None:
    """Only the zone that leads sends a team. Raises NotForYou, Refused "zone-first" or "other-leads"."""
    leads = service.check_alarm(scope, alarm).lead_zone
    if leads != scope.zone:
        raise Refused("other-leads" if leads else "zone-first")


def _page(request: DeskRequest, message: str = "", status: int = 200) -> HttpResponse:
    context = _context(request.scope) | {
        "scope": request.scope,
        "zone_name": atlas().zone_name(request.scope.zone, _language()),
        "live_url": f"{live_url_for(request.get_host())}/v1/live",
        "message": message,
    }
    return render(request, "response/zone.html", context, status=status)


def _context(scope: Scope) -> dict[str, Any]:
    # The head is read first: what the list shows is at least as new as this says.
    head = journal().head()
    states = service.open_alarms(scope)
    names = service.names_of([state for state in states if role_of(scope.zone, state) != NEIGHBOURING])
    cards = [_card(scope, state, names) for state in states]
    return {"head": head, "now_ms": clock().now_us() // 1000, "cards": cards}


def _card(scope: Scope, state: AlarmState, names: dict[str, str]) -> Card:
    geography, language = atlas(), _language()
    route = state.route
    role = role_of(scope.zone, state)
    return Card(
        state=state,
        role=role,
        name="" if role == NEIGHBOURING else names.get(state.case) or _("Kit without a file"),
        centre=geography.centre_name(route.centre, language) if route else "",
        lead_zone=geography.zone_name(state.lead_zone, language) if state.lead_zone else "",
        place=place_of(route) if route else "",
        dues=tuple(dues_of(state)),
        is_ours=state.lead_zone == scope.zone and state.lead_zone not in state.no_patrol,
        no_patrol=", ".join(geography.zone_name(zone, language) for zone in state.no_patrol),
        may_lead=may_lead(scope.zone, state),
    )


def _language() -> str:
    return (get_language() or "en")[:2]
