"""The evaluator brings numbers in, looks at what would leave the service, and publishes: in a browser, by keyboard."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.evaluation.history import data
from tests.journeys.conftest import World
from tests.journeys.inspecting import Sizes, in_every_language_and_size, inspecting
from tests.support import browser as b

__all__ = ["data"]

EVALUATOR, STEERING = "evaluator-01", "steering-01"
CALLS = "zone;day;hour;seconds\n5415;2022-05-04;14;845\n5324;2022-05-04;3;1210\n"
WRONG = "zone;day;hour;seconds\n0000;2022-05-04;14;845\n5324;tomorrow;25;0\n"


@pytest.fixture
def told(world: World, data: Path) -> World:
    """The installation with the records of the invented history."""
    world.show_figures(data)
    return world


@pytest.mark.full(
    "tests/evaluation/test_published.py",
    "tests/evaluation/test_imports.py",
    "tests/journeys/test_figures.py::test_the_pages_of_the_figures",
)
@in_every_language_and_size()
def test_the_pages_of_what_leaves_the_service(told: World, language: str, sizes: Sizes) -> None:
    with inspecting(told, language, sizes) as inspector:
        page, host = inspector.page, told.stack.host(EVALUATOR)
        b.sign_in(page, told.stack, EVALUATOR, "/figures/published/")
        page.wait_for_url("**/figures/published/")
        inspector.look("published figures")
        inspector.walk("published figures")
        page.goto(f"{host}/figures/published/2021/")
        expect(page.locator("#publish-now")).to_be_visible()
        inspector.look("what would be published")
        inspector.walk("what would be published")
        page.goto(f"{host}/figures/published/2023/")
        expect(page.locator("#not-yet")).to_be_visible()
        inspector.look("a year that is not over")
        page.goto(f"{host}/figures/imports/")
        inspector.look("numbers to compare with")
        inspector.walk("numbers to compare with")
        page.goto(f"{host}/figures/imports/calls")
        choose(page, WRONG)
        expect(page.locator("[role=alert] tbody tr")).to_have_count(4)
        inspector.look("a file with faults")
        choose(page, CALLS)
        expect(page.locator("#import")).to_be_visible()
        inspector.look("a file before it is imported")
        inspector.walk("a file before it is imported")
        page.goto(f"{host}/figures/measure/time-gained?from=2019-01&to=2023-10")
        expect(page.locator("dl.effect")).to_be_visible()
        inspector.look("time gained")


@pytest.mark.full("tests/evaluation/test_published.py")
def test_the_evaluator_publishes_by_keyboard_and_the_committee_reads_it(told: World) -> None:
    page = told.window(language="en")
    b.sign_in(page, told.stack, EVALUATOR, "/figures/published/2022/")
    expect(page.locator("#draft .figure")).to_have_count(13)
    expect(page.locator("#draft")).to_contain_text("not shown")
    page.locator("#publish-now").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".messages")).to_contain_text("Edition 1 of 2022 is out.")
    expect(page.locator("#out .figure")).to_have_count(13)
    expect(page.locator("#publish-now")).to_have_count(0)
    committee = told.window(language="fr")
    b.sign_in(committee, told.stack, STEERING, "/figures/published/")
    committee.get_by_role("link", name="Tableaux de 2022").click()
    expect(committee.locator("#out .figure")).to_have_count(13)
    expect(committee.locator("#publish-now")).to_have_count(0)
    with committee.expect_download() as download:
        committee.locator(".editions a").click()
    lines = Path(download.value.path()).read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("year,edition,table,row") and len(lines) > 200
    assert not [
        line for line in lines if line.split(",")[5:7] in (["count", str(small)] for small in range(5))
    ]


@pytest.mark.full("tests/evaluation/test_imports.py")
def test_urgent_calls_come_in_after_a_look_at_what_they_do(told: World) -> None:
    page = told.window(language="en")
    b.sign_in(page, told.stack, EVALUATOR, "/figures/imports/calls")
    choose(page, WRONG)
    expect(page.locator("section[role=alert]")).to_contain_text("There is no zone “0000”")
    with page.expect_download() as example:
        page.click("#example")
    choose(page, Path(example.value.path()).read_text(encoding="utf-8"))
    expect(page.locator("dl.effect").first).to_contain_text("Calls that are compared")
    page.locator("#import").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".messages")).to_contain_text("12 lines imported.")


def choose(page: Page, text: str) -> None:
    """Choose a file with this content and ask for the preview."""
    page.set_input_files("#file", {"name": "calls.csv", "mimeType": "text/csv", "buffer": text.encode()})
    page.click("#preview")
