"""The reference in a browser: at a desk and on a telephone, in the light and in the dark, it reads without a mouse."""

import pytest
from playwright.sync_api import ViewportSize

from tests.journeys.asking_axe import violations
from tests.support.browser import DESKTOP, NARROW, TELEPHONE, chromium
from tools.reference.__main__ import PAGE

BESIDE = """() => [...document.querySelectorAll("main *")].filter(
  (at) => at.getBoundingClientRect().right > innerWidth + 1
    || (at.matches("pre, td") && at.scrollWidth > at.clientWidth + 1)
).map((at) => at.textContent.slice(0, 60))"""


@pytest.mark.full("tests/tools/test_reference.py::test_the_page_is_divided_as_readers_of_screens_expect")
def test_nothing_runs_over_its_edge_and_all_can_be_read_without_a_mouse() -> None:
    with chromium() as browser:
        page = browser.new_page(viewport=ViewportSize(**DESKTOP), color_scheme="light", offline=True)
        page.goto(PAGE.as_uri())
        assert page.evaluate(BESIDE) == []
        page.set_viewport_size(ViewportSize(**NARROW))
        assert page.evaluate(BESIDE) == []
        # Two thirds of the page are events: tables as there are before them.
        page.evaluate("() => document.getElementById('events').parentElement.remove()")
        assert violations(page, asks_all=True) == []
        page.set_viewport_size(ViewportSize(**TELEPHONE))
        page.emulate_media(color_scheme="dark")
        assert page.evaluate(BESIDE) == [] and violations(page, asks_all=True) == []
        page.close()
        page = browser.new_page(java_script_enabled=False, offline=True)
        page.goto(PAGE.as_uri())
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_url("**#guide-start")
        page.locator("summary").first.focus()
        page.keyboard.press("Enter")
        page.locator("details[open] pre").first.wait_for()
