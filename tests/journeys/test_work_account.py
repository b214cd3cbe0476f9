"""A work account opens Egide in a real browser: cookies of our pages alone, no form to another site, and both ends."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.journeys.asking_axe import violations
from tests.journeys.conftest import World
from tests.journeys.inspecting import tab_to
from tests.journeys.test_sign_in import add_authenticator
from tests.support.browser import DESKTOP, TELEPHONE
from tests.support.work_accounts import Place, running_place, say_who


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Web without the demo's waivers, with a provider."""
    with running_place(tmp_path_factory.mktemp("place")) as place:
        yield place


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


@pytest.mark.full(
    "tests/access/test_authority_linking.py",
    "tests/access/test_authority_sign_in.py",
    "tests/access/test_authority_logout.py",
)
def test_a_work_account_opens_by_invitation_then_alone_and_ends_with_its_session(
    place: Place, world: World
) -> None:
    url, link = place.url, place.first_link("admin-1")
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
        page.goto(f"{place.provider.issuer}/session/end")
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
