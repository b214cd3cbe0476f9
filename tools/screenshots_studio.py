"""What every picture of `tools.screenshots` needs: the installation, windows, colleagues, the camera."""

import json
import os
import shutil
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from playwright.sync_api import Browser, Error, Locator, Page

from egide.alarm.events import AlarmAcknowledged, AlarmClosed, FollowUpDone
from egide.common.clock import SystemClock
from egide.common.config import Config
from egide.entrypoints.stack.installation import Stack
from egide.events.base import Event
from egide.journal.now.presence import Presence
from tests.support import browser as b
from tests.support.phones import HttpPhone
from tests.support.push_service import PushService
from tools.screenshots_camera import DESKTOP, DRAWN, LANGUAGES, OFFICE, SIZES, Sheets, Windows, resize, take

# The machine may be old and busy with something else; what waits goes on as soon as the page shows it.
PATIENCE_MS = 30_000
POLL_MS = 50
BOARD_TELLS_S = 5
ERROR_PAGE, NOT_FOUND = ".error-code", "not-found"


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser that people have: the shell without a window, quicker in tests, draws letters otherwise."""
    with b.undescribing() as playwright:
        path = b.path_of(*b.NAMES)
        browser = playwright.chromium.launch(executable_path=path, args=list(b.ARGUMENTS))
        yield browser
        browser.close()


class History:
    """The invented national history; once begun, a process of its own writes it while other pages are photographed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def begin(self) -> "subprocess.Popen[bytes]":
        """Once, however often it is asked for."""
        if self._process is None:
            self._process = self._begun()
        return self._process

    def _begun(self) -> "subprocess.Popen[bytes]":
        self._folder.mkdir(mode=0o700)
        command = [sys.executable, "-m", "egide.entrypoints.cli", "evaluate", "--history", "--period", "2023"]
        environment = os.environ | {"EGIDE_DATA": str(self._folder)}
        return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)

    def __enter__(self) -> "History":
        return self

    def __exit__(self, *_exc: object) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def put_into(self, data_dir: Path) -> None:
        """Its figures are those of this installation from now on. Raises CalledProcessError."""
        process = self.begin()
        if code := process.wait():
            raise subprocess.CalledProcessError(code, process.args)
        if not (data_dir / "evaluation").exists():
            shutil.copytree(self._folder / "evaluation", data_dir / "evaluation")


class Colleagues:
    """Operators of Hainaut without a window here. Their boards tell that they are there, as a browser's do.

    An alarm of an operator who is not there rings as new after fifteen seconds (safety rule 1).
    """

    def __init__(self, config: Config) -> None:
        self._presence = Presence(config)
        self._there: frozenset[str] = frozenset()
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._stay)

    def __enter__(self) -> "Colleagues":
        self._thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._end.set()
        self._thread.join()

    def come(self, name: str) -> None:
        """Sit down at a board."""
        self._there |= {name}
        self._tell()

    def leave(self) -> None:
        """All of them go."""
        gone, self._there = self._there, frozenset()
        for name in gone:
            self._presence.forget_user(name)

    def _stay(self) -> None:
        while not self._end.wait(BOARD_TELLS_S):
            self._tell()

    def _tell(self) -> None:
        now_us = SystemClock().now_us()
        for name in self._there:
            self._presence.note_board(f"board of {name}", name, "HAI", now_us, 0)


def _speak(page: Page, host: str, language: str) -> None:
    """The language of what `host` shows next: by its cookie, and where it is no demo, by what the browser asks for."""
    page.context.add_cookies([{"name": b.LANGUAGE_COOKIE, "value": language, "url": host}])
    browser = {"userAgent": page.evaluate("() => navigator.userAgent"), "acceptLanguage": language}
    page.context.new_cdp_session(page).send("Emulation.setUserAgentOverride", browser)


@dataclass
class Studio:
    """The installation, the browser, and what was photographed so far: name and caption, in order.

    Each page is photographed in both sizes while it is open: nothing that a picture shows has to be made a second time.
    """

    stack: Stack
    browser: Browser
    folder: Path
    sheets: Sheets
    push: PushService
    history: History
    colleagues: Colleagues
    captions: dict[str, str] = field(default_factory=dict)
    last: str = ""

    @contextmanager
    def window(self, locale: str | None = None, trusts_all: bool = False) -> Iterator[Page]:
        """An empty window with cookies of its own; `locale`: what its browser speaks; `trusts_all`: any certificate."""
        context = self.browser.new_context(viewport=DESKTOP, locale=locale, ignore_https_errors=trusts_all)
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        try:
            yield page
        except (Error, AssertionError) as fault:
            fault.add_note(f"The window showed {page.url}")
            raise
        finally:
            context.close()

    def enter(self, page: Page, name: str, path: str = "/", language: str = "") -> None:
        """Open `path` as `name`, in a language or else the account's own."""
        host = self.stack.host(name)
        if language:
            page.context.add_cookies([{"name": b.LANGUAGE_COOKIE, "value": language, "url": host}])
        b.sign_in(page, self.stack, name, path)
        if path != "/":
            page.wait_for_url(lambda url: url == host + path)

    @contextmanager
    def desk(self, name: str) -> Iterator[Page]:
        """A signed-in operator's board."""
        with self.window() as page:
            self.enter(page, name)
            b.hear_bell(page)
            yield page

    def shoot(
        self, page: Page, name: str, caption: str, whole: bool = False, at: Locator | None = None
    ) -> None:
        """Write one picture for each size; `whole`: also what lies below a telephone's fold; `at`: what must show."""
        self.last = name
        if page.locator(ERROR_PAGE).count() and name != NOT_FOUND:
            raise ValueError(f"{name}: {page.url} shows an error page")
        # Boards are looked at by night; they are light or dark as the system wishes.
        page.emulate_media(color_scheme="dark" if page.locator("body.by-wish").count() else "light")
        for size, viewport in SIZES.items():
            resize(page, viewport)
            if at is not None:
                at.scroll_into_view_if_needed()
                page.evaluate(DRAWN)
            take(page, self.folder / f"{name}-{size}.webp", whole and size == "phone")
        page.set_viewport_size(DESKTOP)
        self.captions[name] = caption

    def sheet(
        self,
        page: Page,
        name: str,
        reach: Callable[[], object] = lambda: None,
        windows: Windows = OFFICE,
        at: Locator | None = None,
    ) -> None:
        """The page just photographed in four languages at four widths.

        `reach`: what leads from its address to it; `at`: what must show.

        Each language is one load; its own comes last, so that the page is then as it was.
        """
        self.last = f"sheet of {name}"
        address, own = page.url, str(page.locator("html").get_attribute("lang"))
        host: str = page.evaluate("() => location.origin")
        for language in sorted(LANGUAGES, key=lambda language: language == own):
            _speak(page, host, language)
            # An address that differs from the last one by what follows a # alone would not be loaded again.
            page.goto("about:blank")
            page.goto(address)
            reach()
            self.sheets.add(page, name, windows, at)

    def wait_until(self, page: Page, is_true: Callable[[], object], what: str) -> None:
        """For what no page shows by itself; Playwright goes on answering for `page`. Raises TimeoutError."""
        deadline = time.monotonic() + PATIENCE_MS / 1000
        while not is_true():
            if time.monotonic() > deadline:
                raise TimeoutError(f"not within {PATIENCE_MS} ms: {what}; the window showed {page.url}")
            page.wait_for_timeout(POLL_MS)

    def read_history(self) -> None:
        """The figures are those of the invented national history."""
        self.history.put_into(self.stack.config.data_dir)

    def phone(self, number: int) -> HttpPhone:
        """A fresh phone of one of the demo's people."""
        return HttpPhone(self.stack, self.stack.demo["kits"][number])

    def report(self, source: str, frame: bytes) -> None:
        """A gateway hands on what a button said. Raises HTTPError."""
        body = json.dumps({"source": source, "frame": frame.hex()}).encode()
        url = f"{self.stack.config.intake_urls[0]}/v1/reports"
        request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
        urllib.request.urlopen(request).close()

    def write_down(self, alarm: str, *events: Event) -> None:
        """What colleagues at other desks do. Who takes an alarm stays at the desk until it is cleared."""
        for event in events:
            if isinstance(event, AlarmAcknowledged):
                self.colleagues.come(event.user)
        self.stack.journal().decide(alarm, lambda _state: list(events))

    def clear(self) -> None:
        """Close what is open, and do what a zone has to do afterwards: no later picture shows it."""
        for alarm in self.stack.journal().open_alarms():
            closed = AlarmClosed("hainaut-chef", "test", "Démo")
            self.write_down(alarm, closed, FollowUpDone("mons-quevy-21", "Démo"))
        self.colleagues.leave()


Shot: TypeAlias = Callable[[Studio], None]
