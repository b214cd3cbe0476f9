"""What a push that wakes people, an answer by SMS and a message to a dispatch system change in an alarm."""

import msgspec

from egide.alarm import events as a
from egide.alarm.changing import Changes, changes_by
from egide.alarm.events.sms import UNDELIVERED, SmsAnswerTried
from egide.alarm.sent import HandOver, Push, SmsAnswer, TheirUnit, TheirWord, Told
from egide.alarm.state import AlarmState


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
    """Of the last press only: a try for an earlier one that comes later says nothing new, and neither does one after
    the answer was taken, unless the network tells that it did not arrive."""
    known = state.press.sms_answer
    is_over = known is not None and known.was_sent and event.why != UNDELIVERED
    if known is not None and (event.press < known.press or (event.press == known.press and is_over)):
        return {}
    return {"sms_answer": SmsAnswer(event.press, not event.why, at_us)}


@changes_by.register
def _(event: a.SystemTold, state: AlarmState, at_us: int) -> Changes:
    """Only the last message to each system is kept, with the time of its first try; what it answered stays."""
    known = _told(state, event.receiver) or Told(event.receiver, "", "", 0)
    is_again = known.message == event.message
    now = msgspec.structs.replace(
        known,
        about=event.about,
        message=event.message,
        sent_at_us=known.sent_at_us if is_again else at_us,
        taken_at_us=0 if event.why else at_us,
        why=event.why,
        raised_at_us=event.moment_us if event.about == a.RAISED else known.raised_at_us,
        ended_at_us=known.ended_at_us if event.about == a.RAISED else event.moment_us,
    )
    return _with(state, now)


@changes_by.register
def _(event: a.SystemAnswered, state: AlarmState, at_us: int) -> Changes:
    """What a system says that was told nothing is passed over."""
    known = _told(state, event.receiver)
    if known is None:
        return {}
    now = msgspec.structs.replace(known, shown_at_us=known.shown_at_us or at_us)
    if event.word == a.ANSWERED:
        now = msgspec.structs.replace(
            now,
            answered_at_us=known.answered_at_us or at_us,
            answered_by=event.by or known.answered_by,
        )
    return _with(state, msgspec.structs.replace(now, reference=event.reference or known.reference))


@changes_by.register
def _(event: a.SystemSaidUnit, state: AlarmState, at_us: int) -> Changes:
    """The last word of each unit, in the order in which they were named; what was said before counts no more."""
    known = _told(state, event.receiver)
    if known is None:
        return {}
    unit = TheirUnit(event.unit, event.word, at_us)
    before = next((one for one in known.units if one.call_sign == event.unit), None)
    if before is not None:
        is_news = before.word != event.word
        units = tuple(unit if one is before and is_news else one for one in known.units)
    else:
        units = (*known.units, unit)[: a.MOST_UNITS]
    return _with(state, msgspec.structs.replace(known, units=units))


@changes_by.register
def _(event: a.SystemWrote, state: AlarmState, at_us: int) -> Changes:
    """Whoever writes has the alarm on a screen; whoever says more than hello has answered. A message that came before
    is no news, and neither is what is too much."""
    known = _told(state, event.receiver)
    if known is None or len(known.words) >= a.MOST_WORDS:
        return {}
    if any(event.number and one.number == event.number for one in known.words):
        return {}
    is_answer = event.word == a.CHAT_SAID
    now = msgspec.structs.replace(
        known,
        shown_at_us=known.shown_at_us or at_us,
        answered_at_us=known.answered_at_us or (at_us if is_answer else 0),
        words=(*known.words, TheirWord(event.word, event.text, event.number, at_us)),
        address=event.address or known.address,
    )
    return _with(state, now)


@changes_by.register
def _(event: a.TextPassed, state: AlarmState, at_us: int) -> Changes:
    known = _told(state, event.receiver)
    if known is None or event.passed <= known.passed:
        return {}
    return _with(state, msgspec.structs.replace(known, passed=event.passed))


@changes_by.register
def _(event: a.NeighbourAsked, state: AlarmState, at_us: int) -> Changes:
    """Handed over (again): nobody there has answered this one."""
    known = _told(state, event.receiver) or Told(event.receiver, "", "", 0)
    hand = HandOver(event.user, at_us)
    if known.hand is not None:
        hand = msgspec.structs.replace(
            hand, answer_there_us=known.hand.answer_there_us, end_there_us=known.hand.end_there_us
        )
    return _with(state, msgspec.structs.replace(known, hand=hand))


@changes_by.register
def _(event: a.NeighbourSaid, state: AlarmState, at_us: int) -> Changes:
    """Nothing where no copy was handed over, and nothing for what was said before what is known already."""
    known = _told(state, event.receiver)
    if known is None or known.hand is None:
        return {}
    return _with(state, msgspec.structs.replace(known, hand=_said(known.hand, event, at_us)))


def _said(hand: HandOver, event: a.NeighbourSaid, at_us: int) -> HandOver:
    if event.word in (a.ACCEPTED, a.REJECTED) and event.there_us > hand.answer_there_us:
        return msgspec.structs.replace(
            hand,
            word=event.word,
            cause=event.cause,
            answered_at_us=at_us,
            answer_there_us=event.there_us,
        )
    if event.word in (a.COMPLETED, a.ABORTED) and event.there_us > hand.end_there_us:
        return msgspec.structs.replace(
            hand,
            ended=event.word,
            ended_cause=event.cause,
            ended_at_us=at_us,
            end_there_us=event.there_us,
        )
    if event.word == a.DELIVERED:
        return msgspec.structs.replace(hand, delivered_at_us=hand.delivered_at_us or at_us, is_lost=False)
    if event.word == a.UNDELIVERED:
        return msgspec.structs.replace(hand, is_lost=not hand.delivered_at_us)
    return hand


def _told(state: AlarmState, receiver: str) -> Told | None:
    return next((one for one in state.told if one.receiver == receiver), None)


def _with(state: AlarmState, now: Told) -> Changes:
    return {"told": (*(one for one in state.told if one.receiver != now.receiver), now)}
