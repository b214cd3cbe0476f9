"""What a push that wakes people and an answer by SMS change in the state of an alarm."""

from egide.alarm import events as a
from egide.alarm.changing import Changes, changes_by
from egide.alarm.events.sms import SmsAnswerTried
from egide.alarm.state import AlarmState, Push, SmsAnswer


@changes_by.register
def _(event: a.PushTried, state: AlarmState, at_us: int) -> Changes:
    """Only the last wake-up of each zone and team is kept; one device that was woken is enough."""
    known = _last(state, event.to, event.unit)
    was_woken = not event.why or (known is not None and known.wake == event.wake and known.was_woken)
    others = tuple(push for push in state.pushes if push is not known)
    push = Push(event.wake, event.to, event.unit, event.step, event.rung, was_woken, at_us)
    return {"pushes": (*others, push)}


def _last(state: AlarmState, to: str, unit: str) -> Push | None:
    return next((push for push in state.pushes if (push.to, push.unit) == (to, unit)), None)


@changes_by.register
def _(event: SmsAnswerTried, state: AlarmState, at_us: int) -> Changes:
    """Of the last press only: a try for an earlier one that comes later says nothing new."""
    known = state.press.sms_answer
    if known is not None and (event.press < known.press or (event.press == known.press and known.was_sent)):
        return {}
    return {"sms_answer": SmsAnswer(event.press, not event.why, at_us)}
