"""A file that is not theirs: an officer of Gent asks by name and birth date, Mons hears of it at once and says yes, the
officer reads once, and who answers for it takes note. By keyboard, in Dutch and in French (safety rule 41).
"""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.asking_axe import violations
from tests.journeys.conftest import MONS, World
from tests.journeys.inspecting import tab_to
from tests.support import browser as b

ASKS, KEEPS, REFERENCE, OFFICER = "gent-44", "mons-quevy-21", "mons-quevy-ref", "dpo-01"
WHY = "Signalement d’un enlèvement en cours (démo)"


def _look(page: Page, name: str) -> None:
    assert violations(page) == [], name
    wide, seen = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide <= seen, name
    if directory := os.environ.get("EGIDE_PICTURES"):
        page.screenshot(path=Path(directory) / f"{name}.png", full_page=True)


def _person(page: Page, name: str) -> tuple[str, str]:
    """Name and birth date, as they stand in the file."""
    page.locator("#files a", has_text=name).click()
    page.locator("#beneficiary .row-actions a").first.click()
    return page.locator("#id_name").input_value(), page.locator("#id_born").input_value()


@pytest.mark.full(
    "tests/attacks/test_break_glass.py",
    "tests/access/test_readings.py::test_a_reading_for_a_stated_reason_is_told_to_the_zone_and_to_the_officer_until_each_took_note",
)
def test_a_file_opens_by_name_and_birth_date_and_a_second_person_once(world: World) -> None:
    keeper = world.window(b.DESKTOP, "fr")
    b.sign_in(keeper, world.stack, KEEPS, "/files/")
    name, born = _person(keeper, world.person(MONS)["name"])
    keeper.goto(world.stack.host(KEEPS) + "/zone/")
    b.hear_test(keeper)
    expect(keeper.locator("#notices")).to_have_count(0)

    asker = world.window(b.TELEPHONE, "nl")
    b.sign_in(asker, world.stack, ASKS, "/files/by-reason")
    _look(asker, "break-glass-ask-nl")
    tab_to(asker, "#id_name")
    asker.keyboard.type(name)
    asker.locator("#id_born").fill(born)
    tab_to(asker, "#id_why")
    asker.keyboard.type("kort")
    tab_to(asker, "#ask")
    asker.keyboard.press("Enter")
    expect(asker.locator("#id_why_error")).to_be_visible()
    _look(asker, "break-glass-refused-nl")
    asker.locator("#id_why").fill(WHY)
    tab_to(asker, "#ask")
    asker.keyboard.press("Enter")
    expect(asker.locator("#own")).to_contain_text("Nog geen antwoord")
    _look(asker, "break-glass-asked-nl")

    # The zone's page, which is open all day, says so by itself.
    expect(keeper.locator("#notices a")).to_have_text("Quelqu’un demande à lire un de vos dossiers.")
    _look(keeper, "break-glass-zone-fr")
    tab_to(keeper, "#notices a")
    keeper.keyboard.press("Enter")
    expect(keeper.locator("blockquote")).to_have_text(WHY)
    _look(keeper, "break-glass-answer-fr")
    tab_to(keeper, "button[value=yes]")
    keeper.keyboard.press("Enter")
    expect(keeper.locator("#main")).to_contain_text("Personne ne demande.")

    asker.reload()
    _look(asker, "break-glass-ready-nl")
    tab_to(asker, "#own button")
    asker.keyboard.press("Enter")
    expect(asker.locator("h1")).to_have_text(name)
    asker.goto(world.stack.host(ASKS) + "/files/by-reason")
    expect(asker.locator("#own")).to_contain_text("U hebt het gelezen.")
    expect(asker.locator("#own button")).to_have_count(0)

    for account in (REFERENCE, OFFICER):
        reviewer = world.window(b.DESKTOP, "fr")
        b.sign_in(reviewer, world.stack, account, "/account")
        expect(reviewer.locator("#notices")).to_contain_text("ouvert pour un motif indiqué")
        reviewer.locator("#notices a", has_text="motif").click()
        expect(reviewer.locator("#main")).to_contain_text("avait donné son accord.")
        _look(reviewer, f"break-glass-{account}-fr")
        reviewer.locator("section", has_text=WHY).locator("button").click()
        expect(reviewer.locator("#notices a", has_text="motif")).to_have_count(0)
