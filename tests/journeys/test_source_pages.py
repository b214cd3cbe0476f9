"""A kit's other devices, and the roads outside, on their pages: by keys alone, accessible, in four languages."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from egide.common.clock import SystemClock
from egide.connectors.dispatch.facts import TOLD
from egide.journal.now.outcomes import Outcomes
from egide.journal.now.signs import Signs
from tests.journeys.conftest import MONS, World
from tests.journeys.inspecting import Sizes, in_every_language_and_size, inspecting, tab_to
from tests.journeys.test_dispatch_system import told_by
from tests.support import browser as b
from tests.support.dispatch_system import dispatch_system

OFFICER, ADMINISTRATOR = "mons-quevy-21", "admin-01"
KEY = "000102030405060708090a0b0c0d0e0f"


@pytest.mark.full("tests/fleet/test_source_pages.py")
@in_every_language_and_size()
def test_an_officer_enrols_a_button_at_home_by_keys_and_takes_it_off(
    world: World, language: str, sizes: Sizes
) -> None:
    with inspecting(world, language, sizes) as inspector:
        page, kit = inspector.page, world.person(MONS)["kit"]
        b.sign_in(page, world.stack, OFFICER, f"/kits/{kit}/")
        page.locator("#other-devices a").press("Enter")
        page.wait_for_url(f"**/kits/{kit}/sources")
        page.locator("ul.kinds a").first.press("Enter")
        expect(page.locator("#edit")).to_be_visible()
        inspector.walk("a form for a button at home")
        page.fill("#name", "here")
        tab_to(page, "#key")
        page.keyboard.type(KEY)
        tab_to(page, "#place")
        page.keyboard.type("50.4550, 3.9520")
        tab_to(page, "#enrol")
        page.keyboard.press("Enter")
        expect(page.locator("#name-error")).to_be_visible()
        expect(page.locator("#key")).to_have_value("")
        inspector.look("a button that is none")
        page.fill("#name", "0C:EF:F6:01:02:03")
        page.fill("#key", KEY)
        page.locator("#enrol").press("Enter")
        expect(page.locator(".messages .success")).to_be_visible()

        card = page.locator("#devices section", has_text="0C:EF:F6:01:02:03")

        def is_listed() -> bool:
            page.goto(f"{world.stack.host(OFFICER)}/kits/{kit}/sources")
            return "<summary" in page.content().partition('id="devices"')[2]

        world.until(is_listed, "the button stands in the list, and was not taken off")
        card.locator("summary").press("Enter")
        expect(card.locator("button.danger")).to_be_visible()
        inspector.look("a button that was never heard")
        card.locator("button.danger").press("Enter")
        expect(page.locator(".messages .success")).to_be_visible()


def note_how_they_went(world: World) -> None:
    """Of one road that it works, of another that it does so no more; of the rest nothing came yet."""
    clock = SystemClock()
    signs = Signs(world.stack.config, clock)
    came = Outcomes(signs, clock)
    for road, part in (("traces", "out"), ("alert", "HTTP")):
        came.worked(road, part)
        came.do_keep()
    came.failed("traces", "out", "refused-503")
    came.do_keep()
    signs.note_last(f"{TOLD}ccic", "refused-503")


@pytest.mark.full("tests/boards/test_roads_page.py")
@in_every_language_and_size((b.DESKTOP, b.TELEPHONE, b.NARROW))
def test_the_roads_outside_as_an_administrator_sees_them(
    world: World, language: str, sizes: Sizes, tmp_path: Path
) -> None:
    services = tmp_path / "services"
    services.write_text("fleet-a " + "s" * 40 + "\n", encoding="ascii")
    services.chmod(0o600)
    more = {
        "EGIDE_TRACKER_SERVICES": str(services),
        "EGIDE_ALERT_URL": "http://127.0.0.1:1/call",
        "EGIDE_TRACES_URL": "http://127.0.0.1:1/traces",
    }
    with (
        dispatch_system(tmp_path / "ccic") as system,
        told_by(world, system.settings(tmp_path), **more),
        inspecting(world, language, sizes) as inspector,
    ):
        page = inspector.page
        note_how_they_went(world)
        b.sign_in(page, world.stack, ADMINISTRATOR, "/systems/", hears=False)
        expect(page.locator("#road-alert")).to_be_visible()
        inspector.look("roads outside")
        inspector.walk("roads outside")
        page.locator("section:has(#road-alert) summary").press("Enter")
        page.locator("section:has(#road-alert) button").press("Enter")
        expect(page.locator(".messages .error")).to_be_visible()
        inspector.look("a road that does not answer")
