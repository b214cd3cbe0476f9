"""The files' pages in four languages and two sizes, and a decision that is taken by keyboard alone."""

from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from egide.common.clock import SystemClock, utc
from tests.journeys.conftest import World
from tests.journeys.inspecting import Sizes, in_every_language_and_size, inspecting, tab_to
from tests.support import browser as b

OFFICER, MAGISTRATE, DUTCH = "mons-quevy-ref", "parquet-mons-01", "parket-ovl-01"
WAITING = "Dominique Fictif"


def _open_file(page: Page, name: str = WAITING) -> str:
    page.locator("#files a", has_text=name).click()
    expect(page.locator("#step")).to_be_visible()
    return page.url


def expect_every_fault_leads_to_its_field(page: Page) -> None:
    """What is wrong is told at the top, where the focus is, and each fault is a link that goes to its field."""
    summary = page.locator("#form-error")
    expect(summary).to_be_focused()
    for link in b.every(summary.locator("a")):
        target = link.get_attribute("href") or ""
        link.click()
        expect(page.locator(target)).to_be_in_viewport()
        expect(page.locator(target)).to_be_focused()


@in_every_language_and_size([b.DESKTOP, b.NARROW])
def test_the_pages_of_an_officer(world: World, language: str, sizes: Sizes) -> None:
    with inspecting(world, language, sizes) as inspector:
        page = inspector.page
        b.sign_in(page, world.stack, OFFICER, "/files/")
        inspector.look("files")
        inspector.walk("files")
        page.click("#new-file")
        page.click("#save")
        expect_every_fault_leads_to_its_field(page)
        inspector.look("new file refused")
        page.goto(world.stack.host(OFFICER) + "/files/")
        url = _open_file(page)
        inspector.look("file")
        inspector.walk("file")
        page.goto(f"{url}measure/add")
        page.fill("#id_areas_0_place", "here")
        page.click("#save")
        expect_every_fault_leads_to_its_field(page)
        inspector.look("measure refused")
        inspector.walk("measure refused")
        for path in ("place/add", "perpetrator/add", "step/analysis", "step/conditions", "history", "barred"):
            page.goto(url + path)
            inspector.look(path)
        page.fill("#text", "a")
        page.click("#look-for")
        expect(page.locator("#text-error")).to_be_visible()
        inspector.look("barred refused")
        page.fill("#text", "gent")
        page.click("#look-for")
        expect(page.locator("#found")).to_be_visible()
        inspector.look("whom to bar")
        inspector.walk("whom to bar")
        page.goto(world.stack.host(OFFICER) + "/files/by-reason")
        inspector.look("by reason")


@pytest.mark.full(
    "tests/casework/test_deaths.py::test_it_can_be_entered_before_a_decision_and_after_the_end",
    "tests/casework/test_deaths.py::test_a_mistake_is_taken_back_and_the_file_stands_where_it_stood",
    "tests/casework/test_deaths.py::test_what_cannot_be_is_refused_and_said",
)
@in_every_language_and_size([b.DESKTOP, b.NARROW])
def test_the_pages_of_a_death(world: World, language: str, sizes: Sizes) -> None:
    """Of a relative, entered and taken back: the file stands afterwards where it stood."""
    with inspecting(world, language, sizes) as inspector:
        page = inspector.page
        b.sign_in(page, world.stack, OFFICER, "/files/")
        url = _open_file(page)
        stage = page.locator("#step h2").inner_text()
        page.click("#step-death")
        page.click("#save")
        expect_every_fault_leads_to_its_field(page)
        inspector.look("death refused")
        inspector.walk("death refused")
        page.check("input[name=who][value=relative]")
        today = utc(SystemClock().now_us()).astimezone(ZoneInfo("Europe/Brussels")).date()
        page.fill("#id_on", today.isoformat())
        page.check("input[name=violence][value=unknown]")
        page.fill("#id_source", "Médecin (démo)")
        page.click("#save")
        page.locator("#deaths a").click()
        inspector.look("what is known of a death")
        inspector.walk("what is known of a death")
        page.click("#take-back")
        expect_every_fault_leads_to_its_field(page)
        inspector.look("mistake refused")
        page.fill("#id_reasons", "Autre dossier (démo)")
        page.click("#take-back")
        page.wait_for_url(f"{url}#deaths")
        expect(page.locator("#deaths")).to_have_count(0)
        expect(page.locator("#step h2")).to_have_text(stage)


@in_every_language_and_size([b.DESKTOP, b.NARROW])
def test_the_pages_of_a_magistrate(world: World, language: str, sizes: Sizes) -> None:
    with inspecting(world, language, sizes) as inspector:
        page = inspector.page
        b.sign_in(page, world.stack, MAGISTRATE, "/files/")
        inspector.look("files of an office")
        _open_file(page)
        page.click("#to-decision")
        expect(page.locator("#decide")).to_be_visible()
        # The way to the form stays in sight, wherever the reader is.
        page.locator("#views").scroll_into_view_if_needed()
        expect(page.locator("#to-form")).to_be_in_viewport()
        page.click("#to-form")
        expect(page.locator("#decide h2")).to_be_in_viewport()
        inspector.look("decision")
        inspector.walk("decision")
        page.fill("#id_conditions", "Pas de contact (démo)")
        page.click("button[value=refused]")
        expect_every_fault_leads_to_its_field(page)
        # Refused once more, from the field that the link led to: the summary has the focus again.
        page.click("button[value=refused]")
        expect(page.locator("#form-error")).to_be_focused()
        expect(page.locator("#id_reasons_error")).to_be_visible()
        expect(page.locator("#id_conditions")).to_have_value("Pas de contact (démo)")
        inspector.look("decision without reasons")
        page.fill("#id_reasons", "Motifs (démo)")
        page.click("button[value=more-asked]")
        expect(page.locator("#sign")).to_be_visible()
        inspector.look("read once more")
        inspector.walk("read once more")


@pytest.mark.full(
    "tests/casework/test_rule_15_no_nudge.py",
    "tests/casework/test_life.py::test_from_the_request_to_the_grant_over_the_pages",
)
def test_rule_15_a_decision_is_taken_by_keyboard_with_reasons_and_two_pages(world: World) -> None:
    page = world.window(b.TELEPHONE, "nl")
    b.sign_in(page, world.stack, DUTCH, "/files/")
    _open_file(page, "Lotte Verzonnen")
    page.click("#to-decision")
    tab_to(page, "#id_reasons")
    page.keyboard.type("Nog een attest nodig (demo)")
    page.keyboard.press("Enter")
    expect(page.locator("#decide")).to_be_visible()
    tab_to(page, "button[value=more-asked]")
    page.keyboard.press("Enter")
    expect(page.locator("#confirm")).to_contain_text("Nog een attest nodig (demo)")
    tab_to(page, "#sign")
    page.keyboard.press("Enter")
    expect(page.locator("#life")).to_contain_text("Nog een attest nodig (demo)")
    expect(page.locator("#to-decision")).to_have_count(0)


@pytest.mark.full(
    "tests/casework/test_secrets.py::test_rule_27_the_managing_zone_keeps_the_list_and_does_not_bar_itself",
    "tests/attacks/test_barred_reader_sees.py",
)
def test_rule_27_a_reader_is_picked_and_taken_off_again_by_keyboard_alone(world: World) -> None:
    page = world.window(b.TELEPHONE, "nl")
    b.sign_in(page, world.stack, OFFICER, "/files/")
    page.goto(f"{_open_file(page)}barred")
    tab_to(page, "#text")
    page.keyboard.type("liege-05")
    page.keyboard.press("Enter")
    expect(page.locator("#found li")).to_have_count(1)
    tab_to(page, "#found button")
    page.keyboard.press("Enter")
    expect(page.locator("#barred")).to_contain_text("Opératrice 05 · Liège")
    tab_to(page, "#barred button")
    page.keyboard.press("Enter")
    expect(page.locator("#barred li")).to_have_count(0)


def test_what_was_typed_survives_the_end_of_the_session(world: World) -> None:
    page = world.window(b.DESKTOP, "fr")
    b.sign_in(page, world.stack, OFFICER, "/files/")
    url = _open_file(page)
    page.goto(f"{url}report/add")
    page.fill("#id_about", "Un récit long et précieux (démo)")
    page.context.clear_cookies(name="egide_session")
    page.click("#save")
    expect(page.locator("#session-ended")).to_be_visible()
    expect(page.locator("#id_about")).to_have_value("Un récit long et précieux (démo)")
