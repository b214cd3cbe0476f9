"""Pure rules of the board: for whom it rings, and in which order alarms stand."""

from collections.abc import Set

from egide.alarm.events.steps import SUPERVISOR_CAME
from egide.alarm.leading import acting_centre, is_asked, leads, may_take_over
from egide.alarm.rules import needs_help, supervisor_waits
from egide.alarm.sent import Push, SmsAnswer
from egide.alarm.state import AlarmState
from egide.boards.rules import late_steps
from egide.boards.waking.rules import TEAM
from egide.protocol.link import LinkFlag


def phone_faults(link: int | None) -> tuple[str, ...]:
    """What is wrong with phone and button, by the flags of the last message: words of `words.PHONE`."""
    if link is None:
        return ()
    flags = LinkFlag(link)
    faults = {
        "unpaired": LinkFlag.BUTTON_PAIRED not in flags,
        "radio-off": LinkFlag.RADIO_OFF in flags,
        "away": LinkFlag.BUTTON_PAIRED in flags and LinkFlag.BUTTON_CONNECTED not in flags,
        "position-refused": LinkFlag.POSITION_REFUSED in flags,
        "no-fix": LinkFlag.NO_FIX in flags,
        "microphone-refused": LinkFlag.MICROPHONE_REFUSED in flags,
    }
    return tuple(word for word, is_so in faults.items() if is_so)


def rings(state: AlarmState, centres: Set[str], supervises: Set[str] = frozenset()) -> bool:
    """Whether the boards of `centres` ring: somebody here can acknowledge the alarm, take the lead or answer a team.

    A supervisor's board rings also while an operator asks for them, and every board when no supervisor comes.
    """
    if not state.is_open:
        return False
    if needs_help(state) or is_asked(state, centres):
        return True
    if supervisor_waits(state):
        nobody_comes = SUPERVISOR_CAME in late_steps(state) and leads(state, centres)
        if nobody_comes or acting_centre(state, centres) in supervises:
            return True
    may_take = leads(state, centres) or any(may_take_over(state, centre) for centre in centres)
    return may_take and not state.lead.acknowledged_by


def urgency(state: AlarmState, centres: Set[str] = frozenset(), *, supervisor: bool = False) -> int:
    """0 a team in danger, 1 duress, 3 not acknowledged, 4 acknowledged, 5 people on the spot (safety rules 5 and 14).

    For a supervisor 2 is what missed a deadline, or asks for them. People's own signals and the clock only, never a
    score. A handover to one of `centres` counts as not acknowledged until somebody there accepts it.
    """
    if needs_help(state):
        return 0
    if state.press.duress:
        return 1
    if supervisor and (late_steps(state) or supervisor_waits(state)):
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
