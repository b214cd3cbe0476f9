"""One phone with the built web app, as a person's hand uses it."""

from typing import Any

from playwright.sync_api import Page, expect

from egide.common.encoding import to_base64url
from tests.journeys.conftest import World

PIN, DURESS = "2468", "1357"
GRANTED = ["geolocation"]


def open_app(
    world: World, person: dict[str, Any], permissions: list[str] | None = None, **options: Any
) -> Page:
    """A window of a phone's size, at the person's home, with the app open under the officer's code."""
    context = world.browser.new_context(
        viewport={"width": 390, "height": 844},
        is_mobile=True,
        has_touch=True,
        locale=options.pop("locale", "fr-BE"),
        geolocation={"latitude": float(person["lat"]), "longitude": float(person["lon"]), "accuracy": 12},
        permissions=GRANTED if permissions is None else permissions,
        **options,
    )
    context.set_default_timeout(10_000)
    world.keep(context)
    page = context.new_page()
    page.on("pageerror", lambda fault: world.faults.append(f"{fault} {fault.stack}"))
    return page


def address(world: World, code: str = "") -> str:
    """The app's address with a code behind it, as the officer's QR says it."""
    return f"http://localhost:{world.stack.ports['web']}/app/" + (f"#c={code}" if code else "")


def enrol(page: Page, world: World, code: str) -> None:
    """Through all steps to the end, without a button."""
    page.goto(address(world, code))
    page.locator("#enrol-next").click()
    page.locator("#pin").fill(PIN)
    page.locator("#duress-pin").fill(DURESS)
    page.locator("#pin-next").click()
    page.locator("#allow").click()
    page.locator("#deny").click()
    page.locator("#deny").click()
    page.locator("#done").click()
    expect(page.locator("#honest")).to_be_visible()
