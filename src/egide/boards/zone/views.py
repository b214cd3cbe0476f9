"""The page of a police zone: alarms that concern it, who of it is informed, which team goes, and how far it is."""

from collections.abc import Callable
from functools import wraps

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from egide.access.service import DeskRequest, for_zone, live_url_for
from egide.access.signing_in.sessions import lasts_s
from egide.alarm.leading import check_zone_leads
from egide.alarm.rows import ZONE
from egide.alarm.rules import Refused
from egide.boards import service
from egide.boards.geography import atlas
from egide.boards.shown.views import made_link
from egide.boards.shown.words import language, said
from egide.boards.waking import devices
from egide.boards.waking.views import not_kept, script, waking_key
from egide.boards.zone.page import Refusal, page_context
from egide.journal.errors import JournalError

View = Callable[..., HttpResponseBase]
# What was typed comes back into its field when it is refused, so much of it.
_KEPT_SIGNS = 4000


def _answers(view: View) -> View:
    """What does not concern the zone does not exist (404); a refusal or a journal that is down is said on the page."""

    @wraps(view)
    def guarded(request: DeskRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except service.NotForYou as error:
            raise Http404 from error
        except Refused as refused:
            return _page(request, _refusal(request, refused, str(kwargs.get("alarm", ""))), 422)
        except JournalError:
            down = _("The journal takes nothing at the moment. Act, and try again.")
            return HttpResponse(down, status=503, content_type="text/plain; charset=utf-8")

    return guarded


def _refusal(request: DeskRequest, refused: Refused, alarm: str) -> Refusal:
    typed = {name: text[:_KEPT_SIGNS] for name, text in request.POST.items() if isinstance(text, str)}
    return Refusal(alarm, said(refused), typed)


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
    return render(request, "zone/zone_alarms.html", page_context(request.scope))


@require_POST
@for_zone
def link(request: DeskRequest, alarm: str) -> HttpResponse:
    """A one-time link for the team of this zone, as a fragment with a picture and a short code."""
    scope = request.scope
    return made_link(request, alarm, lambda state: check_zone_leads(state, scope.zone))


@require_POST
@for_zone
@_answers
def command(request: DeskRequest, alarm: str, name: str) -> HttpResponse:
    """What an officer says of an alarm: a row of the table."""
    scope = request.scope
    service.do_command(scope, alarm, name, service.speaker_of(scope, ZONE), request.POST.dict())
    return redirect("zone")


@require_GET
@for_zone
def wake_script(request: DeskRequest) -> HttpResponse:
    """The service worker of the zone's page."""
    return script(request)


@require_POST
@for_zone
def wake(request: DeskRequest) -> HttpResponse:
    """Wake this browser until the session ends."""
    try:
        devices.do_keep_for_session(request, lasts_s(request))
    except Refused as refused:
        return not_kept(refused)
    return HttpResponse(status=204)


@require_POST
@for_zone
def forget(request: DeskRequest) -> HttpResponse:
    """Wake this browser no more."""
    devices.do_forget_session(request)
    return HttpResponse(status=204)


def _page(request: DeskRequest, refusal: Refusal | None = None, status: int = 200) -> HttpResponse:
    context = page_context(request.scope, refusal)
    shown = [*context["cards"], *context["follow_ups"]]
    context |= {
        "scope": request.scope,
        "zone_name": atlas().zone_name(request.scope.zone, language()),
        "waking_key": waking_key(),
        "waking_script": "/zone/wake.js",
        "waking_scope": "/zone/",
        "waking_post": "/zone/",
        "live_url": f"{live_url_for(request.get_host())}/v1/live",
        # What was refused on an alarm that is not on the page any more is said above it.
        "refusal": refusal if refusal and all(refusal.alarm != each.state.alarm for each in shown) else None,
    }
    return render(request, "zone/zone.html", context, status=status)
