"""Rule 8 on the phone: her code ends nothing, the one under threat looks like it, and a wrong one never locks."""

import pytest
from playwright.sync_api import expect

from egide.alarm.events import (
    AlarmAcknowledged,
    CancelReceived,
    PositionReceived,
    PressedAgain,
    PressReceived,
    TestReceived,
    TextAsked,
)
from egide.protocol.envelope import Trigger
from tests.journeys.conftest import World
from tests.journeys.phone_app import DURESS, PIN, PhoneApp

VIBRATE = "Vibrer"


@pytest.mark.full(
    "phone/tests/engine_telling.test.ts",
    "tests/boards/desk/test_board.py::test_rule_08_a_pin_ends_nothing",
    "tests/journeys/test_phone_press.py::test_the_network_is_cut_at_each_step_and_each_step_comes_through_once",
)
def test_rule_08_a_code_says_that_she_is_safe_and_closes_nothing(world: World) -> None:
    phone = PhoneApp(world).enrol()
    phone.to_decoy()
    alarm = phone.press()
    phone.unlock()
    phone.page.locator("#cancel").click()
    phone.enter("9999")
    expect(phone.page.locator("#pad-fault")).not_to_be_empty()
    phone.enter(PIN)
    world.until(lambda: phone.events(CancelReceived), "cancelled")
    assert world.state(alarm).is_open
    assert not world.state(alarm).press.duress
    expect(phone.page.locator("#cancelled")).to_be_visible()


def test_rule_08_a_code_under_threat_looks_like_the_other_and_mutes_the_phone(world: World) -> None:
    pages = []
    for pin in (PIN, DURESS):
        phone = PhoneApp(world).enrol()
        phone.choose(VIBRATE)
        phone.to_decoy()
        alarm = phone.press()
        world.until(lambda phone=phone: len(phone.vibrations) == 1, "received")  # type: ignore[misc]
        phone.unlock()
        phone.page.locator("#cancel").click()
        phone.enter(pin)
        world.until(lambda phone=phone: phone.events(CancelReceived), "a code")  # type: ignore[misc]
        assert world.state(alarm).press.duress is (pin == DURESS)
        world.write_down(alarm, AlarmAcknowledged("hainaut-12"))
        count = len(phone.events(PositionReceived))
        world.until(lambda phone=phone, n=count: len(phone.events(PositionReceived)) > n + 1, "told")  # type: ignore[misc]
        pages.append(phone.page.evaluate("document.querySelector('main').innerText.replace(/\\d+/g, 'n')"))
        assert len(phone.vibrations) == 1, "it vibrated after the code"
    assert pages[0] == pages[1], "an onlooker can tell the two codes apart"
    world.write_down(alarm, TextAsked("hainaut-12", "safe"))
    count = len(phone.events(PositionReceived))
    world.until(lambda: len(phone.events(PositionReceived)) > count + 1, "told again")
    expect(phone.page.locator("#question")).to_have_count(0)
    # It stays so after a reload, until the alarm is closed.
    phone.page.reload()
    phone.unlock()
    expect(phone.page.locator("#alarm-panel")).to_have_count(0)


@pytest.mark.full(
    "tests/journeys/test_attack_decoy.py::test_a_code_under_threat_opens_a_note_and_nothing_that_is_hers",
    "phone/tests/app.test.ts::a test that is asked for then is a press, and looks like a test",
)
def test_rule_08_the_code_under_threat_at_rest_is_a_silent_alarm(world: World) -> None:
    phone = PhoneApp(world).enrol()
    phone.choose(VIBRATE)
    phone.to_decoy()
    phone.unlock(DURESS)
    alarm = phone.alarm()
    assert world.state(alarm).press.duress
    [press] = phone.events(PressReceived)
    assert press.trigger == Trigger.DURESS
    # Somebody looks on: what it opens is the first page's own.
    expect(phone.page.locator("#private-note")).to_be_visible()
    expect(phone.page.locator("#honest, #cancelled, #alarm-panel")).to_have_count(0)
    phone.page.locator("#private-close").click()
    phone.unlock()
    expect(phone.page.locator("#honest")).to_be_visible()
    expect(phone.page.locator("#cancelled, #alarm-panel")).to_have_count(0)
    # A test that is asked for now is the next press, and seems to be a test.
    phone.test()
    world.until(lambda: phone.events(PressedAgain), "pressed again")
    assert phone.events(TestReceived) == []
    assert phone.vibrations == []


@pytest.mark.full(
    "tests/journeys/test_attack_phone_store.py::test_four_digits_cannot_be_tried_and_a_press_never_waits_for_a_code",
)
def test_rule_08_a_wrong_code_never_locks(world: World) -> None:
    phone = PhoneApp(world).enrol()
    phone.to_decoy()
    phone.page.locator("#decoy h1").click(click_count=3)
    for _ in range(12):
        phone.enter("0000")
        expect(phone.page.locator("#pad")).to_have_value("")
    phone.enter(PIN)
    expect(phone.page.locator("#honest")).to_be_visible()
