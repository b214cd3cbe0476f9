"""An officer arms one test from the kit's page (safety rule 20): what it says follows what the phone signed."""

import pytest

from egide.events.register import KitTestArmed, KitTestTakenBack
from egide.fleet.kits.arming import (
    ARMED,
    GOING,
    NONE,
    OVER,
    PRESSED,
    WAITING,
    Standing,
    standing,
    standing_of,
)
from egide.fleet.kits.lifeline import heard_of
from egide.fleet.kits.rules import SCREEN_OFF
from egide.journal.queries.kits import OfficersTest
from egide.protocol.arming import LASTS_S, OFFER_S
from egide.protocol.enrolment import WEB
from egide.protocol.envelope import Kind, Trigger
from tests.fleet.arming import Armed, armed_house
from tests.fleet.files import build_house
from tests.fleet.test_pages import browser
from tests.support.pages import Pages, text_of

PRESS_NOW, NOT_YET = "Hold the button now.", "Do not press yet."


@pytest.fixture
def zone(pages: Pages) -> Armed:
    return armed_house(pages)


def test_it_says_hold_now_only_once_the_phone_has_said_that_it_is_armed(zone: Armed) -> None:
    client, address = browser(zone.house), f"/kits/{zone.kit.id}/"
    assert 'id="arm"' in client.get(address).content.decode()
    assert zone.speak() is None
    # Before the worker has copied it, too.
    shown = text_of(client.post(f"{address}arm", follow=True))
    assert NOT_YET in shown and "within 15 minutes" in shown and PRESS_NOW not in shown
    zone.house.copy()
    offer = zone.speak()
    assert offer is not None
    # It has been given it, and has not said that it took it: the notice may never come.
    assert PRESS_NOW not in text_of(client.get(f"{address}live"))
    zone.say(f"test-armed:{offer.number}")
    zone.house.pages.clock.advance_s(20)
    shown = text_of(client.get(f"{address}live"))
    assert PRESS_NOW in shown and "Seconds left: 100" in shown
    assert zone.speak() is not None, "as long as it may stand"
    zone.press(offer.number)
    assert zone.speak() is None, "one press"
    shown = text_of(client.get(address))
    assert "The test came through" in shown and PRESS_NOW not in shown
    assert "Officer-1 armed a test from the office" in shown
    assert "A test came through that an officer had armed" in shown
    client.post(f"{address}press", {"condition": SCREEN_OFF})
    assert [check.condition for check in zone.kit.presses.all()] == [SCREEN_OFF]
    [event] = zone.events
    assert isinstance(event, KitTestArmed) and event.by == "officer-1"


def test_two_minutes_later_nobody_waits_for_a_press(zone: Armed) -> None:
    client, address = browser(zone.house), f"/kits/{zone.kit.id}/"
    client.post(f"{address}arm")
    zone.house.copy()
    offer = zone.speak()
    assert offer is not None
    zone.say(f"test-armed:{offer.number}")
    zone.house.pages.clock.advance_s(LASTS_S + 1)
    assert zone.speak() is None
    assert PRESS_NOW not in text_of(client.get(address))
    zone.house.pages.clock.advance_s(30)
    assert "No test is armed any more" in text_of(client.get(address))
    # A further one has a number of its own.
    client.post(f"{address}arm")
    zone.house.copy()
    again = zone.speak()
    assert again is not None and again.number > offer.number


def test_it_is_taken_back_and_the_reply_that_follows_no_longer_names_it(zone: Armed) -> None:
    client, address = browser(zone.house), f"/kits/{zone.kit.id}/"
    client.post(f"{address}arm")
    zone.house.copy()
    offer = zone.speak()
    assert offer is not None
    zone.say(f"test-armed:{offer.number}")
    assert "do not press" in text_of(client.post(f"{address}take-back", follow=True))
    zone.house.copy()
    assert zone.speak() is None
    assert "do not press" in text_of(client.get(address))
    zone.say(f"test-off:{offer.number}")
    assert "No test is armed any more" in text_of(client.get(address))
    assert [type(event) for event in zone.events] == [KitTestArmed, KitTestTakenBack]
    # What no longer stands is not taken back again.
    client.post(f"{address}take-back")
    assert len(zone.events) == 2


def test_asked_twice_it_is_armed_once(zone: Armed) -> None:
    client, address = browser(zone.house), f"/kits/{zone.kit.id}/"
    for _ in range(2):
        assert client.post(f"{address}arm").status_code == 302
    assert len(zone.events) == 1


def test_a_phone_that_never_speaks_is_offered_it_for_twenty_minutes_at_most(zone: Armed) -> None:
    browser(zone.house).post(f"/kits/{zone.kit.id}/arm")
    zone.house.copy()
    zone.house.pages.clock.advance_s(OFFER_S - 1)
    assert zone.speak() is not None
    zone.house.pages.clock.advance_s(1)
    assert zone.speak() is None


def test_a_test_that_her_own_code_armed_is_told_apart(zone: Armed) -> None:
    zone.send(Kind.TEST, trigger=int(Trigger.BUTTON))
    [test] = heard_of(zone.kit.id).button_tests
    assert not test.by_officer


def test_a_web_page_takes_no_part(pages: Pages) -> None:
    house = build_house(pages)
    kit = house.prepare()
    house.enrol(kit, WEB)
    client = browser(house)
    assert 'id="arm"' not in client.get(f"/kits/{kit.id}/").content.decode()
    assert client.post(f"/kits/{kit.id}/arm").status_code == 422


@pytest.mark.parametrize("language", ["fr", "nl", "de"])
def test_every_step_is_said_in_the_readers_language(zone: Armed, language: str) -> None:
    client, address = browser(zone.house, language=language), f"/kits/{zone.kit.id}/"
    assert "arm it from here" not in text_of(client.get(address))
    assert NOT_YET not in text_of(client.post(f"{address}arm", follow=True))


SECOND = 1_000_000
NOW_US = 1_000 * SECOND


@pytest.mark.parametrize(
    ("test", "state", "free_s"),
    [
        (None, NONE, 0),
        (OfficersTest(7, NOW_US + SECOND), WAITING, 131),
        (OfficersTest(7, NOW_US), GOING, 130),
        (OfficersTest(7, NOW_US - 130 * SECOND), OVER, 0),
        (OfficersTest(7, NOW_US + 100 * SECOND, NOW_US - 20 * SECOND), ARMED, 110),
        (OfficersTest(7, NOW_US - SECOND, NOW_US - 121 * SECOND), GOING, 9),
        (OfficersTest(7, NOW_US - 10 * SECOND, NOW_US - 130 * SECOND), OVER, 0),
        (OfficersTest(7, NOW_US + SECOND, None, NOW_US - 30 * SECOND), GOING, 100),
        (OfficersTest(7, NOW_US + SECOND, NOW_US - 119 * SECOND, NOW_US - SECOND), GOING, 11),
        (OfficersTest(7, NOW_US, NOW_US, None, NOW_US), OVER, 0),
        (OfficersTest(7, NOW_US, NOW_US, None, NOW_US, 1), PRESSED, 0),
    ],
)
def test_until_when_the_phone_may_still_hold_it(test: OfficersTest | None, state: str, free_s: int) -> None:
    found = standing(test, NOW_US)
    assert (found.state, found.free_us) == (state, NOW_US + free_s * SECOND if free_s else 0)


def test_a_kit_for_which_nobody_armed_anything_has_none(zone: Armed) -> None:
    assert standing_of(zone.kit.id) == Standing()
