"""A dispatch system that nobody can call: it fetches what is due until it says that it took it, and is missed when it
does not."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse

from egide.common.clock import SystemClock
from egide.connectors.cad.feed import PATIENCE_S
from egide.connectors.dispatch.facts import CLOSED, MOVED, RAISED, TEST
from egide.connectors.dispatch.receivers import Receiver, problems, receivers_of
from egide.connectors.dispatch.trying import do_try
from egide.entrypoints.worker.telling import FETCHES_US, Fetching
from egide.journal.now.signs import Signs
from tests.boards.test_cad import move
from tests.boards.test_cad_answers import answers, line_of
from tests.support.dispatch_system import DispatchSystem, settings_file
from tests.support.pages import GENT, MONS, Pages, near
from tests.support.telling import Told, close

pytestmark = pytest.mark.usefixtures("with_files")


@pytest.fixture
def receiver(
    pages: Pages, system: DispatchSystem, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Receiver:
    entry = {key: value for key, value in system.entry().items() if key != "url"} | {"kind": "feed"}
    config = replace(settings.EGIDE, dispatch_systems=str(settings_file(tmp_path, (entry,))))
    monkeypatch.setattr(settings, "EGIDE", config)
    (one,) = receivers_of(config)
    return one


def fetch(pages: Pages, system: DispatchSystem, name: str = "ccic") -> list[dict[str, Any]]:
    _body, headers = system.signed(None)
    reply = pages.client().get(reverse("dispatch-feed", args=[name]), headers=headers)
    assert reply.status_code == 200, reply.status_code
    found: list[dict[str, Any]] = json.loads(reply.content)["messages"]
    return found


def take(pages: Pages, system: DispatchSystem, message: dict[str, Any]) -> int:
    said = {"type": "message.taken", "alarm": message["alarm"], "message": message["id"]}
    return answers(pages, system, said)


def test_who_answers_what_it_fetched_has_taken_it(
    pages: Pages, system: DispatchSystem, receiver: Receiver
) -> None:
    told = Told(pages, receiver)
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
    (raised,) = fetch(pages, system)
    assert answers(pages, system, {"type": "alarm.shown", "alarm": raised["alarm"]}) == 204
    assert told.noted(alarm) == [("raised", "", 1)] and "shown there" in line_of(pages, alarm)
    assert [take(pages, system, raised), take(pages, system, raised | {"id": "0" * 32})] == [204, 404]


def test_what_is_due_is_there_until_it_was_taken_and_then_the_newest_position(
    pages: Pages, system: DispatchSystem, receiver: Receiver
) -> None:
    told = Told(pages, receiver)
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
    (raised,) = fetch(pages, system)
    assert raised["type"] == RAISED and fetch(pages, system) == [raised]
    assert told.noted(alarm) == []
    assert [take(pages, system, raised) for _ in range(2)] == [204, 204]
    assert told.noted(alarm) == [("raised", "", 1)]
    assert "a machine there took the alarm" in line_of(pages, alarm)
    pages.clock.advance_s(60)
    move(pages, alarm, north_m=300)
    (moved,) = fetch(pages, system)
    assert (moved["type"], moved["alarm"]) == (MOVED, raised["alarm"])
    assert take(pages, system, moved) == 204
    close(pages, alarm)
    (closed,) = fetch(pages, system)
    assert closed["type"] == CLOSED and take(pages, system, closed) == 204
    assert fetch(pages, system) == []
    assert told.noted(alarm) == [("raised", "", 1), ("closed", "", 1)]


def test_what_it_does_not_take_in_its_time_the_desk_reads_and_nobody_else_is_told(
    pages: Pages, system: DispatchSystem, receiver: Receiver
) -> None:
    told = Told(pages, receiver)
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
    pages.alarm(pages.phone(GENT), near(pages.files[GENT]), centre="OVL")
    told.turn()
    told.turn(PATIENCE_S - 1)
    assert (told.noted(alarm), told.teller.failing) == ([], 0)
    told.turn(2)
    assert (told.noted(alarm), told.teller.failing) == ([("raised", "not-fetched", 1)], 1)
    assert "does not take the alarm" in line_of(pages, alarm)
    # Of another centre it hears nothing.
    (raised,) = fetch(pages, system)
    assert take(pages, system, raised) == 204
    told.turn(60)
    assert told.teller.failing == 0 and told.noted(alarm)[-1] == ("raised", "", 1)


def test_a_position_that_nobody_fetched_counts_as_taken_nowhere(
    pages: Pages, system: DispatchSystem, receiver: Receiver
) -> None:
    """Else one that fell silent in an alarm that moves would seem to go on."""
    told, signs = Told(pages, receiver), Signs(settings.EGIDE, pages.clock)
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
    (raised,) = fetch(pages, system)
    assert take(pages, system, raised) == 204 and signs.last("told ")["ccic"].word == "taken"
    at_us = signs.last("told ")["ccic"].at_us
    pages.clock.advance_s(60)
    move(pages, alarm, north_m=300)
    told.turn()
    assert (told.teller.taken, told.teller.failing) == (0, 0)
    assert signs.last("told ")["ccic"].at_us == at_us


@pytest.mark.usefixtures("receiver")
def test_what_is_not_due_or_not_its_own_is_not_taken(pages: Pages, system: DispatchSystem) -> None:
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
    (raised,) = fetch(pages, system)
    for wrong in ({"id": "0" * 32}, {"alarm": "0" * 32}, {"id": ""}):
        assert take(pages, system, raised | wrong) == 404
    assert "SystemTold" not in [row.kind for row in pages.journal.stream(f"alarm:{alarm}")]


@pytest.mark.usefixtures("receiver")
def test_who_cannot_sign_fetches_nothing(pages: Pages, system: DispatchSystem) -> None:
    pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
    _body, headers = system.signed(None)
    where = reverse("dispatch-feed", args=["ccic"])
    client = pages.client()
    for changed in ({"webhook-signature": "v1,AAAA"}, {"webhook-id": "other"}, {"webhook-timestamp": "1"}):
        assert client.get(where, headers=headers | changed).status_code == 401
    assert client.get(where).status_code == 401
    assert client.get(reverse("dispatch-feed", args=["nobody"]), headers=headers).status_code == 401
    assert client.post(where, headers=headers).status_code in (403, 405)
    # What signs an answer opens no feed.
    _body, headers = system.signed({"type": "alarm.shown", "alarm": "0" * 32})
    assert client.get(where, headers=headers).status_code == 401


def test_a_system_that_is_called_has_no_feed_and_takes_nothing_there(
    pages: Pages, system: DispatchSystem, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = replace(settings.EGIDE, dispatch_systems=str(system.settings(tmp_path)))
    monkeypatch.setattr(settings, "EGIDE", config)
    _body, headers = system.signed(None)
    assert pages.client().get(reverse("dispatch-feed", args=["ccic"]), headers=headers).status_code == 404
    said = {"type": "message.taken", "alarm": "0" * 32, "message": "0" * 32}
    assert answers(pages, system, said) == 422
    wrong = replace(
        config, dispatch_systems=str(settings_file(tmp_path, (system.entry() | {"kind": "feed"},)))
    )
    assert "it is never called" in problems(wrong)[0]
    other = replace(
        config, dispatch_systems=str(settings_file(tmp_path, (system.entry() | {"kind": "fax"},)))
    )
    assert "kind is 'fax'" in problems(other)[0]


def test_one_that_stops_fetching_is_missed_without_an_alarm_and_not_for_a_clock_that_jumps(
    pages: Pages, system: DispatchSystem, receiver: Receiver
) -> None:
    told = Told(pages, receiver)
    fetching = Fetching(Signs(settings.EGIDE, SystemClock()), receiver, told.clock)
    assert not fetching.is_missed()
    told.clock.pause_us += FETCHES_US
    assert fetching.is_missed()
    fetch(pages, system)
    assert not fetching.is_missed()
    told.clock.pause_us += FETCHES_US - 1
    assert not fetching.is_missed()
    told.clock.pause_us += 1
    assert fetching.is_missed()


def test_a_test_waits_for_a_minute_and_is_on_no_alarm(
    pages: Pages, system: DispatchSystem, receiver: Receiver
) -> None:
    signs = Signs(settings.EGIDE, pages.clock)
    assert do_try(receiver, signs, pages.clock) == ""
    (message,) = fetch(pages, system)
    assert (message["type"], message["test"]) == (TEST, True)
    assert take(pages, system, message) == 204 and signs.last("tested ")["ccic"].word == "taken"
    pages.clock.advance_s(61)
    assert fetch(pages, system) == [] and take(pages, system, message) == 404
