"""The briefing as a fragment: whoever shows an alarm loads it beside."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from egide.access.service import DeskRequest, for_desk
from egide.common.sealing import UnsealError
from egide.journal.keys import KeyErased
from egide.response.service import NoSuchFile, alarm_in_scope, read_briefing


@require_GET
@for_desk
def briefing(request: DeskRequest, alarm: str) -> HttpResponse:
    """The briefing of an open alarm of this centre; an alarm that is closed opens no file any more."""
    state = alarm_in_scope(request.scope, alarm)
    if state is None or not state.is_open:
        raise Http404
    try:
        content = read_briefing(request.scope, state)
    except (NoSuchFile, KeyErased, UnsealError):
        return render(request, "response/no_file.html", {"state": state})
    return render(request, "response/briefing.html", {"b": content, "state": state})
