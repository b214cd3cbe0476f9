"""What answering a press by SMS changes in the state of an alarm."""

from egide.alarm.changing import Changes, changes_by
from egide.alarm.events.sms import SmsAnswerTried
from egide.alarm.state import AlarmState, SmsAnswer


@changes_by.register
def _(event: SmsAnswerTried, state: AlarmState, at_us: int) -> Changes:
    """Of the last press only: a try for an earlier one that comes later says nothing new."""
    known = state.press.sms_answer
    if known is not None and (event.press < known.press or (event.press == known.press and known.was_sent)):
        return {}
    return {"sms_answer": SmsAnswer(event.press, not event.why, at_us)}
