"""The board, and what it needs beside one alarm. No answer is older than the event that it follows."""

import hashlib
import re
from collections.abc import Callable
from typing import Any

import msgspec
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import condition, require_GET, require_POST

from egide.access.pages.street_map import maps_of
from egide.access.service import ScopedRequest, for_desk, live_stream_of
from egide.alarm.rows import DESK
from egide.alarm.state import AlarmState
from egide.alarm.table import commands_of
from egide.boards.answers import answers
from egide.boards.desk import presenting as show
from egide.boards.desk import service
from egide.boards.desk.painting import painter
from egide.boards.desk.words import OUTCOMES, QUESTIONS, SCRIPT_WORDS, numbered
from egide.boards.geography import atlas
from egide.boards.service import do_report_sound, open_of
from egide.boards.shown.acts import every_act
from egide.boards.shown.alarm import shown_of
from egide.boards.shown.map import around
from egide.boards.shown.words import language
from egide.outbox.service import clock, journal
from egide.routing.holding import IDLE_S

_BOARD_ID = re.compile(r"[0-9a-f]{16}")
# Idle for longer than a day is idle.
_IDLE_DIGITS = 8
# A board asks for fewer at once.
_MOST_ROWS = 100


@require_GET
@for_desk
@answers
def desk(request: ScopedRequest) -> HttpResponse:
    """The whole page, with the board as it is now."""
    geography = atlas()
    context = _board_context(request) | {
        "scope": request.scope,
        "sound_url": reverse("desk-sound"),
        "centre": geography.centre_name(request.scope.centre, language()),
        "live_url": live_stream_of(request),
        "outcomes": numbered(OUTCOMES),
        "questions": numbered(QUESTIONS),
        "other_centres": [
            (code, geography.centre_name(code, language()))
            for code in sorted(geography.centres)
            if code not in request.scope.centres
        ],
        "every_act": every_act(DESK),
        "command_keys": "".join(row.key for row in commands_of(DESK) if len(row.key) == 1).lower(),
        "idle_s": IDLE_S,
        "words": {name: str(word) for name, word in SCRIPT_WORDS.items()},
        # For what comes while no page can be asked.
        "zone_names": {zone: geography.zone_name(zone, language()) for zone in geography.zones}
        if settings.EGIDE.journal
        else {},
        "maps": maps_of(),
        "is_official": geography.is_official,
        "attribution": geography.attribution,
    }
    return render(request, "desk/desk.html", context)


@require_GET
@for_desk
@answers
def board(request: ScopedRequest) -> HttpResponse:
    """The list of open alarms, and the technical lane."""
    return render(request, "desk/board.html", _board_context(request))


@require_GET
@for_desk
@answers
def board_rows(request: ScopedRequest) -> HttpResponse:
    """The rows of `?alarm=…&alarm=…` that are open: for a board to which the stream did not bring them."""
    wanted = request.GET.getlist("alarm")[:_MOST_ROWS]
    return render(request, "desk/board.html", _rows_context(request, lambda: open_of(request.scope, wanted)))


def _board_context(request: ScopedRequest) -> dict[str, Any]:
    paint = painter(journal().keys)
    return _rows_context(request, lambda: service.board(request.scope)) | {
        "lanes": paint.lanes(service.technical_lane(request.scope), service.test_lane(request.scope)),
    }


def _rows_context(request: ScopedRequest, read: Callable[[], list[AlarmState]]) -> dict[str, Any]:
    # The head is read first: what the list shows is at least as new as this says.
    head = journal().head()
    rows = show.rows_of(shown_of(read()), request.scope)
    return {
        "head": head,
        "now_ms": clock().now_us() // 1000,
        "rows": painter(journal().keys).rows(rows),
    }


@require_POST
@for_desk
@answers
def here(request: ScopedRequest) -> HttpResponse:
    """A board says that it is there, and how long ago a hand was moved at it; no event, and nothing in the journal."""
    board, idle_ms = request.POST.get("board", ""), request.POST.get("idle_ms", "")
    if not _BOARD_ID.fullmatch(board) or not (idle_ms.isdecimal() and len(idle_ms) <= _IDLE_DIGITS):
        return HttpResponse("board: 16 hex digits; idle_ms: whole milliseconds\n", status=400)
    service.do_note_board(request.scope, board, int(idle_ms) * 1000)
    return HttpResponse(status=204)


@require_POST
@for_desk
@answers
def sound(request: ScopedRequest) -> HttpResponse:
    """The operator heard the test sound."""
    do_report_sound(request.scope, request.scope.centre)
    return HttpResponse(status=204)


def _atlas_tag(request: HttpRequest) -> str:
    asked = f"{atlas().version} {language()} {request.GET.get('at', '')}"
    return f'"{hashlib.sha256(asked.encode()).hexdigest()[:16]}"'


@require_GET
@for_desk
@condition(etag_func=_atlas_tag)
def zones(request: ScopedRequest) -> HttpResponse:
    """GeoJSON (RFC 7946) of the zones and named places around `?at=LAT,LON`, degrees."""
    lat_text, _comma, lon_text = request.GET.get("at", "").partition(",")
    try:
        at = float(lat_text), float(lon_text)
    except ValueError as error:
        raise Http404 from error
    body = msgspec.json.encode(around(*at))
    response = HttpResponse(body, content_type="application/geo+json")
    response["Cache-Control"] = "private, max-age=600"
    return response
