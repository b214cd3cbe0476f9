"""A real installation without the demo's waivers: the first administrator, an invitation, passkeys and codes."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from egide.entrypoints.stack.children import Child, open_listener
from tests.journeys.conftest import World
from tests.support import browser as b
from tests.support.codes import code_of

PASSWORD = "eleven green boats"


@dataclass
class Place:
    """The web process of an installation, and its address."""

    data: Path
    url: str
    environment: dict[str, str]

    def egide(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the command `egide`."""
        command = [sys.executable, "-m", "egide.entrypoints.cli", *arguments]
        return subprocess.run(
            command, env={**os.environ, **self.environment}, capture_output=True, text=True, check=False
        )


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """Web, without EGIDE_DEMO."""
    data = tmp_path
    listener = open_listener()
    url = f"http://localhost:{listener.getsockname()[1]}"
    environment = {"EGIDE_DATA": str(data), "EGIDE_WEB_ORIGINS": url, "EGIDE_DEMO": "0"}
    child = Child("egide.entrypoints.web", [], environment, listener)
    child.ready()
    yield Place(data, url, environment)
    child.stop()
    listener.close()


@pytest.fixture
def browser(world: World) -> Browser:
    """The browser of all stories: a second one cannot run beside it."""
    return world.browser


@contextmanager
def window(browser: Browser, language: str = "en-GB") -> Iterator[Page]:
    """A fresh window with an authenticator built in, as a telephone or computer has one (CDP WebAuthn)."""
    context = browser.new_context(locale=language, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    add_authenticator(context, page)
    yield page
    context.close()


def add_authenticator(context: BrowserContext, page: Page) -> None:
    """A virtual authenticator that keeps passkeys and confirms at once."""
    devices = context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    devices.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )


def set_password(page: Page, link: str, code: str = "") -> None:
    """Open an invitation and set the password."""
    page.goto(link)
    if code:
        page.fill("#invitation-code", code)
    page.fill("[name=new_password1]", PASSWORD)
    page.fill("[name=new_password2]", PASSWORD)
    page.click("#set-password")
    page.wait_for_url("**/account/second-factor")


def add_passkey(page: Page) -> None:
    """Set up a passkey as the second factor, and keep the recovery codes."""
    page.click("#choose-passkey")
    page.click("#passkey-add")
    page.wait_for_url("**/account/recovery-codes")
    expect(page.locator("#recovery-codes")).to_contain_text(re.compile(r"\d{8}"))
    page.click("#codes-done")


def sign_in_by_code(page: Page, secret: str) -> None:
    """Password and the app's code; a wrong one is said so."""
    page.fill("#name", "officer-7")
    page.fill("#password", PASSWORD)
    page.click("#sign-in-submit")
    page.wait_for_url("**/sign-in/code")
    page.fill("#code", "000000")
    page.click("#code-submit")
    expect(page.locator("#code-error")).to_be_visible()
    page.fill("#code", code_of(secret, steps=1))
    page.click("#code-submit")
    page.wait_for_url("**/zone/")


def test_a_passkey_is_added_and_signs_in_alone_and_one_that_is_not_there_is_said_so(
    place: Place, browser: Browser
) -> None:
    link = place.egide("accounts", "first", "admin-1").stdout.strip()
    with window(browser) as page, window(browser, "fr-BE") as other:
        set_password(page, link)
        add_passkey(page)
        expect(page.locator("h1")).to_have_text("What needs me now")
        page.click("#sign-out")
        # Alone: it is possession and finger, face or PIN at once.
        page.click("#passkey-sign-in")
        page.wait_for_url("**/start")
        # It belongs to that machine.
        other.goto(place.url + "/sign-in")
        other.click("#passkey-sign-in")
        expect(other.locator("#passkey-failed")).to_be_visible()


@pytest.mark.full(
    "tests/journeys/test_sign_in.py::test_a_passkey_is_added_and_signs_in_alone_and_one_that_is_not_there_is_said_so",
    "tests/access/test_accounts.py",
    "tests/access/test_second_factor.py",
)
def test_from_the_first_administrator_to_an_officer_with_passkey_and_code(
    place: Place, browser: Browser
) -> None:
    made = place.egide("accounts", "first", "admin-1")
    assert made.returncode == 0, made.stderr
    link = made.stdout.strip()
    assert link.startswith(place.url + "/invitation/")
    again = place.egide("accounts", "first", "admin-2")
    assert again.returncode == 2 and "already" in again.stderr
    officer_link = place.egide("accounts", "first", "dpo-1", "--role", "data-protection").stdout.strip()
    assert place.egide("accounts", "first", "dpo-2", "--role", "data-protection").returncode == 2

    with window(browser) as page:
        set_password(page, link)
        add_passkey(page)
        expect(page.locator("h1")).to_have_text("What needs me now")
        page.goto(place.url + "/accounts/invite")
        page.fill("#account-name", "officer-7")
        page.fill("#account-title", "Officer 7")
        page.select_option("#role", "zone-officer")
        page.fill("#place", "5324")
        page.click("button.primary")
        code = page.locator("#invitation-code").inner_text()
        expect(page.locator("#invitation-link")).to_have_count(0)
        # The passkey alone signs in again: it is possession and finger, face or PIN at once.
        page.click("#sign-out")
        page.click("#passkey-sign-in")
        page.wait_for_url("**/start")

    with window(browser) as page:
        set_password(page, officer_link)
        add_passkey(page)
        page.get_by_role("link", name="New account: Officer 7").click()
        page.get_by_role("button", name="Yes, print the link").click()
        invitation = page.locator("#invitation-link").inner_text()
        # On paper stands what the person needs, and nothing of the page around it.
        page.emulate_media(media="print")
        expect(page.locator("#invitation-link")).to_be_visible()
        expect(page.locator(".office-bar")).to_be_hidden()

    with window(browser) as page:
        set_password(page, invitation, code)
        page.click("#choose-app")
        secret = page.locator("#totp-secret").inner_text()
        assert page.locator(".qr-frame svg").bounding_box()["width"] > 150  # type: ignore[index]
        page.fill("#code", code_of(secret))
        page.click("#code-submit")
        page.click("#codes-done")
        page.wait_for_url("**/zone/")
        page.goto(place.url + "/account")
        page.click("#sign-out")
        sign_in_by_code(page, secret)


@pytest.mark.full(
    "tests/journeys/test_files.py::test_what_was_typed_survives_the_end_of_the_session",
    "tests/access/test_registries.py::test_an_open_page_learns_whether_its_session_lives_and_the_token_that_its_forms_need",
)
def test_what_was_typed_stays_when_the_session_ends_and_is_sent_after_signing_in_again(world: World) -> None:
    page = world.window(language="en")
    b.sign_in(page, world.stack, "admin-01")
    invite = world.stack.host("admin-01") + "/accounts/invite"
    page.goto(invite)
    page.fill("#account-name", "typed-long-ago")
    page.fill("#account-title", "Typed long ago")
    page.select_option("#role", "coordinator")
    page.context.clear_cookies(name="egide_session")
    page.click("main button.primary")
    expect(page.locator("#session-ended")).to_be_visible()
    expect(page.locator("#account-title")).to_have_value("Typed long ago")
    with page.context.expect_page() as opened:
        page.click("#session-ended a")
    tab = opened.value
    tab.fill("#name", "admin-01")
    tab.fill("#password", b.account(world.stack, "admin-01")["password"])
    tab.click("#sign-in-submit")
    tab.wait_for_url("**/start")
    page.bring_to_front()
    page.click("main button.primary")
    expect(page.locator("#invitation-code")).to_be_visible()


def test_ending_all_sessions_ends_the_live_board_on_another_machine_within_seconds(world: World) -> None:
    desk = world.desk("hainaut-07")
    other = world.window(language="en")
    b.sign_in(other, world.stack, "hainaut-07")
    other.goto(world.stack.host("hainaut-07") + "/account")
    other.click("#end-sessions")
    other.wait_for_url("**/sign-in*")
    desk.page.wait_for_url("**/sign-in*")
