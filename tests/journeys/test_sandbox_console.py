"""A sandbox's console as whoever integrates uses it: by keys, in four languages, each call as it comes."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from egide.common.text import LANGUAGES
from tests.journeys.asking_axe import violations
from tests.journeys.conftest import World
from tests.journeys.inspecting import tab_to
from tests.support import browser as b
from tests.support.sandbox import Sandbox

SCRIPT = "press 3: lose the answer\nalarm 1: hold the answer 40 s\nat 1 s: press 1\nat 2 s: press 1\nat 3 s: press 1"


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    running = Sandbox(tmp_path, "# Nothing yet.\n")
    yield running
    running.stop()


@pytest.mark.full(
    "tests/entrypoints/sandbox/test_whole.py::test_the_script_of_the_documentation_is_played_to_its_end"
)
def test_faults_are_played_and_each_call_stands_on_the_page_as_it_comes(
    world: World, sandbox: Sandbox
) -> None:
    page = world.window(b.DESKTOP)
    page.goto(f"{sandbox.url}/sandbox/?lang=fr")
    tab_to(page, "#text")
    page.keyboard.press("Control+a")
    page.keyboard.type("press 1: mange-le")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#problems")).to_contain_text("mange-le")
    expect(page.locator("#text")).to_have_value("press 1: mange-le")
    assert violations(page, world.is_full) == []
    tab_to(page, "#text")
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(SCRIPT)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#problems")).to_have_count(0)
    # The third receipt is lost, and the dispatch system answers after forty seconds.
    expect(page.locator("#rows .played", has_text="press 3")).to_have_count(1)
    expect(page.locator("#rows .played", has_text="alarm 1")).to_have_count(1)
    told = page.locator("#rows li", has=page.locator(".played", has_text="press 3"))
    told.locator("summary").press("Enter")
    expect(told.locator("pre").first).to_be_visible()
    page.locator("form[action^='/sandbox/clock'] button").nth(1).press("Enter")
    expect(page.locator("section[aria-labelledby=do-title]")).to_contain_text("1 h")
    presses = len(sandbox.calls("press"))
    page.locator("form[action^='/sandbox/press'] button").first.press("Enter")
    world.until(lambda: len(sandbox.calls("press")) > presses, "the button that was held is heard")
    for language in LANGUAGES:
        page.goto(f"{sandbox.url}/sandbox/?lang={language}")
        expect(page.locator("html")).to_have_attribute("lang", language)
        for size in (b.DESKTOP, b.TELEPHONE):
            page.set_viewport_size({"width": size["width"], "height": size["height"]})
            assert violations(page, world.is_full) == []
            assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
