"""Safety rule 33 in the browser: a support worker reads what she allows, as long as she allows it."""

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import World
from tests.journeys.inspecting import Sizes, in_every_language_and_size, inspecting
from tests.support import browser as b

OFFICER, HELPER, CASE_NUMBER = "mons-quevy-ref", "support-01", 0


@pytest.mark.full("tests/casework/test_rule_33_support_worker.py")
@in_every_language_and_size()
def test_rule_33_what_she_allows_is_shown_and_gone_when_she_takes_it_back(
    world: World, language: str, sizes: Sizes
) -> None:
    case = world.person(CASE_NUMBER)["case"]
    with inspecting(world, language, sizes) as officer, inspecting(world, language, sizes) as helper:
        page = officer.page
        b.sign_in(page, world.stack, OFFICER, f"/files/{case}/")
        page.locator("#to-shared").click()
        officer.look("nobody sees anything")
        officer.walk("nobody sees anything")
        page.fill("#reader", "nobody-here")
        page.click("#save")
        expect(page.locator("#reader-error")).to_be_visible()
        officer.look("no such account")
        page.fill("#reader", HELPER)
        for box in b.every(page.locator("[type=checkbox]")):
            box.check()
        page.click("#save")
        expect(page.locator("#shares li")).to_have_count(1)
        officer.look("shared")

        reading = helper.page
        b.sign_in(reading, world.stack, HELPER, "/allowed/")
        helper.look("list")
        helper.walk("list")
        reading.locator("#files a").click()
        for part in ("contact", "measures", "dates"):
            expect(reading.locator(f"#{part}")).to_be_visible()
        helper.look("what she allows")
        helper.walk("what she allows")

        page.locator("#shares button").click()
        expect(page.locator("#shares li")).to_have_count(0)
        officer.look("taken back")
        assert reading.reload() is not None
        expect(reading.locator("#contact")).to_have_count(0)
        helper.look("gone")
        reading.goto(world.stack.host(HELPER) + "/allowed/")
        expect(reading.locator("#files")).to_have_count(0)
