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


def test_a_dialog_is_asked_about_by_itself_and_another_scheme_for_its_colours_alone(world: World) -> None:
    page = world.window()
    page.set_content(
        "<!doctype html><html lang=de><title>Seite</title><main><h1>Titel</h1><button></button></main>"
        "<dialog style='color: #111; background: white'><p>Worte</p><input></dialog>"
    )
    (wrong,) = violations(page)
    assert wrong.startswith("button-name") and "<button></button> in <main></main>" in wrong
    assert violations(page, contrast_alone=True) == []
    page.evaluate("document.querySelector('dialog').showModal()")
    (wrong,) = violations(page)
    assert wrong.startswith("label") and "<input>" in wrong
    assert violations(page, contrast_alone=True) == []
    page.evaluate("document.querySelector('dialog').style.background = '#222'")
    (wrong,) = violations(page, contrast_alone=True)
    assert wrong.startswith("color-contrast")


def test_in_another_size_colours_are_asked_about_of_what_was_not_in_sight(world: World) -> None:
    page = world.window()
    page.set_content(PAGE.format(color="#bbd", around="", beside="<h2 hidden>Untertitel</h2>", words="Worte"))
    assert len(violations(page)) == 1
    assert violations(page, again=True) == []
    page.evaluate("document.querySelector('h2').style.color = '#cce'")
    page.evaluate("document.querySelector('h2').hidden = false")
    for contrast_alone in (False, True):
        page.evaluate(
            "document.querySelector('h2').replaceWith(document.querySelector('h2').cloneNode(true))"
        )
        (wrong,) = violations(page, contrast_alone=contrast_alone, again=True)
        assert "h2" in wrong
    (wrong,) = violations(page, asks_all=True, again=True)
    assert "<p>" in wrong and "h2" in wrong


def test_a_wait_that_is_not_over_does_not_describe_the_page(world: World) -> None:
    page = world.window()
    page.set_content(PAGE.format(color="#111", around="", beside="", words="Worte"))
    for wanted in ("#nowhere", "h1[hidden]"):
        with pytest.raises(AssertionError) as failed:
            expect(page.locator(wanted)).to_be_visible(timeout=1)
        assert "Expect" in str(failed.value) and "heading" not in str(failed.value)
