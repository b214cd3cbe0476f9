"""The page of a police zone: alarms that concern it, who of it is informed, which team goes, and how far it is."""

from collections.abc import Callable
from functools import wraps

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from egide.access.service import ScopedRequest, for_zone, live_stream_of
from egide.access.signing_in.sessions import lasts_s
from egide.alarm.leading import check_zone_leads
from egide.alarm.rows import ZONE
from egide.alarm.rules import Refused
from egide.boards import service
from egide.boards.geography import atlas
from egide.boards.rules import may_open_page, may_read_file, may_read_timeline
from egide.boards.shown.alarm import shown_of
from egide.boards.shown.call_back import call_back_of
from egide.boards.shown.views import made_link
from egide.boards.shown.words import language, said
from egide.boards.waking import devices
from egide.boards.waking.views import not_kept, script, waking_key
from egide.boards.zone.choosing import for_chosen_zone
from egide.boards.zone.page import Refusal, page_context, timeline_context
from egide.journal.errors import JournalError
from egide.outbox.service import clock

View = Callable[..., HttpResponseBase]
# When something typed is refused, this much of it comes back into its field.
_KEPT_SIGNS = 4000


def _answers(view: View) -> View:
    """What does not concern the zone does not exist (404); a refusal or a journal that is down is said on the page."""

    @wraps(view)
    def guarded(request: ScopedRequest, *args: object, **kwargs: object) -> HttpResponseBase:
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


def _refusal(request: ScopedRequest, refused: Refused, alarm: str) -> Refusal:
    typed = {name: text[:_KEPT_SIGNS] for name, text in request.POST.items() if isinstance(text, str)}
    return Refusal(alarm, said(refused), typed)


@require_GET
@for_chosen_zone
@_answers
def page(request: ScopedRequest) -> HttpResponse:
    """The whole page, with the alarms as they are now."""
    return _page(request)


@require_GET
@for_chosen_zone
@_answers
def alarms(request: ScopedRequest) -> HttpResponse:
    """The list alone."""
    return render(request, "zone/zone_alarms.html", page_context(request.scope))


@require_GET
@for_chosen_zone
@_answers
def timeline(request: ScopedRequest, alarm: str) -> HttpResponse:
    """All that happened in an alarm that this zone leads or manages, or sent a team to; also after its closing."""
    return render(request, "zone/timeline.html", timeline_context(request.scope, alarm))


@require_GET
@for_chosen_zone
@_answers
def closed(request: ScopedRequest) -> HttpResponse:
    """Such alarms that were closed in the last days."""
    found = [
        state
        for state in service.closed_alarms(request.scope)
        if any(may_read_timeline(zone, state) for zone in request.scope.zones)
    ]
    query = service.zone_query(request.scope, request.scope.zone)
    context = {"scope": request.scope, "closed": shown_of(found), "zone_query": query}
    return render(request, "zone/closed.html", context)


@require_POST
@for_chosen_zone
def link(request: ScopedRequest, alarm: str) -> HttpResponse:
    """A one-time link for the team of this zone, as a fragment with a picture and a short code."""
    scope = request.scope
    return made_link(request, alarm, lambda state: check_zone_leads(state, scope.zone))


@require_POST
@for_chosen_zone
@_answers
def call_back(request: ScopedRequest, alarm: str) -> HttpResponse:
    """How the person is rung back, as a fragment, for officers who may open the file. That it was read is recorded."""
    scope, state = request.scope, service.check_alarm(request.scope, alarm)
    if not (may_open_page(scope.zone, state) and may_read_file(state, clock().now_us())):
        raise Http404
    content = service.read_briefing(scope, state)
    if content is None:
        return render(request, "boards/no_file.html", {"state": state})
    return render(request, "boards/call_back.html", {"call_back": call_back_of(content, state)})


@require_POST
@for_chosen_zone
@_answers
def command(request: ScopedRequest, alarm: str, name: str) -> HttpResponse:
    """What an officer says of an alarm: a row of the table. What was done after it leaves the page: its timeline shows
    it, and can undo it."""
    scope = request.scope
    service.do_command(scope, alarm, name, service.speaker_of(scope, ZONE), request.POST.dict())
    back = reverse("zone-timeline", args=[alarm]) if name == "follow-up" else reverse("zone")
    return redirect(f"{back}{service.zone_query(scope, scope.zone)}")


@require_POST
@for_chosen_zone
@_answers
def sound(request: ScopedRequest) -> HttpResponse:
    """The officer heard the test sound."""
    service.do_report_sound(request.scope, request.scope.zone)
    return HttpResponse(status=204)


@require_GET
@for_zone
def wake_script(request: ScopedRequest) -> HttpResponse:
    """The service worker of the zone's page."""
    return script(request)


@require_POST
@for_zone
def wake(request: ScopedRequest) -> HttpResponse:
    """Wake this browser until the session ends."""
    try:
        devices.do_keep_for_session(request, lasts_s(request))
    except Refused as refused:
        return not_kept(refused)
    return HttpResponse(status=204)


@require_POST
@for_zone
def forget(request: ScopedRequest) -> HttpResponse:
    """Wake this browser no more."""
    devices.do_forget_session(request)
    return HttpResponse(status=204)


def _page(request: ScopedRequest, refusal: Refusal | None = None, status: int = 200) -> HttpResponse:
    context = page_context(request.scope, refusal)
    shown = [*context["cards"], *context["follow_ups"]]
    context |= {
        "scope": request.scope,
        "zone_name": atlas().zone_name(request.scope.zone, language()),
        "waking_key": waking_key(),
        "waking_script": "/zone/wake.js",
        "waking_scope": "/zone/",
        "waking_post": "/zone/",
        "sound_url": reverse("zone-sound"),
        "may_go_on": True,
        "live_url": live_stream_of(request),
        # What was refused on an alarm that is not on the page any more is said above it.
        "refusal": refusal if refusal and all(refusal.alarm != each.state.alarm for each in shown) else None,
    }
    return render(request, "zone/zone.html", context, status=status)
