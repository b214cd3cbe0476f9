"""Safety rule 20: a test that was left is over, so that the next hold is never swallowed as one."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from egide.alarm.events import PressReceived, TestReceived
from tests.journeys.conftest import World
from tests.journeys.phone_app import HIDDEN, PhoneApp


def quit_fast(phone: PhoneApp) -> None:
    phone.page.locator("#quit").click()


def lock(phone: PhoneApp) -> None:
    """The telephone is locked or another app comes to the front: both hide the page."""
    phone.page.evaluate(HIDDEN)


def load_anew(phone: PhoneApp) -> None:
    phone.page.reload()


def stop_and_quit(phone: PhoneApp) -> None:
    phone.page.locator("#test-stop").click()
    phone.page.locator("#quit").click()


@pytest.mark.parametrize(
    "leave",
    [
        quit_fast,
        lock,
        pytest.param(load_anew, marks=pytest.mark.full("its other cases")),
        pytest.param(stop_and_quit, marks=pytest.mark.full("its other cases")),
    ],
)
def test_anyone_who_left_the_armed_test_presses_for_real(
    world: World, leave: Callable[[PhoneApp], None]
) -> None:
    phone = PhoneApp(world).enrol()
    phone.arm_test()
    leave(phone)
    phone.press()
    assert len(phone.events(PressReceived)) == 1
    assert phone.events(TestReceived) == []


def test_after_the_test_a_hold_on_its_page_is_real_and_the_page_had_said_so(world: World) -> None:
    phone = PhoneApp(world).enrol()
    phone.arm_test()
    expect(phone.page.locator("#test-left")).to_contain_text("Encore 1")
    phone.hold()
    expect(phone.page.locator("#test")).to_have_attribute("data-step", "received")
    expect(phone.page.locator("#test-after")).to_have_text("Tout nouvel appui est réel.")
    phone.press()
    assert (len(phone.events(TestReceived)), len(phone.events(PressReceived))) == (1, 1)
