"""Sound of a file's alarms, as its page shows it: heard, kept, gone, or waiting for its end (safety rule 23)."""

from dataclasses import dataclass
from datetime import date

from django.conf import settings

from egide.access.rules import MAGISTRATE, REASON_LENGTH, Scope
from egide.access.service import titles
from egide.alarm.events import SoundKept
from egide.alarm.state import AlarmState
from egide.casework.life.alarms import states_of
from egide.casework.life.retention import RetentionError, unheard_sound_days
from egide.casework.models import Case
from egide.events.base import Event
from egide.journal.ending.sounds import expires_at_us
from egide.outbox.days import day_of
from egide.outbox.service import journal

# Refusals, with their words in casework.words.
GONE, NO_REASON = "sound-gone", "sound-no-reason"


class SoundRefused(Exception):
    """Nothing was kept; `code` is one of the refusals above."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Recorded:
    """The sound of one alarm. `state` is "open", "heard", "kept", "waits" (until `goes_on`) or "gone"."""

    alarm: str
    at_us: int
    pieces: int
    state: str
    goes_on: date | None = None
    by: str = ""
    why: str = ""
    then_us: int = 0


def recorded_of(case: Case) -> list[Recorded]:
    """The sound of this file's alarms, the latest first. What cannot be read is left out."""
    states = states_of(case.id)
    by = titles(state.talk.sound_kept_by for state in states if state.talk.sound_kept_by)
    return [_recorded(state, by) for state in states if state.talk.sounds or state.talk.sound_expired_pieces]


def _recorded(state: AlarmState, by: dict[str, str]) -> Recorded:
    at_us, pieces = state.received_at_us, len(state.talk.sounds)
    if not pieces:
        return Recorded(
            state.alarm,
            at_us,
            state.talk.sound_expired_pieces,
            "gone",
            then_us=state.talk.sound_expired_at_us,
        )
    if state.talk.sound_heard_at_us or state.talk.sound_exported_at_us:
        return Recorded(state.alarm, at_us, pieces, "heard")
    if state.talk.sound_kept_at_us:
        who = by.get(state.talk.sound_kept_by, state.talk.sound_kept_by)
        return Recorded(
            state.alarm,
            at_us,
            pieces,
            "kept",
            by=who,
            why=state.talk.sound_kept_why,
            then_us=state.talk.sound_kept_at_us,
        )
    if state.is_open:
        return Recorded(state.alarm, at_us, pieces, "open")
    return Recorded(state.alarm, at_us, pieces, "waits", goes_on=_goes_on(state))


def _goes_on(state: AlarmState) -> date | None:
    """The day on which it is deleted; None while the authority's setting cannot be read: then nothing is."""
    try:
        goes_us = expires_at_us(state, unheard_sound_days(settings.EGIDE.data_dir))
    except RetentionError:
        return None
    return None if goes_us is None else day_of(goes_us)


def may_keep(scope: Scope, case: Case) -> bool:
    """Only a magistrate of the file's own office."""
    return scope.holds(MAGISTRATE, case.office)


def decide_keep(state: AlarmState, user: str, reason: str) -> list[Event]:
    """Keep the sound of an alarm. Once kept it stays kept. Raises SoundRefused."""
    if len(reason.strip()) < REASON_LENGTH:
        raise SoundRefused(NO_REASON)
    if not state.talk.sounds:
        raise SoundRefused(GONE)
    return [] if state.talk.sound_kept_at_us else [SoundKept(user=user, reason=reason.strip())]


def do_keep(scope: Scope, case: Case, alarm: str, reason: str) -> None:
    """Raises SoundRefused; LookupError for an alarm that is not this file's."""
    state = journal().alarm(alarm)
    if state is None or state.case != case.id:
        raise LookupError(alarm)
    journal().decide(alarm, lambda found: decide_keep(found, scope.user, reason))
