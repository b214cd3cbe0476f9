"""Safety rule 2: on a train the position crosses zones and centres; who leads is said, and nobody leads by silence."""

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Desk, World
from tests.journeys.pressing import expect_hasty_refused, hasten
from tests.support.phones import place

CHARLEROI, LIEGE = place(50.4112, 4.4449), place(50.6412, 5.5718)


@pytest.mark.full(
    "tests/boards/desk/test_rule_02_handover.py",
    "tests/boards/zone/test_zone_after.py::test_rule_02_a_position_that_moved_asks_the_new_zone_and_leaves_the_old_one_leading",
    "tests/routing/test_ladder.py::test_rule_02_on_a_train_the_clock_runs_since_the_first_border",
)
def test_rule_02_a_train_ride_from_zone_to_zone_and_from_centre_to_centre(world: World) -> None:
    hainaut, liege = world.desk("hainaut-12"), world.desk("liege-05")
    phone = world.phone()
    alarm = phone.press()
    hainaut.acknowledge(alarm)
    inform(hainaut, "z", "Insp. 21")

    phone.move(CHARLEROI)
    expect(hainaut("#moved")).to_be_visible()
    assert world.state(alarm).lead.zone == "5324"
    inform(hainaut, "z", "Charleroi 4")
    expect(hainaut("#moved")).to_have_count(0)
    assert world.state(alarm).lead.zone == world.state(alarm).lead.route.zone != "5324"  # type: ignore[union-attr]

    phone.move(LIEGE)
    expect(hainaut("#lead")).to_contain_text("CIC Liège")
    expect(liege.row(alarm)).to_have_attribute("data-rings", "yes")
    expect(liege.row(alarm)).to_contain_text("CIC Hainaut")
    assert world.state(alarm).lead.centre == "HAI"

    liege.choose(alarm)
    liege.press_armed("Enter")
    expect(liege("#taken-by")).to_be_visible()
    expect(hainaut("#given-up-lines")).to_contain_text("Opératrice 05 · Liège")
    expect(hainaut("#lead")).to_contain_text("CIC Liège")
    expect(hainaut("#act-close")).to_have_count(0)
    state = world.state(alarm)
    assert (state.lead.centre, state.lead.acknowledged_by, state.lead.handover_to) == ("LIE", "liege-05", "")


@pytest.mark.full(
    "tests/boards/desk/test_rule_02_handover.py::test_rule_02_keeping_takes_the_question_back_and_who_comes_too_late_reads_it",
)
def test_rule_02_a_take_over_that_crosses_a_decision_to_keep_finds_out(world: World) -> None:
    hainaut, liege = world.desk("hainaut-12"), world.desk("liege-05")
    phone = world.phone()
    alarm = phone.press()
    hainaut.acknowledge(alarm)
    phone.move(LIEGE)
    liege.choose(alarm)
    expect(liege("#act-take-over")).to_be_visible()
    expect(liege("#alarm [aria-disabled=true]:visible")).to_have_count(0)
    held = []
    liege.page.route("**/desk/board**", lambda route: held.append(route))
    liege.page.route("**/desk/alarms/*", lambda route: held.append(route))

    hainaut.press_armed("b")
    hainaut.page.keyboard.press("Enter")
    expect(hainaut("#lead")).to_have_count(0)
    liege.page.keyboard.press("Enter")

    expect(liege("#alarm-message")).to_be_visible()
    for route in held:
        route.abort()
    assert world.state(alarm).lead.centre == "HAI"
    assert "HandoverAccepted" not in world.kinds(alarm)


@pytest.mark.full(
    "tests/boards/desk/test_rule_02_handover.py::test_rule_02_a_centre_is_asked_by_hand_and_leads_only_once_it_took_over",
    "tests/journeys/test_rule_04_bell.py::test_a_key_acts_only_on_what_has_been_painted_for_a_second",
)
def test_rule_02_a_centre_is_asked_with_the_keyboard_and_painted_for_a_second_before_a_key_acts(
    world: World,
) -> None:
    hainaut, liege = world.desk("hainaut-12"), world.desk("liege-05")
    alarm = world.phone().press()
    hainaut.acknowledge(alarm)
    hasten(liege.page, "act-take-over", "Enter")

    hainaut.press_armed("h")
    expect(hainaut("#offer-centre")).to_be_focused()
    hainaut("#offer-centre").select_option("LIE")
    hainaut.page.keyboard.press("Control+Enter")

    expect(hainaut("#lead")).to_contain_text("CIC Liège")
    expect_hasty_refused(liege.page)
    assert world.state(alarm).lead.centre == "HAI"
    liege.press_armed("Enter")
    world.until(lambda: world.state(alarm).lead.centre == "LIE", "taken over")


def inform(desk: Desk, key: str, reference: str) -> None:
    """The zone that is offered first is informed, by keyboard."""
    desk.press_armed(key)
    expect(desk("#zone-reference")).to_be_focused()
    desk.page.keyboard.type(reference)
    desk.page.keyboard.press("Enter")
    expect(desk("#way")).to_contain_text(reference)
