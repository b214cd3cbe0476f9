"""A kit with the app for Android, from the file to its first alarm: each gate is passed by what the phone signed."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from egide.events.register import KitIssued
from egide.fleet.kits.rules import CONDITIONS, NIGHT, RESTART
from egide.protocol.envelope import Trigger, decode
from tests.journeys.conftest import World
from tests.journeys.native_app import PIN, Phone, build_pages
from tests.journeys.story_kit import (
    a_night_passes,
    a_test_proves,
    code_on,
    gate,
    the_kit_is_handed_over,
    the_last_test,
    the_officer_makes_a_kit_ready,
)
from tests.journeys.test_story_file_to_alarm import (
    the_agreement_is_signed,
    the_magistrate_grants,
    the_officer_asks,
    the_officer_completes_it,
    the_officer_opens_a_file,
)
from tests.journeys.told import LAT, LON, OFFICER, Told
from tests.support.native_phone import Radio

STATE = '{"what":"state"}'
# The conditions under which the officer arms the test; under the others she does, on her page.
BY_OFFICER = (RESTART, NIGHT)


@dataclass
class NativeKit:
    """The app in her hand, and the button. `under`: the condition of the test; `office`: the officer's page."""

    phone: Phone
    button: Radio
    device: str
    office: Page
    under: str = ""

    def test(self) -> None:
        """Armed by the officer, the screen off; or on her page, opened with her code. Then the button is held."""
        if self.under in BY_OFFICER:
            self._test_by_officer()
            return
        self.phone.open()
        self.phone.unlock(PIN)
        self.phone.page.locator("#test-start").click()
        self.phone.until("test", "armed")
        self.button.hold()
        self.phone.until("test", "received")

    def _test_by_officer(self) -> None:
        """No page of hers is open when the button is held, and nothing on the phone shows that a test is armed."""
        box = self.office.locator("#arming")
        if self.under == RESTART:
            self.phone.page.goto("about:blank")
            self.phone.engine.kill()
        self.office.click("#arm")
        expect(self.office.locator("#take-back")).to_be_visible()
        if self.under == RESTART:
            expect(box).to_contain_text("Do not press yet.")
            # It speaks as soon as it has started; nobody has opened the app since.
            self.phone.restart()
        else:
            # It speaks when her page is opened, which is left before anybody presses.
            self.phone.open()
            self.phone.unlock(PIN)
        expect(box).to_contain_text("Hold the button now.")
        self.phone.page.goto("about:blank")
        self.phone.until("isConnected", True, meanwhile=STATE)
        state = self.phone.engine.state
        assert (state["test"] != "armed", state["testUntilMs"]) == (True, 0)
        self.button.hold()
        expect(box).to_contain_text("The test came through")


@contextmanager
def native_kit(told: Told, office: Page, pages: Path, folder: Path) -> Iterator[NativeKit]:
    """Set up with the officer's line, all that the platform asks for allowed, the button linked."""
    world = told.world
    issued = world.journal.open_event(world.journal.stream(f"kit:{told.kit}")[0])
    assert isinstance(issued, KitIssued)
    with (
        closing(Phone(world, folder, pages, {"lat": LAT, "lon": LON})) as phone,
        Radio(phone.engine, folder, issued.button_key) as button,
    ):
        code_on(office)
        office.locator("#native summary").click()
        phone.open()
        phone.type_code(office.locator("#native-line").inner_text())
        phone.choose_codes()
        phone.allow("place")
        phone.pass_over("microphone")
        button.open_pairing()
        phone.allow("button")
        phone.allow("phone")
        phone.allow("place")
        phone.until("isConnected", True)
        phone.page.locator("#done").click()
        [device] = world.journal.connection.execute(
            "SELECT device FROM device WHERE kit = ?", (told.kit,)
        ).fetchone()
        yield NativeKit(phone, button, device, office)


@pytest.mark.full(
    "tests/fleet/test_pages.py::test_from_the_file_to_the_hand_over_on_the_pages_alone",
    "tests/fleet/test_gates.py",
    "tests/android/test_core.py::test_the_core_passes_its_own_tests",
    "tests/android/test_app.py",
)
def test_rule_17_a_native_phone_passes_every_gate_by_its_signed_tests_and_leaves(
    world: World, tmp_path: Path
) -> None:
    """How each was pressed is the officer's word; that it came, from this phone and by this button, is the phone's."""
    pages = build_pages(tmp_path / "pages")
    told = Told(world)
    officer = told.sign_in(OFFICER)
    the_officer_opens_a_file(told, officer)
    the_officer_completes_it(told, officer)
    the_officer_asks(told, officer)
    the_magistrate_grants(told)
    the_officer_makes_a_kit_ready(told, officer)
    the_agreement_is_signed(told, officer)
    with native_kit(told, officer, pages, tmp_path) as kit:
        expect(officer.locator("#client")).to_contain_text("It says that it is the app")
        expect(gate(officer, "The phone says")).to_have_class("open")
        expect(gate(officer, "The phone is enrolled")).to_have_class("open")
        expect(officer.locator("#kit-live")).not_to_contain_text("not allowed")
        for number, condition in enumerate(CONDITIONS):
            kit.under = condition
            if condition == NIGHT:
                a_night_passes(told, kit)
            a_test_proves(told, officer, kit, number)
            last = the_last_test(told, kit)
            assert (last.officers_test > 0) is (condition in BY_OFFICER)
            assert last.trigger == Trigger.BUTTON
            assert decode(last.envelope).kid.hex() == kit.device, (
                "signed by this phone, and checked when it came in"
            )
        the_kit_is_handed_over(told, officer)
        # Handed out, the next press is real: the screen is off, and no test has opened an alarm.
        alarms = "SELECT count(*) FROM alarm WHERE device = ?"
        assert world.journal.connection.execute(alarms, (kit.device,)).fetchone() == (0,)
        desk = world.desk()
        kit.button.hold()
        kit.phone.until("alarm", "received", meanwhile=STATE)
        [alarm] = world.journal.connection.execute(
            "SELECT alarm FROM alarm WHERE device = ?", (kit.device,)
        ).fetchone()
        expect(desk.row(alarm)).to_be_visible()
        state = world.state(alarm)
        assert state.case == told.case
        assert not state.press.flags, "nothing odd about a kit that passed every gate"
