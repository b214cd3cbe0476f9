"""The pages of the app for Android in the engine of its WebView: under its policy, without a network, behind its port.

The port's other end is played; that the window hands it over as the real one does is tried in `tests/android/trials`.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Request, Route, expect

from tests.journeys.conftest import World
from tests.support.android_pages import ORIGIN, TYPES, policy
from tests.support.browser import NARROW, TELEPHONE
from tools.android import build

pytestmark = pytest.mark.full("phone/tests/native.test.ts", "tests/android/test_app.py")

# The window's end, as the page finds it: the message of the window has no origin.
HAND_OVER = """() => {
  const { port1, port2 } = new MessageChannel();
  window.said = [];
  window.engine = port1;
  port1.onmessage = ({ data }) => window.said.push(data);
  window.dispatchEvent(new MessageEvent("message", { data: "port", origin: "", ports: [port2] }));
}"""
STATE = {"isEnrolled": True, "hasCodes": True, "holdMs": 300}


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build.build_pages(tmp_path_factory.mktemp("pages"))


@pytest.fixture
def asked(world: World, pages: Path) -> tuple[Page, list[str]]:
    """A window at the first page, and every address that anything asked for."""
    page = world.window(TELEPHONE)
    addresses: list[str] = []

    def answer(route: Route, request: Request) -> None:
        addresses.append(request.url)
        file = pages / request.url.removeprefix(f"{ORIGIN}/")
        if request.method != "GET" or not request.url.startswith(f"{ORIGIN}/") or not file.is_file():
            route.fulfill(status=404, body="")
            return
        headers = {"Content-Security-Policy": policy(), "Content-Type": TYPES[file.suffix]}
        route.fulfill(status=200, body=file.read_bytes(), headers=headers)

    page.context.route("**/*", answer)
    page.goto(f"{ORIGIN}/native.html")
    expect(page.locator("#decoy")).to_be_visible()
    return page, addresses


def tell(page: Page, **facts: Any) -> None:
    word = json.dumps({"state": {**STATE, **facts}})
    page.evaluate("(word) => window.engine.postMessage(word)", word)


def choose(page: Page, **looks: str) -> None:
    """What she chose in an earlier life of the page."""
    page.evaluate("(looks) => localStorage.setItem('looks', JSON.stringify(looks))", looks)
    page.reload()
    page.evaluate(HAND_OVER)


def test_the_small_apps_work_without_a_network_and_keep_what_is_theirs(asked: tuple[Page, list[str]]) -> None:
    page, addresses = asked
    expect(page.locator("#decoy")).to_have_attribute("data-of", "notes")
    for decoy in ("timer", "converter", "calendar", "notes"):
        choose(page, decoy=decoy)
        expect(page.locator("#decoy")).to_have_attribute("data-of", decoy)
        expect(page.locator("#decoy .body > *").first).to_be_visible()
        for size in (TELEPHONE, NARROW):
            page.set_viewport_size(size)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (decoy, size)
    assert all(address.startswith(f"{ORIGIN}/") for address in addresses)


@pytest.mark.parametrize(
    ("language", "title"), [("fr", "Minuteur"), ("nl", "Timer"), ("de", "Timer"), ("en", "Timer")]
)
def test_it_speaks_the_language_that_was_chosen(
    asked: tuple[Page, list[str]], language: str, title: str
) -> None:
    page, _addresses = asked
    choose(page, decoy="timer", language=language)
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page.locator("h1")).to_contain_text(title)


def test_a_held_screen_reaches_the_engine_once_and_only_for_a_kit(asked: tuple[Page, list[str]]) -> None:
    page, _addresses = asked
    page.evaluate(HAND_OVER)
    page.mouse.move(180, 600)
    for enrolled, presses in ((False, 0), (True, 1)):
        tell(page, isEnrolled=enrolled)
        page.evaluate("() => { window.held = new Promise((done) => setTimeout(done, 900)) }")
        page.mouse.down()
        page.evaluate("() => window.held")
        page.mouse.up()
        assert page.evaluate("window.said").count('{"what":"press"}') == presses
    assert "platform secure off" in page.evaluate("window.said")


def test_taps_before_the_engine_has_spoken_open_what_is_behind_them_once_it_has(
    asked: tuple[Page, list[str]],
) -> None:
    page, _addresses = asked
    for is_enrolled, behind, other in ((True, "#pad", "#code"), (False, "#code", "#pad")):
        page.reload()
        page.evaluate(HAND_OVER)
        page.locator("#decoy h1").click(click_count=3)
        expect(page.locator("#decoy")).to_be_visible()
        tell(page, isEnrolled=is_enrolled, hasCodes=is_enrolled)
        expect(page.locator(behind)).to_be_visible()
        expect(page.locator(other)).to_have_count(0)


def test_no_script_of_a_page_gets_out_or_in(asked: tuple[Page, list[str]]) -> None:
    page, addresses = asked
    before = len(addresses)
    outcome = page.evaluate(
        """async () => {
          const tried = {};
          tried.fetch = await fetch("https://example.org/").then(() => "out", () => "refused");
          tried.same = await fetch("native.html").then(() => "out", () => "refused");
          tried.image = await new Promise((done) => {
            const image = new Image();
            image.onload = () => done("out");
            image.onerror = () => done("refused");
            image.src = "https://example.org/picture.png";
          });
          const script = document.createElement("script");
          script.textContent = "window.isIn = true";
          document.body.append(script);
          tried.script = window.isIn ? "in" : "refused";
          return tried;
        }"""
    )
    assert set(outcome.values()) == {"refused"}, outcome
    assert addresses[before:] == []
