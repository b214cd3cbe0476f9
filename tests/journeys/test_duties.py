"""Duty rosters at work: people exchange duties, a late step says who is on duty, a magistrate is found and rung."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from egide.alarm.events import Ladder, Rung
from egide.alarm.events.steps import TEAM_NAMED
from egide.alarm.ladder import RUNGS, ladder_for
from egide.routing.service import do_set_ladder
from tests.journeys.conftest import MONS, World
from tests.journeys.inspecting import Sizes, in_every_language_and_size, inspecting
from tests.journeys.test_files import OFFICER
from tests.support import browser as b

DUTIES = "/rollout/duties/"


@pytest.fixture
def quick(world: World) -> Iterator[World]:
    """In Hainaut a zone is late with its team at once."""
    later = tuple(rung for rung in RUNGS if rung.step != TEAM_NAMED)
    soon = (*later, Rung(TEAM_NAMED, 1, "louder"), Rung(TEAM_NAMED, 2, "supervisor"))
    do_set_ladder(world.journal, "tests", "HAI", Ladder(soon, "BRW"))
    yield world
    do_set_ladder(world.journal, "tests", "HAI", ladder_for("HAI", None))


@pytest.mark.full(
    "tests/rollout/test_duties_exchanged.py::test_two_lines_are_swapped_after_before_and_after_were_seen_and_pressed_twice_once",
)
@in_every_language_and_size()
def test_two_officers_of_a_roster_swap_their_weeks(world: World, language: str, sizes: Sizes) -> None:
    with inspecting(world, language, sizes) as inspector:
        page = inspector.page
        b.sign_in(page, world.stack, OFFICER, DUTIES)
        lines = page.locator(".numbers li b")
        expect(lines).to_have_text(["Officier de garde (démo)", "Officière suivante (démo)"])
        inspector.look("duties")
        inspector.walk("duties")
        # There, and back again, where nothing looks different: other stories find the roster as it was.
        for first, is_new in (("Officière suivante (démo)", True), ("Officier de garde (démo)", False)):
            page.locator(".numbers li a.btn").first.click()
            page.locator("#with").select_option(index=1)
            if is_new:
                inspector.look("exchange: choose")
            page.locator("#choose + form button").click()
            expect(page.locator("#exchange tbody tr")).to_have_count(2)
            expect(page.locator("#exchange tbody tr").first.locator("td").last).to_contain_text(first)
            if is_new:
                inspector.look("exchange: before and after")
                inspector.walk("exchange: before and after")
            page.click("#exchange-now")
            expect(lines.first).to_have_text(first)
            expect(page.locator("#on-duty tr", has_text=first)).to_have_count(1)
        inspector.look("exchanged")
        with page.expect_download() as download:
            page.click("a[href$='roster.csv']")
        assert "Officier de garde (démo)" in download.value.path().read_text(encoding="utf-8")


@pytest.mark.full(
    "tests/fleet/test_oral_yes.py::test_rule_25_the_magistrate_on_duty_is_found_rung_and_chosen_as_who_said_yes",
)
@in_every_language_and_size()
def test_a_duty_magistrate_is_found_rung_and_chosen_where_their_oral_yes_is_written_down(
    world: World, language: str, sizes: Sizes
) -> None:
    with inspecting(world, language, sizes) as inspector:
        page = inspector.page
        b.sign_in(page, world.stack, "mons-quevy-21", f"/kits/{world.person(MONS)['kit']}/")
        page.click("#provisional summary")
        expect(page.locator("#on-duty a.dial")).to_have_attribute("href", "tel:+32000500010")
        expect(page.locator("#on-duty input:checked")).to_have_count(0)
        inspector.look("an oral yes: who is on duty")
        inspector.walk("an oral yes: who is on duty")
        page.locator("#on-duty input").first.check()
        page.fill("#said_at", "2020-01-01T10:00")
        page.click("#provisional form button.danger")
        # Too long ago: refused, and nothing that was chosen is lost.
        expect(page.locator("#said-at-error")).to_be_visible()
        expect(page.locator("#on-duty input:checked")).to_have_value("Substitut de garde (démo)")
        inspector.look("an oral yes refused")


@pytest.mark.full(
    "tests/boards/desk/test_to_ring.py",
    "tests/journeys/test_pages.py::test_the_desk_and_its_dialogs",
)
@in_every_language_and_size()
def test_a_team_that_is_not_named_in_time_shows_whom_of_the_zone_to_ring(
    quick: World, language: str, sizes: Sizes
) -> None:
    with inspecting(quick, language, sizes) as inspector:
        desk = quick.desk(page=inspector.page)
        alarm = quick.phone(MONS).press()
        desk.acknowledge(alarm)
        desk.press_armed("z")
        desk("#zone-reference").fill("Insp. 21")
        desk.page.keyboard.press("Enter")
        shown = desk(f".to-ring[data-step='{TEAM_NAMED}']")
        expect(shown).to_be_visible()
        expect(shown.locator("a.dial").first).to_have_attribute("href", "tel:+32000500020")
        expect(shown).to_contain_text("Officier de garde (démo)")
        expect(shown.locator("a.dial")).to_have_count(2)
        inspector.look("a late step at the desk")
        desk.press_armed("e")
        expect(desk("#ladder-dialog .to-ring a.dial").first).to_be_visible()
        inspector.look("its ladder")
        desk.page.keyboard.press("Escape")
        chief = quick.window(sizes[0], language)
        b.sign_in(chief, quick.stack, "hainaut-chef", "/desk/overview")
        expect(chief.locator(".to-ring a.dial").first).to_be_visible()
