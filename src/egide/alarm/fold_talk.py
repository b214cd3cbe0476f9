"""What silent questions, answers and sound change in the state of an alarm."""

from egide.alarm import events as a
from egide.alarm.changing import Changes, changes_by
from egide.alarm.events import talk as s
from egide.alarm.state import AlarmState, Sound, Text

# An answer is a word; anything longer is not one of ours, and is cut off where it is shown.
LONGEST_TEXT = 200


def _from_phone(event: a.FromPhone, state: AlarmState, at_us: int) -> Changes:
    return changes_by.dispatch(a.FromPhone)(event, state, at_us)


@changes_by.register
def _(event: a.TextReceived, state: AlarmState, at_us: int) -> Changes:
    answer = Text("", event.body.decode(errors="replace")[:LONGEST_TEXT], at_us)
    return _from_phone(event, state, at_us) | {"texts": (*state.talk.texts, answer)}


@changes_by.register
def _(event: a.TextAsked, state: AlarmState, at_us: int) -> Changes:
    return {"texts": (*state.talk.texts, Text(event.user, event.question, at_us))}


@changes_by.register
def _(event: a.AudioReceived, state: AlarmState, at_us: int) -> Changes:
    piece = Sound(event.counter, event.number, event.digest, event.size_bytes, at_us)
    return _from_phone(event, state, at_us) | {"sounds": (*state.talk.sounds, piece)}


@changes_by.register
def _(event: a.ListenStopped, state: AlarmState, at_us: int) -> Changes:
    return {"listening_stopped_at_us": state.talk.listening_stopped_at_us or at_us}


@changes_by.register
def _(event: s.SoundHeard, state: AlarmState, at_us: int) -> Changes:
    return {"sound_heard_at_us": state.talk.sound_heard_at_us or at_us}


@changes_by.register
def _(event: s.SoundExported, state: AlarmState, at_us: int) -> Changes:
    return {"sound_exported_at_us": state.talk.sound_exported_at_us or at_us}


@changes_by.register
def _(event: s.SoundKept, state: AlarmState, at_us: int) -> Changes:
    return {
        "sound_kept_by": state.talk.sound_kept_by or event.user,
        "sound_kept_at_us": state.talk.sound_kept_at_us or at_us,
        "sound_kept_why": state.talk.sound_kept_why or event.reason,
    }


@changes_by.register
def _(event: s.SoundExpired, state: AlarmState, at_us: int) -> Changes:
    return {
        "sounds": (),
        "sound_expired_at_us": at_us,
        "sound_expired_pieces": state.talk.sound_expired_pieces + event.pieces,
    }
