"""Two people open an emergency account in a browser: asked for, agreed to, taken, opened, noted; in four languages."""

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import World
from tests.journeys.inspecting import LONGEST, Inspector, Sizes, in_every_language_and_size, inspecting
from tests.support import browser as b

ADMINISTRATOR, OFFICER, HOLDERS = "admin-01", "dpo-01", ("hainaut-07", "gent-44")


def show_half(page: Page, name: str) -> None:
    page.locator("section.card", has_text=name).locator("button").click()
    expect(page.locator("#emergency-half")).to_be_visible()


def ask_for_one_person(inspector: Inspector, name: str, title: str) -> None:
    """Fill the form in for an account with one holder alone, and look at the refusal."""
    page = inspector.page
    page.fill("#account-name", name)
    page.fill("#account-title", title)
    # Nobody but the whole country's own are told of it: other stories go on beside it.
    page.select_option("#role", "coordinator")
    page.fill("#first", HOLDERS[0])
    page.fill("#second", HOLDERS[0])
    page.click("main button.primary")
    expect(page.locator("#first-error")).to_be_visible()
    inspector.look("one person is not two")


def enter_half_that_opens_nothing(inspector: Inspector, name: str) -> None:
    page = inspector.page
    page.fill("#name", name)
    page.fill("#half", "0000-0000-0000-0000-0000")
    page.click("#emergency-submit")
    expect(page.locator("#emergency-error")).to_be_visible()
    inspector.look("a half that opens nothing")
    inspector.walk("a half that opens nothing")


def prepare(world: World, language: str, sizes: Sizes, name: str) -> list[str]:
    """Ask for it, agree to it and take both halves, with a look at each page; the halves."""
    host = world.stack.host(ADMINISTRATOR)
    with inspecting(world, language, sizes) as inspector:
        page = inspector.page
        b.sign_in(page, world.stack, ADMINISTRATOR)
        page.goto(host + "/accounts/emergency")
        ask_for_one_person(inspector, name, f"Coördinatie {language}")
        page.fill("#second", HOLDERS[1])
        page.click("main button.primary")
        expect(page.locator("#name-holders")).to_be_visible()
        inspector.look("an emergency account that waits")
    with inspecting(world, language, sizes) as inspector:
        page = inspector.page
        b.sign_in(page, world.stack, OFFICER)
        page.goto(world.stack.host(OFFICER) + "/accounts/requests")
        card = page.locator("section.card", has_text=name)
        inspector.look("what waits for a second person")
        card.locator("button").first.click()
        expect(page.locator(".messages")).to_be_visible()
    halves = []
    for holder in HOLDERS:
        with inspecting(world, language, sizes) as inspector:
            page = inspector.page
            b.sign_in(page, world.stack, holder)
            page.goto(world.stack.host(holder) + "/emergency")
            # The second one's pages are those of the first.
            if holder == HOLDERS[0]:
                inspector.look("a half to take")
            show_half(page, name)
            if holder == HOLDERS[0]:
                inspector.look("a half, for paper")
            halves.append(page.locator("#emergency-half").inner_text())
    return halves


@pytest.mark.full("tests/access/test_emergency.py", "tests/attacks/test_emergency_account.py")
def test_asking_for_an_emergency_account_and_a_half_that_opens_nothing(world: World) -> None:
    host, sizes = world.stack.host(ADMINISTRATOR), (b.DESKTOP, b.NARROW)
    with inspecting(world, LONGEST, sizes) as inspector:
        page = inspector.page
        b.sign_in(page, world.stack, ADMINISTRATOR, "/accounts/emergency")
        inspector.look("asking for an emergency account")
        ask_for_one_person(inspector, "emergency-nobody", "Coördinatie")
    with inspecting(world, LONGEST, sizes) as inspector:
        page = inspector.page
        page.goto(host + "/sign-in/emergency")
        inspector.look("signing in with halves")
        enter_half_that_opens_nothing(inspector, "emergency-nobody")


@pytest.mark.full(
    "tests/access/test_emergency.py",
    "tests/attacks/test_emergency_account.py",
)
@in_every_language_and_size()
def test_two_people_open_an_emergency_account_together(world: World, language: str, sizes: Sizes) -> None:
    name = f"emergency-{language}-{sizes[0]['width']}"
    host = world.stack.host(ADMINISTRATOR)
    halves = prepare(world, language, sizes, name)
    with inspecting(world, language, sizes) as inspector:
        page = inspector.page
        page.goto(host + "/sign-in")
        page.click("#emergency-sign-in")
        enter_half_that_opens_nothing(inspector, name)
        page.fill("#half", halves[0])
        page.click("#emergency-submit")
        expect(page.locator(".notice")).to_be_visible()
        inspector.look("the second half")
        inspector.walk("the second half")
        page.fill("#half", halves[1])
        page.click("#emergency-submit")
        page.wait_for_url("**/start")
        expect(page.locator("#notices")).to_contain_text(f"Coördinatie {language}")
        inspector.look("open, and shown on each page")
        page.goto(host + "/account")
        inspector.look("the emergency account's own page")
    with inspecting(world, language, sizes) as inspector:
        page = inspector.page
        b.sign_in(page, world.stack, OFFICER)
        page.goto(world.stack.host(OFFICER) + "/emergency")
        card = page.locator("section.card", has_text=name)
        expect(card.locator("button")).to_have_count(2)
        inspector.look("who opened it")
        card.locator("button").first.click()
        expect(card.locator("button")).to_have_count(1)
        card.locator("button").click()
        expect(card.locator("button")).to_have_count(0)
        inspector.look("noted and closed")
    with inspecting(world, language, sizes) as inspector:
        page = inspector.page
        b.sign_in(page, world.stack, ADMINISTRATOR)
        page.goto(host + f"/accounts/{name}")
        inspector.look("an emergency account after its use")
        page.check("#sure")
        page.click("#close-account")
        expect(page.locator("#close-account")).to_have_count(0)
