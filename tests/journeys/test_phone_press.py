"""The phone's web app in real Chromium: a press on its screen, and how it comes through whatever happens to it."""

import itertools
import re
import socket
import time
import urllib.parse

import pytest
from playwright.sync_api import Route, expect

from egide.alarm.events import (
    AlarmAcknowledged,
    AlarmClosed,
    CancelReceived,
    PositionReceived,
    PressedAgain,
    PressReceived,
    TestReceived,
    TextAsked,
    TextReceived,
)
from egide.common.encoding import from_base64url
from egide.connectors.sms.answers import ANSWERS
from egide.protocol.enrolment import Settings
from egide.protocol.envelope import Trigger
from tests.journeys.conftest import World
from tests.journeys.phone_app import PIN, PhoneApp, told

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


@pytest.mark.full("phone/tests/engine_telling.test.ts")
@pytest.mark.parametrize("every_s", [2, 5])
def test_positions_follow_as_often_as_the_kit_says_and_after_the_closing(world: World, every_s: int) -> None:
    phone = PhoneApp(world, settings=Settings(hold_ms=800, position_interval_s=every_s)).enrol()
    phone.to_decoy()
    alarm = phone.press()
    world.write_down(alarm, AlarmAcknowledged("hainaut-12"))
    world.until(lambda: len(phone.events(PositionReceived)) >= 4, "positions come")
    world.write_down(alarm, AlarmClosed("hainaut-12", "perpetrator-gone", QUIET))
    told = len(phone.events(PositionReceived))
    world.until(lambda: len(phone.events(PositionReceived)) >= told + 2, "positions come after the closing")
    times = [event.sent_at_s for event in phone.events(PositionReceived)][-3:]
    assert all(later - earlier >= every_s - 1 for earlier, later in itertools.pairwise(times)), times
    assert not world.state(alarm).is_open
    phone.unlock()
    expect(phone.page.locator("#honest")).to_be_visible()
    expect(phone.page.locator("#alarm-panel")).to_have_count(0)


@pytest.mark.full(
    "tests/journeys/test_rule_09_presses_fold.py::test_a_second_press_joins_the_open_alarm_and_is_counted",
    "tests/intake/test_rules.py::test_rule_09_a_press_opens_its_alarm_or_joins_the_one_of_its_kit",
)
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
    phone = PhoneApp(world, settings=Settings(hold_ms=30_000)).enrol()
    phone.to_decoy()
    phone.hold(for_ms=900)
    # What is kept shows before it goes out; then the next message proves that nothing went before it.
    phone.unlock()
    expect(phone.page.locator("#honest")).to_be_visible()
    expect(phone.page.locator("#alarm-panel")).to_have_count(0)
    sent = len(phone.sent)
    phone.page.evaluate("void dispatchEvent(new Event('online'))")
    phone.until(lambda: len(phone.sent) > sent, "the next message")
    assert phone.alarms() == []


def test_a_press_without_network_goes_out_later_as_what_it_was(world: World) -> None:
    phone = PhoneApp(world).enrol()
    phone.to_decoy()
    phone.context.set_offline(True)
    phone.hold()
    pressed_at_s = time.time()  # noqa: TID251 the same clock as the browser's
    # Her page needs a network; what became of the press is said in front of it.
    phone.unlock()
    expect(phone.page.locator("#trouble")).to_have_text(
        "Pas de réseau. Le téléphone essaie encore. Formez le 112 si vous le pouvez."
    )
    phone.until(lambda: time.time() > pressed_at_s + 3, "a while without network")  # noqa: TID251
    phone.context.set_offline(False)
    phone.alarm()
    [press] = phone.events(PressReceived)
    assert press.sent_at_s <= pressed_at_s
    phone.enter(PIN)
    expect(phone.page.locator("#alarm-panel")).to_have_attribute("data-state", "received")
    assert phone.events(PressedAgain) == []


def test_without_internet_the_press_is_offered_as_two_text_messages_with_the_same_bytes(world: World) -> None:
    phone = PhoneApp(world)
    phone.context.add_init_script(told("sms", "+3200000000"))
    phone.enrol()
    phone.to_decoy()
    phone.context.set_offline(True)
    phone.hold()
    phone.unlock()
    halves = b""
    for number in (1, 2):
        address, _, body = str(phone.page.locator(f"#sms-{number}").get_attribute("href")).partition("?body=")
        assert address == "sms:+3200000000"
        words = urllib.parse.unquote(body)
        assert words.startswith(f"EG1{number}/2") and len(words) <= 160
        halves += from_base64url(words[6:])
    expect(phone.page.locator("#pad-waiting")).to_contain_text("Ils restent visibles")
    phone.context.set_offline(False)
    phone.alarm()
    [press] = phone.events(PressReceived)
    assert halves == press.envelope
    phone.enter(PIN)
    expect(phone.page.locator("#alarm-panel")).to_be_visible()
    expect(phone.page.locator("#sms-1")).to_have_count(0)


@pytest.mark.full(
    "phone/tests/sms_road.test.ts::rule 18: asks for no answer that she did not choose",
    "tests/attacks/test_sms_receipt.py",
)
def test_a_press_by_sms_asks_for_an_answer_only_where_she_chose_one_and_she_sees_its_words(
    world: World,
) -> None:
    phone = PhoneApp(world)
    phone.context.add_init_script(told("sms", "+3200000000"))
    phone.context.add_init_script(told("sms-answers", "yes"))
    phone.enrol()
    phone.page.locator("#settings").click()
    box = phone.page.get_by_label("Savoir par SMS")
    expect(box).not_to_be_checked()
    box.check()
    shown = phone.page.locator("#sms-answer").inner_text()
    phone.page.locator("#settings-back").click()
    phone.to_decoy()
    phone.context.set_offline(True)
    phone.hold()
    phone.unlock()
    asked = re.search(
        r"\.(\d+)$", urllib.parse.unquote(str(phone.page.locator("#sms-2").get_attribute("href")))
    )
    assert asked is not None
    words = ANSWERS[int(asked[1])]
    assert words in shown
    expect(phone.page.locator("#pad-waiting")).not_to_contain_text(words)
    phone.context.set_offline(False)
    phone.alarm()


def test_a_press_survives_the_page_that_is_reloaded_before_it_went_out(world: World) -> None:
    phone = PhoneApp(world).enrol()
    # The service worker keeps the app: it opens again without any network.
    phone.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    phone.to_decoy()
    phone.context.set_offline(True)
    phone.hold()
    phone.until_stored()
    phone.page.reload()
    expect(phone.page.locator("#decoy")).to_be_visible()
    phone.context.set_offline(False)
    # What follows a press may arrive before it, and opens the alarm too.
    phone.until(lambda: phone.events(PressReceived), "the press has arrived")
    assert len(phone.events(PressReceived)) == 1
    phone.page.reload()
    phone.unlock()
    expect(phone.page.locator("#alarm-panel")).to_have_attribute("data-state", "received")
    assert len(phone.alarms()) == 1


@pytest.mark.full(
    "phone/tests/engine.test.ts",
    "tests/journeys/test_phone_press.py::test_the_network_is_cut_at_each_step_and_each_step_comes_through_once",
)
def test_the_answer_to_every_message_is_lost_once_and_nothing_is_doubled(world: World) -> None:
    # The answer of a page under a service worker cannot be taken away by Playwright.
    phone = PhoneApp(world, service_workers="block")
    lost: set[bytes] = set()

    def lose_the_first(route: Route) -> None:
        body = route.request.post_data_buffer or b""
        if body in lost:
            route.continue_()
            return
        lost.add(body)
        route.fetch()
        route.abort()

    phone.page.route("**/v1/enrolments", lose_the_first)
    phone.type_code()
    phone.page.locator("#enrol-next").click()
    expect(phone.page.locator("#enrol-fault")).to_contain_text("Aucune réponse")
    # The officer's code is used, and the same phone may use it again.
    phone.enrol()
    phone.page.route("**/v1/messages", lose_the_first)
    phone.to_decoy()
    alarm = phone.press()
    phone.unlock()
    phone.page.locator("#cancel").click()
    phone.enter(PIN)
    phone.until(lambda: phone.events(CancelReceived), "she says that she is safe")
    phone.until(lambda: len(phone.events(PositionReceived)) > 1, "positions")
    phone.until(lambda: len(lost) > 4, "answers were lost")
    assert phone.alarms() == [alarm]
    counters = [event.counter for event in phone.from_phone()]
    assert len(counters) == len(set(counters))
    kinds = [type(event) for event in phone.from_phone()]
    assert kinds.count(PressReceived) == kinds.count(CancelReceived) == 1
    assert PressedAgain not in kinds


def test_the_network_is_cut_at_each_step_and_each_step_comes_through_once(world: World) -> None:
    phone = PhoneApp(world).enrol()
    page, offline = phone.page, phone.context.set_offline
    phone.arm_test()
    offline(True)
    phone.hold()
    offline(False)
    world.until(lambda: phone.events(TestReceived), "the test")
    phone.to_decoy()
    offline(True)
    phone.hold()
    offline(False)
    alarm = phone.alarm()
    world.write_down(alarm, AlarmAcknowledged("hainaut-12"), TextAsked("hainaut-12", "weapon"))
    phone.unlock()
    expect(page.locator("#question")).to_be_visible()
    offline(True)
    page.locator("#answer-no").click()
    page.locator("#cancel").click()
    phone.enter(PIN)
    expect(page.locator("#pad-fault")).to_contain_text("connexion")
    assert phone.events(TextReceived) == phone.events(CancelReceived) == []
    offline(False)
    phone.enter(PIN)
    expect(page.locator("#cancelled")).to_be_visible()
    world.until(lambda: phone.events(TextReceived) and phone.events(CancelReceived), "answer and code")
    for kind in (TestReceived, PressReceived, TextReceived, CancelReceived):
        assert len(phone.events(kind)) == 1, kind
    assert phone.alarms() == [alarm]


@pytest.mark.full(
    "phone/tests/engine.test.ts",
    "tests/journeys/test_phone_press.py::test_a_press_without_network_goes_out_later_as_what_it_was",
)
def test_a_server_that_is_away_for_a_minute_is_tried_until_it_is_back(world: World) -> None:
    phone = PhoneApp(world)
    # The minute passes on the phone's own clock.
    phone.page.clock.install()
    phone.enrol()
    phone.to_decoy()
    world.stack.children["intake"].kill()
    sent = len(phone.sent)
    phone.hold()
    phone.unlock()
    # Not for want of a network: as with a certificate that ended, of which no page is told.
    expect(phone.page.locator("#trouble")).to_contain_text("Le serveur de la police ne répond pas.")
    expect(phone.page.locator("#trouble")).to_contain_text("112")
    for more in range(1, 5):
        phone.page.clock.run_for(15_000)
        phone.until(lambda more=more: len(phone.sent) >= sent + more, f"try {more}")  # type: ignore[misc]
    assert len({request.post_data_buffer for request in phone.sent[sent:]}) < len(phone.sent[sent:])
    world.stack.children["intake"].start()
    phone.page.clock.run_for(15_000)
    phone.alarm()
    assert len(phone.events(PressReceived)) == 1
    assert phone.events(PressedAgain) == []
    phone.enter(PIN)
    expect(phone.page.locator("#alarm-panel")).to_have_attribute("data-state", "received")


@pytest.mark.full(
    "phone/tests/engine.test.ts",
    "phone/tests/sender.test.ts",
)
def test_a_press_goes_by_the_second_address_while_the_first_does_not_answer(world: World) -> None:
    with socket.socket() as dead:
        # Bound and never listened at: anyone who knocks is refused.
        dead.bind(("127.0.0.1", 0))
        addresses = f"http://127.0.0.1:{dead.getsockname()[1]} {world.stack.config.intake_urls[0]}"
        phone = PhoneApp(world, bypass_csp=True)
        phone.context.add_init_script(told("servers", addresses))
        phone.enrol()
        phone.honest("screen")
        # It is tried first again after a reload.
        phone.page.reload()
        phone.hold()
        phone.alarm()
        assert len(phone.events(PressReceived)) == 1
        asked = {request.url.split("/v1/")[0] for request in phone.sent}
        assert asked == set(addresses.split())


@pytest.mark.full(
    "tests/laws/test_clock_jumps.py::test_a_press_sent_hours_ago_or_hours_ahead_rings_now_and_says_so",
)
@pytest.mark.parametrize(("hours", "flag"), [(-2, "late"), (2, "clock-odd")])
def test_a_clock_two_hours_wrong_loses_nothing_and_is_said(world: World, hours: int, flag: str) -> None:
    phone = PhoneApp(world)
    wrong_ms = hours * 3_600_000
    phone.context.add_init_script(f"const now = Date.now; Date.now = () => now.call(Date) + ({wrong_ms});")
    phone.enrol()
    phone.to_decoy()
    phone.press()
    [press] = phone.events(PressReceived)
    assert flag in press.flags
    phone.unlock(PIN)
    expect(phone.page.locator("#alarm-panel")).to_have_attribute("data-state", "received")


@pytest.mark.full(
    "phone/tests/alone.test.ts",
    "phone/tests/store.test.ts",
)
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
