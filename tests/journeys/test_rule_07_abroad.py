"""Safety rule 7: an alarm from abroad says so at once, with the neighbour's number and the nearest zone."""

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import World
from tests.support.phones import place

MAUBEUGE = place(50.2775, 3.9730)
MONS = place(50.4518, 3.9571)


@pytest.mark.full(
    "tests/boards/desk/test_board.py::test_rule_07_abroad_is_said_at_once_with_the_neighbours_number_and_the_nearest_zone",
    "tests/routing/test_routing.py::test_rule_07_abroad_goes_to_the_nearest_zone_and_nowhere_goes_to_the_home_centre",
)
def test_an_alarm_from_france_says_so_and_whom_to_call(world: World) -> None:
    desk = world.desk()
    phone = world.phone()
    phone.position = MAUBEUGE

    alarm = phone.press()
    desk.choose(alarm)

    expect(desk("#abroad")).to_contain_text("France")
    expect(desk("#abroad a.dial")).to_have_text("+33 0 00 00 00 17")
    route = world.state(alarm).lead.route
    assert route is not None
    assert (route.outside, route.centre) == ("abroad:FR", "HAI")
    expect(desk("#abroad")).to_contain_text(route.zone)
    expect(desk("#announcer")).to_contain_text("France")


def test_a_person_who_crosses_the_border_is_said_to_be_abroad_while_the_alarm_runs(world: World) -> None:
    desk = world.desk()
    phone = world.phone()
    phone.position = MONS
    alarm = phone.press()
    desk.choose(alarm)
    expect(desk("#abroad")).to_have_count(0)

    phone.move(MAUBEUGE)

    expect(desk("#abroad")).to_contain_text("France")
    assert world.state(alarm).zones[0] == "5324"
