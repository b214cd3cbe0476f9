"""The app for Android in her hand, for stories: its pages in Chromium, its engine on a JVM."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import MONS, World
from tests.support import browser as b
from tests.support.native_phone import Engine, Window
from tests.support.waiting import WITHIN_S
from tools import android_core
from tools.android import build

PIN, DURESS = "2468", "1357"


def build_pages(folder: Path) -> Path:
    """The pages, and the engine's classes; the story is left out where there is no JDK."""
    try:
        android_core.build()
    except android_core.Missing as missing:
        pytest.skip(str(missing))
    return build.build_pages(folder)


class Phone:
    """The app in her hand. `person`: whose position it has; `own`: the app's file, whose place a newer one may take."""

    def __init__(
        self,
        world: World,
        folder: Path,
        pages: Path,
        person: dict[str, Any] | None = None,
        own: Path | None = None,
        day_ms: int = 0,
    ) -> None:
        self.world = world
        self.engine = Engine(folder / "kit", own, day_ms)
        self.engine.start()
        context = world.browser.new_context(
            viewport=b.TELEPHONE, is_mobile=True, has_touch=True, locale="en-BE"
        )
        context.set_default_timeout(b.PATIENCE_MS)
        world.keep(context)
        self.window = Window(context, pages, self.engine, person or world.person(MONS))
        self.page = context.new_page()
        self.page.on("pageerror", lambda fault: world.faults.append(f"{fault} {fault.stack}"))

    def open(self) -> None:
        self.window.open(self.page)
        expect(self.page.locator("#decoy .body > *").first).to_be_visible()

    def type_code(self, line: str) -> None:
        self.page.locator("#decoy h1").click(click_count=3)
        self.page.locator("#code").fill(line)
        self.page.locator("#enrol-next").click()

    def choose_codes(self) -> None:
        self.page.locator("#pin").fill(PIN)
        self.page.locator("#duress-pin").fill(DURESS)
        self.page.locator("#pin-next").click()

    def allow(self, picture: str) -> None:
        expect(self.page.locator(f"#allow [data-shows={picture}]")).to_be_visible()
        self.page.locator("#allow").click()

    def pass_over(self, picture: str) -> None:
        """Go on without it."""
        expect(self.page.locator(f"#allow [data-shows={picture}]")).to_be_visible()
        self.page.locator("#deny").click()

    def refuse(self, picture: str, words: str) -> None:
        """Say yes on the page and no to the platform; the page says what that means, and she goes on without it."""
        self.allow(picture)
        expect(self.page.locator("#app [role=alert]")).to_contain_text(words)
        self.page.locator("#deny").click()

    def unlock(self, code: str) -> None:
        self.page.locator("#decoy h1").click(click_count=3)
        self.page.locator("#pad").fill(code)
        self.page.locator("#pad-enter").click()

    def until(self, name: str, value: object, meanwhile: str = "") -> None:
        """Wait until the engine says so; `meanwhile` it is asked this."""
        self.wait(lambda: self.engine.state.get(name) == value, f"{name} is {value}", meanwhile)

    def wait(self, is_true: Callable[[], object], what: str, meanwhile: str = "") -> None:
        """Wait until it is so; the page's own questions are carried to the engine meanwhile."""
        deadline = time.monotonic() + WITHIN_S
        while not is_true():
            assert time.monotonic() < deadline, f"within {WITHIN_S} s: {what}: {self.engine.state}"
            if meanwhile:
                self.engine.say(ask=meanwhile)
            self.page.wait_for_timeout(50)

    def close(self) -> None:
        self.engine.kill()

    def restart(self) -> None:
        """The phone is switched off and on; nobody has opened the app yet."""
        self.engine.kill()
        self.engine.state = {}
        self.engine.start()
        self.window.tell_engine()
