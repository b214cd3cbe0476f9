"""One alarm as a fragment, and everything that an operator does to it."""

import msgspec
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from egide.access.service import DeskRequest, for_desk, titles
from egide.alarm.leading import acting_centre
from egide.alarm.refusals import CROSSED
from egide.alarm.rows import ASIDE, BY_ITSELF, DESK
from egide.alarm.rules import Refused, team_was_there
from egide.alarm.state import AlarmState
from egide.alarm.table import COMMAND
from egide.boards import service as boards
from egide.boards.desk import presenting as show
from egide.boards.desk import rules, service
from egide.boards.desk import whereabouts as where
from egide.boards.desk.answers import JOURNAL_DOWN, answers
from egide.boards.desk.talking import talk_of
from egide.boards.desk.words import OUTCOMES, PHONE
from egide.boards.geography import Atlas, atlas
from egide.boards.service import bans_of, hides_address, names_of
from egide.boards.shown.acts import acts_of
from egide.boards.shown.clocks import dues_of
from egide.boards.shown.earlier import earlier_phones_of
from egide.boards.shown.words import said
from egide.journal.errors import JournalError


@require_GET
@for_desk
@answers
def alarm(request: DeskRequest, alarm: str) -> HttpResponse:
    """One alarm: next action, position, flags, notes."""
    return _panel(request, boards.check_alarm(request.scope, alarm))


@require_POST
@for_desk
@answers
def command(request: DeskRequest, alarm: str, name: str) -> HttpResponse:
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


def _panel(request: DeskRequest, state: AlarmState, message: str = "", status: int = 200) -> HttpResponse:
    geography: Atlas = atlas()
    row = show.rows_of([state], names_of([state]), geography, request.scope)[0]
    acts = acts_of(state, boards.speaker_of(request.scope, DESK), names={"centre": row.lead.centre})
    bans = bans_of(state)
    people = titles([state.closing.closed_by, state.lead.localisation_by, *_of_help(state)])
    context = {
        "row": row,
        "state": state,
        "phone_faults": [PHONE[fault] for fault in rules.phone_faults(state.press.link)],
        "closed_by": people.get(state.closing.closed_by, ""),
        "outcome": OUTCOMES.get(state.closing.outcome, ""),
        "steps": show.steps_of(state),
        "dues": dues_of(state),
        "way": show.way_of(state, geography, acts),
        "aside": [act for act in acts if act.lane == ASIDE],
        # By name, for what the page lays out itself.
        "can": {act.name.replace("-", "_"): act for act in acts},
        "notes": show.notes_of(state),
        "report": show.report_of(state),
        "may_close": team_was_there(state),
        "may_call_back": service.is_supervisor(request.scope, state),
        "help_by": people.get(state.help.by, "") if state.help else "",
        "help_seen_by": people.get(state.help.seen_by, "") if state.help else "",
        "help_ms": state.help.at_us // 1000 if state.help else 0,
        "localisation_ms": state.lead.localisation_at_us // 1000,
        "help_spot": where.help_spot(state, geography),
        "earlier_phones": earlier_phones_of(state),
        "move": where.last_move_of(state),
        "localisation_by": people.get(state.lead.localisation_by, ""),
        "localisation_done": state.lead.localisation_at_us > state.press.last_contact_us,
        "where": where.where_of(state, geography, acting_centre(state, request.scope.centres)),
        "bans": bans,
        # When this changes, the briefing says something else.
        "file_key": " ".join([*(ban.relation.where for ban in bans), str(hides_address(state))]),
        "map": msgspec.json.encode(where.map_of(state, bans)).decode(),
        "silent": talk_of(state, request.scope, titles(text.user for text in state.talk.texts)),
        "message": message,
    }
    return render(request, "desk/alarm.html", context, status=status)


def _of_help(state: AlarmState) -> tuple[str, ...]:
    return (state.help.by, state.help.seen_by) if state.help else ()
