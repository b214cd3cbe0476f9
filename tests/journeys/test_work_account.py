"""A work account opens Egide in a real browser: cookies of our pages alone, no form to another site, and both ends."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from egide.entrypoints.stack.children import Child, open_listener
from tests.journeys.asking_axe import violations
from tests.journeys.conftest import World
from tests.journeys.inspecting import tab_to
from tests.journeys.test_sign_in import add_authenticator
from tests.support.browser import DESKTOP, TELEPHONE
from tests.support.openid.provider import CLIENT, SECRET, Provider, running_provider


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, str], Provider]]:
    """Web without the demo's waivers, with a provider: its address, its environment, the provider."""
    listener = open_listener()
    url = f"http://localhost:{listener.getsockname()[1]}"
    with running_provider(tmp_path_factory.mktemp("openid"), url) as provider:
        environment = {
            "EGIDE_DATA": str(tmp_path_factory.mktemp("installation")),
            "EGIDE_WEB_ORIGINS": url,
            "EGIDE_DEMO": "0",
            "EGIDE_SIGNIN_ISSUER": provider.issuer,
            "EGIDE_SIGNIN_CLIENT": CLIENT,
            "EGIDE_SIGNIN_SECRET": SECRET,
            "EGIDE_SIGNIN_FACTORS": "gold",
            "SSL_CERT_FILE": str(provider.pem),
        }
        child = Child("egide.entrypoints.web", [], environment, listener)
        child.ready()
        yield url, environment, provider
        child.stop()
    listener.close()


@contextmanager
def window(browser: Browser, is_small: bool = False) -> Iterator[Page]:
    """A browser that trusts the provider's certificate."""
    size = TELEPHONE if is_small else DESKTOP
    context: BrowserContext = browser.new_context(
        locale="en-GB",
        viewport=size,
        ignore_https_errors=True,  # type: ignore[arg-type]
    )
    page = context.new_page()
    add_authenticator(context, page)
    yield page
    context.close()


def first_link(environment: dict[str, str], name: str, *more: str) -> str:
    command = [sys.executable, "-m", "egide.entrypoints.cli", "accounts", "first", name, *more]
    made = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=True)
    return made.stdout.strip()


def say_who(page: Page, sub: str) -> None:
    page.fill("[name=sub]", sub)
    page.fill("[name=acr]", "gold")
    page.click("#in")


def test_a_work_account_opens_by_invitation_then_alone_and_ends_with_its_session(
    place: tuple[str, dict[str, str], Provider], world: World, tmp_path: Path
) -> None:
    url, environment, _provider = place
    link = first_link(environment, "admin-1")
    refused: list[str] = []
    with window(world.browser, is_small=True) as page:
        page.on(
            "console", lambda told: refused.append(told.text) if "Content Security" in told.text else None
        )
        page.goto(link)
        assert violations(page, asks_all=True) == []
        page.click("#link-authority")
        say_who(page, "4711")
        page.wait_for_url("**/start")
        page.click(".places-open")
        page.click("#sign-out")
        # The provider ends its session too, and leads back.
        page.get_by_role("button", name="Yes, sign me out").click()
        page.wait_for_url("**/sign-in*")
        assert violations(page, asks_all=True) == []
        tab_to(page, "#authority-sign-in")
        page.keyboard.press("Enter")
        say_who(page, "4711")
        page.wait_for_url("**/start")
        page.goto(f"{url}/account/passkeys/add")
        page.click("#passkey-add")
        page.click("#codes-done")
        page.wait_for_url("**/start")
        with window(world.browser) as other:
            other.goto(f"{url}/sign-in")
            other.click("#authority-sign-in")
            say_who(other, "nobody")
            expect(other.locator("#authority-error")).to_contain_text("opens nothing here")
            assert violations(other, asks_all=True) == []
        page.goto(f"{place[2].issuer}/session/end")
        page.get_by_role("button", name="Yes, sign me out").click()
        page.wait_for_url("**/session/end/success*")
        # Its word came by the back channel, from server to server.
        page.goto(f"{url}/start")
        expect(page.locator("#authority-sign-in")).to_be_visible()
        # Nor does the passkey of before open what the provider has closed.
        page.click("#passkey-sign-in")
        expect(page.locator(".messages")).to_contain_text("Sign in with your work account")
        assert violations(page, asks_all=True) == []
        page.goto(f"{url}/start")
        expect(page.locator("#authority-sign-in")).to_be_visible()
    assert refused == []
