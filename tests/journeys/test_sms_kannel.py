"""Without mobile data: the app writes her press as two short messages, which go through a network and kannel to the
operator's board, and an ordinary sentence comes back to her phone. All of it runs; no part stands for another."""

import urllib.parse
from pathlib import Path

import pytest
from playwright.sync_api import expect

from egide.alarm.events import PressedAgain, PressReceived
from tests.journeys.asking_axe import violations
from tests.journeys.conftest import World
from tests.journeys.phone_app import PIN, PhoneApp, told
from tests.support.kannel_road import kannel_road

HERS = "+32470111111"


@pytest.mark.full(
    "tests/connectors/test_kannel.py::test_presses_arrive_in_both_forms_and_her_phone_gets_the_sentence_that_it_asked_for_and_no_other",
    "tests/boards/desk/test_sms_answer.py",
    "tests/journeys/test_phone_press.py::test_without_internet_the_press_is_offered_as_two_text_messages_with_the_same_bytes",
)
def test_a_press_without_data_reaches_the_board_by_kannel_and_the_answer_her_phone(
    world: World, tmp_path: Path
) -> None:
    phone = PhoneApp(world)
    for name, value in (("sms", "+3200000000"), ("sms-answers", "yes")):
        phone.context.add_init_script(told(name, value))
    phone.enrol()
    phone.page.locator("#settings").click()
    phone.page.get_by_label("Savoir par SMS").check()
    awaited = phone.page.locator("#sms-answer").inner_text()
    phone.page.locator("#settings-back").click()
    phone.to_decoy()
    desk = world.desk()
    phone.context.set_offline(True)
    phone.hold()
    phone.unlock()
    with kannel_road(world.stack.config, tmp_path) as road:
        # Networks keep no order.
        for number in (2, 1):
            address = str(phone.page.locator(f"#sms-{number}").get_attribute("href"))
            road.phone.text(urllib.parse.unquote(address.partition("?body=")[2]), HERS)
        world.until(world.journal.open_alarms, "the press is an alarm")
        (alarm,) = world.journal.open_alarms()
        desk.acknowledge(alarm)
        expect(desk("#alarm")).to_contain_text("Par SMS")
        world.until(lambda: road.phone.received() != [], "an answer comes to her phone")
        (answer,) = road.phone.received()
        number_of_hers, _, words = answer.partition(" text ")
        assert number_of_hers == HERS and words in awaited
        expect(desk("#sms-answer")).to_contain_text("Réponse par SMS envoyée")
        assert violations(desk.page, world.is_full) == []
        said = desk.page.content() + road.kannel.said()
        assert HERS[1:] not in said
    # Back in a network, the same press comes over the internet too, and is one.
    phone.context.set_offline(False)
    assert phone.alarm() == alarm
    phone.enter(PIN)
    expect(phone.page.locator("#alarm-panel")).to_have_attribute("data-state", "acknowledged")
    assert len(phone.events(PressReceived)) == 1 and phone.events(PressedAgain) == []
    assert world.state(alarm).is_open
