"""The app for Android without Android: its pages in Chromium, its engine on a JVM, a button on a real Bluetooth stack.

What the window of the app does between them is played here (`tests/support/native_phone.py`) and tried by itself in
`tests/android/trials`.
"""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from egide.alarm.events import PressReceived
from tests.journeys.conftest import GENT, MONS, World
from tests.support import browser as b
from tests.support.native_phone import Engine, Radio, Window
from tests.support.phones import issue_kit
from tests.support.waiting import WITHIN_S
from tools import android_core
from tools.android import build

PIN, DURESS = "2468", "1357"
KEY = bytes(range(16, 32))
OFFICER = "gent-44"


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    try:
        android_core.build()
    except android_core.Missing as missing:
        pytest.skip(str(missing))
    return build.build_pages(tmp_path_factory.mktemp("pages"))


class Phone:
    """The app in her hand."""

    def __init__(self, world: World, folder: Path, pages: Path) -> None:
        self.world = world
        self.engine = Engine(folder / "kit")
        self.engine.start()
        context = world.browser.new_context(
            viewport=b.TELEPHONE, is_mobile=True, has_touch=True, locale="en-BE"
        )
        context.set_default_timeout(b.PATIENCE_MS)
        world.keep(context)
        self.window = Window(context, pages, self.engine, world.person(MONS))
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

    def refuse(self, picture: str) -> None:
        expect(self.page.locator(f"#allow [data-shows={picture}]")).to_be_visible()
        self.page.locator("#deny").click()

    def unlock(self, code: str) -> None:
        self.page.locator("#decoy h1").click(click_count=3)
        self.page.locator("#pad").fill(code)
        self.page.locator("#pad-enter").click()

    def until(self, name: str, value: object) -> None:
        """Wait until the engine says so; the page's own questions are answered meanwhile."""
        deadline = time.monotonic() + WITHIN_S
        while self.engine.state.get(name) != value:
            assert time.monotonic() < deadline, f"{name} is not {value}: {self.engine.state}"
            self.page.wait_for_timeout(50)

    def restart(self) -> None:
        """The phone is switched off and on; nobody has opened the app yet."""
        self.engine.kill()
        self.engine.state = {}
        self.engine.start()


@pytest.fixture
def phone(world: World, pages: Path, tmp_path: Path) -> Iterator[Phone]:
    her = Phone(world, tmp_path, pages)
    yield her
    her.engine.kill()


def opened_at_the_officers(world: World, kit: str) -> Page:
    page = world.window()
    world.set_language(page, "en")
    b.sign_in(page, world.stack, OFFICER, f"/kits/{kit}/")
    return page


@pytest.mark.full(
    "phone/tests/native.test.ts",
    "tests/android/test_core.py::test_the_core_passes_its_own_tests",
    "tests/fleet/test_pages.py::test_the_qr_opens_the_app_and_holds_no_code_that_a_history_would_keep",
)
def test_an_officers_line_enrols_the_app_and_its_page_follows(world: World, phone: Phone) -> None:
    office = opened_at_the_officers(world, world.person(GENT)["kit"])
    office.click("#show-code")
    office.locator("#native summary").click()
    line = office.locator("#native-line").inner_text()
    phone.open()
    # The code alone leads nowhere, and a wrong one is told from no network.
    code = line.split()[-1]
    phone.type_code(code)
    expect(phone.page.locator("#enrol-fault")).to_contain_text("address is missing")
    phone.page.locator("#code").fill(line.replace(code, "0000-0000-0000"))
    phone.page.locator("#enrol-next").click()
    expect(phone.page.locator("#enrol-fault")).to_contain_text("code is unknown")
    phone.page.locator("#code").fill(line)
    phone.page.locator("#enrol-next").click()
    expect(phone.page.locator("#pin")).to_be_visible()
    expect(office.locator("#kit-live")).to_contain_text("Phone enrolled")
    expect(office.locator("#kit-live")).to_contain_text("It says that it is the app")
    # Left here and come back to: the code is used up, her own codes are still to be chosen.
    phone.restart()
    phone.open()
    phone.until("isEnrolled", True)
    phone.page.locator("#decoy h1").click(click_count=3)
    phone.choose_codes()
    phone.allow("place")
    phone.allow("microphone")
    phone.refuse("button")
    phone.allow("phone")
    phone.allow("place")
    phone.page.locator("#send-test").click()
    expect(phone.page.locator("#first-test[data-received=true]")).to_be_visible()
    # Without a button it got through, and the gate goes on asking for the button's own.
    expect(office.locator("#kit-live")).to_contain_text("no test by the button has come in")
    assert [asked for asked in phone.window.asked if asked.startswith("allow ")] == [
        "allow position",
        "allow microphone",
        "allow battery",
        "allow position-unseen",
    ]
    # Only the small app may be pictured.
    assert [asked for asked in phone.window.asked if asked.startswith("secure ")][-1] == "secure on"


def pressed(world: World, device_of: str, before: int = 0) -> str:
    """The alarm of this kit's newest press, once there are more than `before`."""
    sql = "SELECT alarm FROM alarm JOIN device ON device.device = alarm.device WHERE kit = ? ORDER BY opened_seq"

    def presses() -> list[str]:
        alarms = [row[0] for row in world.journal.connection.execute(sql, (device_of,))]
        return [
            alarm
            for alarm in alarms
            for row in world.journal.stream(f"alarm:{alarm}")
            if isinstance(world.journal.open_event(row), PressReceived)
        ]

    world.until(lambda: len(presses()) > before, "the press is in the journal")
    return presses()[-1]


@pytest.mark.full(
    "tests/android/test_phone.py::test_a_press_reaches_the_journal_and_the_phone_learns_what_becomes_of_it",
    "tests/android/test_core.py::test_the_core_passes_its_own_tests",
)
def test_a_held_button_rings_at_the_desk_and_the_phone_says_so(
    world: World, phone: Phone, tmp_path: Path
) -> None:
    person = world.person(MONS)
    kit = issue_kit(world.stack, person, button_key=KEY)
    desk = world.desk()
    with Radio(phone.engine, tmp_path, KEY) as button:
        phone.open()
        phone.type_code(f"{world.stack.config.intake_urls[0]} {world.stack.offer_code(kit, person['case'])}")
        phone.choose_codes()
        phone.allow("place")
        phone.refuse("microphone")
        button.open_pairing()
        phone.allow("button")
        phone.refuse("phone")
        phone.refuse("place")
        # The first test, with the button.
        phone.until("isConnected", True)
        phone.page.locator("#send-test").click()
        expect(phone.page.locator("#first-test")).not_to_be_empty()
        phone.until("test", "armed")
        button.hold()
        expect(phone.page.locator("#first-test[data-received=true]")).to_be_visible()
        phone.page.locator("#done").click()
        expect(phone.page.locator("#honest[data-honest=through]")).to_be_visible()
        expect(phone.page.locator("#proof-button")).to_have_attribute("data-proven", "true")
        phone.page.locator("#quit").click()
        # The next press is real; what is on the screen shows nothing of it.
        button.hold()
        alarm = pressed(world, kit)
        expect(desk.row(alarm)).to_be_visible()
        expect(phone.page.locator("#decoy")).to_be_visible()
        desk.acknowledge(alarm)
        phone.unlock(PIN)
        expect(phone.page.locator("#alarm-panel[data-state=acknowledged]")).to_be_visible()
        desk.ask("3")
        phone.page.locator("#answer-weapon").click()
        expect(desk("#silent-talk .answered")).to_have_count(1)
        # Switched off and on: the button is heard before anybody opens the app.
        phone.restart()
        phone.until("isConnected", True)
        button.hold()
        world.until(lambda: "PressedAgain" in world.kinds(alarm), "the press joined the alarm")
        desk.close(alarm, "perpetrator-gone", "Parti avant l'arrivée")
        phone.until("alarm", "")
