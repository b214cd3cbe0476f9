"""What a system fetches that nobody can call: the same that is told to others, until it says that it took it."""

from django.conf import settings

from egide.alarm.events import SystemTold
from egide.alarm.events.elsewhere import number_for
from egide.alarm.state import AlarmState
from egide.boards import telling
from egide.connectors.dispatch.due import ABOUT, due, told_next
from egide.connectors.dispatch.facts import ASKED, MOVED, RAISED, TEST, TOLD, TRIED, Facts
from egide.connectors.dispatch.receivers import TALK, Receiver
from egide.events.base import Event
from egide.journal.now.signs import Signs
from egide.outbox.service import clock, journal

# A test that nobody fetched by then was not taken.
TEST_US = 60_000_000
# Others answer by roads of their own.
_THAT_ANSWER = ("webhook", "feed")


def due_to(receiver: Receiver) -> list[Facts]:
    """What it has not taken yet, and the newest position of each alarm that it knows; the oldest alarm first."""
    now_us = clock().now_us()
    found = (told_next(state, receiver, 0, now_us, telling) for state in telling.lately())
    known = sorted((one for one in found if one is not None), key=lambda one: one.raised_at_us)
    return [*_tests(receiver), *known]


def do_note_taken(receiver: Receiver, number: str, message: str) -> bool:
    """A machine there took this message of the alarm that it knows by this number. False where it is not due and was
    not taken before. Of positions nothing is noted: they come and go."""
    is_test = any(test.number(receiver.name) == message for test in _tests(receiver))
    is_taken = is_test or _is_noted(receiver, number, message)
    if is_taken:
        _signs().note_last(f"{TRIED if is_test else TOLD}{receiver.name}", "taken")
    return is_taken


def _is_noted(receiver: Receiver, number: str, message: str) -> bool:
    state = next((one for one in telling.lately() if number_for(receiver.name, one.alarm) == number), None)
    if state is None:
        return False
    facts = _due(state, receiver)
    if facts is None or facts.number(receiver.name) != message:
        told = next((one for one in state.told if one.receiver == receiver.name), None)
        return told is not None and told.message == message and bool(told.taken_at_us)
    if facts.type != MOVED:
        _do_note(facts, receiver)
    return True


def do_note_raised(receiver: Receiver, number: str) -> str | None:
    """The alarm that this system answers under `number` before anybody noted that it took the first message about it:
    an answer proves that, as do words of people who may talk with us. It may be quicker than the note of its 2xx, or
    show what it fetched before it says that it took it. None where no such message is due."""
    if receiver.kind not in _THAT_ANSWER and TALK not in receiver.fields:
        return None
    state = next((one for one in telling.lately() if number_for(receiver.name, one.alarm) == number), None)
    facts = _due(state, receiver) if state is not None else None
    if facts is None or facts.type != RAISED:
        return None
    _do_note(facts, receiver)
    return facts.alarm


def _do_note(facts: Facts, receiver: Receiver) -> None:
    message = facts.number(receiver.name)
    taken = SystemTold(receiver.name, message, ABOUT[facts.type], facts.moment_us, receiver.fields)

    def decide(now: AlarmState) -> list[Event]:
        """Unless it was said meanwhile, or something else is due by now."""
        still = _due(now, receiver)
        return [taken] if still is not None and still.number(receiver.name) == message else []

    journal().decide(facts.alarm, decide)


def _tests(receiver: Receiver) -> list[Facts]:
    """The message that is marked as a test, where an administrator asked for one a moment ago."""
    asked = _signs().last(f"{ASKED}{receiver.name}").get("")
    if asked is None or clock().now_us() - asked.at_us > TEST_US:
        return []
    return [Facts(TEST, "", asked.at_us, asked.at_us)]


def _signs() -> Signs:
    return Signs(settings.EGIDE, clock())


def _due(state: AlarmState, receiver: Receiver) -> Facts | None:
    return due(state, receiver, 0, clock().now_us())
