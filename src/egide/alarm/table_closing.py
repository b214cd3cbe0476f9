"""How an alarm ends, and what follows: who may close it, and on what that rests (safety rules 6, 8 and 11). Pure."""

from egide.alarm import rules
from egide.alarm.events import AlarmClosed, FollowUpDone, steps
from egide.alarm.events.outcomes import OUTCOMES
from egide.alarm.leading import acting_centre, leads
from egide.alarm.rows import DESK, PAGE, ZONE, Asked, Command, Given, Speaker
from egide.alarm.rules import Refused, needs_help, team_was_there
from egide.alarm.state import AlarmState
from egide.alarm.texts import marked as _
from egide.events.base import Event


def _may_close(state: AlarmState, who: Speaker) -> bool:
    return state.is_open and bool(state.lead.acknowledged_by) and leads(state, who.centres)


def _heard_word(state: AlarmState, given: Given) -> bool:
    """Whether a supervisor of the centre that leads called back and heard the agreed word."""
    who = given.speaker
    is_supervisor = acting_centre(state, who.centres) in who.supervises
    return is_supervisor and given.fields.get("called_back") == "yes"


def _check_close(state: AlarmState, given: Given) -> None:
    """A team that was with the person ends an alarm, or a supervisor who called back and heard the agreed word; nothing
    else does. Raises Refused "not-taken", "help-waits", "only-told" or "nobody-there".
    """
    if not state.lead.acknowledged_by:
        raise Refused("not-taken")
    if needs_help(state):
        raise Refused("help-waits")
    if not team_was_there(state) and not _heard_word(state, given):
        raise Refused("only-told" if state.is_only_told else "nobody-there")


def _decide_close(state: AlarmState, given: Given) -> list[Event]:
    outcome, reason = given.fields["outcome"], given.fields["reason"].strip()
    basis = "team" if team_was_there(state) else "call-back"
    return [AlarmClosed(user=given.speaker.by, outcome=outcome, reason=reason, basis=basis)]


CLOSING = (
    Command(
        "close",
        _("Close with an outcome"),
        pages=(DESK,),
        offered=_may_close,
        check=_check_close,
        decide=_decide_close,
        writes=(AlarmClosed,),
        asks=(
            Asked(
                "outcome",
                kind="choice",
                choices=tuple(OUTCOMES.items()),
                refusal="no-outcome",
            ),
            Asked("reason", kind="text"),
            Asked("called_back"),
        ),
        step=steps.CLOSED,
        key="C",
        lane=PAGE,
    ),
    Command(
        "follow-up",
        _("What was done"),
        pages=(ZONE,),
        offered=lambda state, _who: not state.is_open and not state.closing.followed_up_at_us,
        decide=lambda state, given: rules.decide_follow_up(
            state, given.speaker.by, given.fields.get("text", "")
        ),
        writes=(FollowUpDone,),
        asks=(Asked("text"),),
        leads=(),
        while_open=False,
        shown=lambda state, who: state.origin.managing_zone == who.zone,
        lane=PAGE,
    ),
)
