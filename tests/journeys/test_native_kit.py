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


@dataclass
class NativeKit:
    """The app in her hand, and the button."""

    phone: Phone
    button: Radio
    device: str

    def test(self) -> None:
        """Her page, opened with her code; a test armed there; the button held."""
        self.phone.open()
        self.phone.unlock(PIN)
        self.phone.page.locator("#test-start").click()
        self.phone.until("test", "armed")
        self.button.hold()
        self.phone.until("test", "received")


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
        yield NativeKit(phone, button, device)


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
            if condition == RESTART:
                # Nobody has opened the app since: the button is heard all the same.
                kit.phone.restart()
                kit.phone.until("isConnected", True)
            if condition == NIGHT:
                a_night_passes(told, kit)
            a_test_proves(told, officer, kit, number)
            last = the_last_test(told, kit)
            assert last.trigger == Trigger.BUTTON
            assert decode(last.envelope).kid.hex() == kit.device, (
                "signed by this phone, and checked when it came in"
            )
        the_kit_is_handed_over(told, officer)
        # Handed out, the next press is real: her page is closed, the small app stands there.
        kit.phone.page.locator("#quit").click()
        desk = world.desk()
        kit.button.hold()
        kit.phone.wait(lambda: kit.phone.engine.state["alarm"] == "received", "the press got through")
        [alarm] = world.journal.connection.execute(
            "SELECT alarm FROM alarm WHERE device = ?", (kit.device,)
        ).fetchone()
        expect(desk.row(alarm)).to_be_visible()
        state = world.state(alarm)
        assert state.case == told.case
        assert not state.press.flags, "nothing odd about a kit that passed every gate"
