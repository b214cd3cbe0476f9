"""Safety rule 6: a phone that dies after the press stays on the board, with a growing circle and a task."""

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import World
from tests.journeys.pressing import expect_hasty_refused, hasten
from tests.support.phones import place


def reach(page: Page) -> str:
    return page.locator("[data-reach]").inner_text()


@pytest.mark.full(
    "tests/boards/desk/test_rule_06_silence.py",
    "tests/journeys/test_rule_04_bell.py::test_a_key_acts_only_on_what_has_been_painted_for_a_second",
)
def test_rule_06_a_phone_that_is_dead_after_the_press_is_a_task_and_its_circle_grows(world: World) -> None:
    desk = world.desk()
    phone = world.phone()
    alarm = phone.press()
    desk.acknowledge(alarm)
    phone.move(place(50.4560, 3.9600))
    expect(desk("#coordinates")).to_have_text("50.45600, 3.96000")
    expect(desk("#phone-silent")).to_be_hidden()
    hasten(desk.page, "act-localisation", "g")

    expect(desk("#phone-silent")).to_be_visible()
    first = reach(desk.page)
    expect_hasty_refused(desk.page)
    assert "LocalisationAsked" not in world.kinds(alarm), "it had only just appeared"
    expect(desk("#act-localisation")).not_to_have_attribute("aria-disabled", "true")
    desk.page.keyboard.press("g")
    desk.page.keyboard.press("Enter")
    expect(desk("#localisation-done")).to_contain_text("Opératrice 12 · Hainaut")
    expect(desk("[data-reach]")).not_to_have_text(first)
    expect(desk(f"#row-{alarm} .card-silent")).to_be_visible()
    assert world.state(alarm).is_open
