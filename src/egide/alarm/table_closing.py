"""How an alarm ends, and what follows: who may close it, and on what that rests (safety rules 6, 8 and 11); and how
what was just said is undone (rule 39). Pure.
"""

from egide.alarm import rules
from egide.alarm.events import AlarmClosed, FollowUpDone, StepUndone, SupervisorAsked, SupervisorCame, steps
from egide.alarm.events.outcomes import OUTCOMES
from egide.alarm.leading import acting_centre, is_acknowledged
from egide.alarm.refusals import marked as _
from egide.alarm.rows import DESK, PAGE, TEAM, ZONE, AskedField, Command, Given, Speaker
from egide.alarm.rules import Refused, needs_help, supervisor_waits, team_was_there
from egide.alarm.state import AlarmState
from egide.alarm.undoing import decide_undo, undoable_by
from egide.events.base import Event


def _supervises(state: AlarmState, who: Speaker) -> bool:
    """Whether this is a supervisor of the centre that leads."""
    return acting_centre(state, who.centres) in who.supervises


def _may_close(state: AlarmState, who: Speaker) -> bool:
    return is_acknowledged(state, who.centres) and (team_was_there(state) or _supervises(state, who))


def _may_ask_supervisor(state: AlarmState, who: Speaker) -> bool:
    asks = is_acknowledged(state, who.centres) and not _may_close(state, who)
    return asks and not supervisor_waits(state)


def _decide_ask_supervisor(state: AlarmState, given: Given) -> list[Event]:
    """One question is enough. Raises Refused "not-taken"."""
    if not state.lead.acknowledged_by:
        raise Refused("not-taken")
    may_ask = _may_ask_supervisor(state, given.speaker)
    return [SupervisorAsked(user=given.speaker.by)] if may_ask else []


def _may_come(state: AlarmState, who: Speaker) -> bool:
    return supervisor_waits(state) and _supervises(state, who)


def _decide_come(state: AlarmState, given: Given) -> list[Event]:
    comes = _may_come(state, given.speaker)
    return [SupervisorCame(user=given.speaker.by)] if comes else []


def _heard_word(state: AlarmState, given: Given) -> bool:
    """Whether a supervisor of the centre that leads called back and heard the agreed word."""
    return _supervises(state, given.speaker) and given.fields.get("called_back") == "yes"


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
            AskedField(
                "outcome",
                kind="choice",
                choices=tuple(OUTCOMES.items()),
                refusal="no-outcome",
            ),
            AskedField("reason", kind="text"),
            AskedField("called_back"),
        ),
        step=steps.CLOSED,
        key="C",
        lane=PAGE,
    ),
    Command(
        "ask-supervisor",
        _("Ask the supervisor"),
        pages=(DESK,),
        offered=_may_ask_supervisor,
        decide=_decide_ask_supervisor,
        writes=(SupervisorAsked,),
        key="A",
        lane=PAGE,
        listed=_("Ask the supervisor, who may close after a call-back"),
    ),
    Command(
        "come",
        _("I look at it"),
        pages=(DESK,),
        offered=_may_come,
        decide=_decide_come,
        writes=(SupervisorCame,),
        leads=(),
        key="M",
        lane=PAGE,
        listed=_("The supervisor who was asked looks at it"),
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
        asks=(AskedField("text"),),
        leads=(),
        while_open=False,
        shown=lambda state, who: state.origin.managing_zone == who.zone,
        lane=PAGE,
    ),
)

UNDO = Command(
    "undo",
    _("Undo"),
    pages=(DESK, ZONE, TEAM),
    offered=lambda state, who: undoable_by(state, who.by) is not None,
    decide=lambda state, given: decide_undo(
        state, given.speaker.by, given.fields.get("version", ""), given.now_us, given.tap
    ),
    writes=(StepUndone,),
    asks=(AskedField("version"),),
    leads=(),
    while_open=False,
    key=_("Ctrl+Z"),
    lane=PAGE,
    listed=_("Undo what you have just said, for ten seconds"),
)
