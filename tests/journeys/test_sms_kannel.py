"""Without mobile data: her press goes as two short messages through a network and kannel to the operator's board, and
an ordinary sentence comes back to her phone. All of it runs; no part stands for another."""

from pathlib import Path

from playwright.sync_api import expect

from egide.connectors.sms.answers import ANSWERS
from tests.connectors.test_sms_rules import texts_of
from tests.journeys.asking_axe import violations
from tests.journeys.conftest import World
from tests.support.kannel_road import kannel_road

HERS, FRENCH = "+32470111111", 1


def test_a_press_without_data_reaches_the_board_by_kannel_and_the_answer_her_phone(
    world: World, tmp_path: Path
) -> None:
    desk, phone = world.desk(), world.phone()
    data = phone.envelope()
    first, second = texts_of(data)
    with kannel_road(world.stack.config, tmp_path) as road:
        # Networks keep no order.
        road.phone.text(f"{second}.{FRENCH}", HERS)
        road.phone.text(first, HERS)
        world.until(world.journal.open_alarms, "the press is an alarm")
        (alarm,) = world.journal.open_alarms()
        desk.acknowledge(alarm)
        expect(desk("#alarm")).to_contain_text("Par SMS")
        world.until(lambda: road.phone.received() != [], "an answer comes to her phone")
        assert road.phone.received() == [f"{HERS} text {ANSWERS[FRENCH]}"]
        expect(desk("#sms-answer")).to_contain_text("Réponse par SMS envoyée")
        assert violations(desk.page, world.is_full) == []
        assert world.state(alarm).is_open
        said = desk.page.content() + road.kannel.said()
        assert HERS not in said and HERS[1:] not in said
