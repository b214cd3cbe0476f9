"""A survey in the browser: handed over by the officer, answered once on her phone, led back to nobody."""

import sqlite3
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from egide.common.clock import SystemClock
from tests.journeys.conftest import MONS, World
from tests.journeys.inspecting import IN_EVERY_LANGUAGE, Inspector
from tests.support import browser as b

OFFICER, REFERENCE = "mons-quevy-21", "mons-quevy-ref"
FORTY_DAYS_US = 40 * 86_400 * 1_000_000
TELLING = ("egide", "alarm", "polic", "polit", "poliz", "auteur", "dader")


@pytest.fixture
def carried(world: World) -> Iterator[World]:
    """As if the person of Mons had carried her kit for forty days: the processes go by the clock of this machine."""
    kit = world.person(MONS)["kit"]
    with sqlite3.connect(world.stack.config.app_db, timeout=15) as app:
        was = app.execute("SELECT state, out_at_us FROM fleet_kit WHERE id = ?", (kit,)).fetchone()
        out_at_us = SystemClock().now_us() - FORTY_DAYS_US
        app.execute("UPDATE fleet_kit SET state = 'issued', out_at_us = ? WHERE id = ?", (out_at_us, kit))
        app.execute("DELETE FROM evaluation_asked")
    yield world
    with sqlite3.connect(world.stack.config.app_db, timeout=15) as app:
        app.execute("UPDATE fleet_kit SET state = ?, out_at_us = ? WHERE id = ?", (*was, kit))


def handed(world: World, language: str = "fr") -> tuple[Page, str, str]:
    """The officer's page with a fresh link and its number."""
    page = world.window(language=language)
    b.sign_in(page, world.stack, OFFICER, "/surveys/")
    page.wait_for_url("**/surveys/")
    page.locator("form[action*='/surveys/for/'] button").first.click()
    expect(page.locator("#survey-link")).to_be_visible()
    path = "/" + page.locator("#survey-link").inner_text().split("/", 3)[3]
    return page, path, page.locator("#survey-code").inner_text()


def phone(world: World, path: str, size: dict[str, int] = b.TELEPHONE) -> Page:
    """Her phone, which knows nothing yet, with the link open."""
    page = world.window(size)
    page.goto(world.stack.host("www") + path)
    return page


def enter_code(page: Page, code: str) -> None:
    page.fill("#code", code)
    page.click("#go")


@IN_EVERY_LANGUAGE
def test_she_answers_once_and_nothing_stays_on_her_phone(carried: World, language: str) -> None:
    officer, path, code = handed(carried)
    # When and how it is safe stands beside the link, and what never to use.
    expect(officer.locator("dl.facts dd")).to_have_count(4)
    page = phone(carried, f"{path}?l={language}")
    inspector = Inspector(carried, page, language)
    inspector.look("number")
    inspector.walk("number")
    enter_code(page, "000 000" if code != "000 000" else "111 111")
    expect(page.locator("#code-error")).to_be_visible()
    inspector.look("wrong number")
    enter_code(page, code)
    questions = page.locator("fieldset")
    expect(questions.first).to_be_visible()
    inspector.look("questions")
    inspector.walk("questions")
    page.click("#send")
    expect(page.locator("#answer-error")).to_be_visible()
    questions.first.locator("label").first.click()
    page.click("#send")
    expect(page.locator("#thanks")).to_be_visible()
    inspector.look("thanks")
    assert page.context.cookies() == []
    assert page.evaluate("() => [localStorage.length, sessionStorage.length]") == [0, 0]
    seen = page.content().lower() + page.title().lower()
    assert not [word for word in TELLING if word in seen.replace("</button", "").replace("<button", "")]
    again = phone(carried, f"{path}?l={language}")
    expect(again.locator("#gone")).to_be_visible()
    assert inspector.faults == [], "\n".join(inspector.faults)


@pytest.mark.full(
    "tests/evaluation/test_surveys.py::test_a_used_an_expired_and_a_made_up_link_look_the_same",
    "tests/evaluation/test_surveys.py::test_nobody_is_asked_too_early_or_twice_and_nobody_elsewhere_may_ask",
)
def test_a_used_and_a_wrong_link_say_the_same_and_nothing_more(carried: World) -> None:
    _officer, path, code = handed(carried)
    page = phone(carried, path, b.NARROW)
    enter_code(page, code)
    page.locator("fieldset").first.locator("label").first.click()
    assert page.evaluate("() => document.documentElement.scrollWidth") <= b.NARROW["width"]
    page.click("#send")
    expect(page.locator("#thanks")).to_be_visible()
    used, wrong = phone(carried, path, b.NARROW), phone(carried, "/q/" + "A" * 39, b.NARROW)
    assert used.content() == wrong.content()
    expect(wrong.locator("#gone")).to_be_visible()
    # The officer cannot make a second one for her: she was asked, and whether she answered is kept nowhere.
    officer = carried.window(language="fr")
    b.sign_in(officer, carried.stack, OFFICER, "/surveys/")
    officer.wait_for_url("**/surveys/")
    expect(officer.locator("form[action*='/surveys/for/']")).to_have_count(0)


@pytest.mark.full("tests/journeys/test_surveys.py::test_she_answers_once_and_nothing_stays_on_her_phone")
def test_she_answers_by_keyboard_alone(carried: World) -> None:
    _officer, path, code = handed(carried)
    page = phone(carried, path, b.DESKTOP)
    page.keyboard.press("Tab")
    page.keyboard.type(code)
    page.keyboard.press("Enter")
    expect(page.locator("fieldset").first).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page.locator("input[type=radio]:checked")).to_have_count(1)
    for _question in b.every(page.locator("fieldset")):
        page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.id") == "send"
    page.keyboard.press("Enter")
    expect(page.locator("#thanks")).to_be_visible()


@pytest.mark.full("tests/evaluation/test_surveys.py::test_an_answer_cannot_be_traced_to_a_file")
def test_nothing_on_the_disk_ties_an_answer_to_her(carried: World) -> None:
    _officer, path, code = handed(carried)
    page = phone(carried, path)
    enter_code(page, code)
    page.locator("fieldset").first.locator("label").first.click()
    page.click("#send")
    expect(page.locator("#thanks")).to_be_visible()
    token, case = path.removeprefix("/q/"), carried.person(MONS)["case"]
    with sqlite3.connect(carried.stack.config.app_db) as app:
        tables = {
            name: app.execute(f"SELECT * FROM {name}").fetchall()
            for name in ("evaluation_linkuse", "evaluation_waitinganswer", "evaluation_asked")
        }
    everything = repr(tables)
    assert token not in everything and code.replace(" ", "") not in everything
    assert case not in repr(tables["evaluation_linkuse"]) + repr(tables["evaluation_waitinganswer"])
    told = [row for row in carried.journal.every() if row.stream.startswith("survey:")]
    assert told and case not in repr([carried.journal.open_event(row) for row in told])


@pytest.mark.full(
    "tests/evaluation/test_surveys.py::test_officers_are_asked_by_their_reference_officer_and_take_one_link_each",
)
def test_officers_are_asked_and_answer_from_their_start_page(world: World) -> None:
    reference = world.window(language="fr")
    b.sign_in(reference, world.stack, REFERENCE, "/surveys/")
    reference.wait_for_url("**/surveys/")
    reference.click("#ask-officers")
    expect(reference.locator("[role=status] .messages li")).to_be_visible()
    expect(reference.locator("#ask-officers")).to_have_count(0)
    page = world.window(language="fr")
    b.sign_in(page, world.stack, OFFICER, "/surveys/")
    page.wait_for_url("**/surveys/")
    page.click("#own-link")
    page.click("#answer-now")
    expect(page.locator("fieldset").first).to_be_visible()
    page.locator("fieldset").first.locator("label").first.click()
    page.click("#send")
    expect(page.locator("#thanks")).to_be_visible()
    page.goto(world.stack.host(OFFICER) + "/surveys/")
    expect(page.locator("#own-link")).to_have_count(0)
