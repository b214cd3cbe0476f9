"""Unmodified Web Bluetooth in real Chromium against the virtual button's complete stack, with real servers."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from egide.alarm.events import PressedAgain, PressReceived, TestReceived
from egide.common.clock import SystemClock
from egide.common.encoding import to_base64url
from egide.entrypoints.stack.children import Child, stop_all
from egide.events.register import KitIssued
from egide.protocol.envelope import Trigger
from egide.protocol.link import LinkFlag
from tests.journeys.conftest import World
from tests.journeys.phone_app import PhoneApp
from tests.support import browser as b

pytestmark = pytest.mark.usefixtures("air")
FEATURES = "--enable-features=WebBluetooth,WebBluetoothNewPermissionsBackend"

# Whether the phone reaches its button when it looks for it again.
REACH = """
  window.isInReach = true;
  const connect = BluetoothRemoteGATTServer.prototype.connect;
  BluetoothRemoteGATTServer.prototype.connect = function () {
    return window.isInReach ? connect.call(this) : Promise.reject(new DOMException("out of reach", "NetworkError"));
  };
"""


class Bluetooth:
    """A browser whose platform has Bluetooth, and buttons of one's own on the air."""

    def __init__(self, world: World, folder: Path) -> None:
        self._folder = folder
        self._world = world
        self._air = f"127.0.0.1:{world.stack.ports['air']}"
        self._children = [Child("tests.support.fake_bluez", ["--air", self._air, "--dir", str(folder)], {})]
        address = self._children[0].wait_for("ready", "bluez")["address"]
        self.browser: Browser = world.browser.browser_type.launch(
            executable_path=b.path_of(*b.NAMES),
            args=[*b.ARGUMENTS, FEATURES],
            env={**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": address},
        )

    def button(self, phone: PhoneApp, key: bytes | None = None) -> "Hand":
        """The button of the phone's kit (or one with another key), in its pairing window."""
        journal = self._world.journal
        issued = journal.open_event(journal.stream(f"kit:{phone.kit}")[0])
        assert isinstance(issued, KitIssued)
        state = self._folder / f"{len(self._children)}-{issued.button_id}"
        state.mkdir()
        key_file = state / "keys.json"
        key_file.write_text(json.dumps({issued.button_id: to_base64url(key or issued.button_key)}))
        arguments = ["--air", self._air, "--state", str(state), "--key-file", str(key_file)]
        self._children.append(Child("egide.entrypoints.button", arguments, {}))
        hand = Hand(self._children[-1], issued.button_id)
        hand.child.wait_for("step", "button.on")
        hand.open_pairing()
        return hand

    def close(self) -> None:
        self.browser.close()
        stop_all(self._children)


class Hand:
    """What a finger does with one button."""

    def __init__(self, child: Child, name: str) -> None:
        self.child = child
        self.name = name

    def open_pairing(self) -> None:
        self.child.send({"open_pairing": self.name, "seconds": 60})
        self.child.wait_for("step", "button.pairing_open")

    def put_away(self) -> None:
        """Out of reach."""
        self.child.kill()

    def take_out(self) -> None:
        """It is there again, with all that it keeps."""
        self.child.start()
        self.child.wait_for("step", "button.on")

    def hold(self) -> None:
        self.child.send({"press": self.name, "hold_s": 2.0})


@pytest.fixture
def bluetooth(world: World, tmp_path: Path) -> Iterator[Bluetooth]:
    made = Bluetooth(world, tmp_path)
    yield made
    world.calm()
    made.close()


def choose_what_is_offered(phone: PhoneApp) -> None:
    """The browser's own chooser: the first device that it lists is taken, each only once.

    The platform goes on listing for a while what it heard before.
    """
    session = phone.context.new_cdp_session(phone.page)
    prompts: set[str] = set()
    taken: set[str] = set()

    def choose(prompt: dict[str, Any]) -> None:
        offered = [device["id"] for device in prompt["devices"] if device["id"] not in taken]
        if offered and prompt["id"] not in prompts:
            prompts.add(prompt["id"])
            taken.add(offered[0])
            session.send("DeviceAccess.selectPrompt", {"id": prompt["id"], "deviceId": offered[0]})

    session.on("DeviceAccess.deviceRequestPrompted", choose)
    session.send("DeviceAccess.enable")


def enrol_with_button(phone: PhoneApp) -> None:
    phone.enrol_up_to_button()
    choose_what_is_offered(phone)
    phone.page.locator("#allow").click()


def test_a_real_press_of_the_paired_button_is_an_alarm_and_is_acknowledged(
    world: World, bluetooth: Bluetooth
) -> None:
    phone = PhoneApp(world, browser=bluetooth.browser)
    hand = bluetooth.button(phone)
    enrol_with_button(phone)
    phone.page.locator("#done").click()
    phone.honest("button-unheard")
    hand.child.wait_for("step", "button.paired")
    phone.to_decoy()
    hand.hold()
    hand.child.wait_for("step", "button.acknowledged")
    alarm = phone.alarm()
    [press] = phone.events(PressReceived)
    assert press.trigger == Trigger.BUTTON
    assert press.battery is not None
    assert press.battery.button_pct is not None
    hand.hold()
    world.until(lambda: phone.events(PressedAgain), "pressed again")
    assert phone.alarms() == [alarm]
    phone.unlock()
    expect(phone.page.locator("#alarm-panel")).to_have_attribute("data-state", "received")


@pytest.mark.full(
    "phone/tests/engine_button.test.ts",
    "tests/companion/test_phone_itself.py::test_rule_20_a_press_that_the_button_kept_before_the_test_was_armed_is_real",
    "tests/journeys/test_phone_button.py::test_a_real_press_of_the_paired_button_is_an_alarm_and_is_acknowledged",
)
def test_rule_20_one_press_of_the_button_is_the_test_and_one_that_it_kept_from_before_is_real(
    world: World, bluetooth: Bluetooth
) -> None:
    phone = PhoneApp(world, browser=bluetooth.browser)
    phone.context.add_init_script(REACH)
    hand = bluetooth.button(phone)
    enrol_with_button(phone)
    phone.page.locator("#done").click()
    hand.child.wait_for("step", "button.paired")
    phone.honest("button-unheard")
    phone.arm_test()
    hand.hold()
    phone.until_tested()
    phone.honest("through")
    expect(phone.page.locator("#proof-button")).to_contain_text("appui reçu il y a")
    assert len(phone.events(TestReceived)) == 1 and phone.alarms() == []
    # The button is held where the phone does not reach it, and keeps the press.
    phone.page.evaluate("window.isInReach = false")
    hand.put_away()
    hand.take_out()
    hand.hold()
    hand.child.wait_for("step", "button.held")
    held_at_ms = SystemClock().now_us() // 1000
    # A button tells in whole seconds how long ago it was held.
    phone.page.wait_for_function("(ms) => Date.now() > ms + 1000", arg=held_at_ms)
    phone.arm_test()
    phone.page.evaluate("window.isInReach = true")
    phone.alarm()
    [press] = phone.events(PressReceived)
    assert press.trigger == Trigger.BUTTON
    assert len(phone.events(TestReceived)) == 1


@pytest.mark.full(
    "phone/tests/engine_button.test.ts",
    "phone/tests/frame.test.ts",
    "tests/journeys/test_phone_button.py::test_a_real_press_of_the_paired_button_is_an_alarm_and_is_acknowledged",
)
def test_a_button_that_is_somebody_elses_is_refused_in_one_sentence_and_the_right_one_is_linked_later(
    world: World, bluetooth: Bluetooth
) -> None:
    """Its link breaks while it refuses, and the browser may then never answer on this page: the app says so itself."""
    phone = PhoneApp(world, browser=bluetooth.browser)
    strange = bluetooth.button(phone, key=bytes(16))
    enrol_with_button(phone)
    fault = phone.page.locator("main [role=alert]")
    expect(fault).to_contain_text("à quelqu’un d’autre")
    expect(phone.page.locator("#allow")).to_be_enabled()
    phone.page.locator("#deny").click()
    phone.page.locator("#done").click()
    expect(phone.page.locator("#proof-button")).to_contain_text("aucun")
    strange.put_away()
    phone.page.reload()
    phone.unlock()
    own = bluetooth.button(phone)
    phone.page.locator("#pair").click()
    phone.page.locator("#allow").click()
    phone.honest("button-unheard")
    own.child.wait_for("step", "button.paired")
    phone.to_decoy()
    own.hold()
    own.child.wait_for("step", "button.acknowledged")
    phone.alarm()


@pytest.mark.full(
    "phone/tests/proofs.test.ts",
    "tests/boards/desk/test_phone_faults.py",
)
def test_a_button_that_the_browser_no_longer_knows_is_said_here_and_beside_the_alarm(
    world: World, bluetooth: Bluetooth
) -> None:
    phone = PhoneApp(world, browser=bluetooth.browser)
    hand = bluetooth.button(phone)
    enrol_with_button(phone)
    phone.page.locator("#done").click()
    hand.child.wait_for("step", "button.paired")
    phone.honest("button-unheard")
    # Somebody took the permission away in the browser's settings.
    phone.page.evaluate("navigator.bluetooth.getDevices().then(([known]) => known.forget())")
    phone.page.reload()
    phone.unlock()
    phone.honest("no-button")
    expect(phone.page.locator("#pair")).to_be_visible()
    phone.to_decoy()
    alarm = phone.press()
    [press] = phone.events(PressReceived)
    assert LinkFlag.BUTTON_PAIRED not in LinkFlag(press.link)
    desk = world.desk()
    desk.choose(alarm)
    expect(desk(".signals")).to_contain_text("aucun bouton relié")
