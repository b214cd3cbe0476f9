"""Ladders: the one of a running alarm, and a centre's own, which its operators see and a supervisor sets."""

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from egide.access.rules import SUPERVISOR
from egide.access.service import ScopedRequest, for_desk, titles
from egide.alarm.events import Ladder
from egide.alarm.ladder import ACTIONS, REPEAT_S, ladder_for
from egide.boards import service as boards
from egide.boards.answers import JOURNAL_DOWN, answers
from egide.boards.desk import ladders
from egide.boards.desk.words import LADDER_ACTIONS
from egide.boards.geography import atlas
from egide.boards.shown.alarm import shown_of
from egide.boards.shown.words import language
from egide.journal.errors import JournalError
from egide.outbox.service import clock, journal
from egide.routing.service import do_set_ladder, ladder_of, own_ladder_of


@require_GET
@for_desk
@answers
def explain(request: ScopedRequest, alarm: str) -> HttpResponse:
    """The ladder of one alarm, step by step; as a fragment for the board's dialog, else as a page."""
    state = boards.check_alarm(request.scope, alarm)
    (shown,) = shown_of([state])
    context = {
        "scope": request.scope,
        "alarm": alarm,
        "name": shown.name,
        "received_ms": state.received_at_us // 1000,
        "is_open": state.is_open,
        "steps": ladders.steps_of(state, atlas(), shown.to_ring),
        "now": shown.now,
        "repeat": ladders.duration(REPEAT_S),
        "now_ms": clock().now_us() // 1000,
    }
    is_fragment = "HX-Request" in request.headers or "X-Egide-Fragment" in request.headers
    template = "desk/ladder_steps.html" if is_fragment else "desk/ladder_alarm.html"
    return render(request, template, context)


@require_http_methods(["GET", "POST"])
@for_desk
@answers
def settings(request: ScopedRequest) -> HttpResponseBase:
    """The ladder of the reader's centre, for the alarms to come."""
    centre = request.GET.get("centre", request.scope.centre)
    if centre not in request.scope.centres:
        raise Http404
    if request.method == "GET":
        return _page(request, centre, ladders.form_of(ladder_of(journal(), centre)))
    if not request.scope.holds(SUPERVISOR, centre):
        raise Http404
    return _set(request, centre)


def _set(request: ScopedRequest, centre: str) -> HttpResponseBase:
    if request.POST.get("reset"):
        form = ladders.form_of(ladder_for(centre, None))
        ladder: Ladder | None = ladder_for(centre, None)
    else:
        neighbours = frozenset(atlas().centres) - {centre}
        typed = {name: text for name, text in request.POST.items() if isinstance(text, str)}
        form = ladders.read_form(typed, typed.get("neighbour", ""), neighbours)
        ladder = form.ladder
    if ladder is None:
        return _page(request, centre, form, _("Nothing was changed yet. Mend what is marked."), 422)
    try:
        do_set_ladder(journal(), request.scope.user, centre, ladder)
    except JournalError:
        return _page(request, centre, form, str(JOURNAL_DOWN), 503)
    messages.success(request, _("Set. New alarms follow it; those that run keep theirs."))
    return redirect(f"{reverse('desk-ladder-settings')}?centre={centre}")


def _page(
    request: ScopedRequest, centre: str, form: ladders.LadderForm, error: str = "", status: int = 200
) -> HttpResponse:
    geography = atlas()
    own = own_ladder_of(journal(), centre)
    words = [(action, str(LADDER_ACTIONS[f"{action}-column"])) for action in ACTIONS]
    context = {
        "scope": request.scope,
        "centre": geography.centre_name(centre, language()),
        "centre_code": centre,
        "own_centres": [
            (code, geography.centre_name(code, language())) for code in sorted(request.scope.centres)
        ],
        "form": form,
        "columns": words,
        "neighbours": [
            (code, geography.centre_name(code, language()))
            for code in sorted(geography.centres)
            if code != centre
        ],
        "neighbour_name": geography.centre_name(form.neighbour, language()) if form.neighbour else "",
        "may_set": request.scope.holds(SUPERVISOR, centre),
        "set_by": titles([own.user]).get(own.user, "") if own else "",
        "set_at_us": own.at_us if own else 0,
        "repeat": ladders.duration(REPEAT_S),
        "error": error,
        **_faults(form),
    }
    return render(request, "desk/ladder_settings.html", context, status=status)


def _faults(form: ladders.LadderForm) -> dict[str, dict[str, str]]:
    """What is wrong, and the field in which it is mended, for the summary at the top."""
    wrong = [step for step in form.steps if step.error]
    errors = {step.step: f"{step.word}: {step.error}" for step in wrong}
    targets = {step.step: f"at-{step.step}-{ACTIONS[0]}" for step in wrong}
    return {
        "errors": errors | ({"neighbour": form.neighbour_error} if form.neighbour_error else {}),
        "error_targets": targets,
    }
