"""The wall: open alarms for the big screen of the room, without a name (decision 0044). It only shows."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from egide.access.service import ScopedRequest, for_desk, live_stream_of
from egide.boards.answers import answers
from egide.boards.desk import presenting as show
from egide.boards.desk import service
from egide.boards.desk.words import SCRIPT_WORDS
from egide.boards.shown.alarm import shown_of
from egide.boards.shown.words import unit_names
from egide.outbox.service import clock, journal


@require_GET
@for_desk
@answers
def page(request: ScopedRequest) -> HttpResponse:
    """The whole page."""
    context = _context(request) | {
        "centre": unit_names().centres(request.scope.centres),
        "live_url": live_stream_of(request),
        "words": {name: str(SCRIPT_WORDS[name]) for name in ("live", "connecting", "lost")},
    }
    return render(request, "desk/wall.html", context)


@require_GET
@for_desk
@answers
def rows(request: ScopedRequest) -> HttpResponse:
    """The alarms as they are now."""
    return render(request, "desk/wall_rows.html", _context(request))


def _context(request: ScopedRequest) -> dict[str, Any]:
    # The head is read first: what the page shows is at least as new as this says.
    head, now_us = journal().head(), clock().now_us()
    states = service.wall(request.scope)
    return {
        "head": head,
        "now_ms": now_us // 1000,
        "rows": show.rows_of(shown_of(states, unnamed=states), request.scope),
    }
