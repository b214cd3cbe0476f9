"""Real Chromium, and what an operator does first: sign in, and hear the bell."""

import http.client
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Locator, Page, Playwright, expect, sync_playwright

from egide.entrypoints.stack.installation import Stack
from tests.support.waiting import WITHIN_S

PATIENCE_MS = WITHIN_S * 1000
DESKTOP, TELEPHONE = {"width": 1600, "height": 900}, {"width": 390, "height": 844}
# The narrowest that WCAG 2.2, success criterion 1.4.10 asks for.
NARROW = {"width": 320, "height": 640}
LANGUAGE_COOKIE = "egide_language"
# What the driver loads before its own code.
UNDESCRIBED = Path(__file__).with_name("undescribed.cjs")
NAMES = ("chromium", "chromium-browser", "google-chrome")
# The same engine without the surroundings of a window, at a third of the processor's time.
SHELL = "chromium-headless-shell"
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # A machine without a microphone gets one that beeps.
    "--use-fake-device-for-media-stream",
    # What people's browsers do; "user-gesture-required" would hold back only frames of other origins.
    "--autoplay-policy=document-user-activation-required",
)


def path_of(*names: str) -> str:
    """The first of these browsers that this machine has. Raises FileNotFoundError."""
    path = next((found for found in map(shutil.which, names) if found), None)
    if path is None:
        raise FileNotFoundError(f"none of {', '.join(names)} is on the PATH: make chromium")
    return path


@contextmanager
def undescribing() -> Iterator[Playwright]:
    """Playwright, with waits that do not describe the page at each look."""
    options = f"{os.environ.get('NODE_OPTIONS', '')} --require={UNDESCRIBED}"
    started = sync_playwright()
    with patch.dict(os.environ, {"NODE_OPTIONS": options}):
        playwright = started.__enter__()
    yield playwright
    started.__exit__()


@contextmanager
def chromium() -> Iterator[Browser]:
    """The Chromium of this machine, without a window."""
    with undescribing() as playwright:
        browser = playwright.chromium.launch(executable_path=path_of(SHELL, *NAMES), args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()


def account(stack: Stack, name: str) -> dict[str, Any]:
    """An account of the demo, with its password."""
    return next(user for user in stack.demo["users"] if user["name"] == name)


def sign_in(page: Page, stack: Stack, name: str, path: str = "/", hears: bool = True) -> None:
    """Open a page signed in, through the door that the demo prints; name and password are told by test_sign_in.py.

    A zone's page begins with the test of its bell: it is heard, unless the story is about that.
    """
    host = urlsplit(stack.host(name))
    asked = http.client.HTTPConnection("127.0.0.1", stack.ports["web"], timeout=PATIENCE_MS / 1000)
    asked.request("GET", account(stack, name)["door"], headers={"Host": host.netloc})
    answer = asked.getresponse()
    assert answer.status == 302, (name, answer.status)
    # The account's own language, unless the window has chosen one.
    chosen = {cookie["name"] for cookie in page.context.cookies(host.geturl())} & {LANGUAGE_COOKIE}
    for text in answer.msg.get_all("Set-Cookie", []):
        for cookie in SimpleCookie(text).values():
            if cookie.key not in chosen:
                page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": host.geturl()}])
    asked.close()
    page.goto(host.geturl() + path)
    if path == "/zone/" and hears:
        hear_test(page)


def every(locator: Locator) -> list[Locator]:
    """All that match, at least one: `Locator.all` alone answers with nothing while a page still comes."""
    locator.page.wait_for_load_state("domcontentloaded")
    expect(locator.first).to_be_attached()
    return locator.all()


def texts(locator: Locator) -> list[str]:
    """What stands in each that matches, at least one."""
    return [one.inner_text() for one in every(locator)]


def put_hand_in(page: Page, details: str) -> None:
    """Open what is folded and go to its first field, in one step: news may replace a card in which no hand is."""
    page.evaluate(
        "name => { const at = document.querySelector(name); at.open = true; at.querySelector('input').focus(); }",
        details,
    )


def hear_bell(page: Page) -> None:
    """The sound test at the start of a shift; the board is live afterwards."""
    hear_test(page)
    expect_live(page)


def hear_test(page: Page) -> None:
    """The sound test alone, of a desk or a zone's page."""
    page.click("#sound-test")
    page.click("#sound-heard")
    expect(page.locator("#shift-start")).to_be_hidden(timeout=PATIENCE_MS)


def unblock_sound(page: Page) -> None:
    """Switch the sound on where the browser blocks it: on a page that nobody has touched yet."""
    expect(page.locator("#sound-unblock:visible, #sound-state[data-state=on]").first).to_be_visible()
    if page.locator("#sound-unblock").is_visible():
        page.click("#sound-unblock")


def expect_live(page: Page) -> None:
    """Wait until the live stream is open."""
    expect(page.locator("#live-state")).to_have_attribute("data-state", "live", timeout=PATIENCE_MS)
