"""The supervisor's overview of alarms and operators, and its list alone for the live page."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from egide.access.service import ScopedRequest, for_desk, live_stream_of
from egide.boards.answers import answers
from egide.boards.desk import overview
from egide.boards.desk.words import SCRIPT_WORDS
from egide.boards.shown.words import unit_names
from egide.outbox.service import clock, journal
from egide.routing.holding import IDLE_S


@require_GET
@for_desk
@answers
def page(request: ScopedRequest) -> HttpResponse:
    """The whole page; a person who supervises nobody gets none."""
    context = _context(request) | {
        "scope": request.scope,
        "centre": unit_names().centres(request.scope.centres),
        "live_url": live_stream_of(request),
        "words": {name: str(word) for name, word in SCRIPT_WORDS.items()},
        "idle_s": IDLE_S,
    }
    return render(request, "desk/overview.html", context)


@require_GET
@for_desk
@answers
def lists(request: ScopedRequest) -> HttpResponse:
    """Alarms and operators as they are now."""
    return render(request, "desk/overview_lists.html", _context(request))


def _context(request: ScopedRequest) -> dict[str, Any]:
    if not request.scope.supervisor:
        raise Http404
    # The head is read first: what the page shows is at least as new as this says.
    head, now_us = journal().head(), clock().now_us()
    alarms = overview.alarms_of(request.scope)
    people = overview.people_of(request.scope, [row.state for row in alarms], now_us)
    return {"head": head, "now_ms": now_us // 1000, "alarms": alarms, "people": people}
