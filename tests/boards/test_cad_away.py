"""A dispatch system that does not answer, and many alarms: one asks for all, and a worker that stops waits for none."""

import pytest

from egide.alarm import events as a
from egide.alarm.events.elsewhere import number_for
from egide.boards import telling
from egide.connectors.dispatch.receivers import Receiver
from egide.entrypoints.worker.telling import Teller
from egide.journal.alarms import Alarms
from egide.journal.errors import JournalUnavailable
from tests.boards.test_cad import move
from tests.support.dispatch_system import DispatchSystem
from tests.support.pages import MONS, Pages, near
from tests.support.telling import Clock, Told, close, receiver_of

pytestmark = pytest.mark.usefixtures("with_files")


def alarms(pages: Pages, number: int = 3) -> list[str]:
    """One after the other, of one person after the other: a second press would join the first."""
    made = []
    for _ in range(number):
        made.append(pages.alarm(pages.phone(MONS), near(pages.files[MONS])))
        pages.clock.advance_s(60)
    return made


def asked(system: DispatchSystem, before: int = 0) -> list[str]:
    """The numbers of the alarms that it was asked with, and whether it was for the alarm or a position."""
    return [f"{one['said']['type']} {one['said']['alarm']}" for one in system.came[before:]]


def test_one_alarm_asks_for_all_and_each_says_that_it_was_not_taken(
    pages: Pages, system: DispatchSystem, told: Told
) -> None:
    opened = alarms(pages)
    system.behave(status=503)
    told.turn()
    first = asked(system)
    assert len(set(first)) == len(first) == 3 == told.teller.failing
    for after_s, number in ((1, 4), (2, 5), (5, 6), (10, 7)):
        told.turn(after_s)
        assert len(asked(system)) == number
    assert set(asked(system, 3)) == set(first)
    system.behave()
    told.turn(30)
    assert sorted(asked(system, 7)) == sorted(first) and told.teller.failing == 0
    for alarm in opened:
        (not_taken, taken) = told.noted(alarm)
        assert not_taken == ("raised", "refused-503", 1) and taken[:2] == ("raised", "")


def test_what_happened_while_it_was_away_comes_in_its_order_and_the_newest_position_alone(
    pages: Pages, system: DispatchSystem, told: Told
) -> None:
    moving, closing, again = alarms(pages)
    told.turn()
    system.behave(status=503)
    for metres in (100, 200, 300):
        pages.clock.advance_s(5)
        for alarm in (moving, closing, again):
            pages.send(
                alarm,
                a.PositionReceived,
                pages.phone(MONS),
                position=near(pages.files[MONS], north_m=metres),
            )
        told.turn(0.25)
    # A position is nothing that each would have to ask for.
    assert len(asked(system, 3)) == 1
    close(pages, closing)
    close(pages, again)
    told.turn(0.25)
    pages.clock.advance_s(5)
    pages.send(again, a.PressedAgain, pages.phone(MONS), position=near(pages.files[MONS], north_m=400))
    told.turn(2)
    told.turn(5)
    assert [about for about, why, _try in told.noted(closing) if why] == ["closed"]
    assert [about for about, why, _try in told.noted(again) if why] == ["closed", "raised"]
    system.behave()
    before = len(system.came)
    told.turn(30)
    told.turn(30)
    number = {alarm: number_for(told.receiver.name, alarm) for alarm in (moving, closing, again)}
    after = asked(system, before)
    assert sorted(after) == sorted(
        (
            f"alarm.moved {number[moving]}",
            f"alarm.closed {number[closing]}",
            f"alarm.raised {number[again]}",
        )
    )
    (newest,) = (one["circle"] for one in system.taken("alarm.moved"))
    assert round(newest["lat"] * 1e7) == near(pages.files[MONS], north_m=300).lat_e7
    assert told.teller.failing == 0


def test_one_that_is_away_hears_of_the_alarm_when_it_is_back_with_the_newest_position_alone(
    pages: Pages, system: DispatchSystem
) -> None:
    away = Receiver("ccic", str(system.secret_file), ("HAI",), "http://127.0.0.1:9/")
    gone, back = Told(pages, away), Told(pages, receiver_of(system))
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
    gone.turn()
    for metres in (100, 200):
        pages.clock.advance_s(5)
        move(pages, alarm, north_m=metres)
    gone.turn(1)
    assert gone.noted(alarm) == [("raised", "unreachable", 1)]
    back.turn()
    (said,) = system.taken()
    assert (
        said["type"] == "alarm.raised"
        and round(said["circle"]["lat"] * 1e7) == near(pages.files[MONS], north_m=200).lat_e7
    )


def test_a_worker_that_stops_begins_no_other_call(pages: Pages, system: DispatchSystem) -> None:
    opened = alarms(pages)
    said: list[str] = []
    away = Receiver("ccic", str(system.secret_file), ("HAI",), "http://127.0.0.1:9/")
    teller = Teller(away, pages.journal, telling, Clock(), said.append, lambda: bool(said))
    for alarm in opened:
        teller.expect(alarm)
    teller.turn()
    assert said == ["unreachable"]
    # And what was not told is told by the next one.
    told = Told(pages, Receiver("ccic", str(system.secret_file), ("HAI",), system.url))
    told.turn()
    assert len(system.taken()) == len(opened)


def test_an_alarm_that_cannot_be_read_now_is_told_once_it_can(
    pages: Pages, system: DispatchSystem, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    alarms(pages, 1)
    with monkeypatch.context() as journal, pytest.raises(JournalUnavailable):
        journal.setattr(Alarms, "state", _unavailable)
        told.turn()
    assert system.came == []
    told.turn()
    assert len(system.taken()) == 1


def _unavailable(*_: object) -> None:
    raise JournalUnavailable("not now")
