"""Where pages of zones and teams say that this device may be woken, and the script that is woken."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from egide.access.service import DeskRequest, for_zone
from egide.access.signing_in.sessions import lasts_s
from egide.alarm.rules import Refused
from egide.boards.shown.words import REFUSALS
from egide.boards.team.page import Actor
from egide.boards.waking import devices
from egide.common.vapid import public_key


def waking_key() -> str:
    """The key of the sender that may wake a browser; empty where nobody is woken."""
    return public_key(settings.EGIDE)


@require_GET
@for_zone
def zone_script(request: DeskRequest) -> HttpResponse:
    """The service worker of the zone's page."""
    return _script(request)


@require_GET
def team_script(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The service worker of one team's page."""
    return _script(request)


def _script(request: HttpRequest) -> HttpResponse:
    """In the language of its reader: all that it ever says is the same sentence."""
    context = {"title": _("Look at the page"), "text": _("There is something new.")}
    response = render(request, "boards/wake.js", context, content_type="text/javascript; charset=utf-8")
    patch_cache_control(response, no_cache=True)
    return response


@require_POST
@for_zone
def wake_session(request: DeskRequest) -> HttpResponse:
    """Wake this browser until the session ends."""
    try:
        devices.do_keep_for_session(request, lasts_s(request))
    except Refused as refused:
        return _refused(refused)
    return HttpResponse(status=204)


@require_POST
@for_zone
def forget_session(request: DeskRequest) -> HttpResponse:
    """Wake this browser no more."""
    devices.do_forget_session(request)
    return HttpResponse(status=204)


@require_POST
def wake_team(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Wake the browser that opened the link, as long as the link lasts."""
    try:
        devices.do_keep_for_team(request.POST, actor.state.alarm, actor.device, actor.lasts_until_s)
    except Refused as refused:
        return _refused(refused)
    return HttpResponse(status=204)


@require_POST
def forget_team(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Wake it no more."""
    devices.do_forget_team(actor.state.alarm, actor.device)
    return HttpResponse(status=204)


def _refused(refused: Refused) -> JsonResponse:
    return JsonResponse({"said": str(REFUSALS[refused.why])}, status=422)
