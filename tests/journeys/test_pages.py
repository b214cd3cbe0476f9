"""Every page in four languages and two sizes: accessible, translated, quiet in the console, usable by keyboard."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache

import pytest
from axe_playwright_python.sync_playwright import Axe
from babel.messages.pofile import read_po
from playwright.sync_api import ConsoleMessage, Page, expect

from egide.common.text import LOCALE_DIR
from egide.events.alarm import HandoverOffered, HelpNeeded, TeamReported
from tests.journeys.conftest import Desk, World, press_armed
from tests.support import browser as b

REPORT = TeamReported(by="M 12", outcome="arrest", text="Interpellé devant la porte.")
LANGUAGES = ("fr", "nl", "de", "en")
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
PLACEHOLDER = re.compile(r"%\(\w+\)s|\{\w*\}")

# All texts that a person sees or hears: visible text nodes, names and titles of controls.
TEXTS = """() => {
  const found = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const at = node.parentElement;
    if (at.closest("script, style, .map-label, [lang]:not(html)")) continue;
    if (at.checkVisibility({ visibilityProperty: true })) found.add(node.data.trim().replace(/\\s+/g, " "));
  }
  for (const at of document.querySelectorAll("[aria-label], [title]:not([lang]), [placeholder]"))
    for (const name of ["aria-label", "title", "placeholder"]) found.add((at.getAttribute(name) ?? "").trim());
  return [...found].filter(Boolean);
}"""

# What the Tab key must reach: everything that can be clicked or typed into and is not behind a dialog.
ACTIONS = """() => {
  const top = [...document.querySelectorAll("dialog[open]")].at(-1) ?? document.body;
  const all = [...top.querySelectorAll("a[href], button, input, select, textarea")];
  const usable = all.filter((at) => !at.disabled && at.type !== "hidden" && at.checkVisibility());
  // One stop for a group of radio buttons.
  const seen = new Set();
  const stops = usable.filter((at) => at.type !== "radio" || (!seen.has(at.name) && seen.add(at.name)));
  stops.forEach((at, i) => (at.dataset.stop = at.type === "radio" ? `radio ${at.name}` : String(i)));
  return stops.map((at) => [at.dataset.stop, at.id || at.name || at.textContent.trim()]);
}"""

FOCUSED = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return null;
  const style = getComputedStyle(at);
  const stop = at.type === "radio" ? `radio ${at.name}` : at.dataset.stop ?? "";
  return { stop, shows: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2, what: at.outerHTML };
}"""


@cache
def untranslated(language: str) -> frozenset[str]:
    """English texts that read differently in `language`; none of them may be seen there."""
    if language == "en":
        return frozenset()
    with (LOCALE_DIR / language / "LC_MESSAGES" / "django.po").open("rb") as file:
        catalogue = read_po(file)
    pairs = [
        (message.id, message.string) if isinstance(message.id, str) else (message.id[0], message.string[0])
        for message in catalogue
        if message.id
    ]
    foreign = {target for _source, target in pairs}
    differing = (source for source, target in pairs if source != target and source not in foreign)
    return frozenset(source for source in differing if not PLACEHOLDER.search(source))


class Inspector:
    """Looks at one page after the other and writes down what is wrong."""

    def __init__(self, page: Page, language: str) -> None:
        self.page = page
        self.language = language
        self.faults: list[str] = []
        page.on("console", self._note)

    def _note(self, message: ConsoleMessage) -> None:
        # A refused form answers 422, a missing page 404, an ended one 410: all reported, and all meant.
        expected = re.search(r"status of (404|410|422)", message.text)
        if message.type in ("error", "warning") and not expected:
            self.faults.append(f"console: {message.text}")

    def look(self, name: str) -> None:
        """Check what is on the screen now."""
        self._read(name)
        self._measure(name)
        self._ask_axe(name)

    def walk(self, name: str) -> None:
        """Reach every action with the Tab key, each with a visible focus; the same in every language, so once."""
        if self.language != LANGUAGES[0]:
            return
        missing = dict(self.page.evaluate(ACTIONS))
        for _ in range(len(missing) + 12):
            self.page.keyboard.press("Tab")
            focused = self.page.evaluate(FOCUSED)
            if focused is None:
                continue
            missing.pop(focused["stop"], None)
            if not focused["shows"]:
                self.faults.append(f"{name}: focus does not show on {focused['what'][:120]}")
        self.faults += [f"{name}: Tab does not reach {what}" for what in missing.values()]

    def _read(self, name: str) -> None:
        assert self.page.locator("html").get_attribute("lang") == self.language
        texts = set(self.page.evaluate(TEXTS))
        self.faults += [f"{name}: not translated: {text}" for text in texts & untranslated(self.language)]
        self.faults += [
            f"{name}: raw text: {text}" for text in texts if re.search(r"%\(|\{\{|\{%|\bNone\b", text)
        ]

    def _measure(self, name: str) -> None:
        wide, seen = self.page.evaluate("() => [document.documentElement.scrollWidth, innerWidth]")
        if wide > seen:
            self.faults.append(f"{name}: {wide} px wide in a window of {seen}")

    def _ask_axe(self, name: str) -> None:
        found = Axe().run(self.page, options={"runOnly": {"type": "tag", "values": WCAG}})
        for violation in found.response["violations"]:
            where = [node["target"] for node in violation["nodes"]][:4]
            self.faults.append(f"{name}: axe {violation['id']}: {violation['help']} at {where}")


@contextmanager
def inspecting(world: World, language: str, size: dict[str, int]) -> Iterator[Inspector]:
    """A window in this language and size; what was wrong fails the test at the end, all of it at once."""
    inspector = Inspector(world.window(size, language), language)
    yield inspector
    assert not inspector.faults, "\n".join(inspector.faults)


def in_every_language_and_size(test: Callable[..., None]) -> Callable[..., None]:
    sizes = [pytest.param(b.DESKTOP, id="desktop"), pytest.param(b.TELEPHONE, id="telephone")]
    with_sizes = pytest.mark.parametrize("size", sizes)(test)
    return pytest.mark.parametrize("language", LANGUAGES)(with_sizes)


@in_every_language_and_size
def test_pages_before_and_beside_the_desk(world: World, language: str, size: dict[str, int]) -> None:
    with inspecting(world, language, size) as inspector:
        page = inspector.page
        page.goto(world.stack.host("admin-01") + "/sign-in")
        inspector.look("sign-in")
        inspector.walk("sign-in")
        page.fill("#name", "admin-01")
        page.fill("#password", "wrong")
        page.click("#sign-in-submit")
        expect(page.locator("#sign-in-error")).to_be_visible()
        inspector.look("sign-in refused")
        page.fill("#password", b.account(world.stack, "admin-01")["password"])
        page.click("#sign-in-submit")
        page.wait_for_url("**/start")
        page.goto(world.stack.host("admin-01") + "/account")
        inspector.look("account")
        inspector.walk("account")
        page.goto(world.stack.host("admin-01") + "/nowhere")
        inspector.look("not found")


@in_every_language_and_size
def test_the_desk_and_its_dialogs(world: World, language: str, size: dict[str, int]) -> None:
    with inspecting(world, language, size) as inspector:
        page = inspector.page
        b.sign_in(page, world.stack, "hainaut-12")
        expect(page.locator("#shift-start")).to_be_visible()
        inspector.look("shift start")
        inspector.walk("shift start")
        b.hear_bell(page)
        inspector.look("empty desk")
        alarm = world.phone().press()
        desk = Desk(world, page, "hainaut-12")
        desk.choose(alarm)
        inspector.look("new alarm")
        desk.press_armed("Space")
        expect(page.locator("#taken-by")).to_be_visible()
        inspector.look("taken alarm")
        inspector.walk("taken alarm")
        look_at_dialogs(inspector)
        look_at_trouble(inspector, desk, alarm)


@in_every_language_and_size
def test_pages_beside_the_desk(world: World, language: str, size: dict[str, int]) -> None:
    with inspecting(world, language, size) as inspector:
        page = inspector.page
        host = world.stack.host("hainaut-chef")
        alarm = world.phone().press()
        world.until(lambda: world.state(alarm).route, "routed")
        b.sign_in(page, world.stack, "hainaut-chef", "/desk/overview")
        expect(page.locator("#overview-list li")).to_have_count(1)
        expect(page.locator("#live-state")).to_have_attribute("data-state", "live")
        inspector.look("overview")
        inspector.walk("overview")
        page.goto(f"{host}/desk/alarms/{alarm}/ladder")
        inspector.look("ladder of an alarm")
        page.goto(f"{host}/desk/ladder")
        inspector.look("deadlines")
        inspector.walk("deadlines")
        page.fill("[name='acknowledged.louder']", "0")
        page.click("#ladder-save")
        expect(page.locator("#wrong-acknowledged")).to_be_visible()
        inspector.look("deadlines refused")


def look_at_trouble(inspector: Inspector, desk: Desk, alarm: str) -> None:
    """A team in danger while the alarm is to be handed over."""
    desk.world.arrive(alarm)
    desk.world.write_down(
        alarm, HelpNeeded(by="M 12"), HandoverOffered(user="hainaut-07", centre="LIE"), REPORT
    )
    expect(desk("#help-needed")).to_be_visible()
    expect(desk("#lead")).to_be_visible()
    expect(desk("#report")).to_be_visible()
    inspector.look("team in danger, handover")


def look_at_dialogs(inspector: Inspector) -> None:
    keys = {"n": "note", "c": "close", "h": "offer", "e": "ladder", "?": "help"}
    for key, dialog in ((key, f"#{name}-dialog") for key, name in keys.items()):
        # What has only just appeared takes no key yet (safety rule 4).
        expect(inspector.page.locator("#act-close")).not_to_have_attribute("aria-disabled", "true")
        # The walk before may have left the page for the browser's own buttons.
        inspector.page.locator("#alarm-list button").focus()
        press_armed(inspector.page, key)
        expect(inspector.page.locator(dialog)).to_be_visible()
        inspector.look(dialog)
        inspector.walk(dialog)
        inspector.page.keyboard.press("Escape")
        expect(inspector.page.locator(dialog)).to_be_hidden()
