"""The phone's web app in real Chromium: a press on its screen, and how it comes through whatever happens to it."""

import itertools
import time

from playwright.sync_api import expect

from egide.events.alarm import (
    AlarmAcknowledged,
    AlarmClosed,
    PositionReceived,
    PressedAgain,
    PressReceived,
)
from egide.protocol.envelope import Trigger
from tests.journeys.conftest import World
from tests.journeys.phone_app import PIN, PhoneApp

RECEIVED, SEEN = [200], [200, 150, 200]
VIBRATE = "Vibrer"
QUIET = "end of a story"


def test_a_held_page_is_an_alarm_with_place_and_she_feels_who_has_it(world: World) -> None:
    phone = PhoneApp(world).enrol()
    phone.choose(VIBRATE)
    phone.to_decoy()
    before = phone.page.locator("#decoy").inner_html()
    alarm = phone.press()

    [press] = phone.events(PressReceived)
    assert (press.trigger, press.flags) == (Trigger.SCREEN, ())
    assert press.position is not None
    assert press.position.accuracy_m == 12
    assert abs(press.position.lat_e7 / 1e7 - float(phone.person["lat"])) < 1e-4
    world.until(lambda: len(phone.vibrations) == 1, "the first vibration")
    world.write_down(alarm, AlarmAcknowledged("hainaut-12"))
    world.until(lambda: len(phone.vibrations) == 2, "the second vibration")
    assert phone.vibrations == [RECEIVED, SEEN]
    assert phone.page.locator("#decoy").inner_html() == before, "an alarm shows on the decoy"

    phone.unlock()
    expect(phone.page.locator("#alarm-panel")).to_have_attribute("data-state", "acknowledged")


def test_positions_follow_every_five_seconds_and_after_the_closing(world: World) -> None:
    phone = PhoneApp(world).enrol()
    phone.to_decoy()
    alarm = phone.press()
    world.write_down(alarm, AlarmAcknowledged("hainaut-12"))
    world.until(lambda: len(phone.events(PositionReceived)) >= 4, "positions come")
    world.write_down(alarm, AlarmClosed("hainaut-12", "perpetrator-gone", QUIET))
    told = len(phone.events(PositionReceived))
    world.until(lambda: len(phone.events(PositionReceived)) >= told + 2, "positions come after the closing")
    times = [event.sent_at_s for event in phone.events(PositionReceived)][-3:]
    assert all(4 <= later - earlier <= 7 for earlier, later in itertools.pairwise(times)), times
    assert not world.state(alarm).is_open
    phone.unlock()
    expect(phone.page.locator("#honest")).to_be_visible()
    expect(phone.page.locator("#alarm-panel")).to_have_count(0)


def test_rule_09_presses_on_the_screen_fold_into_one_alarm(world: World) -> None:
    phone = PhoneApp(world).enrol()
    phone.to_decoy()
    alarm = phone.press()
    phone.hold()
    world.until(lambda: phone.events(PressedAgain), "pressed again")
    assert phone.alarms() == [alarm]
    world.write_down(alarm, AlarmClosed("hainaut-12", "perpetrator-gone", QUIET))
    phone.hold()
    world.until(lambda: len(phone.events(PressedAgain)) == 2, "pressed in the tail")
    assert phone.alarms() == [alarm]
    assert world.state(alarm).is_open


def test_a_touch_that_is_too_short_is_nothing(world: World) -> None:
    phone = PhoneApp(world).enrol()
    phone.to_decoy()
    phone.hold(for_ms=900)
    assert phone.page.evaluate("navigator.onLine")
    assert phone.alarms() == []


def test_a_press_without_network_goes_out_later_as_what_it_was(world: World) -> None:
    phone = PhoneApp(world).enrol()
    phone.to_decoy()
    phone.context.set_offline(True)
    phone.hold()
    pressed_at_s = time.time()  # noqa: TID251 the same clock as the browser's
    phone.unlock()
    expect(phone.page.locator("#alarm-panel")).to_have_attribute("data-state", "stored")
    expect(phone.page.locator("#trouble")).to_be_visible()
    phone.page.wait_for_timeout(3000)
    phone.context.set_offline(False)
    phone.alarm()
    [press] = phone.events(PressReceived)
    assert abs(press.sent_at_s - pressed_at_s) <= 3
    expect(phone.page.locator("#alarm-panel")).to_have_attribute("data-state", "received")
    assert phone.events(PressedAgain) == []


def test_a_press_survives_the_page_that_is_reloaded_before_it_went_out(world: World) -> None:
    phone = PhoneApp(world).enrol()
    # The service worker keeps the app: it opens again without any network.
    phone.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    phone.to_decoy()
    phone.context.set_offline(True)
    phone.hold()
    phone.page.wait_for_timeout(300)
    phone.page.reload()
    expect(phone.page.locator("#decoy")).to_be_visible()
    phone.unlock()
    expect(phone.page.locator("#alarm-panel")).to_have_attribute("data-state", "stored")
    phone.context.set_offline(False)
    phone.alarm()
    assert len(phone.events(PressReceived)) == 1
    phone.page.reload()
    phone.unlock()
    expect(phone.page.locator("#alarm-panel")).to_have_attribute("data-state", "received")
    assert len(phone.alarms()) == 1


def test_a_receipt_that_is_lost_doubles_nothing(world: World) -> None:
    # The answer of a page under a service worker cannot be taken away by Playwright.
    phone = PhoneApp(world, service_workers="block").enrol()
    phone.to_decoy()
    lost: list[str] = []

    def lose_the_first(route: object) -> None:
        if len(lost) < 2:
            lost.append("answer")
            route.fetch()  # type: ignore[attr-defined]
            route.abort()  # type: ignore[attr-defined]
        else:
            route.continue_()  # type: ignore[attr-defined]

    phone.page.route("**/v1/messages", lose_the_first)
    alarm = phone.press()
    phone.unlock()
    expect(phone.page.locator("#alarm-panel")).to_have_attribute("data-state", "received")
    assert lost == ["answer", "answer"]
    assert phone.alarms() == [alarm]
    assert len(phone.events(PressReceived)) + len(phone.events(PressedAgain)) == 1


def test_a_server_that_is_away_is_tried_until_it_is_back(world: World) -> None:
    phone = PhoneApp(world).enrol()
    phone.to_decoy()
    world.stack.children["intake"].kill()
    phone.hold()
    phone.unlock()
    expect(phone.page.locator("#trouble")).to_be_visible()
    world.stack.children["intake"].start()
    phone.alarm()
    assert len(phone.events(PressReceived)) == 1
    expect(phone.page.locator("#alarm-panel")).to_have_attribute("data-state", "received")


def test_a_clock_two_hours_wrong_loses_nothing_and_is_said(world: World) -> None:
    phone = PhoneApp(world)
    wrong_ms = -2 * 3_600_000
    phone.context.add_init_script(f"const now = Date.now; Date.now = () => now.call(Date) + ({wrong_ms});")
    phone.enrol()
    phone.to_decoy()
    phone.press()
    [press] = phone.events(PressReceived)
    assert "late" in press.flags
    phone.unlock(PIN)
    expect(phone.page.locator("#alarm-panel")).to_have_attribute("data-state", "received")


def test_two_windows_are_one_phone(world: World) -> None:
    phone = PhoneApp(world).enrol()
    phone.to_decoy()
    first = phone.page
    second = phone.page = phone.new_page()
    second.goto(phone.address())
    expect(second.locator("#decoy")).to_be_visible()
    alarm = phone.press()
    # The first window rests, and still takes a press: nothing is lost on whichever she holds.
    phone.page = first
    phone.hold()
    world.until(lambda: phone.events(PressedAgain), "the other window's press")
    second.close()
    told = len(phone.events(PositionReceived))
    world.until(lambda: len(phone.events(PositionReceived)) > told + 1, "the first window goes on alone")
    counters = [event.counter for event in phone.events(PositionReceived)]
    assert len(counters) == len(set(counters))
    assert phone.alarms() == [alarm]
