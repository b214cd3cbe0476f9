"""Pure rules of the desk: what an operator may do to an alarm, and in which order alarms stand."""

from collections.abc import Set
from typing import Protocol

from egide.alarm.events import (
    AlarmAcknowledged,
    AlarmClosed,
    HandoverAccepted,
    HandoverOffered,
    LeadKept,
    LocalisationAsked,
    NoteAdded,
    ShownOnBoard,
)
from egide.alarm.events.outcomes import OUTCOMES
from egide.alarm.ladder import running
from egide.alarm.rules import MIN_REASON_SIGNS, Refused, check_open, checked_text
from egide.alarm.state import AlarmState, Push, SmsAnswer
from egide.boards.waking.rules import TEAM
from egide.events.base import Event
from egide.protocol.link import LinkFlag

__all__ = ["Refused"]


class Closer(Protocol):
    """Who wants to end an alarm: what these rules read of a scope."""

    @property
    def user(self) -> str: ...
    @property
    def centre(self) -> str: ...
    @property
    def supervisor(self) -> bool: ...


def phone_faults(link: int | None) -> tuple[str, ...]:
    """What is not as it should be with phone and button, by the flags of the last message: words of `words.PHONE`."""
    if link is None:
        return ()
    flags = LinkFlag(link)
    faults = {
        "unpaired": LinkFlag.BUTTON_PAIRED not in flags,
        "away": LinkFlag.BUTTON_PAIRED in flags and LinkFlag.BUTTON_CONNECTED not in flags,
        "position-refused": LinkFlag.POSITION_REFUSED in flags,
        "no-fix": LinkFlag.NO_FIX in flags,
        "microphone-refused": LinkFlag.MICROPHONE_REFUSED in flags,
    }
    return tuple(word for word, is_so in faults.items() if is_so)


def decide_acknowledge(state: AlarmState, user: str, centre: str) -> list[Event]:
    """Take the alarm, in the centre that leads. The first one wins; taking one's own alarm again changes nothing.

    Raises Refused "taken", "closed" or "other-centre-leads".
    """
    check_open(state)
    check_leads(state, centre)
    if state.lead.acknowledged_by == user:
        return []
    if state.lead.acknowledged_by:
        raise Refused("taken", state.lead.acknowledged_by)
    return [AlarmAcknowledged(user=user, centre="" if state.lead.centre else centre)]


def may_take_over(state: AlarmState, centre: str) -> bool:
    """Whether somebody of `centre` may take the lead: the position is there, it was asked, or it was shown a copy."""
    if not state.is_open or state.lead.centre in ("", centre):
        return False
    return centre == state.lead.handover_to or any(missed.centre == centre for missed in state.missed)


def decide_take_over(state: AlarmState, user: str, centre: str) -> list[Event]:
    """A named person of another centre takes the lead (safety rule 2); until then the first centre has it.

    Raises Refused "closed", "taken" when a colleague was first, "moved-on" when the position went on meanwhile.
    """
    check_open(state)
    if state.lead.centre == centre:
        if state.lead.acknowledged_by in ("", user):
            return decide_acknowledge(state, user, centre)
        raise Refused("taken", state.lead.acknowledged_by)
    if not may_take_over(state, centre):
        raise Refused("moved-on")
    return [HandoverAccepted(user=user, centre=centre)]


def decide_offer(state: AlarmState, user: str, centre: str, to: str) -> list[Event]:
    """Ask centre `to` to take the alarm over; the own centre leads until somebody there accepts.

    Raises Refused "closed", "other-centre-leads" or "no-centre".
    """
    check_open(state)
    check_leads(state, centre)
    if not to or to == centre:
        raise Refused("no-centre")
    return [] if state.lead.handover_to == to else [HandoverOffered(user=user, centre=to)]


def decide_keep(state: AlarmState, user: str, centre: str, what: str) -> list[Event]:
    """The position moved on, and who leads goes on leading. `what` is "zone" or "centre".

    Raises Refused "closed" or "other-centre-leads".
    """
    check_open(state)
    check_leads(state, centre)
    pending = state.lead.handover_to if what == "centre" else state.lead.zone_moved_to
    return [LeadKept(user=user, what="centre" if what == "centre" else "zone")] if pending else []


def acting_centre(state: AlarmState, centres: Set[str]) -> str:
    """For which of their centres somebody acts: the one that leads, else the one that is asked, else the first."""
    wanted = (state.lead.centre, state.lead.handover_to)
    return next((centre for centre in wanted if centre in centres), min(centres, default=""))


def leads(state: AlarmState, centres: Set[str]) -> bool:
    """Whether one of `centres` leads. Before the first route nobody does yet, and whoever sees the alarm acts."""
    return not state.lead.centre or state.lead.centre in centres


def is_asked(state: AlarmState, centres: Set[str]) -> bool:
    """Whether one of `centres` is to take the lead and nobody there has done so yet (safety rule 2)."""
    return state.is_open and state.lead.handover_to in centres and not leads(state, centres)


def needs_help(state: AlarmState) -> bool:
    """Whether a team waits for an answer to its call for help (safety rule 14)."""
    return state.is_open and state.help is not None and not state.help.seen_by


def rings(state: AlarmState, centres: Set[str]) -> bool:
    """Whether the boards of `centres` ring: somebody here can take the alarm, or the lead, or answer a team."""
    if not state.is_open:
        return False
    if needs_help(state) or is_asked(state, centres):
        return True
    may_take = leads(state, centres) or any(may_take_over(state, centre) for centre in centres)
    return may_take and not state.lead.acknowledged_by


def team_was_there(state: AlarmState) -> bool:
    """Whether the team itself or its zone said that it was with the person, so that it can end the alarm (safety rule
    8). What an operator typed alone is no word of theirs.
    """
    return state.is_arrival_confirmed or state.team.report is not None


def decide_ask_localisation(state: AlarmState, user: str) -> list[Event]:
    """An operator asked the telephone network where the phone is; once for each silence. Raises Refused "closed"."""
    check_open(state)
    if state.lead.localisation_at_us > state.press.last_contact_us:
        return []
    return [LocalisationAsked(user=user)]


def check_leads(state: AlarmState, centre: str) -> None:
    """Before the first route nobody leads yet, and whoever sees the alarm acts. Raises Refused."""
    if state.lead.centre not in ("", centre):
        raise Refused("other-centre-leads")


def decide_note(state: AlarmState, user: str, text: str, *, for_team: bool = False) -> list[Event]:
    """Write something down, for the team too or not. Raises Refused "empty", "too-long" or "closed"."""
    check_open(state)
    return [NoteAdded(user=user, text=checked_text(text, 1), for_team=for_team)]


def decide_close(
    state: AlarmState, by: Closer, outcome: str, reason: str, *, called_back: bool = False
) -> list[Event]:
    """End the alarm with an outcome and a reason (safety rule 11); nothing else ends one (rules 6 and 8).

    A team that was with the person ends it, or a supervisor who called back and heard the agreed word. Raises Refused
    "closed", "not-taken", "other-centre-leads", "help-waits", "nobody-there", "only-told", "no-outcome", "empty" or
    "too-long".
    """
    check_open(state)
    if not state.lead.acknowledged_by:
        raise Refused("not-taken")
    check_leads(state, by.centre)
    if state.help and not state.help.seen_by:
        raise Refused("help-waits")
    by_team = team_was_there(state)
    if not by_team and not (by.supervisor and called_back):
        raise Refused("only-told" if state.team.on_site_at_us else "nobody-there")
    if outcome not in OUTCOMES:
        raise Refused("no-outcome")
    reason = checked_text(reason, MIN_REASON_SIGNS)
    basis = "team" if by_team else "call-back"
    return [AlarmClosed(user=by.user, outcome=outcome, reason=reason, basis=basis)]


def decide_shown(state: AlarmState, user: str, centre: str) -> list[Event]:
    """A board has painted the alarm; one report for each person is enough."""
    if not state.is_open or user in state.lead.shown_by:
        return []
    return [ShownOnBoard(user=user, centre=centre)]


def late_steps(state: AlarmState) -> tuple[str, ...]:
    """The steps whose clock runs and has passed a deadline, in their order."""
    noted = {missed.step for missed in state.missed}
    return tuple(step for step, _since in running(state) if step in noted)


def urgency(state: AlarmState, centres: Set[str] = frozenset(), *, supervisor: bool = False) -> int:
    """0 a team in danger, 1 duress, 3 not taken, 4 taken, 5 people on the spot (safety rules 5 and 14); before a
    supervisor 2 is what missed a deadline. People's own signals and the clock only, never a score.

    A handover to one of `centres` is not taken until somebody there accepts.
    """
    if needs_help(state):
        return 0
    if state.press.duress:
        return 1
    if supervisor and late_steps(state):
        return 2
    if not state.lead.acknowledged_by or is_asked(state, centres):
        return 3
    return 5 if state.team.on_site_at_us else 4


def in_order(
    states: list[AlarmState], centres: Set[str] = frozenset(), *, supervisor: bool = False
) -> list[AlarmState]:
    """By urgency; among equals the one that waits longest without arrival comes first (safety rule 5)."""
    return sorted(
        states,
        key=lambda state: (
            urgency(state, centres, supervisor=supervisor),
            state.received_at_us,
            state.alarm,
        ),
    )


def unwoken(state: AlarmState) -> tuple[Push, ...]:
    """Zones and teams whose pages could not be woken, until somebody there answered: people must call them."""
    if not state.is_open:
        return ()
    return tuple(push for push in state.pushes if not push.was_woken and not _is_answered(state, push))


def sms_answer(state: AlarmState) -> SmsAnswer | None:
    """What became of the last answer by SMS since the alarm opened (again)."""
    answer = state.press.sms_answer
    return answer if answer is not None and answer.at_us >= state.opened_at_us else None


def _is_answered(state: AlarmState, push: Push) -> bool:
    """Whether a name stands for the zone, the team moved since, or all that was before the alarm began anew."""
    if push.at_us < state.opened_at_us:
        return True
    if push.to == TEAM:
        return push.at_us < max(state.team.under_way_at_us, state.team.on_site_at_us)
    return push.unit == state.lead.zone and bool(state.lead.zone_confirmed_at_us)
