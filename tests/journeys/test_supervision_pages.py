"""The pages of supervision in four languages and two sizes: accessible, translated, usable by keyboard."""

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import World
from tests.journeys.inspecting import Sizes, in_every_language_and_size, inspecting
from tests.support import browser as b

OFFICER, COORDINATOR, ADMINISTRATOR = "mons-quevy-21", "coordinator-01", "admin-01"


@pytest.mark.full(
    "tests/fleet/test_care.py",
    "tests/fleet/test_phone_settings.py",
)
@in_every_language_and_size()
def test_the_zones_kits_and_the_life_of_one(world: World, language: str, sizes: Sizes) -> None:
    with inspecting(world, language, sizes) as inspector:
        page = inspector.page
        b.sign_in(page, world.stack, OFFICER, "/kits/")
        page.wait_for_url("**/kits/")
        expect(page.locator("#out .care > li.life").first).to_be_visible()
        inspector.look("kits of the zone")
        inspector.walk("kits of the zone")
        page.locator("#out .care-top a").first.click()
        expect(page.locator("#care")).to_be_visible()
        page.locator("details:has(#presses-count) > summary").click()
        expect(page.locator("#presses-count")).to_be_visible()
        # Open already, where an earlier story set something that no phone has taken.
        page.locator("#phone-settings").evaluate("at => { at.open = true; }")
        expect(page.locator("#set-tail_s")).to_be_visible()
        inspector.look("life of a kit")
        inspector.walk("life of a kit")
        page.fill("#set-tail_s", "1")
        page.click("#phone-settings button")
        expect(page.locator("#set-tail_s-error")).to_be_visible()
        inspector.look("settings refused")
        page.fill("#set-tail_s", "60")
        page.click("#phone-settings button")
        expect(page.locator(".messages .success")).to_be_visible()
        inspector.look("settings not taken yet")


@pytest.mark.full(
    "tests/fleet/test_fleet_pages.py",
    "tests/fleet/test_watch_limits.py",
    "tests/fleet/test_care.py",
)
@in_every_language_and_size()
def test_the_whole_fleet_and_the_limits(world: World, language: str, sizes: Sizes) -> None:
    with inspecting(world, language, sizes) as inspector:
        page, host = inspector.page, world.stack.host(COORDINATOR)
        b.sign_in(page, world.stack, COORDINATOR, "/fleet/")
        page.wait_for_url("**/fleet/")
        expect(page.locator("#now")).to_be_visible()
        inspector.look("fleet")
        inspector.walk("fleet")
        page.goto(f"{host}/fleet/?zone=9999")
        expect(page.locator("#zone-error")).to_be_visible()
        inspector.look("fleet of no zone")
        page.goto(f"{host}/fleet/limits")
        inspector.look("limits")
        inspector.walk("limits")
        page.fill("[name='highest.silent.officer']", "1 d")
        page.click("#limits-save")
        expect(page.locator("[id='highest.silent.officer-error']")).to_be_visible()
        inspector.look("limits refused")
