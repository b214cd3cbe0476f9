"""The app for Android without Android: its pages in Chromium, its engine on a JVM, a button on a real Bluetooth stack.

What the window of the app does between them is played here (`tests/support/native_phone.py`) and tried by itself in
`tests/android/trials`.
"""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from egide.alarm.events import PressReceived
from egide.common.config import SMS_PORT
from egide.fleet.native.published import do_publish, do_withdraw
from egide.protocol.link import LinkFlag
from tests.fleet import apks
from tests.journeys.conftest import GENT, MONS, World
from tests.journeys.native_app import PIN, Phone, build_pages
from tests.support import browser as b
from tests.support.native_phone import Radio
from tests.support.one_host import Answer, OneHost, ask
from tests.support.phones import issue_kit
from tests.support.sms_road import UDH, SmsRoad

KEY = bytes(range(16, 32))
OFFICER = "gent-44"


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_pages(tmp_path_factory.mktemp("pages"))


@pytest.fixture
def phone(world: World, pages: Path, tmp_path: Path) -> Iterator[Phone]:
    with closing(Phone(world, tmp_path, pages)) as her:
        yield her


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
    phone.pass_over("button")
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
        phone.pass_over("microphone")
        button.open_pairing()
        phone.allow("button")
        phone.pass_over("phone")
        phone.allow("place")
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


@pytest.mark.full(
    "tests/android/test_app.py",
    "phone/tests/native.test.ts",
    "tests/fleet/test_pages.py::test_the_page_says_what_the_phone_is_not_allowed",
)
def test_what_she_refuses_is_said_to_her_and_to_the_officer_and_a_press_goes_out_all_the_same(
    world: World, phone: Phone
) -> None:
    """The platform's own questions answered with no, one after the other; notifications are never even asked for."""
    person = world.person(GENT)
    office = opened_at_the_officers(world, person["kit"])
    office.click("#show-code")
    office.locator("#native summary").click()
    phone.open()
    phone.window.refuses = {"position", "position-unseen", "button", "battery"}
    phone.type_code(office.locator("#native-line").inner_text())
    phone.choose_codes()
    phone.refuse("place", "The position is refused. An alarm goes out all the same")
    phone.pass_over("microphone")
    phone.refuse("button", "The phone does not allow this. Allow nearby devices in its settings")
    phone.refuse("phone", "The battery saver stays on")
    phone.refuse("place", "The position is allowed only while this app is open")
    phone.page.locator("#send-test").click()
    expect(phone.page.locator("#first-test[data-received=true]")).to_be_visible()
    # The officer reads the same, beside her.
    live = office.locator("#kit-live")
    expect(live).to_contain_text("The phone gives no position yet: it is not allowed there")
    expect(live).to_contain_text("Button not paired yet")
    expect(live).to_contain_text("no test by the button has come in")
    assert not {asked for asked in phone.window.asked if "notif" in asked}
    phone.page.locator("#done").click()
    expect(phone.page.locator("#proof-phone")).to_contain_text("position not allowed")
    expect(phone.page.locator("#honest")).not_to_have_attribute("data-honest", "through")
    # Allowed while the app is open, refused with the screen off: in a pocket that is no position.
    phone.window.refuses = {"position-unseen", "button"}
    phone.page.locator("#settings").click()
    phone.page.locator("#unseen").click()
    expect(phone.page.locator("#unseen-fault")).to_contain_text("only while this app is open")
    phone.page.locator("#place").click()
    expect(phone.page.locator("#place")).to_have_count(0)
    # What she was told meanwhile stays before her.
    expect(phone.page.locator("#unseen-fault")).to_contain_text("only while this app is open")
    expect(live).to_contain_text("it is not allowed there")
    # Allowed in the phone's settings at last: both pages follow.
    phone.window.refuses = set()
    phone.page.locator("#unseen").click()
    expect(live).not_to_contain_text("it is not allowed there")
    phone.page.locator("#settings-back").click()
    expect(phone.page.locator("#proof-phone")).to_contain_text("position allowed")
    # Taken back later, and pressed without any of it: the alarm goes out, without a position.
    phone.window.withdraw("position")
    expect(live).to_contain_text("it is not allowed there")
    phone.engine.say(ask='{"what":"press"}')
    alarm = pressed(world, person["kit"])
    (press,) = [
        event
        for row in world.journal.stream(f"alarm:{alarm}")
        if isinstance(event := world.journal.open_event(row), PressReceived)
    ]
    assert press.position is None
    assert LinkFlag.POSITION_REFUSED in LinkFlag(press.link or 0)


@contextmanager
def withdrawn_at_the_end(folder: Path) -> Iterator[None]:
    """Hands nothing out any more, once it is over."""
    try:
        yield
    finally:
        do_withdraw(folder)


@pytest.mark.full("tests/android/test_newer.py", "phone/tests/native.test.ts")
def test_a_newer_app_is_offered_quietly_on_her_page_and_taken_by_her_word(
    world: World, pages: Path, tmp_path: Path
) -> None:
    own, person = tmp_path / "base.apk", world.person(MONS)
    own.write_bytes(apks.app(code=7))
    newer = apks.app(code=8)
    code = world.stack.offer_code(issue_kit(world.stack, person), person["case"])
    config = world.stack.config
    # Until the end: what is withdrawn is offered no more, whenever the phone looks again.
    with (
        withdrawn_at_the_end(config.android_dir),
        OneHost(lambda path: ask(config.web_origins[0], path), config.intake_urls[0]) as host,
        closing(Phone(world, tmp_path, pages, own=own, day_ms=200)) as phone,
    ):
        phone.open()
        phone.type_code(f"{host.url} {code}")
        phone.choose_codes()
        for picture in ("place", "microphone", "button", "phone", "place"):
            phone.pass_over(picture)
        phone.page.locator("#done").click()
        expect(phone.page.locator("#proofs")).to_be_visible()
        expect(phone.page.locator("#update")).to_have_count(0)
        do_publish(newer, config.android_dir)
        phone.until("hasUpdate", True, meanwhile='{"what":"prove"}')
        expect(phone.page.locator("#update")).to_contain_text("An update of this app is ready")
        assert not re.search(
            r"alarm|polic|112|egide", phone.page.locator("#update").inner_text(), re.IGNORECASE
        )
        phone.page.locator("#update-install").click()
        phone.wait(lambda: phone.engine.handed, "the platform has the file")
        assert Path(phone.engine.handed).read_bytes() == newer
        # She says no to the platform: it can be said again.
        phone.engine.handed = ""
        phone.engine.say(refused=True)
        expect(phone.page.locator("#update-failed")).to_contain_text("Nothing has changed")
        phone.page.locator("#update-install").click()
        # An alarm while the platform still asks: the question is taken back, and her page shows the alarm alone.
        phone.wait(lambda: phone.engine.handed, "once more")
        phone.engine.say(ask='{"what":"press"}')
        expect(phone.page.locator("#alarm-panel")).to_be_visible()
        expect(phone.page.locator("#update")).to_have_count(0)
        phone.wait(lambda: phone.engine.handed == "", "it was taken back")


def with_a_number(url: str) -> Callable[[str, Answer], Answer]:
    """This host is the only one, and there is a number for text messages: what a phone learns as it is enrolled."""

    def bend(path: str, answer: Answer) -> Answer:
        status, headers, body = answer
        if path != "/v1/enrolments":
            return answer
        texts = {"number": "+3200000001", "port": SMS_PORT}
        return status, headers, json.dumps({**json.loads(body), "servers": [url], "texts": texts}).encode()

    return bend


@pytest.mark.full(
    "tests/android/test_text_messages.py::test_with_the_servers_cut_off_a_press_arrives_by_text_and_is_one_alarm_when_they_are_back",
    "tests/android/test_core.py::test_the_core_passes_its_own_tests",
)
def test_with_her_servers_cut_off_a_held_button_rings_at_the_desk_by_text(
    world: World, pages: Path, tmp_path: Path
) -> None:
    person, config = world.person(MONS), world.stack.config
    kit = issue_kit(world.stack, person, button_key=KEY)
    desk = world.desk()
    with (
        OneHost(lambda path: ask(config.web_origins[0], path), config.intake_urls[0]) as host,
        closing(SmsRoad(config)) as road,
        closing(Phone(world, tmp_path, pages)) as phone,
        Radio(phone.engine, tmp_path, KEY) as button,
    ):
        host.bend_sent = with_a_number(host.url)
        phone.open()
        phone.type_code(f"{host.url} {world.stack.offer_code(kit, person['case'])}")
        phone.choose_codes()
        phone.allow("place")
        phone.pass_over("microphone")
        button.open_pairing()
        phone.allow("button")
        phone.allow("message")
        phone.pass_over("phone")
        phone.allow("place")
        phone.until("isConnected", True)
        phone.page.locator("#done").click()
        phone.page.locator("#quit").click()
        host.is_cut = True
        button.hold()
        phone.wait(lambda: phone.engine.texted, "the press went by text")
        road.delivered(road.hand(udh=UDH, data=phone.engine.texted[0]))
        alarm = pressed(world, kit)
        expect(desk.row(alarm)).to_be_visible()
        desk.acknowledge(alarm)
        expect(desk("#alarm")).to_contain_text("Par SMS")
        # Rule 16: no server has signed, so her phone says no more than that it keeps the press.
        assert phone.engine.state["alarm"] == "stored"
        # Rule 18: that no server answered the press is nothing that the small app may let see.
        phone.until("trouble", "unreachable")
        expect(phone.page.locator("#decoy-note")).to_be_empty()
        host.is_cut = False
        phone.until("alarm", "acknowledged")
        phone.unlock(PIN)
        expect(phone.page.locator("#alarm-panel[data-state=acknowledged]")).to_be_visible()
        assert world.kinds(alarm).count("PressReceived") == 1 and "PressedAgain" not in world.kinds(alarm)
        desk.close(alarm, "perpetrator-gone", "Parti avant l'arrivée")
        phone.until("alarm", "")
