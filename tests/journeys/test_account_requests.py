"""An administrator asks, a second person prints, the person is warned: looked at in four languages and two widths."""

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import World
from tests.journeys.inspecting import Sizes, in_every_language_and_size, inspecting
from tests.support import browser as b

ADMINISTRATOR, OFFICER, OPERATOR = "admin-01", "dpo-01", "hainaut-07"


@pytest.mark.full(
    "tests/access/test_accounts.py::test_an_invited_person_sets_password_and_second_factor_and_is_at_work",
    "tests/access/test_accounts.py::test_a_post_counts_once_a_second_person_agreed_and_is_taken_at_once",
)
@in_every_language_and_size()
def test_rule_41_a_new_account_goes_from_the_administrator_to_paper(
    world: World, language: str, sizes: Sizes
) -> None:
    name = f"zone-5324-{language}-{sizes[0]['width']}"
    with inspecting(world, language, sizes) as inspector:
        page = inspector.page
        b.sign_in(page, world.stack, ADMINISTRATOR)
        page.goto(world.stack.host(ADMINISTRATOR) + "/accounts/invite")
        page.fill("#account-name", name)
        page.fill("#account-title", "Inspecteur 09 · Mons/Quévy")
        page.select_option("#role", "zone-officer")
        page.fill("#place", "5324")
        inspector.look("asking for an account")
        page.click("main button.primary")
        expect(page.locator("#invitation-code")).to_be_visible()
        inspector.look("the administrator's half")
        page.goto(world.stack.host(ADMINISTRATOR) + f"/accounts/{name}")
        inspector.look("an account that waits")
    with inspecting(world, language, sizes) as inspector:
        page = inspector.page
        b.sign_in(page, world.stack, OFFICER)
        page.goto(world.stack.host(OFFICER) + "/accounts/requests")
        card = page.locator("section.card", has_text=name)
        expect(card.locator("button")).to_have_count(2)
        inspector.look("what waits for a second person")
        inspector.walk("what waits for a second person")
        card.locator("button").first.click()
        expect(page.locator("#invitation-link")).to_be_visible()
        inspector.look("the other half, for paper")
        link = page.locator("#invitation-link").inner_text()
    with inspecting(world, language, sizes) as inspector:
        inspector.page.goto(link)
        expect(inspector.page.locator("#invitation-code")).to_be_visible()
        inspector.look("behind the link")
        inspector.walk("behind the link")


@pytest.mark.full(
    "tests/access/test_registries.py",
    "tests/access/test_accounts.py::test_a_new_start_takes_the_old_password_and_the_old_factors_away",
)
@in_every_language_and_size()
def test_rule_41_anyone_who_works_at_a_desk_sees_that_somebody_asked_for_their_account(
    world: World, language: str, sizes: Sizes
) -> None:
    with inspecting(world, language, sizes) as inspector:
        page = inspector.page
        b.sign_in(page, world.stack, ADMINISTRATOR)
        page.goto(world.stack.host(ADMINISTRATOR) + f"/accounts/{OPERATOR}")
        page.click("#new-link")
        expect(page.locator("#invitation-code")).to_be_visible()
    with inspecting(world, language, sizes) as inspector:
        page = inspector.page
        b.sign_in(page, world.stack, OPERATOR)
        b.hear_bell(page)
        expect(page.locator("#notices button")).to_be_visible()
        inspector.look("asked for the account of somebody at a desk")
        page.click("#notices button")
        expect(page.locator("#notices button")).to_have_count(0)
        inspector.look("refused by the person")
