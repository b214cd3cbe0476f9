"""One alarm as a fragment, and everything that an operator does to it."""

from collections.abc import Callable

import msgspec
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from egide.access.service import DeskRequest, for_desk, titles
from egide.alarm.rows import DESK
from egide.alarm.state import AlarmState
from egide.boards import service as response
from egide.boards.desk import presenting as show
from egide.boards.desk import rules, service
from egide.boards.desk import whereabouts as where
from egide.boards.desk.answers import JOURNAL_DOWN, answers
from egide.boards.desk.rules import Refused
from egide.boards.desk.talking import talk_of
from egide.boards.desk.words import OUTCOMES, PHONE, REFUSALS
from egide.boards.service import bans_of, hides_address, names_of
from egide.boards.shown.acts import acts_of
from egide.boards.shown.clocks import dues_of
from egide.boards.shown.earlier import earlier_phones_of
from egide.boards.shown.geography import Atlas, atlas
from egide.journal.errors import JournalError

# Somebody else was quicker: the page shows what is true now.
_CROSSED = ("taken", "closed", "other-centre-leads", "moved-on")


@require_GET
@for_desk
@answers
def alarm(request: DeskRequest, alarm: str) -> HttpResponse:
    """One alarm: next action, position, flags, notes."""
    return _panel(request, response.check_alarm(request.scope, alarm))


@require_POST
@for_desk
@answers
def acknowledge(request: DeskRequest, alarm: str) -> HttpResponse:
    """Take the alarm; 409 names the colleague who was first."""
    return decided(request, alarm, lambda: service.do_acknowledge(request.scope, alarm))


@require_POST
@for_desk
@answers
def note(request: DeskRequest, alarm: str) -> HttpResponse:
    """Write a note."""
    text = request.POST.get("text", "")
    for_team = "for_team" in request.POST
    return decided(request, alarm, lambda: service.do_note(request.scope, alarm, text, for_team=for_team))


@require_POST
@for_desk
@answers
def close(request: DeskRequest, alarm: str) -> HttpResponse:
    """Close with an outcome and a reason."""
    outcome, reason = request.POST.get("outcome", ""), request.POST.get("reason", "")
    called_back = request.POST.get("called_back") == "yes"
    return decided(
        request,
        alarm,
        lambda: service.do_close(request.scope, alarm, outcome, reason, called_back=called_back),
    )


@require_POST
@for_desk
@answers
def confirm_zone(request: DeskRequest, alarm: str) -> HttpResponse:
    """The zone is informed, by a name or a reference."""
    zone, reference = request.POST.get("zone", ""), request.POST.get("reference", "")
    return decided(request, alarm, lambda: response.do_confirm_zone(request.scope, alarm, zone, reference))


@require_POST
@for_desk
@answers
def command(request: DeskRequest, alarm: str, name: str) -> HttpResponse:
    """What an operator heard and says of the alarm: a row of the table. It is the operator's word (safety rule 39)."""
    return decided(
        request, alarm, lambda: service.do_command(request.scope, alarm, name, request.POST.dict())
    )


@require_POST
@for_desk
@answers
def block_phone(request: DeskRequest, alarm: str) -> HttpResponse:
    """An earlier phone of the kit raises no alarm any more."""
    device = request.POST.get("device", "")
    return decided(request, alarm, lambda: response.do_block_phone(request.scope, alarm, device))


@require_POST
@for_desk
@answers
def name_team(request: DeskRequest, alarm: str) -> HttpResponse:
    """A team is chosen."""
    call_sign, telephone = request.POST.get("call_sign", ""), request.POST.get("telephone", "")
    return decided(request, alarm, lambda: response.do_name_team(request.scope, alarm, call_sign, telephone))


@require_POST
@for_desk
@answers
def take_over(request: DeskRequest, alarm: str) -> HttpResponse:
    """The reader's centre takes the lead; 409 says what happened meanwhile."""
    return decided(request, alarm, lambda: service.do_take_over(request.scope, alarm))


@require_POST
@for_desk
@answers
def offer(request: DeskRequest, alarm: str) -> HttpResponse:
    """Another centre is asked to take the lead."""
    to = request.POST.get("centre", "")
    return decided(request, alarm, lambda: service.do_offer(request.scope, alarm, to))


@require_POST
@for_desk
@answers
def keep(request: DeskRequest, alarm: str, what: str) -> HttpResponse:
    """The centre, or the zone, that leads goes on leading although the position moved."""
    return decided(request, alarm, lambda: service.do_keep(request.scope, alarm, what))


@require_POST
@for_desk
@answers
def help_seen(request: DeskRequest, alarm: str) -> HttpResponse:
    """The operator has seen that the team needs help."""
    return decided(request, alarm, lambda: service.do_see_help(request.scope, alarm))


@require_POST
@for_desk
@answers
def localisation(request: DeskRequest, alarm: str) -> HttpResponse:
    """The telephone network was asked where the silent phone is."""
    return decided(request, alarm, lambda: service.do_ask_localisation(request.scope, alarm))


@require_POST
@for_desk
@answers
def shown(request: DeskRequest, alarm: str) -> HttpResponse:
    """The page has painted the alarm's row."""
    service.do_report_shown(request.scope, alarm)
    return HttpResponse(status=204)


def decided(request: DeskRequest, alarm: str, do: Callable[[], AlarmState]) -> HttpResponse:
    """The alarm after a decision; a refusal shows it as it is, with the reason (409 when somebody was first)."""
    service.note_action(request.scope)
    try:
        return _panel(request, do())
    except Refused as refused:
        by = titles([refused.by]).get(refused.by, "")
        message = str(REFUSALS[refused.why]) % {"by": by}
        status = 409 if refused.why in _CROSSED else 422
    except JournalError:
        message, status = str(JOURNAL_DOWN), 503
    return _panel(request, response.check_alarm(request.scope, alarm), message, status)


def _panel(request: DeskRequest, state: AlarmState, message: str = "", status: int = 200) -> HttpResponse:
    geography: Atlas = atlas()
    bans, acts = bans_of(state), acts_of(state, DESK)
    people = titles([state.closing.closed_by, state.lead.localisation_by, *_of_help(state)])
    context = {
        "row": show.rows_of([state], names_of([state]), geography, request.scope)[0],
        "state": state,
        "phone_faults": [PHONE[fault] for fault in rules.phone_faults(state.press.link)],
        "closed_by": people.get(state.closing.closed_by, ""),
        "outcome": OUTCOMES.get(state.closing.outcome, ""),
        "steps": show.steps_of(state),
        "dues": dues_of(state),
        "way": show.way_of(state, geography, acts),
        "acts": acts,
        "notes": show.notes_of(state),
        "report": show.report_of(state),
        "may_close": rules.team_was_there(state),
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
        "where": where.where_of(state, geography, rules.acting_centre(state, request.scope.centres)),
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
