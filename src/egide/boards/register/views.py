"""The register of alarms: a list by what somebody looks for, and all that happened in one of them."""

from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from egide.access.pages.period import Period
from egide.access.pages.street_map import maps_of
from egide.access.readings.readings import readers_of_alarm
from egide.access.rules import FILE_ROLES, MAGISTRATE, REFERENCE_OFFICER
from egide.access.service import ScopedRequest, for_roles
from egide.alarm.events import TextAsked, TextReceived
from egide.boards import recordings
from egide.boards.answers import answers
from egide.boards.geography import atlas
from egide.boards.register import files, finding, keeping, pages, rules, taking
from egide.boards.shown.alarm import shown_of
from egide.boards.shown.timeline import timeline_of
from egide.boards.shown.views import sound_zip
from egide.boards.shown.words import OUTCOMES, language, unit_names
from egide.common.sealing import UnsealError
from egide.journal.alarms import positions_of
from egide.outbox.service import journal

SILENT = frozenset({TextAsked.__name__, TextReceived.__name__})
_SIGNS = 80


class Filter(Period):
    """By time, place, outcome, and a name, call sign or reference."""

    centre = forms.ChoiceField(label=gettext_lazy("Dispatch centre"), required=False)
    zone = forms.ChoiceField(label=gettext_lazy("Police zone"), required=False)
    outcome = forms.ChoiceField(
        label=gettext_lazy("Outcome"),
        required=False,
        choices=[(rules.OPEN, gettext_lazy("Not closed yet")), *OUTCOMES.items()],
    )
    text = forms.CharField(
        label=gettext_lazy("Name, team or reference"), required=False, min_length=2, max_length=_SIGNS
    )
    before = forms.RegexField(r"\A[0-9]{1,18}-[0-9]{1,18}\Z", required=False)

    def __init__(self, given: Any, places: dict[str, list[tuple[str, str]]]) -> None:
        super().__init__(given, auto_id="%s")
        for name, choices in places.items():
            self.fields[name].choices = choices  # type: ignore[attr-defined]

    def wanted(self) -> finding.Wanted:
        """What is looked for."""
        given = dict(self.cleaned_data)
        at_us, _dash, number = given.pop("before").partition("-")
        return finding.Wanted(**given, before=(int(at_us), int(number)) if number else None)


def _places() -> dict[str, list[tuple[str, str]]]:
    known = atlas()
    zones = ((known.zone_name(zone, language()), zone) for zone in known.zones)
    centres = ((known.centre_name(code, language()), code) for code in known.centres)
    return {
        "zone": [(code, name) for name, code in sorted(zones)],
        "centre": [(code, name) for name, code in sorted(centres)],
    }


@require_http_methods(["GET", "POST"])
@for_roles(*FILE_ROLES)
@answers
def index(request: ScopedRequest) -> HttpResponse:
    """Alarms, the newest first. What is looked for comes by POST: whom somebody looks for stands in no address."""
    is_whole = keeping.catch_up()
    form = Filter(request.POST if request.method == "POST" else {}, _places())
    found = finding.find(request.scope, form.wanted()) if form.is_valid() else finding.Page([], None)
    context = {
        "scope": request.scope,
        "form": form,
        "found": found,
        "units": unit_names(),
        "is_whole": is_whole,
        "is_first": not (form.is_valid() and form.cleaned_data["before"]),
        "older": f"{found.older[0]}-{found.older[1]}" if found.older else "",
    }
    return render(request, "register/index.html", context, status=200 if form.is_valid() else 422)


@require_GET
@for_roles(*FILE_ROLES)
@answers
def alarm(request: ScopedRequest, alarm: str) -> HttpResponse:
    """All that happened in one alarm. That somebody reads it is an event before the page leaves."""
    opened = pages.opened(request.scope, alarm)
    files.do_record(request.scope, opened.state)
    lines, (shown,) = timeline_of(alarm), shown_of([opened.state])
    way = pages.way_of(request.scope, opened, journal().history(alarm))
    context = {
        "scope": request.scope,
        "state": opened.state,
        "shown": shown,
        "lines": lines,
        "silent": [line for line in lines if line.kind in SILENT],
        "way": pages.encoded(way),
        "moments": len(way["way"]),
        "sound": pages.sound_of(request.scope, opened),
        "readers": readers_of_alarm(alarm),
        "maps": maps_of(),
        "may_take": taking.may_take(request.scope, opened),
        "has_board": request.scope.has_desk and opened.state.is_open,
    }
    return render(request, "register/alarm.html", context)


@require_GET
@for_roles(*FILE_ROLES)
@answers
def near(request: ScopedRequest, alarm: str, moment: int) -> HttpResponse:
    """What stands near the position of this number, counted from 0: plain text, empty where nothing is known."""
    pages.opened(request.scope, alarm)
    positions = positions_of(journal().history(alarm))
    if moment >= len(positions):
        raise Http404
    return HttpResponse(pages.near(positions[moment][1]), content_type="text/plain; charset=utf-8")


@require_GET
@for_roles(*FILE_ROLES)
@answers
def sound(request: ScopedRequest, alarm: str, recording: int) -> HttpResponse:
    """One recording (WebM), for who may hear it. That somebody listens is an event before a byte leaves."""
    opened = pages.opened(request.scope, alarm)
    found = pages.sound_of(request.scope, opened)
    if not found.may_hear or recording >= len(found.recordings):
        raise Http404
    journal().decide(alarm, lambda found: recordings.decide_heard(found, request.scope.user))
    try:
        content, _following = recordings.sound_after(opened.state, recording, 0)
    except UnsealError as error:
        raise Http404 from error
    return HttpResponse(content, content_type="audio/webm")


@require_GET
@for_roles(*FILE_ROLES)
@answers
def sound_export(request: ScopedRequest, alarm: str) -> HttpResponse:
    """Everything that was recorded, as it was signed, with its hashes; an event before a byte leaves."""
    opened = pages.opened(request.scope, alarm)
    if not (opened.state.talk.sounds and pages.sound_of(request.scope, opened).may_export):
        raise Http404
    journal().decide(alarm, lambda found: recordings.decide_exported(found, request.scope.user))
    try:
        return sound_zip(alarm, recordings.packed(opened.state))
    except UnsealError as error:
        raise Http404 from error


@require_POST
@for_roles(MAGISTRATE, REFERENCE_OFFICER)
@answers
def take(request: ScopedRequest, alarm: str) -> HttpResponse:
    """A paper and the events themselves, for the criminal file (safety rule 28) or for police and prosecutor; or the
    alarm as an incident that other systems read."""
    opened = pages.opened(request.scope, alarm)
    wanted = request.POST.get("for", "")
    if not taking.may_take(request.scope, opened) or wanted not in ("criminal", "office", "systems"):
        raise Http404
    if wanted == "systems":
        response = HttpResponse(
            taking.do_take_incident(request.scope, opened), content_type="application/json"
        )
        response["Content-Disposition"] = f'attachment; filename="alarm-{alarm}-eido.json"'
        return response
    content = taking.do_take(request.scope, opened, criminal=wanted == "criminal")
    response = HttpResponse(content, content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="alarm-{alarm}-{wanted}.zip"'
    return response
