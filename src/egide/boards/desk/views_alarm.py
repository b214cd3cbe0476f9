"""One alarm as a fragment, and everything that an operator does to it."""

import msgspec
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from egide.access.registries.neighbours import neighbours_of
from egide.access.service import ScopedRequest, for_desk
from egide.alarm.refusals import CROSSED
from egide.alarm.rows import ASIDE, BY_ITSELF, DESK
from egide.alarm.rules import Refused, team_was_there
from egide.alarm.state import AlarmState
from egide.alarm.table import COMMAND, CORRECT, correctable
from egide.boards import service as boards
from egide.boards import telling
from egide.boards.answers import JOURNAL_DOWN, answers
from egide.boards.desk import presenting as show
from egide.boards.desk import rules, service, whereabouts
from egide.boards.desk.chatting import chats_of
from egide.boards.desk.talking import talk_of
from egide.boards.desk.words import PHONE, QUESTIONS
from egide.boards.geography import atlas
from egide.boards.shown.acts import acts_of, undo_of
from egide.boards.shown.alarm import shown_of
from egide.boards.shown.timeline import timeline_of
from egide.boards.shown.words import said
from egide.journal.errors import JournalError
from egide.outbox.service import clock


@require_GET
@for_desk
@answers
def alarm(request: ScopedRequest, alarm: str) -> HttpResponse:
    """One alarm: next action, position, flags, notes."""
    return _panel(request, boards.check_alarm(request.scope, alarm))


@require_GET
@for_desk
@answers
def timeline(request: ScopedRequest, alarm: str) -> HttpResponse:
    """All that happened in an alarm, also after its closing; as a fragment for the board's dialog, else as a page."""
    scope, state = request.scope, boards.check_alarm(request.scope, alarm)
    acts = {act.name: act for act in acts_of(state, boards.speaker_of(scope, DESK))}
    (shown,) = shown_of([state])
    context = {
        "scope": scope,
        "shown": shown,
        "state": state,
        "lines": timeline_of(alarm),
        "correction": acts.get(CORRECT),
        "correctable": correctable(state, DESK),
    }
    is_fragment = "HX-Request" in request.headers or "X-Egide-Fragment" in request.headers
    return render(request, "boards/timeline.html" if is_fragment else "desk/timeline.html", context)


@require_GET
@for_desk
@answers
def closed(request: ScopedRequest) -> HttpResponse:
    """The alarms that were closed in the last days."""
    context = {"scope": request.scope, "closed": shown_of(boards.closed_alarms(request.scope))}
    return render(request, "desk/closed.html", context)


@require_GET
@for_desk
@answers
def from_elsewhere(request: ScopedRequest, number: str) -> HttpResponse:
    """The way from the screen of a dispatch system: this alarm on the board, or among the closed ones.

    404 for what is no number, for an alarm that is nothing for this reader, and for one that ended too long ago.
    """
    alarm = telling.alarm_called(request.scope, number)
    if alarm is None:
        raise Http404
    state = boards.check_alarm(request.scope, alarm)
    address = f"{reverse('desk')}#row-{alarm}" if state.is_open else reverse("desk-timeline", args=[alarm])
    return redirect(address)


@require_POST
@for_desk
@answers
def command(request: ScopedRequest, alarm: str, name: str) -> HttpResponse:
    """A row of the table: what an operator says of the alarm, or the board by itself.

    Answers the alarm after it; a refusal shows it as it is, with the reason (409 when somebody was first).
    """
    scope, fields = request.scope, request.POST.dict()
    speaker = boards.speaker_of(scope, DESK)
    if COMMAND[name].lane == BY_ITSELF:
        boards.do_command(scope, alarm, name, speaker, fields)
        return HttpResponse(status=204)
    service.note_action(scope)
    try:
        return _panel(request, boards.do_command(scope, alarm, name, speaker, fields))
    except Refused as refused:
        message = said(refused)
        status = 409 if refused.why in CROSSED else 422
    except JournalError:
        message, status = str(JOURNAL_DOWN), 503
    return _panel(request, boards.check_alarm(request.scope, alarm), message, status)


def _panel(request: ScopedRequest, state: AlarmState, message: str = "", status: int = 200) -> HttpResponse:
    scope, (shown,) = request.scope, shown_of([state])
    row = show.rows_of([shown], scope)[0]
    acts = acts_of(state, boards.speaker_of(scope, DESK), names={"centre": shown.lead.centre})
    way = show.way_of(shown, acts)
    chats = chats_of(state)
    # By name, for what the page lays out itself.
    can = {act.name.replace("-", "_"): act for act in acts}
    context = {
        "row": row,
        "state": state,
        "shown": shown,
        "phone_faults": [PHONE[fault] for fault in rules.phone_faults(state.press.link)],
        "progress": show.progress_of(state),
        "way": way,
        "aside": [act for act in acts if act.lane == ASIDE],
        "can": can,
        "missing": show.missing_of(state, can),
        "may_close": team_was_there(state),
        "may_call_back": service.is_supervisor(scope, state),
        "help_place": whereabouts.help_place(state, atlas()),
        "move": whereabouts.last_move_of(state),
        "localisation_by": shown.people.get(state.lead.localisation_by, ""),
        "localisation_ms": state.lead.localisation_at_us // 1000,
        "localisation_done": state.lead.localisation_at_us > state.press.last_contact_us,
        "jurisdiction": whereabouts.jurisdiction_of(state, atlas(), scope),
        "map": msgspec.json.encode(whereabouts.desk_map_of(state, shown.ground)).decode(),
        "undo": undo_of(state, scope.user, clock().now_us()),
        "numbers": whereabouts.dialog_numbers(scope, dict(way.choices), atlas()),
        "silent": talk_of(state, scope, shown.people),
        "told": show.told_of(state),
        "chats": chats,
        "is_chatting": any(chat.is_running for chat in chats),
        "ask_words": tuple(QUESTIONS.items()),
        "neighbours": neighbours_of(scope.centres),
        "message": message,
    }
    return render(request, "desk/alarm.html", context, status=status)
