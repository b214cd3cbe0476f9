"""What a dispatch system is told of where she is: the newest position, by the time at which she was there."""

from egide.alarm import events as a
from egide.connectors.dispatch import receivers as cad
from egide.connectors.dispatch.facts import time_of
from egide.protocol.envelope import Position
from tests.boards.test_cad import MOVED, RAISED, move
from tests.boards.test_sources import opened, pressed
from tests.support.dispatch_system import DispatchSystem
from tests.support.pages import MONS, Pages, near
from tests.support.telling import Told, receiver_of


def test_where_a_button_was_registered_is_told_to_nobody_and_what_a_tracker_reports_is(
    pages: Pages, system: DispatchSystem, told: Told
) -> None:
    """The place of a button is an address of the file."""
    opened(pages)
    opened(pages, a.REPORTED, road="traccar", proof=a.BY_SERVICE, position_from=a.REPORTED, source="a" * 16)
    told.turn()
    assert sorted(bool(one["circle"]) for one in system.taken(RAISED)) == [False, True]


def test_where_a_tracker_is_later_is_told_as_of_a_phone_and_what_a_phone_says_goes_before_it(
    pages: Pages, system: DispatchSystem, told: Told
) -> None:
    first = Position(504_550_000, 39_520_000, 100)
    about = {"road": "traccar", "proof": a.BY_SERVICE, "position_from": a.REPORTED}
    alarm = opened(pages, a.REPORTED, position=first, **about)
    told.turn()

    def reports(north_e7: int, age_s: int = 0, **fields: object) -> None:
        at = Position(first.lat_e7 + north_e7, first.lon_e7, first.accuracy_m, age_s)
        pages.installation.act(alarm, pressed(pages, **{**about, "position": at, **fields}))
        told.turn()

    pages.clock.advance_s(60)
    reports(10_000)
    # Held back on its way, and where a button is registered: neither says where she is now.
    reports(5_000, age_s=50)
    pages.clock.advance_s(5)
    reports(7_000, position_from=a.REGISTERED)
    assert [round(one["circle"]["lat"], 4) for one in system.taken()] == [50.455, 50.456]
    phone = near(pages.files[MONS], north_m=500)
    pages.send(alarm, a.PositionReceived, pages.phone(MONS), position=phone)
    told.turn()
    pages.clock.advance_s(60)
    reports(90_000)
    assert [one["type"] for one in system.taken()] == [RAISED, MOVED, MOVED]
    assert system.taken()[-1]["circle"]["lat"] == phone.lat_e7 / 1e7


def test_the_time_beside_a_position_is_when_she_was_there_and_not_when_we_heard_rule_12(
    pages: Pages, system: DispatchSystem, told: Told
) -> None:
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
    told.turn()
    pages.clock.advance_s(120)
    heard_us = pages.clock.now_us()
    move(pages, alarm, age_s=45)
    told.turn()
    moved = system.taken(MOVED)[0]
    assert moved["circle"]["taken_at"] == time_of(heard_us - 45_000_000)


def test_an_older_position_never_comes_after_a_newer_one(
    pages: Pages, system: DispatchSystem, told: Told
) -> None:
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
    told.turn()
    pages.clock.advance_s(60)
    move(pages, alarm, north_m=300)
    told.turn()
    move(pages, alarm, north_m=200, age_s=50)
    told.turn()
    times = [one["circle"]["taken_at"] for one in system.taken() if one["circle"]]
    assert times == sorted(times) and len(times) == 2


def test_who_may_not_know_where_she_is_does_not_hear_when_she_moves(
    pages: Pages, system: DispatchSystem
) -> None:
    narrow = Told(pages, receiver_of(system, fields=(cad.ID, cad.WEAPON)))
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
    narrow.turn()
    pages.clock.advance_s(5)
    move(pages, alarm)
    narrow.turn()
    assert [one["type"] for one in system.taken()] == [RAISED]
