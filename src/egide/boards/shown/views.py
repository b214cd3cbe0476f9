"""The file as fragments: the briefing, and what is read out by radio. Pages that show an alarm load them beside it."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from egide.access.rules import Scope
from egide.access.service import ScopedRequest, for_desk
from egide.alarm.rules import Refused
from egide.alarm.state import AlarmState
from egide.boards import links
from egide.boards.service import NotForYou, alarm_in_scope, check_alarm, read_briefing, read_paper, read_photo
from egide.boards.shown.call_back import call_back_of
from egide.boards.shown.radio import radio_text
from egide.boards.shown.words import said


@require_GET
@for_desk
def briefing(request: ScopedRequest, alarm: str) -> HttpResponse:
    """The briefing of an open alarm of this centre; an alarm that is closed opens no file any more."""
    return _of_file(request, alarm, "boards/briefing.html", without="boards/briefing.html")


@require_GET
@for_desk
def radio(request: ScopedRequest, alarm: str) -> HttpResponse:
    """The text for the radio, of an open alarm of this centre."""
    return _of_file(request, alarm, "boards/radio.html")


@require_GET
@for_desk
def photo(request: ScopedRequest, alarm: str) -> HttpResponse:
    """A perpetrator's photo, beside the briefing of an open alarm of this centre."""
    state = alarm_in_scope(request.scope, alarm)
    if state is None or not state.is_open:
        raise Http404
    return picture(request, request.scope, state)


@require_GET
@for_desk
def paper(request: ScopedRequest, alarm: str, paper: str) -> HttpResponse:
    """A paper of the file that is handed to the team, beside the briefing of an open alarm of this centre."""
    state = alarm_in_scope(request.scope, alarm)
    if state is None:
        raise Http404
    return handed(request.scope, state, paper)


def handed(scope: Scope, state: AlarmState, paper: str) -> HttpResponse:
    """A paper that is handed to the team, to be looked at and not to be kept: its name says nothing of the file, and a
    browser that can show it leaves none on its device. Raises Http404."""
    try:
        media, content = read_paper(scope, state, paper)
    except NotForYou as error:
        raise Http404 from error
    response = HttpResponse(content, content_type=media)
    response["Content-Disposition"] = "inline"
    return response


def picture(request: HttpRequest, scope: Scope, state: AlarmState) -> HttpResponse:
    """A perpetrator's photo. Raises Http404."""
    try:
        photo = read_photo(scope, state, request.GET.get("n", ""), request.GET.get("view", ""))
        return HttpResponse(photo, content_type="image/jpeg")
    except NotForYou as error:
        raise Http404 from error


def sound_zip(alarm: str, content: bytes) -> HttpResponse:
    """The sound of an alarm as a file to keep."""
    response = HttpResponse(content, content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="alarm-{alarm}-sound.zip"'
    return response


@require_POST
@for_desk
def link(request: ScopedRequest, alarm: str) -> HttpResponse:
    """A one-time link for the team that was named."""
    return made_link(request, alarm)


def made_link(
    request: ScopedRequest, alarm: str, check: Callable[[AlarmState], None] = lambda _state: None
) -> HttpResponse:
    """A one-time link as a fragment with a picture and a short code; what `check` refuses is said instead."""
    try:
        check(check_alarm(request.scope, alarm))
        return render(request, "boards/link.html", {"link": links.do_make_link(request.scope, alarm)})
    except NotForYou as error:
        raise Http404 from error
    except Refused as refused:
        return render(request, "boards/link.html", {"message": said(refused)}, status=422)


def _of_file(
    request: ScopedRequest, alarm: str, template: str, without: str = "boards/no_file.html"
) -> HttpResponse:
    """The file in `template`; where none can be read, `without` says so."""
    state = alarm_in_scope(request.scope, alarm)
    if state is None or not state.is_open:
        raise Http404
    content = read_briefing(request.scope, state)
    if content is None:
        return render(request, without, {"state": state})
    context: dict[str, Any] = {
        "b": content,
        "state": state,
        "call_back": call_back_of(content, state),
        "radio": radio_text(content, state),
    }
    return render(request, template, context)
