"""How somebody is reminded of what waits: the page in every language and size, and by keys alone."""

import json

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import World
from tests.journeys.inspecting import Sizes, in_every_language_and_size, inspecting
from tests.journeys.test_files import MAGISTRATE
from tests.journeys.test_waking import SUBSCRIBES
from tests.support import browser as b


@pytest.mark.full(
    "tests/reminders/test_pages.py::test_an_address_counts_once_the_code_that_came_there_is_typed",
    "tests/reminders/test_pages.py::test_what_cannot_be_kept_is_named_and_nothing_is_lost",
)
@in_every_language_and_size()
def test_somebody_says_how_they_are_reminded(world: World, language: str, sizes: Sizes) -> None:
    with inspecting(world, language, sizes) as inspector:
        page = inspector.page
        b.sign_in(page, world.stack, MAGISTRATE, "/reminders/")
        expect(page.locator("#list_hour")).to_be_visible()
        inspector.look("reminders")
        inspector.walk("reminders")
        page.fill("#address", "magistrate@house.example")
        page.select_option("#list_hour", "7")
        page.locator("#address").press("Enter")
        expect(page.locator("#code")).to_be_visible()
        inspector.look("a code is on its way")
        page.fill("#code", "1")
        page.locator("#code").press("Enter")
        expect(page.locator("#code-error")).to_be_visible()
        inspector.look("a wrong code")
        expect(page.locator("#list_hour")).to_have_value("7")
        page.fill("#address", "")
        page.locator("#address").press("Enter")
        expect(page.locator("#code")).to_have_count(0)
        inspector.look_in_the_other_languages()


@pytest.mark.full(
    "tests/reminders/test_process.py::test_who_turns_a_device_on_is_reminded_there_without_any_form",
    "tests/journeys/test_waking.py::test_a_zone_that_let_itself_be_woken_is_woken_by_an_alarm_until_it_says_no_more",
)
def test_a_device_reminds_and_leads_to_what_waits(world: World) -> None:
    """Everything is real but the maker's push service, as in test_waking.py."""
    assert world.push is not None
    subscriber = world.push.browser("magistrate")
    page = world.window(b.DESKTOP, "fr", world.whole_browser())
    page.context.grant_permissions(["notifications"])
    page.add_init_script(SUBSCRIBES % json.dumps(subscriber.subscription))
    b.sign_in(page, world.stack, MAGISTRATE, "/reminders/")
    expect(page.locator("#waking-state")).to_have_text("Cet appareil ne vous envoie pas de rappel.")
    page.click("#wake-on")
    expect(page.locator("#waking-state")).to_have_text("Cet appareil vous envoie des rappels.")
    scopes = page.evaluate(
        "async () => (await navigator.serviceWorker.getRegistrations()).map(({ scope }) => new URL(scope).pathname)"
    )
    assert scopes == ["/start"], "what is pressed there opens the start page"
    page.click("#wake-off")
    expect(page.locator("#waking-state")).to_have_text("Cet appareil ne vous envoie pas de rappel.")
