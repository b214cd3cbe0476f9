"""A position that cannot be right, or that says little: the desk says what it is, and a person decides."""

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import World
from tests.support import browser as b
from tests.support.phones import place

# The middle of the Atlantic: what a phone without satellites sometimes tells.
NOWHERE = place(0.0, 0.0, 20)


@pytest.mark.full(
    "tests/boards/desk/test_board.py::test_rule_07_outside_of_everything_is_said_too",
    "tests/routing/test_routing.py::test_rule_07_abroad_goes_to_the_nearest_zone_and_nowhere_goes_to_the_home_centre",
)
def test_a_position_in_the_middle_of_nowhere_is_said_and_the_home_centre_decides_by_hand(
    world: World,
) -> None:
    desk = world.desk("hainaut-12")
    phone = world.phone()
    phone.position = NOWHERE
    alarm = phone.press()

    desk.choose(alarm)
    expect(desk("#abroad h3")).to_be_visible()
    state = world.state(alarm)
    assert state.lead.route is not None and state.lead.route.outside == "unknown"
    assert (state.lead.route.centre, state.lead.centre) == ("HAI", "HAI")

    desk.press_armed("Space")
    expect(desk("#taken-by")).to_be_visible()
    desk.press_armed("z")
    desk("#zone-zone").select_option("5324")
    desk("#zone-reference").fill("Insp. 21")
    desk.page.keyboard.press("Enter")
    expect(desk("#way")).to_contain_text("Insp. 21")
    assert world.state(alarm).lead.zone == "5324"

    # A right position puts the picture right, and takes the lead from nobody.
    person = world.person(0)
    phone.move(place(person["lat"], person["lon"]))
    expect(desk("#abroad")).to_have_count(0)
    assert world.state(alarm).lead.zone == "5324"


@pytest.mark.full(
    "tests/boards/desk/test_board.py::test_a_position_near_a_border_names_every_zone_its_share_and_the_distance",
    "tests/alarm/test_rules.py::test_rule_02_zones_are_offered_by_nearness_and_those_without_a_patrol_last",
)
def test_a_circle_of_many_kilometres_is_shown_with_its_size_and_every_zone_that_it_touches(
    world: World,
) -> None:
    desk = world.desk("hainaut-12")
    phone = world.phone()
    person = world.person(0)
    phone.position = place(person["lat"], person["lon"], 9_000)
    alarm = phone.press()

    desk.acknowledge(alarm)
    expect(desk("#position-line")).to_contain_text("9")
    expect(desk("#position-line")).to_contain_text("km")
    state = world.state(alarm)
    assert state.lead.route is not None and len(state.lead.route.candidates) > 3
    desk.press_armed("z")
    choices = [option.get_attribute("value") for option in b.every(desk("#zone-zone option"))]
    assert {candidate.zone for candidate in state.lead.route.candidates} <= set(choices)
