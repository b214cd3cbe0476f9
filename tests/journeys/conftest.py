"""One installation and one browser for all stories; each story gets fresh windows and a quiet board."""

import shutil
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, ViewportSize, expect
from playwright.sync_api import Error as PlaywrightError

from egide.alarm.events import (
    AlarmAcknowledged,
    AlarmClosed,
    FollowUpDone,
    TeamNamed,
    TeamOnSite,
    TeamReported,
    TeamUnderWay,
    ZoneConfirmed,
)
from egide.alarm.state import AlarmState
from egide.common.clock import SystemClock
from egide.entrypoints.stack.installation import SERVERS, Stack
from egide.events.base import Event
from egide.journal.bell import Bell
from egide.journal.now.presence import Presence
from egide.journal.service import Journal
from tests.journeys.pressing import press_armed
from tests.support import browser as b
from tests.support.certificates import Authority
from tests.support.clear_text import secrets_of
from tests.support.closing import left_by, standing_of
from tests.support.phones import HttpPhone, issue_kit
from tests.support.push_service import PushService, push_service
from tests.support.waiting import WITHIN_S
from tests.support.windows import Windows

PICTURE_MS = 5_000
MONS, GENT, LIEGE, EUPEN = range(4)
AUTHORITY, PASSWORD = "Parquet de l’Exemple (démo)", "four words are enough"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this directory is a journey."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.journey)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keep a picture of every window of a story that failed, and where each process stands then; whatever was told in a
    story, its processes log nothing of the people in it."""
    report = yield
    world = getattr(item, "funcargs", {}).get("world")
    if report.failed and report.when == "call" and world is not None:
        folder = left_by(item.nodeid)
        world.photograph(folder)
        (folder / "processes.log").write_text(standing_of(item.config, world.stack), encoding="utf-8")
    if report.passed and world is not None:
        logged = "".join(text for title, text in report.sections if "stderr" in title)
        if told := [secret for secret in secrets_of(world.stack) if secret in logged]:
            report.outcome, report.longrepr = "failed", f"the log of this story holds {told}"
    return report


class Desk:
    """One operator's window."""

    def __init__(self, world: "World", page: Page, name: str) -> None:
        self.world = world
        self.page = page
        self.name = name

    def __call__(self, selector: str) -> Locator:
        return self.page.locator(selector)

    def row(self, alarm: str) -> Locator:
        """The alarm's row on the board."""
        return self.page.locator(f"#row-{alarm}:not([data-gone])")

    def choose(self, alarm: str) -> None:
        """Click the row; returns once the alarm's panel and file are there."""
        self.row(alarm).locator("button").click()
        expect(self(f"#alarm[data-alarm='{alarm}']")).to_be_visible()
        expect(self(f"#briefing[data-alarm='{alarm}']")).to_be_visible()

    def acknowledge(self, alarm: str) -> None:
        """Choose the alarm and take it with its key, once it has been painted for a second.

        A panel that stood there before may still say that somebody has it.
        """
        self.choose(alarm)
        expect(self("#act-acknowledge")).to_be_visible()
        self.press_armed("Space")
        expect(self("#taken-by")).to_be_visible()

    def press_armed(self, key: str) -> None:
        """Press a key once it is offered and armed."""
        press_armed(self.page, key)

    def ask(self, number: str) -> None:
        """Ask the silent question with this number of the list, by two keys."""
        self.press_armed("q")
        expect(self("#ask-dialog .numbered button")).to_have_count(5)
        expect(self("#ask-dialog [aria-disabled=true]")).to_have_count(0)
        self.page.keyboard.press(number)
        expect(self("#ask-dialog")).to_be_hidden()

    def close(self, alarm: str, outcome: str, reason: str) -> None:
        """Close the chosen alarm, after a team was on the spot."""
        self.world.arrive(alarm)
        expect(self("#act-close.main")).to_be_visible()
        expect(self("#alarm [aria-disabled=true]:visible")).to_have_count(0)
        self("#act-close").click()
        self(f"input[value='{outcome}']").check()
        self("#close-reason").fill(reason)
        self("#close-save").click()

    def status_of(self, path: str, method: str = "GET") -> int:
        """What the server answers when this window's session asks for an address."""
        return int(
            self.page.evaluate(
                """async ([path, method]) => {
                    const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
                    const headers = { "X-CSRFToken": token, "X-Egide-Fragment": "1" };
                    return (await fetch(path, { method, headers })).status;
                }""",
                [path, method],
            )
        )


class World:
    """The installation and the browser."""

    def __init__(
        self, stack: Stack, browser: Browser, push: PushService | None = None, is_full: bool = False
    ) -> None:
        self.stack = stack
        self.is_full = is_full
        # Stands for the push services of browsers' makers.
        self.push = push
        self.browser = browser
        self.journal: Journal = stack.journal()
        self._bell = Bell(self.journal.bells_dir, "journeys")
        self._whole: Browser | None = None
        self._windows = Windows(browser)
        self._contexts: list[BrowserContext] = []
        self.faults: list[str] = []

    def person(self, number: int) -> dict[str, Any]:
        """One of the demo's four people, with kit, case, zone, centre and home."""
        person: dict[str, Any] = self.stack.demo["kits"][number]
        return person

    def phone(self, number: int = MONS, kit: str | None = None) -> HttpPhone:
        """A fresh phone of this person, with a kit of its own unless one is named."""
        return HttpPhone(self.stack, self.person(number), kit)

    def window(
        self, size: dict[str, int] = b.DESKTOP, language: str | None = None, browser: Browser | None = None
    ) -> Page:
        """An empty window with cookies of its own."""
        viewport: ViewportSize = {"width": size["width"], "height": size["height"]}
        if browser is None:
            page = self._windows.open(viewport)
        else:
            page = browser.new_page(viewport=viewport)
            self._contexts.append(page.context)
        page.context.set_default_timeout(b.PATIENCE_MS)
        page.on("pageerror", lambda fault: self.faults.append(f"{fault} {fault.stack}"))
        if language:
            self.set_language(page, language)
        return page

    def photograph(self, folder: Path) -> None:
        """A picture of each window as it is now; a window that cannot be drawn any more has none."""
        folder.mkdir(parents=True, exist_ok=True)
        pages = [*self._windows.pages(), *(page for context in self._contexts for page in context.pages)]
        for number, page in enumerate(pages):
            with suppress(PlaywrightError):
                page.screenshot(path=folder / f"window-{number}.png", timeout=PICTURE_MS)

    def keep(self, context: BrowserContext) -> None:
        """Close this window too when the story ends."""
        self._contexts.append(context)

    def set_language(self, page: Page, language: str) -> None:
        """Choose the language under every account's host name, and under the public one."""
        hosts = [self.stack.host(user["name"]) for user in self.stack.demo["users"]]
        # Links that are handed out lead to the public address.
        hosts += self.stack.config.web_origins
        page.context.add_cookies(
            [{"name": b.LANGUAGE_COOKIE, "value": language, "url": host} for host in hosts]
        )

    def desk(self, name: str = "hainaut-12", page: Page | None = None) -> Desk:
        """A signed-in operator whose bell was heard and whose board is live."""
        page = page or self.window()
        b.sign_in(page, self.stack, name)
        b.hear_bell(page)
        return Desk(self, page, name)

    def until(self, is_true: Callable[[], object], what: str) -> None:
        """Wait on the journal's bell until `is_true`."""
        deadline = time.monotonic() + WITHIN_S
        while not is_true():
            assert time.monotonic() < deadline, f"within {WITHIN_S} s: {what}"
            self._bell.wait(0.25)

    def state(self, alarm: str) -> AlarmState:
        """The alarm as its events add up."""
        state = self.journal.alarm(alarm)
        assert state is not None, alarm
        return state

    def kinds(self, alarm: str) -> list[str]:
        """The kinds of the alarm's events, oldest first."""
        return [row.kind for row in self.journal.stream(f"alarm:{alarm}")]

    def write_down(self, alarm: str, *events: Event) -> None:
        """What colleagues, zone or team do elsewhere."""
        for event in events:
            if isinstance(event, AlarmAcknowledged):
                self.keep_board(event.user)
            self.journal.decide(alarm, lambda _state, event=event: [event])  # type: ignore[misc]

    def keep_board(self, name: str) -> None:
        """A colleague's board is there: without one, what they have rings again as new."""
        now_us = SystemClock().now_us()
        Presence(self.stack.config).note_board(f"board of {name}", name, "HAI", now_us, 0)

    def arrive(self, alarm: str) -> None:
        """A team of Mons is named, leaves and arrives, as told by the zone."""
        self.write_down(
            alarm,
            ZoneConfirmed(user="mons-quevy-21", zone="5324", reference="Insp. 21"),
            TeamNamed(user="mons-quevy-21", zone="5324", call_sign="M 12"),
            TeamUnderWay(by="mons-quevy-21"),
            TeamOnSite(by="mons-quevy-21"),
        )

    def calm(self) -> None:
        """Close every window; no alarm stays open, no report or follow-up due, and nobody is at a board any more."""
        self._windows.empty()
        while self._contexts:
            self._contexts.pop().close()
        presence = Presence(self.stack.config)
        for user in self.stack.demo["users"]:
            presence.forget_user(user["name"])
        for alarm in self.journal.open_alarms():
            self.write_down(alarm, AlarmClosed("tests", "test", "end of a story"))
        for alarm in self.journal.unreported():
            self.write_down(alarm, TeamReported("tests", "test", "end of a story"))
        for zone in {person["zone"] for person in self.stack.demo["kits"]}:
            for alarm in self.journal.follow_ups(zone):
                self.write_down(alarm, FollowUpDone("tests", "end of a story"))

    def ended(self) -> dict[str, int]:
        """The servers that have ended, with their exit codes; they begin again, for later stories tell of themselves
        alone."""
        codes = {name: self.stack.children[name].process.poll() for name in SERVERS}
        found = {name: code for name, code in codes.items() if code is not None}
        for name in found:
            self.stack.children[name].start()
            self.stack.children[name].ready()
        return found

    def show_figures(self, source: Path) -> None:
        """The installation's records are those of this folder, whatever a story before has left."""
        folder = self.stack.config.data_dir / "evaluation"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(source / "evaluation", folder)

    def whole_browser(self) -> Browser:
        """Chromium with all its surroundings, for what the headless shell lacks: a microphone, notifications."""
        if self._whole is None:
            self._whole = self.browser.browser_type.launch(
                executable_path=b.path_of(*b.NAMES), args=list(b.ARGUMENTS)
            )
        return self._whole

    def close(self) -> None:
        self.calm()
        if self._whole is not None:
            self._whole.close()
        self._bell.close()


@pytest.fixture(scope="package")
def installed(
    tmp_path_factory: pytest.TempPathFactory,
    pytestconfig: pytest.Config,
    start_stack: Callable[[Stack], None],
) -> Iterator[World]:
    """The four servers and Chromium.

    For this package alone: as long as Playwright runs, no asynchronous test can.
    """
    expect.set_options(timeout=b.PATIENCE_MS)
    with (
        push_service() as push,
        Stack(tmp_path_factory.mktemp("journeys")) as stack,
        b.chromium() as browser,
    ):
        contact = "mailto:keeper@egide.example"
        stack.config = replace(stack.config, push_contact=contact, push_services=(push.origin,))
        # No story waits for a mail: nothing answers there, and nobody is looked at.
        stack.config = replace(stack.config, mail_smtp="smtps://127.0.0.1:9", remind_every_s=86_400)
        # Decisions and agreements are signed.
        folder = tmp_path_factory.mktemp("authority")
        signature = Authority(folder).signature(folder / "signature.p12", AUTHORITY, PASSWORD)
        stack.config = replace(stack.config, signature=str(signature), signature_password=PASSWORD)
        # Shorter than in life: the boards of a story wait for both.
        stack.config = replace(stack.config, canary_every_s=5, watch_patience_s=6)
        supervision = tmp_path_factory.mktemp("supervision") / "supervision.toml"
        supervision.write_text("probe_s = 1\n")
        stack.config = replace(stack.config, supervision=supervision)
        start_stack(stack)
        world = World(stack, browser, push, pytestconfig.getoption("--full"))
        yield world
        world.close()


@pytest.fixture
def world(installed: World) -> Iterator[World]:
    """The installation with a quiet board."""
    yield installed
    installed.calm()
    faults, installed.faults = installed.faults, []
    ended = installed.ended()
    assert faults == [], "scripts of the page failed"
    assert ended == {}, "processes ended by themselves"


@pytest.fixture(scope="package")
def air(installed: World) -> None:
    """The air for buttons and phones of all stories of this worker."""
    installed.stack.start_air()


@pytest.fixture
def carried(world: World, air: None) -> Iterator[dict[str, Any]]:
    """The person of Mons with a kit of her own: a real button, paired with the phone in Python."""
    person = world.person(MONS)
    person = {**person, "kit": issue_kit(world.stack, person)}
    world.stack.start_radio([person], f"carried-{person['kit']}")
    yield person
    world.stack.stop_radio()
