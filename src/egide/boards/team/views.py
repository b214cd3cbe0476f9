"""The team's page, by a one-time link or for an officer of the zone: what to know on the way, and what to tap."""

import re
import secrets
from collections.abc import Callable
from functools import wraps

import msgspec
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from egide.access.pages.street_map import maps_of
from egide.access.rules import team_scope
from egide.access.service import ScopedRequest, for_zone, live_stream_of, live_ticket
from egide.alarm.rows import TEAM, WAY
from egide.alarm.rules import LINK_LASTS_S, Refused, decide_team_position
from egide.boards import links, service
from egide.boards.rules import may_open_page, may_read_file, may_send
from egide.boards.shown.acts import every_act
from egide.boards.shown.call_back import call_back_of
from egide.boards.shown.timeline import timeline_of
from egide.boards.shown.views import handed, picture
from egide.boards.shown.words import OUTCOMES, TEAM_REFUSALS, said
from egide.boards.team.page import Actor, now_context, places_of
from egide.boards.team.seeing import may_see
from egide.boards.team.taps import age_of, decide_tap, position_of, tap_of
from egide.boards.waking import devices
from egide.boards.waking.views import not_kept, script, waking_key
from egide.common import ticket
from egide.journal.errors import JournalError
from egide.outbox.service import clock, journal

ActorView = Callable[..., HttpResponseBase]
View = Callable[..., HttpResponseBase]
_DEVICE = re.compile(r"[A-Za-z0-9_-]{43}")
# All at once: on a bad network each round trip counts. What wakes the phone and what draws the map come after them.
_SCRIPTS = (
    "team/taps.js",
    "boards/clock.js",
    "boards/headers.js",
    "boards/live.js",
    "boards/pressing.js",
)
# Only the team's page may ask the phone where it is; everything else stays as on every page.
_PERMISSIONS = "geolocation=(self), camera=(), microphone=(), payment=()"


def for_device(view: ActorView, *, also_ended: bool = False, is_page: bool = True) -> View:
    """Let the device pass that opened a link of the alarm, until the report and a day at most.

    For any other the alarm does not exist. `also_ended`: what was tapped in time may still arrive. With `is_page` the
    device is told that its link has ended; what is no page is not there any more.
    """

    @wraps(view)
    def guarded(request: HttpRequest, alarm: str, **of_page: str) -> HttpResponseBase:
        follows = links.following(alarm, _device_of(request, alarm))
        if follows is None:
            raise Http404
        call_sign = follows.link.call_sign
        scope = team_scope(call_sign, alarm)
        link = follows.link
        base = reverse("team", args=[alarm])
        actor = Actor(
            scope,
            follows.state,
            scope.user,
            base,
            call_sign,
            device=link.device,
            lasts_until_s=link.expires_at_s,
        )
        try:
            links.check_may_read(follows)
        except Refused as refused:
            if not is_page:
                raise Http404 from refused
            if not (also_ended and links.is_heard(follows)):
                # It reads of its own report that it has arrived, not that somebody was first.
                own = refused.why == "reported" and refused.by == actor.by
                message = _("Your report has arrived.") if own else said(refused)
                context = {"message": message, "actor": actor, "tap_names": _tap_names()}
                return render(request, "team/team_ended.html", context, status=410)
        return view(request, actor, **of_page)

    return guarded


def for_officer(view: ActorView) -> View:
    """Let officers of the zone pass that leads the alarm or manages its file; the first may tap for the team."""

    @wraps(view)
    def guarded(request: ScopedRequest, alarm: str, **of_page: str) -> HttpResponseBase:
        scope = request.scope
        try:
            state = service.check_alarm(scope, alarm)
        except service.NotForYou as error:
            raise Http404 from error
        if not any(may_open_page(zone, state) for zone in scope.zones):
            raise Http404
        base = reverse("zone-file", args=[alarm])
        may_report = any(may_send(zone, state) for zone in scope.zones)
        return view(request, Actor(scope, state, scope.user, base, may_report=may_report), **of_page)

    return for_zone(guarded)


@require_GET
def page(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The whole page. That the file was read is recorded."""
    shown, acts = now_context(actor), every_act(TEAM)
    context = (
        shown
        | _file(actor)
        | {
            "head": journal().head(),
            "live_url": live_stream_of(request),
            "outcomes": OUTCOMES.items(),
            "acts": acts,
            "next_tap": next((act.name for act in acts if act.lane == WAY and act.name in shown["can"]), ""),
            "tap_id": secrets.token_hex(16),
            "tap_names": _tap_names(),
            "scripts": _SCRIPTS,
            "maps": maps_of(),
            "waking_key": waking_key() if actor.call_sign else "",
            "waking_script": f"{actor.base}wake.js",
            "waking_scope": actor.base,
            "waking_post": actor.base,
        }
    )
    response = render(request, "team/team.html", context)
    response["Permissions-Policy"] = _PERMISSIONS
    if actor.call_sign:
        _set_ticket(response, actor)
    return response


@require_GET
def now(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The parts that change on the way."""
    return render(request, "team/team_now.html", now_context(actor))


@require_GET
def timeline(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What happened so far, as far as a team may see it."""
    try:
        lines = timeline_of(actor.state.alarm, may_see)
    except JournalError:
        context = {"message": _("The journal cannot be read at the moment."), "actor": actor}
        return render(request, "team/team_refused.html", context, status=503)
    return render(request, "team/team_timeline.html", {"actor": actor, "lines": lines})


@require_GET
def file(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The parts of the file, when the position says something else of them. Recorded like the first reading."""
    return render(request, "team/team_file.html", {"actor": actor, "state": actor.state} | _file(actor))


@require_GET
def photo(request: HttpRequest, actor: Actor) -> HttpResponse:
    """A perpetrator's photo, as long as the file may be read."""
    if not may_read_file(actor.state, clock().now_us()):
        raise Http404
    return picture(request, actor.scope, actor.state)


@require_GET
def paper(_request: HttpRequest, actor: Actor, paper: str) -> HttpResponse:
    """A paper of the file that is handed to the team, while the alarm is open."""
    return handed(actor.scope, actor.state, paper)


@require_GET
def places(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What the map draws around the position."""
    return HttpResponse(msgspec.json.encode(places_of(actor.state)), content_type="application/json")


@require_POST
def tap(request: HttpRequest, actor: Actor) -> HttpResponse:
    """One tap. 200: it counts, now or before. 422: refused, with the sentence. 503: keep it and send it again.

    Before the page's scripts have come, a form says the same, and is answered with a page.
    """
    form, is_plain = request.POST.dict(), "plain" in request.POST
    try:
        if not actor.may_report:
            raise Refused("not-yours")
        given, now_us = tap_of(_one_for_each(form) if is_plain else form), clock().now_us()
        journal().decide(
            actor.state.alarm, lambda state: decide_tap(state, given, actor.by, actor.call_sign, now_us)
        )
    except Refused as refused:
        return _not_taken(request, actor, said(refused, TEAM_REFUSALS), 422)
    except JournalError:
        return _not_taken(request, actor, _("The journal takes nothing at the moment."), 503)
    return redirect(actor.base) if is_plain else JsonResponse({"said": ""})


@require_POST
def here(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Where the team is, by its own wish. 422: no position, or none is taken any more. 503: not now."""
    form = request.POST.dict()
    position, age_s, now_us = position_of(form), age_of(form), clock().now_us()
    if position is None:
        return HttpResponse(status=422)
    try:
        journal().decide(
            actor.state.alarm,
            lambda state: decide_team_position(state, actor.call_sign, position, age_s, now_us),
        )
    except Refused:
        return HttpResponse(status=422)
    except JournalError:
        return HttpResponse(status=503)
    return HttpResponse(status=204)


def _one_for_each(form: dict[str, str]) -> dict[str, str]:
    """A page's forms share the number that it drew: each kind of tap counts once, however often it is pressed."""
    return form | {"id": f"{form.get('id', '')}-{form.get('kind', '')}"}


def _not_taken(request: HttpRequest, actor: Actor, message: str, status: int) -> HttpResponse:
    if "plain" not in request.POST:
        return JsonResponse({"said": message}, status=status)
    return render(request, "team/team_refused.html", {"message": message, "actor": actor}, status=status)


@require_POST
def renew(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Renew the ticket for the live stream of this one alarm."""
    response = HttpResponse(status=204)
    _set_ticket(response, actor)
    return response


@require_GET
def wake_script(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The service worker of one team's page."""
    return script(request)


@require_POST
def wake(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Wake the browser that opened the link, as long as the link lasts."""
    try:
        devices.do_keep_for_team(request.POST, actor.state.alarm, actor.device, actor.lasts_until_s)
    except Refused as refused:
        return not_kept(refused)
    return HttpResponse(status=204)


@require_POST
def forget(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Stop waking it."""
    devices.do_forget_team(actor.state.alarm, actor.device)
    return HttpResponse(status=204)


def _tap_names() -> str:
    """What each tap is called, as JSON for the page's scripts."""
    return msgspec.json.encode({act.name: act.short for act in every_act(TEAM)}).decode()


def _file(actor: Actor) -> dict[str, object]:
    if not may_read_file(actor.state, clock().now_us()):
        return {"b": None, "is_over": True}
    content = service.read_briefing(actor.scope, actor.state)
    return {"b": content, "call_back": call_back_of(content, actor.state) if content else None}


# --- opening a link -------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def by_code(request: HttpRequest) -> HttpResponse:
    """The short code of a link, typed by hand."""
    code = request.POST.get("code", "")[:40]
    if request.method == "GET":
        return render(request, "team/team_code.html", {"code": code})
    address = request.META.get("REMOTE_ADDR", "")
    return _opened(
        request,
        links.hash_of_code(links.normal_code(code)),
        lambda device: links.do_open_code(code, device, address),
        {"code": code},
    )


@require_http_methods(["GET", "POST"])
def by_link(request: HttpRequest, secret: str) -> HttpResponse:
    """The page behind a link. Looking at it opens nothing: messengers look at every link that is sent with them."""
    secret_hash = links.hash_of_secret(secret)
    if request.method == "POST":
        return _opened(request, secret_hash, lambda device: links.do_open_link(secret_hash, device), {})
    try:
        links.check_link(secret_hash)
    except Refused as refused:
        return _refused(request, refused, {})
    return render(request, "team/team_open.html")


def _opened(
    request: HttpRequest,
    secret_hash: str,
    do_open: Callable[[str], object],
    context: dict[str, str],
) -> HttpResponse:
    """Bind this device, with the secret that it has for this alarm already where it has one."""
    alarm = journal().alarm_of_link(secret_hash) or ""
    device = _device_of(request, alarm) or secrets.token_urlsafe(links.DEVICE_BYTES)
    try:
        do_open(device)
    except Refused as refused:
        return _refused(request, refused, context)
    except JournalError:
        down = _(
            "The journal takes nothing at the moment. Try again; ask the dispatch centre by radio meanwhile."
        )
        return render(request, "team/team_code.html", context | {"message": down}, status=503)
    response = redirect("team", alarm=alarm)
    response.set_cookie(
        _cookie_of(alarm),
        device,
        max_age=LINK_LASTS_S,
        path=reverse("team-code"),
        secure=not settings.EGIDE.demo,
        httponly=True,
        samesite="Strict",
    )
    return response


def _refused(request: HttpRequest, refused: Refused, context: dict[str, str]) -> HttpResponse:
    """What a link or code did not open. Only those who hold its secret learn what exists."""
    return render(
        request, "team/team_code.html", context | {"message": said(refused, TEAM_REFUSALS)}, status=422
    )


def _cookie_of(alarm: str) -> str:
    return f"{'' if settings.EGIDE.demo else '__Secure-'}egide_team_{alarm}"


def _device_of(request: HttpRequest, alarm: str) -> str:
    text = request.COOKIES.get(_cookie_of(alarm), "")
    return text if _DEVICE.fullmatch(text) else ""


def _set_ticket(response: HttpResponse, actor: Actor) -> None:
    response.set_cookie(
        settings.EGIDE.cookie(ticket.COOKIE),
        live_ticket(actor.scope, clock()),
        max_age=ticket.LIFETIME_S,
        secure=not settings.EGIDE.demo,
        httponly=True,
        samesite="Strict",
    )
