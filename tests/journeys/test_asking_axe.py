"""The inspector asks about no text twice, and misses none that cannot be read; a wait does not describe its page."""

import pytest
from playwright.sync_api import expect

from tests.journeys import asking_axe
from tests.journeys.asking_axe import violations
from tests.journeys.conftest import World

PAGE = """<!doctype html><html lang="de"><title>Seite</title><main>
<style>.dark {{ background: #333; }} p {{ color: {color}; font-size: 15.5px; }}</style>
<h1>Titel</h1><div class="{around}"><p>{words}</p></div>{beside}</main></html>"""


def test_a_text_is_asked_about_until_it_can_be_read_and_again_once_it_looks_different(world: World) -> None:
    page = world.window()

    def show(color: str, around: str = "", beside: str = "", words: str = "Worte") -> None:
        page.set_content(PAGE.format(color=color, around=around, beside=beside, words=words))

    show("#111")
    assert violations(page) == []
    readable = set(asking_axe._READABLE)
    # The same words elsewhere on a page are not asked about again, nor is the page changed by the question.
    show("#111", beside="<div class=''><p>Andere</p></div>")
    before = page.content()
    assert violations(page) == [] and readable == asking_axe._READABLE
    assert page.content() == before
    # Another colour, and another ground under the same colour.
    for color, around in (("#bbb", ""), ("#111", "dark")):
        show(color, around)
        for _time in range(2):
            (wrong,) = violations(page)
            assert wrong.startswith("color-contrast") and "p" in wrong
    # A single letter in bad colours is left to people: nothing is known of words that look like it.
    show("#bbc", words="W")
    assert violations(page) == []
    show("#bbc")
    assert len(violations(page)) == 1


def test_a_dialog_is_asked_about_by_itself(world: World) -> None:
    page = world.window()
    page.set_content(
        "<!doctype html><html lang=de><title>Seite</title><main><h1>Titel</h1><button></button></main>"
        "<dialog style='color: #111; background: white'><p>Worte</p><input></dialog>"
    )
    (wrong,) = violations(page)
    assert wrong.startswith("button-name") and "<button></button> in <main></main>" in wrong
    page.evaluate("document.querySelector('dialog').showModal()")
    (wrong,) = violations(page)
    assert wrong.startswith("label") and "<input>" in wrong
    page.evaluate("document.querySelector('dialog').style.background = '#222'")
    assert [wrong.split(":")[0] for wrong in violations(page)] == ["color-contrast", "label"]


def test_a_wait_that_is_not_over_does_not_describe_the_page(world: World) -> None:
    page = world.window()
    page.set_content(PAGE.format(color="#111", around="", beside="", words="Worte"))
    for wanted in ("#nowhere", "h1[hidden]"):
        with pytest.raises(AssertionError) as failed:
            expect(page.locator(wanted)).to_be_visible(timeout=1)
        assert "Expect" in str(failed.value) and "heading" not in str(failed.value)
