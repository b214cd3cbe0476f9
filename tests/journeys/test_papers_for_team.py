"""An officer marks a paper of the file for the team; its telephone opens it while the alarm lasts, and no longer."""

import io
import re

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.journeys.conftest import MONS, World
from tests.journeys.inspecting import Inspector, Sizes, in_every_language_and_size, inspecting, tab_to
from tests.journeys.test_files import OFFICER, WAITING
from tests.journeys.test_team import Team
from tests.support import browser as b
from tests.support.pdf import scanned

SIDE_PX = 640


def photograph() -> bytes:
    """A picture as an officer attaches it."""
    written = io.BytesIO()
    Image.radial_gradient("L").resize((SIDE_PX, SIDE_PX)).save(written, "JPEG")
    return written.getvalue()


def fill_in(page: Page, title: str, content: bytes, name: str) -> None:
    """The form of a paper from elsewhere, but for the mark."""
    page.fill("#id_title", title)
    page.fill("#id_source", "Médecin de garde (démo)")
    page.fill("#id_on", "2026-02-03")
    page.set_input_files(
        "#id_paper", {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    )


def paper(page: Page, title: str) -> str:
    """Where on the page of a file the paper with this title stands."""
    found = page.locator("#papers li[id]", has_text=title)
    expect(found).to_have_count(1)
    return f"#{found.get_attribute('id')}"


@pytest.mark.full(
    "tests/boards/team/test_papers.py::test_those_who_see_the_file_of_the_alarm_see_its_papers_with_source_and_day_and_open_them",
    "tests/boards/team/test_papers.py::test_taken_back_taken_out_or_held_back_it_is_gone_from_a_page_that_stands_open",
    "tests/casework/test_papers_for_team.py::test_it_is_marked_while_it_is_attached_too_and_off_unless_somebody_ticks",
)
def test_an_officer_marks_a_paper_by_keys_alone_and_the_team_opens_it_on_its_telephone(world: World) -> None:
    team = Team(world, "fr")
    page = world.window(b.DESKTOP, "fr")
    file = f"/files/{world.person(MONS)['case']}/"
    b.sign_in(page, world.stack, OFFICER, file)
    tab_to(page, "#attach")
    page.keyboard.press("Enter")
    fill_in(page, "Constat de coups (démo)", photograph(), "a.jpg")
    expect(page.locator("#id_for_team")).not_to_be_checked()
    expect(page.locator("#id_for_team_helptext")).to_contain_text(
        "le téléphone de l’équipe montre toute la pièce"
    )
    tab_to(page, "#id_for_team")
    page.keyboard.press("Space")
    tab_to(page, "#save")
    page.keyboard.press("Enter")
    line = paper(page, "Constat de coups (démo)")
    expect(page.locator(line)).to_contain_text("Pour l’équipe envoyée")
    expect(page.locator(line)).to_contain_text("Référente alarme")

    phone = team.opened()
    listed = phone.locator("#papers li")
    expect(listed).to_have_text(
        [re.compile(r"Constat de coups \(démo\).*Médecin de garde \(démo\).*3 février 2026", re.S)]
    )
    with phone.expect_popup() as opened:
        listed.locator("a").tap()
    picture = opened.value.locator("img")
    expect(picture).to_be_visible()
    assert picture.evaluate("(at) => at.naturalWidth") == SIDE_PX
    # The page of the alarm stays as it was, in its own tab; no address tells whose file it is.
    expect(phone.locator("#weapons")).to_be_visible()
    assert re.fullmatch(rf"/team/{team.alarm}/paper/[0-9a-f]{{16}}", opened.value.url.removeprefix(team.host))
    team.world.until(lambda: _read_by(team, "team:M 12") >= 2, "page and paper are readings")

    desk = world.desk()
    desk.choose(team.alarm)
    with desk.page.expect_popup() as at_desk:
        tab_to(desk.page, "#briefing #papers a")
        desk.page.keyboard.press("Enter")
    expect(at_desk.value.locator("img")).to_be_visible()

    back = f"{line} form[action$='/team/back'] button"
    tab_to(page, back)
    page.keyboard.press("Enter")
    expect(page.locator(f"{line} .chip")).to_have_count(0)
    for window in (opened.value, at_desk.value):
        answer = window.reload()
        assert answer is not None and answer.status == 404
    phone.reload()
    expect(phone.locator("#weapons")).to_be_visible()
    expect(phone.locator("#papers")).to_have_count(0)
    page.locator(f"{line} form[action$='/remove'] button").click()
    expect(page.locator(line)).to_have_count(0)


def _read_by(team: Team, user: str) -> int:
    stream = team.world.journal.stream(f"case:{team.world.person(MONS)['case']}")
    events = (team.world.journal.open_event(row) for row in stream if row.kind == "FileOpened")
    return sum(
        getattr(event, "user", "") == user and getattr(event, "alarm", "") == team.alarm for event in events
    )


@pytest.mark.full(
    "tests/boards/team/test_papers.py::test_those_who_see_the_file_of_the_alarm_see_its_papers_with_source_and_day_and_open_them"
)
def test_a_pdf_is_shown_in_its_tab_and_leaves_no_file(world: World) -> None:
    team = Team(world, "nl")
    # The headless shell has no viewer of PDFs, and keeps what it cannot show.
    page = world.window(b.DESKTOP, "nl", world.whole_browser())
    file = f"/files/{world.person(MONS)['case']}/"
    b.sign_in(page, world.stack, OFFICER, file)
    page.click("#attach")
    fill_in(page, "Proces-verbaal (demo)", scanned(), "a.pdf")
    page.check("#id_for_team")
    page.click("#save")
    line = paper(page, "Proces-verbaal (demo)")
    page.goto(f"{world.stack.host(OFFICER)}/zone/alarms/{team.alarm}/file/")
    with page.expect_popup() as opened:
        page.locator("#papers a").click()
    if not shows_pdf(opened.value):
        opened.value.wait_for_event("framenavigated", lambda _frame: shows_pdf(opened.value))
    page.goto(world.stack.host(OFFICER) + file)
    page.locator(f"{line} form[action$='/remove'] button").click()
    expect(page.locator(line)).to_have_count(0)


def shows_pdf(page: Page) -> bool:
    """Whether the browser's own viewer has come."""
    return any(frame.url.startswith("chrome-extension://") for frame in page.frames)


@pytest.mark.full(
    "tests/casework/test_papers_for_team.py::test_it_is_marked_while_it_is_attached_too_and_off_unless_somebody_ticks",
    "tests/casework/test_papers_for_team.py::test_each_hidden_address_has_to_be_looked_for",
    "tests/journeys/test_files.py::test_the_pages_of_an_officer",
)
@in_every_language_and_size()
def test_the_pages_of_a_mark(world: World, language: str, sizes: Sizes) -> None:
    with inspecting(world, language, sizes) as inspector:
        page = inspector.page
        b.sign_in(page, world.stack, OFFICER, "/files/")
        page.locator("#files a", has_text=WAITING).click()
        page.click("#attach")
        inspector.look("a paper and its mark")
        fill_in(page, "Certificat (démo)", photograph(), "a.jpg")
        page.check("#id_for_team")
        page.click("#save")
        # Of the non-disclosed address nobody has said that it is not there.
        expect(page.locator("#id_looked_for_error")).to_be_visible()
        inspector.look("a mark refused")
        page.uncheck("#id_for_team")
        page.set_input_files("#id_paper", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": photograph()})
        page.click("#save")
        line = paper(page, "Certificat (démo)")
        page.locator(f"{line} a[href$='/team']").click()
        expect(page.locator("#shown-whole")).to_be_visible()
        inspector.look("mark for the team")
        inspector.walk("mark for the team")
        page.check("input[name=looked_for]")
        page.click("#save")
        expect(page.locator(f"{line} .chip")).to_be_visible()
        inspector.look("marked for the team")
        inspector.walk("marked for the team")
        inspector.look_in_the_other_languages()
        page.locator(f"{line} form[action$='/remove'] button").click()
        expect(page.locator(line)).to_have_count(0)


@pytest.mark.full(
    "tests/boards/team/test_papers.py::test_those_who_see_the_file_of_the_alarm_see_its_papers_with_source_and_day_and_open_them",
    "tests/journeys/test_team.py::test_the_teams_pages_are_accessible_translated_and_fit",
)
@in_every_language_and_size([b.TELEPHONE, b.DESKTOP, b.NARROW])
def test_the_papers_on_the_teams_page(world: World, language: str, sizes: Sizes) -> None:
    team = Team(world, language)
    officer = world.window(b.DESKTOP, language)
    b.sign_in(officer, world.stack, OFFICER, f"/files/{world.person(MONS)['case']}/attach")
    fill_in(officer, "Certificat médical du 3 février (démo)", photograph(), "a.jpg")
    officer.check("#id_for_team")
    officer.click("#save")
    line = paper(officer, "Certificat médical")
    page = team.opened(sizes[0])
    expect(page.locator("#papers li")).to_have_count(1)
    inspector = Inspector(world, page, language, sizes)
    inspector.look("papers of the team")
    inspector.walk("papers of the team")
    assert not inspector.faults, "\n".join(inspector.faults)
    officer.locator(f"{line} form[action$='/remove'] button").click()
    expect(officer.locator(line)).to_have_count(0)
