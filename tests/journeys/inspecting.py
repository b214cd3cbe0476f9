"""Looks at pages as people meet them: accessible, translated, quiet in the console, usable by keyboard."""

import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from babel.messages.pofile import read_po
from playwright.sync_api import ConsoleMessage, Page, Request, ViewportSize, expect

from egide.common.text import LOCALE_DIR
from tests.journeys.asking_axe import violations
from tests.journeys.conftest import World
from tests.support import browser as b

# Widths and heights in pixels, in the order in which a page is looked at.
Sizes = Sequence[dict[str, int]]
LANGUAGES = ("fr", "nl", "de", "en")
# Its words are the longest: what fits in German fits, so German is looked at in every size and by every means.
LONGEST = "de"
# What shows little until somebody chooses there: its walk chooses again in each language (test_pages.py).
BY_HAND = "/desk/"
OTHERS = tuple(language for language in LANGUAGES if language != LONGEST)
# The others in `make test-full` alone.
IN_EVERY_LANGUAGE = pytest.mark.parametrize(
    "language",
    [LONGEST, *(pytest.param(other, marks=pytest.mark.full("its other cases")) for other in OTHERS)],
)
# On a busy machine an answer comes later than a page waits for it, and htmx says so in the console: rightly, and no
# page is at fault.
PATIENT = """addEventListener("htmx:configRequest", (event) => (event.detail.timeout = 0))"""
PLACEHOLDER = re.compile(r"%\(\w+\)s|\{\w*\}")

# All texts that a person sees or hears: visible text nodes, names and titles of controls.
TEXTS = """() => {
  const found = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const at = node.parentElement, text = node.data.trim().replace(/\\s+/g, " ");
    if (!text || found.has(text) || at.closest("script, style, .map-label, [lang]:not(html)")) continue;
    if (at.checkVisibility({ visibilityProperty: true })) found.add(text);
  }
  for (const at of document.querySelectorAll("[aria-label], [title]:not([lang]), [placeholder]"))
    for (const name of ["aria-label", "title", "placeholder"]) found.add((at.getAttribute(name) ?? "").trim());
  return [...found].filter(Boolean);
}"""

# What the Tab key must reach: everything that can be clicked or typed into and is not behind a dialog. Each is a number
# in its page, and what it is called there, by which it is known when the page replaced it meanwhile.
CALLED = (
    """(at) => at.id || at.name || at.getAttribute("href") || at.textContent.replace(/\\d/g, "").trim()"""
)
ACTIONS = f"""() => {{
  const called = {CALLED};
  const top = [...document.querySelectorAll("dialog[open]")].at(-1) ?? document.body;
  const all = [...top.querySelectorAll("a[href], button, input, select, textarea")];
  const usable = all.filter((at) => !at.disabled && at.type !== "hidden" && at.checkVisibility());
  // One stop for a group of radio buttons.
  const seen = new Set();
  const stops = usable.filter((at) => at.type !== "radio" || (!seen.has(at.name) && seen.add(at.name)));
  stops.forEach((at, i) => (at.dataset.stop = at.type === "radio" ? `radio ${{at.name}}` : String(i)));
  return stops.map((at) => [at.dataset.stop, called(at)]);
}}"""

FOCUSED = f"""() => {{
  const called = {CALLED};
  const at = document.activeElement;
  if (!at || at === document.body) return null;
  const style = getComputedStyle(at);
  const stop = at.type === "radio" ? `radio ${{at.name}}` : at.dataset.stop ?? "";
  const shows = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  return {{ stop, called: called(at), shows, what: at.outerHTML }};
}}"""


# At which sizes of its text the page is wider than its window: both widths, and what reaches farthest to the right.
WIDTHS = """(sizes) => {
  const page = document.documentElement;
  const right = (at) => at.getBoundingClientRect().right;
  const beside = () => [...document.body.querySelectorAll("*")]
    .reduce((most, at) => (right(at) >= right(most) ? at : most), document.body).outerHTML.slice(0, 120);
  const found = [];
  for (const size of sizes) {
    page.style.fontSize = size;
    const { scrollWidth } = page;
    if (scrollWidth > innerWidth) found.push([size, scrollWidth, innerWidth, beside()]);
  }
  page.style.fontSize = "";
  return found;
}"""
# Two lines of the offices' bar; on a telephone it was five before its menu.
BAR_PX, MOST_BAR_PX = "() => document.querySelector('.office-bar')?.offsetHeight ?? 0", 112
# Cells of tables whose words are broken into single letters.
LETTERS = """() => [...document.querySelectorAll("th, td")]
  .filter((at) => !at.closest("table.stacks thead"))
  .filter((at) => at.checkVisibility() && at.clientWidth < 60 && at.clientHeight > 200)
  .map((at) => at.textContent.trim().slice(0, 40))
  .filter((text) => text.length > 8)"""

# All of these in one question, and the language and schemes that the page says it has.
SEEN = f"""(sizes) => [
  document.documentElement.lang, ({TEXTS})(), ({BAR_PX})(), ({LETTERS})(), ({WIDTHS})(sizes),
  document.querySelector("meta[name=color-scheme]")?.content || "dark",
]"""


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
    """Looks at one page after the other, in each of `sizes` or as its window is, and writes down what is wrong.

    With `EGIDE_PICTURES`, a folder, it leaves a picture of each look there.
    """

    def __init__(self, world: World, page: Page, language: str, sizes: Sizes = ()) -> None:
        self._world = world
        self.page = page
        self.language = language
        self._sizes = sizes
        self._looks, self._walks = 0, 0
        self._protocol = page.context.new_cdp_session(page)
        # Where it has looked, in their order; what a form was answered with has no address.
        self._addresses: dict[str, None] = {}
        self._has_address = True
        self.faults: list[str] = []
        page.add_init_script(PATIENT)
        page.on("console", self._note)
        page.on("request", self._follow)

    def _note(self, message: ConsoleMessage) -> None:
        # A refused form answers 422, a missing page 404, an ended one 410: all reported, and all meant.
        expected = re.search(r"status of (404|410|422)", message.text)
        if message.type in ("error", "warning") and not expected:
            self.faults.append(f"console: {message.text}")

    def _follow(self, request: Request) -> None:
        if request.is_navigation_request():
            self._has_address = request.method == "GET"

    def look(self, name: str) -> None:
        """Check what is on the screen now, once its styles are there."""
        self.page.wait_for_load_state()
        if self._has_address and urlsplit(self.page.url).path != BY_HAND:
            self._addresses.setdefault(self.page.url.partition("#")[0])
        for number, width in enumerate(self._in_each_size()):
            schemes = self._see(name)
            self._ask_axe(name, number, schemes)
            if directory := os.environ.get("EGIDE_PICTURES"):
                path = Path(directory) / f"{name}-{self.language}-{width}.png".replace("/", "-")
                self.page.screenshot(path=path, full_page=True)
        self._looks += 1

    def walk(self, name: str) -> None:
        """Reach every action with the Tab key, each with a visible focus; the same in every language, so once.

        In `make test` in one size, by turns.
        """
        if self.language == LONGEST:
            turn = self._walks % self._count
            for width in self._in_each_size(None if self._world.is_full else turn):
                self._walk(f"{name} at {width}")
            self._walks += 1

    def look_in_the_other_languages(self) -> None:
        """Go where it has looked once more in each other language, for the words and the width."""
        addresses = tuple(self._addresses)
        for language in self.in_the_other_languages(addresses):
            for address in addresses:
                self.page.goto(address)
                self._see(f"{address} in {language}", also_twice=False)

    def in_the_other_languages(self, addresses: Sequence[str]) -> Iterator[str]:
        """Each other language under the hosts of these addresses, in one size; and back.

        None of them in `make test-full`, where each has a walk of its own.
        """
        before = self._sizes
        hosts = {urlsplit(address)._replace(path="", query="", fragment="").geturl() for address in addresses}
        others = () if self._world.is_full or self.language != LONGEST else OTHERS
        for at, language in enumerate(others):
            self.language = language
            if self._sizes:
                size = before[at % len(before)]
                self._sizes = (size,)
                self._resize(size["width"], size["height"])
            self.page.context.add_cookies(
                [{"name": b.LANGUAGE_COOKIE, "value": language, "url": host} for host in hosts]
            )
            yield language
        if others:
            self.language, self._sizes = LONGEST, before

    @property
    def _count(self) -> int:
        return len(self._sizes) or 1

    def _in_each_size(self, only: int | None = None) -> Iterator[int]:
        """The window in each of its sizes, or in the one with this number, and back in the first."""
        at_first = self.page.viewport_size
        assert at_first is not None
        sizes = self._sizes or (at_first,)
        for size in sizes if only is None else (sizes[only],):
            self._resize(size["width"], size["height"])
            yield size["width"]
        self._resize(at_first["width"], at_first["height"])

    def _resize(self, width: int, height: int) -> None:
        """Another window, not zoomed: what was wider than a telephone stays enlarged there, and taps would miss."""
        if self.page.viewport_size == {"width": width, "height": height}:
            return
        self.page.set_viewport_size(ViewportSize(width=width, height=height))
        self._protocol.send("Emulation.setPageScaleFactor", {"pageScaleFactor": 1})

    def _walk(self, name: str) -> None:
        missing = dict(self.page.evaluate(ACTIONS))
        # Frames that scroll are stops too, and the browser has some of its own.
        for _ in range(3 * len(missing) + 12):
            if not missing:
                return
            self.page.keyboard.press("Tab")
            focused = self.page.evaluate(FOCUSED)
            if focused is None:
                continue
            fresh = [] if focused["stop"] else [k for k, name in missing.items() if name == focused["called"]]
            for stop in (focused["stop"], *fresh[:1]):
                missing.pop(stop, None)
            if not focused["shows"]:
                self.faults.append(f"{name}: focus does not show on {focused['what'][:120]}")
        # What has gone by itself meanwhile, as undo does after ten seconds, needs no key any more.
        left = [called for _stop, called in self.page.evaluate(ACTIONS)]
        self.faults += [f"{name}: Tab does not reach {what}" for what in missing.values() if what in left]

    def _see(self, name: str, also_twice: bool = True) -> list[str]:
        """Words and widths; returns the schemes that the page takes."""
        size = self.page.viewport_size
        in_a_hand = size is not None and size["width"] <= b.TELEPHONE["width"]
        sizes = ["100%", "200%"] if in_a_hand and also_twice else ["100%"]
        language, texts, bar, letters, widths, schemes = self.page.evaluate(SEEN, sizes)
        assert language == self.language
        self._read(name, set(texts))
        # Nothing lies beside the page; in a hand also with its text at twice the size (WCAG 2.2, 1.4.4 and 1.4.10).
        if in_a_hand and bar > MOST_BAR_PX:
            self.faults.append(f"{name}: the bar at the top is {bar} px high")
        for cell in letters if in_a_hand else ():
            self.faults.append(f"{name}: a cell is broken into letters: {cell}")
        for text, wide, seen, widest in widths:
            self.faults.append(f"{name}, text {text}: {wide} px wide in a window of {seen}: {widest}")
        taken = schemes.split()
        return [scheme for scheme in ("dark", "light") if scheme in taken]

    def _read(self, name: str, texts: set[str]) -> None:
        self.faults += [f"{name}: not translated: {text}" for text in texts & untranslated(self.language)]
        self.faults += [
            # A sentence may say "None."; a value that Python printed has no full stop.
            f"{name}: raw text: {text}"
            for text in texts
            if re.search(r"%\(|\{\{|\{%|\bNone\b(?!\.)", text)
        ]

    def _ask_axe(self, name: str, number: int, shown: list[str]) -> None:
        """As a dark system shows the page, and as a light one does where the page takes its wish.

        In `make test` in German, and of sizes and schemes in one, by turns: a rule that breaks breaks on many pages.
        """
        if not self._world.is_full:
            turn, in_size = divmod(self._looks, self._count)
            asks = self.language == LONGEST and number == in_size
            shown = [shown[turn % len(shown)]] if asks else []
        for scheme in shown:
            self.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            found = violations(self.page, self._world.is_full)
            self.faults += [f"{name}, {scheme}: axe {fault}" for fault in found]
        if shown[-1:] == ["dark"]:
            self.page.emulate_media(color_scheme="light")


def tab_to(page: Page, selector: str) -> None:
    """Reach an element with the Tab key alone."""
    wanted = page.locator(selector).first
    expect(wanted).to_be_visible()
    for _time in range(120):
        if wanted.evaluate("at => at === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not reach {selector}")


@contextmanager
def inspecting(world: World, language: str, sizes: Sizes) -> Iterator[Inspector]:
    """A window in this language; what was wrong in any of the sizes fails the test at the end, all of it at once."""
    inspector = Inspector(world, world.window(sizes[0], language), language, sizes)
    yield inspector
    inspector.look_in_the_other_languages()
    assert not inspector.faults, "\n".join(inspector.faults)


def in_every_language_and_size(
    sizes: Sizes = (b.DESKTOP, b.NARROW),
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Runs a test in German in every size; in each other language in `make test-full`.

    In `make test` the addresses of the German walk are looked at in each other language, too.
    """
    widths = "-".join(str(size["width"]) for size in sizes)
    others = [
        pytest.param(other, sizes, id=f"{other}-{widths}", marks=pytest.mark.full("its other cases"))
        for other in OTHERS
    ]
    cases = [pytest.param(LONGEST, sizes, id=f"{LONGEST}-{widths}"), *others]
    return pytest.mark.parametrize(("language", "sizes"), cases)
