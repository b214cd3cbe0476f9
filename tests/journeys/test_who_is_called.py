"""Whom to call: a supervisor mends a number, an operator reads it where a zone is informed, a zone calls her back."""

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.asking_axe import violations
from tests.journeys.conftest import World
from tests.journeys.inspecting import Inspector
from tests.support import browser as b

NUMBERS = "/rollout/numbers/zone/5324/"
NEW = "+32 000 99 99 99"


def window(world: World, account: str, path: str) -> Page:
    page = world.window()
    b.sign_in(page, world.stack, account, path)
    return page


def change_the_number(page: Page) -> None:
    """A typing error is told with what was typed; then the number is kept, and was called today."""
    page.locator(".numbers .actions a.btn").click()
    page.fill("#number", "on the wall")
    page.click("#keep button.primary")
    expect(page.locator("#number-error")).to_be_visible()
    expect(page.locator("#number")).to_have_value("on the wall")
    page.fill("#number", NEW)
    page.check("[name=checked]")
    page.click("#keep button.primary")
    expect(page.locator(".numbers a.dial")).to_have_text(NEW)


@pytest.mark.full(
    "tests/journeys/test_one_press.py::test_one_press_from_the_button_to_the_closed_alarm",
    "tests/boards/shown/test_numbers.py",
    "tests/boards/shown/test_call_back.py",
    "tests/rollout/test_telephones.py",
)
def test_a_number_is_mended_shown_in_the_dialogs_and_the_person_is_called_back(world: World) -> None:
    chief = window(world, "hainaut-chef", NUMBERS)
    change_the_number(chief)
    chief.goto(chief.url.split("/rollout/")[0] + "/rollout/numbers/")
    inspector = Inspector(world, chief, "fr")
    inspector.look("numbers")
    assert inspector.faults == []

    desk = world.desk("hainaut-12")
    alarm = world.phone().press()
    desk.acknowledge(alarm)
    desk.press_armed("z")
    expect(desk("#zone-dialog a.dial").last).to_have_attribute("href", "tel:+32000999999")
    desk("#zone-zone").select_option("federal")
    expect(desk("#zone-dialog .numbers")).to_contain_text("Permanence")
    assert violations(desk.page, world.is_full) == []
    desk("#zone-zone").select_option("5324")
    desk("#zone-reference").fill("Insp. 21")
    desk.page.keyboard.press("Enter")
    expect(desk("#way a.dial").first).to_have_text(NEW)

    # Another centre: nothing is shown before one is chosen.
    desk("#act-offer").click()
    expect(desk("#offer-dialog a.dial")).to_have_count(0)
    desk("#offer-centre").select_option("OVL")
    expect(desk("#offer-dialog a.dial")).to_be_visible()
    desk.page.keyboard.press("Escape")

    # The zone calls back with what the desk reads too: never to be used first, then the number.
    zone = window(world, "mons-quevy-21", "/zone/")
    zone.locator(f"#card-{alarm} form[action$=call-back] button").click()
    block = zone.locator("#link-dialog .call-back")
    expect(block.locator("dt").first).to_have_class("never")
    expect(block.locator(".her-number a.dial")).to_be_visible()
    expect(block.locator(".agreed-word b")).to_be_visible()
    assert violations(zone, world.is_full) == []
    expect(desk("#briefing .call-back .agreed-word b")).to_have_text(
        block.locator(".agreed-word b").inner_text()
    )
