"""The file as fragments: the briefing, and what is read out by radio. Whoever shows an alarm loads them beside."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from egide.access.service import DeskRequest, for_desk
from egide.common.sealing import UnsealError
from egide.journal.keys import KeyErased
from egide.response.radio import radio_lines
from egide.response.service import NoSuchFile, alarm_in_scope, read_briefing


@require_GET
@for_desk
def briefing(request: DeskRequest, alarm: str) -> HttpResponse:
    """The briefing of an open alarm of this centre; an alarm that is closed opens no file any more."""
    return _of_file(request, alarm, "response/briefing.html")


@require_GET
@for_desk
def radio(request: DeskRequest, alarm: str) -> HttpResponse:
    """The text for the radio, of an open alarm of this centre."""
    return _of_file(request, alarm, "response/radio.html")


def _of_file(request: DeskRequest, alarm: str, template: str) -> HttpResponse:
    state = alarm_in_scope(request.scope, alarm)
    if state is None or not state.is_open:
        raise Http404
    try:
        content = read_briefing(request.scope, state)
    except (NoSuchFile, KeyErased, UnsealError):
        return render(request, "response/no_file.html", {"state": state})
    context: dict[str, Any] = {"b": content, "state": state, "lines": radio_lines(content, state)}
    return render(request, template, context)
