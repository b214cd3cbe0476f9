"""The zone that leads has nobody to send: it says so, somebody else is informed by name, and the clock goes on."""

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Desk, World
from tests.support import browser as b


def inform(desk: Desk, zone: str, name: str) -> None:
    desk.press_armed("z")
    desk("#zone-zone").select_option(zone)
    desk("#zone-reference").fill(name)
    desk.page.keyboard.press("Enter")
    expect(desk("#way")).to_contain_text(name)


@pytest.mark.full(
    "tests/boards/desk/test_steps.py::test_rule_03_no_patrol_free_leads_to_another_zone_or_a_federal_unit",
    "tests/boards/zone/test_zone.py::test_rule_03_a_zone_without_a_patrol_says_so_and_a_neighbour_may_take_the_lead",
)
def test_rule_03_a_zone_without_a_patrol_stays_responsible_until_a_federal_unit_is_named(
    world: World,
) -> None:
    desk = world.desk("hainaut-12")
    alarm = world.phone().press()
    desk.acknowledge(alarm)
    inform(desk, "5324", "Insp. 21")

    zone = world.window()
    b.sign_in(zone, world.stack, "mons-quevy-21", "/zone/")
    zone.locator(f"#card-{alarm} form[action$=no-patrol] button").click()

    expect(desk("#no-patrol")).to_be_visible()
    expect(desk("#act-zone")).to_be_visible()
    state = world.state(alarm)
    assert state.lead.zone == "5324" and not state.lead.zone_confirmed_at_us, (
        "it leads on, and is not informed"
    )

    desk.press_armed("z")
    choices = [option.get_attribute("value") for option in b.every(desk("#zone-zone option"))]
    assert choices[-1] == "5324", "who has nobody is offered last"
    assert "federal" in choices
    desk("#zone-zone").select_option("federal")
    desk("#zone-reference").fill("DAS 4")
    desk.page.keyboard.press("Enter")
    expect(desk("#way")).to_contain_text("DAS 4")
    expect(desk("#no-patrol")).to_be_visible()

    desk.press_armed("t")
    desk("#team-call-sign").fill("Fed 7")
    desk.page.keyboard.press("Enter")
    expect(desk("#way")).to_contain_text("Fed 7")
    expect(zone.locator(f"#card-{alarm}")).to_be_visible()
    state = world.state(alarm)
    assert state.team.named is not None and (state.lead.zone, state.team.named.zone) == ("federal", "federal")
    assert state.lead.no_patrol == ("5324",)
