"""The board and its fragments. Every answer is computed from the journal, never older than the event it follows."""

import hashlib
import sqlite3
from collections.abc import Callable
from functools import wraps
from typing import Any

import msgspec
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import condition, require_GET, require_POST

from egide.access.service import DeskRequest, for_desk, live_url_for, titles
from egide.common.clock import utc
from egide.desk import presenting as show
from egide.desk import service
from egide.desk.rules import Refused
from egide.desk.words import FAILURES, OUTCOMES, REFUSALS, SCRIPT_WORDS
from egide.events.state import AlarmState
from egide.journal.errors import JournalError
from egide.outbox.service import clock, journal
from egide.response import service as response
from egide.response.clocks import dues_of
from egide.response.geography import Atlas, atlas
from egide.response.service import bans_of, hides_address, names_of

View = Callable[..., HttpResponseBase]
_JOURNAL_DOWN = _("The journal takes nothing at the moment. Act, and try again.")


def _answers(view: View) -> View:
    """What is not in the reader's scope does not exist (404); a journal that is down is said so (503)."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except response.NotForYou as error:
            raise Http404 from error
        except (JournalError, sqlite3.Error):
            return HttpResponse(_JOURNAL_DOWN, status=503, content_type="text/plain; charset=utf-8")

    return guarded


@require_GET
@for_desk
@_answers
def desk(request: DeskRequest) -> HttpResponse:
    """The whole page, with the board as it is now."""
    geography = atlas()
    context = _board_context(request) | {
        "scope": request.scope,
        "centre": geography.centre_name(request.scope.centre, show.language()),
        "live_url": f"{live_url_for(request.get_host())}/v1/live",
        "outcomes": OUTCOMES.items(),
        "words": {name: str(word) for name, word in SCRIPT_WORDS.items()},
        "is_official": geography.is_official,
        "attribution": geography.attribution,
    }
    return render(request, "desk/desk.html", context)


@require_GET
@for_desk
@_answers
def board(request: DeskRequest) -> HttpResponse:
    """The list of open alarms, and the technical lane."""
    return render(request, "desk/board.html", _board_context(request))


def _board_context(request: DeskRequest) -> dict[str, Any]:
    # The head is read first: what the list shows is at least as new as this says.
    head = journal().head()
    states = service.board(request.scope)
    rows = show.rows_of(states, names_of(states), atlas(), request.scope)
    failed = [
        {"device": entry.device, "reason": FAILURES.get(entry.reason, entry.reason), "at": utc(entry.at_us)}
        for entry in service.technical_lane(request.scope)
    ]
    return {"head": head, "now_ms": clock().now_us() // 1000, "rows": rows, "failed": failed}


@require_GET
@for_desk
@_answers
def alarm(request: DeskRequest, alarm: str) -> HttpResponse:
    """One alarm: next action, position, flags, notes."""
    return _panel(request, response.check_alarm(request.scope, alarm))


@require_POST
@for_desk
@_answers
def acknowledge(request: DeskRequest, alarm: str) -> HttpResponse:
    """Take the alarm; 409 names the colleague who was first."""
    return _decided(request, alarm, lambda: service.do_acknowledge(request.scope, alarm))


@require_POST
@for_desk
@_answers
def note(request: DeskRequest, alarm: str) -> HttpResponse:
    """Write a note."""
    text = request.POST.get("text", "")
    return _decided(request, alarm, lambda: service.do_note(request.scope, alarm, text))


@require_POST
@for_desk
@_answers
def close(request: DeskRequest, alarm: str) -> HttpResponse:
    """Close with an outcome and a reason."""
    outcome, reason = request.POST.get("outcome", ""), request.POST.get("reason", "")
    return _decided(request, alarm, lambda: service.do_close(request.scope, alarm, outcome, reason))


@require_POST
@for_desk
@_answers
def confirm_zone(request: DeskRequest, alarm: str) -> HttpResponse:
    """The zone is informed, by a name or a reference."""
    zone, reference = request.POST.get("zone", ""), request.POST.get("reference", "")
    return _decided(request, alarm, lambda: response.do_confirm_zone(request.scope, alarm, zone, reference))


@require_POST
@for_desk
@_answers
def no_patrol(request: DeskRequest, alarm: str) -> HttpResponse:
    """The zone that leads has nobody to send."""
    return _decided(request, alarm, lambda: response.do_report_no_patrol(request.scope, alarm))


@require_POST
@for_desk
@_answers
def name_team(request: DeskRequest, alarm: str) -> HttpResponse:
    """A team is chosen."""
    call_sign, telephone = request.POST.get("call_sign", ""), request.POST.get("telephone", "")
    return _decided(request, alarm, lambda: response.do_name_team(request.scope, alarm, call_sign, telephone))


@require_POST
@for_desk
@_answers
def under_way(request: DeskRequest, alarm: str) -> HttpResponse:
    """The team has left."""
    return _decided(request, alarm, lambda: response.do_report_under_way(request.scope, alarm))


@require_POST
@for_desk
@_answers
def on_site(request: DeskRequest, alarm: str) -> HttpResponse:
    """The team is on the spot."""
    return _decided(request, alarm, lambda: response.do_report_on_site(request.scope, alarm))


@require_POST
@for_desk
@_answers
def shown(request: DeskRequest, alarm: str) -> HttpResponse:
    """The page has painted the alarm's row."""
    service.do_report_shown(request.scope, alarm)
    return HttpResponse(status=204)


@require_POST
@for_desk
@_answers
def sound(request: DeskRequest) -> HttpResponse:
    """The operator heard the test sound."""
    service.do_report_sound(request.scope)
    return HttpResponse(status=204)


def _atlas_tag(request: HttpRequest) -> str:
    asked = f"{atlas().version} {show.language()} {request.GET.get('at', '')}"
    return f'"{hashlib.sha256(asked.encode()).hexdigest()[:16]}"'


@require_GET
@for_desk
@condition(etag_func=_atlas_tag)
def zones(request: DeskRequest) -> HttpResponse:
    """GeoJSON (RFC 7946) of the zones and named places around `?at=LAT,LON`, degrees."""
    lat_text, _comma, lon_text = request.GET.get("at", "").partition(",")
    try:
        at = float(lat_text), float(lon_text)
    except ValueError as error:
        raise Http404 from error
    geography = atlas()
    features: list[dict[str, Any]] = [
        {
            "type": "Feature",
            "properties": {
                "id": zone.id,
                "name": zone.names.get(show.language(), zone.name),
                "centre": zone.centre,
            },
            "geometry": {"type": "MultiPolygon", "coordinates": zone.polygons},
        }
        for zone in geography.near(*at)
    ]
    features += [
        {
            "type": "Feature",
            "properties": {"place": place.name},
            "geometry": {"type": "Point", "coordinates": [place.lon, place.lat]},
        }
        for place in geography.places_near(*at)
    ]
    body = msgspec.json.encode({"type": "FeatureCollection", "features": features})
    response = HttpResponse(body, content_type="application/geo+json")
    response["Cache-Control"] = "private, max-age=600"
    return response


def _decided(request: DeskRequest, alarm: str, do: Callable[[], AlarmState]) -> HttpResponse:
    """The alarm after a decision; a refusal shows it as it is, with the reason (409 when somebody was first)."""
    try:
        return _panel(request, do())
    except Refused as refused:
        by = titles([refused.by]).get(refused.by, "")
        message = str(REFUSALS[refused.why]) % {"by": by}
        status = 409 if refused.why in ("taken", "closed", "other-centre-leads", "moved-on") else 422
    except (JournalError, sqlite3.Error):
        message, status = str(_JOURNAL_DOWN), 503
    return _panel(request, response.check_alarm(request.scope, alarm), message, status)


def _panel(request: DeskRequest, state: AlarmState, message: str = "", status: int = 200) -> HttpResponse:
    geography: Atlas = atlas()
    bans = bans_of(state)
    context = {
        "row": show.rows_of([state], names_of([state]), geography, request.scope)[0],
        "state": state,
        "head": state.seq,
        "mine": state.acknowledged_by == request.scope.user,
        "closed_by": titles([state.closed_by]).get(state.closed_by, ""),
        "outcome": OUTCOMES.get(state.outcome, ""),
        "steps": show.steps_of(state),
        "dues": dues_of(state),
        "way": show.way_of(state, geography),
        "notes": show.notes_of(state),
        "where": show.where_of(state, geography, request.scope.centre),
        "bans": bans,
        # When this changes, the briefing says something else.
        "file_key": " ".join([*(ban.relation.where for ban in bans), str(hides_address(state))]),
        "map": msgspec.json.encode(show.map_of(state, bans)).decode(),
        "message": message,
        "is_official": geography.is_official,
    }
    return render(request, "desk/alarm.html", context, status=status)
