"""Undoing what was just said by a slip: within seconds, by who said it, and only while nobody went on from it. Pure.

Nothing leaves the journal: the step stays, `StepUndone` follows it. Why so, and what cannot be undone: decision 0045.
"""

from egide.alarm import events as a
from egide.alarm.changing import Changes, changes_by
from egide.alarm.events.steps import BY_OPERATOR
from egide.alarm.rules import Refused, is_known
from egide.alarm.state import AlarmState, Undoable, changed, joined, value_of
from egide.alarm.table_steps import SAID, STEP, TELLING
from egide.events.base import Event

UNDO_S = 10

# What can be undone, beside what is said of a team on its way. Not among them: what her phone or another centre acts on
# at once (questions, listening, taking over), what ends a page (a report) or opens one (a link), a call for help, and a
# phone that was blocked.
UNDOABLE = (
    a.AlarmAcknowledged,
    a.HandoverOffered,
    a.LeadKept,
    a.LocalisationAsked,
    a.NoteAdded,
    a.ZoneConfirmed,
    a.NoPatrolFree,
    a.TeamNamed,
    a.TeamDelayed,
    a.HelpSeen,
    a.AlarmClosed,
    a.SupervisorAsked,
    a.FollowUpDone,
)
# What may come between, as long as it changes nothing of what was said: it is no answer to it.
PASSING = (
    a.FromPhone,
    a.SourcePressed,
    a.AlarmRouted,
    a.PositionLocated,
    a.ShownOnBoard,
    a.SmsAnswerTried,
    a.PushTried,
    a.SystemTold,
    a.SystemAnswered,
    a.SystemSaidUnit,
    a.SystemWrote,
    a.TextPassed,
    a.NeighbourAsked,
    a.NeighbourSaid,
    a.NoteAdded,
    a.LocalisationAsked,
    a.TextAsked,
    a.StepUndone,
)
# What wakes the phones of a zone or a team: once one of them was woken, its people are notified.
WAKES = ("ZoneConfirmed", "NoPatrolFree", "HelpSeen")
# Who may see the alarm may go on seeing it; a tap is known for ever; a phone that stopped its microphone has stopped.
_STAY = frozenset({"centres", "zones", "taps", "listening_stopped_at_us"})


def undoable_after(
    state: AlarmState, event: Event, version: int, at_us: int, changes: Changes
) -> tuple[Undoable, ...]:
    """What can be taken back once this event, which makes these changes, was added."""
    is_said = isinstance(event, UNDOABLE) or event.kind in TELLING
    if not state.undoable and not is_said:
        return ()
    before = tuple(
        (name, value_of(state, name))
        for name, value in changes.items()
        if name not in _STAY and value_of(state, name) != value
    )
    touched = {name for name, _value in before}
    kept = tuple(one for one in state.undoable if _stands(one, event, at_us, touched))
    if not (is_said and before and _is_alone(event, state, touched)):
        return kept
    by = getattr(event, "user", "") or getattr(event, "by", "")
    told = getattr(event, "told", BY_OPERATOR)
    return (*kept, Undoable(event.kind, by, told, version, at_us, before))


def _is_alone(event: Event, state: AlarmState, touched: set[str]) -> bool:
    """Whether nobody was notified of it by now: no team was called off, and none reads a note."""
    if isinstance(event, a.AlarmAcknowledged):
        return bool(state.lead.shown_at_us and state.lead.centre)
    if isinstance(event, a.ZoneConfirmed | a.NoPatrolFree):
        return "named" not in touched
    if isinstance(event, a.TeamNamed):
        return not (state.team.named or state.team.earlier or state.team.report)
    return not (isinstance(event, a.NoteAdded) and event.for_team)


def _stands(one: Undoable, event: Event, at_us: int, touched: set[str]) -> bool:
    if at_us - one.at_us > UNDO_S * 1_000_000 or not isinstance(event, PASSING):
        return False
    if isinstance(event, a.PushTried) and not event.why and one.kind in WAKES:
        return False
    return touched.isdisjoint(name for name, _value in one.before)


def undoable_by(state: AlarmState, by: str) -> Undoable | None:
    """The last thing that this person can take back, as far as the alarm says; the clock is not looked at."""
    return next((one for one in reversed(state.undoable) if one.by == by), None)


def decide_undo(state: AlarmState, by: str, version: str, now_us: int, tap: str = "") -> list[Event]:
    """Take back what was said as event number `version`. Raises Refused "undo-gone" or "undo-late".

    Counts by the server's clock alone: a tap that waited on a phone is as late as it arrives.
    """
    if is_known(state, tap):
        return []
    one = undoable_by(state, by)
    if one is None or str(one.version) != version:
        raise Refused("undo-gone")
    if now_us - one.at_us > UNDO_S * 1_000_000:
        raise Refused("undo-late")
    return [
        a.StepUndone(
            by=by,
            undone=one.kind,
            version=one.version,
            holds=_holds(changed(state, **dict(one.before))),
            told=one.told,
            tap=tap,
        )
    ]


def _holds(state: AlarmState) -> str:
    """The last step for which the word of the team or its zone stands."""
    words = {
        step: getattr(state.team, f"{STEP[step].record}_told") for step in SAID if STEP[step].done(state)
    }
    return next((step for step in reversed(SAID) if words.get(step, BY_OPERATOR) != BY_OPERATOR), "")


@changes_by.register
def _(event: a.StepUndone, state: AlarmState, at_us: int) -> Changes:
    one = next((one for one in state.undoable if one.version == event.version), None)
    return {**dict(one.before if one else ()), "taps": joined(state.team.taps, event.tap)}
