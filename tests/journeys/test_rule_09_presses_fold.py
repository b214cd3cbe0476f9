"""Safety rule 9: presses of one kit fold into one alarm, whatever their road; a press in the tail opens it again."""

import re

import pytest
from playwright.sync_api import expect

from egide.alarm.events import AlarmClosed
from tests.journeys.conftest import Desk, World


def test_a_second_press_joins_the_open_alarm_and_is_counted(world: World) -> None:
    desk = world.desk()
    phone = world.phone()
    alarm = phone.press()
    desk.choose(alarm)

    assert phone.press() == alarm

    expect(desk.row(alarm)).to_have_attribute("data-presses", "2")
    expect(desk.row(alarm).locator(".again")).to_contain_text("2")
    expect(desk("#alarm .signals .alarm")).to_contain_text("2")
    expect(desk("#alarm-list > li")).to_have_count(1)


@pytest.mark.full(
    "tests/intake/test_rules.py::test_rule_09_a_press_opens_its_alarm_or_joins_the_one_of_its_kit",
    "tests/attacks/test_earlier_phone_steers.py::test_her_next_phone_takes_over_in_the_middle_of_an_alarm",
)
def test_a_second_phone_of_the_kit_joins_the_same_alarm(world: World) -> None:
    desk = world.desk()
    first = world.phone()
    alarm = first.press()
    second = world.phone(kit=first.kit)

    assert second.press() == alarm

    expect(desk.row(alarm)).to_have_attribute("data-presses", "2")
    expect(desk("#alarm-list > li")).to_have_count(1)


@pytest.mark.full(
    "tests/boards/desk/test_board.py::test_rule_09_a_press_after_closing_opens_the_alarm_again_as_new",
    "tests/routing/test_ladder.py::test_a_press_after_the_closing_starts_all_clocks_anew",
)
def test_a_press_after_closing_opens_the_alarm_again_as_if_it_were_new(world: World) -> None:
    desk = world.desk()
    phone = world.phone()
    alarm = phone.press()
    take_and_close(desk, alarm)
    expect(desk.row(alarm)).to_have_count(0)

    assert phone.press() == alarm

    expect(desk.row(alarm)).to_have_attribute("data-looks", "new")
    expect(desk.row(alarm)).to_contain_text("↻")
    desk.acknowledge(alarm)
    assert world.state(alarm).closing.reopened == 1
    assert world.kinds(alarm).count("AlarmAcknowledged") == 2


def take_and_close(desk: Desk, alarm: str) -> None:
    desk.acknowledge(alarm)
    desk.close(alarm, "handling-error", "Bouton dans le sac")
    expect(desk("#actions")).to_contain_text(re.compile("Bouton dans le sac"))
    closed = desk.world.journal.stream(f"alarm:{alarm}")[-1]
    assert desk.world.journal.open_event(closed) == AlarmClosed(
        desk.name, "handling-error", "Bouton dans le sac"
    )
