"""What dispatch systems are told of an alarm beside what it says itself, and the way from their screen back here."""

from typing import cast

from django.conf import settings
from django.urls import reverse

from egide.access.rules import Scope
from egide.alarm.changing import changes_by
from egide.alarm.events.elsewhere import MOST_WORDS, SystemWrote, number_for, team_in
from egide.alarm.sent import Told
from egide.alarm.state import AlarmState
from egide.boards import service
from egide.casework import service as casework
from egide.common.folding import fold
from egide.common.sealing import UnsealError
from egide.events.base import Event
from egide.journal.sealing.keys import KeyErased
from egide.outbox.service import clock, journal
from egide.rollout.service import patrols_of

# How long after its end an alarm is found by its number there; in the register it is found for good.
LINK_US = 12 * 3_600_000_000


def has_weapon(case: str) -> bool | None:
    """Whether the file names a weapon, seen or suspected; None where it cannot be read. Nobody has read it: this is for
    a system that may know no more."""
    try:
        return casework.has_weapon(case)
    except (casework.NoSuchFile, KeyErased, UnsealError):
        return None


def people_of(case: str) -> tuple[str, tuple[str, ...]] | None:
    """The name of the protected person and of those who threaten; None where the file cannot be read."""
    try:
        file = casework.read_content(case)
    except (casework.NoSuchFile, KeyErased, UnsealError):
        return None
    return file.beneficiary.name, tuple(one.name for one in file.perpetrators)


def link_to(receiver: str, alarm: str) -> str:
    """An address of this alarm for somebody who is signed in: without an account it opens nothing."""
    return str(settings.EGIDE.page(reverse("desk-from", args=[number_for(receiver, alarm)])))


def alarm_called(scope: Scope, number: str) -> str | None:
    """The alarm that a dispatch system knows by this number; None where there is none within the reader's scope, or it
    ended too long ago."""
    since_us = clock().now_us() - LINK_US
    states = service.open_alarms(scope) + service.closed_alarms(scope)
    for state in states:
        is_late = not state.is_open and state.closing.closed_at_us < since_us
        if not is_late and any(number_for(one.receiver, state.alarm) == number for one in state.told):
            return state.alarm
    return None


def alarm_told(receiver: str, number: str) -> tuple[str, str] | None:
    """The alarm that this system, or a team on it, was told of under `number`, and the name of who was told; None where
    there is none, or it ended too long ago."""
    known = ((state.alarm, one.receiver) for state in lately() for one in state.told)
    return next(
        (
            (alarm, name)
            for alarm, name in known
            if team_in(name)[0] == receiver and number_for(name, alarm) == number
        ),
        None,
    )


def unit_called(zone: str, call_sign: str) -> str:
    """The call sign of this unit as the list of its zone has it; empty where it has none."""
    units = (one.call_sign for one in patrols_of([zone])[zone])
    return next((one for one in units if fold(one) == fold(call_sign)), "")


def alarm_of_copy(receiver: str, kind: str, message: str) -> str | None:
    """The alarm of which a copy was handed to this control room last, by this message of this `kind`; None where there
    is none, or it ended too long ago. What became of it may be heard before our own call has come back."""
    return next(
        (
            state.alarm
            for state in lately()
            for one in state.told
            if one.receiver == receiver
            and one.hand is not None
            and number_for(receiver, state.alarm, kind, one.hand.asked_at_us) == message
        ),
        None,
    )


def do_note_answer(alarm: str, said: Event) -> None:
    """Note what a system says of an alarm; the same once more is no news."""

    def decide(state: AlarmState) -> list[Event]:
        after = changes_by(said, state, clock().now_us()).get("told", ())
        return [said] if {*cast(tuple[Told, ...], after)} - {*state.told} else []

    journal().decide(alarm, decide)


def do_note_words(alarm: str, said: SystemWrote) -> bool:
    """Note what people of a control room wrote; the same once more is no news. False where nobody would read it: the
    alarm is over, or so much was said that no more is kept."""
    is_kept = True

    def decide(state: AlarmState) -> list[Event]:
        nonlocal is_kept
        known = next((one for one in state.told if one.receiver == said.receiver), None)
        if known is None or not state.is_open:
            is_kept = False
        elif any(word.number == said.number for word in known.words):
            is_kept = True
        else:
            is_kept = len(known.words) < MOST_WORDS
            return [said] if is_kept else []
        return []

    journal().decide(alarm, decide)
    return is_kept


def lately() -> list[AlarmState]:
    """Alarms that are open or ended a short while ago, whoever they belong to."""
    since_us = clock().now_us() - LINK_US
    return journal().last_known_alarms([*journal().open_alarms(), *journal().closed_since(since_us)])
