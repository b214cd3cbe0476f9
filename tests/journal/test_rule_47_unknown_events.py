"""An alarm with an event that this version cannot read stays decidable, and its ladder goes on (safety rule 47)."""

from collections.abc import Callable

import pytest

from egide.alarm.events import AlarmAcknowledged, AlarmClosed, NoteAdded
from egide.alarm.ladder import DEFAULT, running
from egide.events.base import REGISTRY, Event
from egide.journal.now.presence import Presence
from egide.journal.proof.verify import verify
from egide.journal.service import Journal
from egide.routing.rules import decide_route
from egide.routing.service import Climber
from tests.support.installation import Installation
from tests.support.newer import reshaped, unknown

CLOSED = AlarmClosed(user="op", outcome="test", reason="seen")


def reopened(installation: Installation) -> Journal:
    return Journal.open(installation.config, installation.clock, installation.keys)


@pytest.mark.parametrize("made", [unknown, reshaped])
def test_rule_47_an_alarm_with_an_event_of_a_newer_version_can_be_taken_noted_and_closed(
    installation: Installation, made: Callable[[], Event]
) -> None:
    alarm = installation.open_alarm(installation.enrol())
    installation.act(alarm, made())
    journal = reopened(installation)
    before = journal.alarm(alarm)
    assert before is not None and (before.unread, before.version) == (1, 2) and before.device
    for event in (AlarmAcknowledged(user="op"), NoteAdded(user="op", text="on"), CLOSED):
        journal.decide(alarm, lambda _state, event=event: [event])  # type: ignore[misc]
    state = reopened(installation).alarm(alarm)
    assert state is not None and (state.lead.acknowledged_by, state.closing.closed_by, state.unread) == (
        "op",
        "op",
        1,
    )
    assert verify(journal.every()).events == journal.head()


def test_rule_47_its_ladder_goes_on(installation: Installation) -> None:
    alarm = installation.open_alarm(installation.enrol())
    installation.act(alarm, unknown())
    journal = reopened(installation)
    installation.set_clock.advance_s(16)
    Climber(journal, Presence(installation.config), installation.set_clock).look_at(alarm)
    state = journal.alarm(alarm)
    assert state is not None
    assert [missed.step for missed in state.missed] == ["shown", "acknowledged"]


def test_rule_47_an_alarm_that_begins_with_one_rings_and_stays_with_every_supervisor(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = installation.enrol()
    alarm = installation.open_alarm(phone)
    monkeypatch.delitem(REGISTRY, "PressReceived")
    journal = reopened(installation)
    state = journal.alarm(alarm)
    assert state is not None and (state.unread, state.device, state.case) == (1, phone.device, phone.case)
    assert [step for step, _since in running(state)] == ["shown", "acknowledged"]
    assert decide_route(state, lambda *_: pytest.fail("no position"), 0, lambda _: DEFAULT) == []
    assert [clear.stream for clear in journal.unrouted()] == [f"alarm:{alarm}"]
    journal.decide(alarm, lambda _state: [AlarmAcknowledged(user="op", centre="HAI"), CLOSED])
    assert journal.open_alarms() == []


def test_rule_47_tables_are_built_anew_around_it(installation: Installation) -> None:
    alarm = installation.open_alarm(installation.enrol())
    installation.act(alarm, unknown())
    journal = reopened(installation)
    journal.rebuild_tables()
    assert journal.open_alarms() == [alarm]
