"""Safety rule 5: duress first, then what nobody has taken, then what is taken; among equals the longest wait first."""

import pytest
from playwright.sync_api import expect

from egide.protocol.envelope import Trigger
from tests.journeys.conftest import World


def test_the_board_stands_in_order_of_urgency(world: World) -> None:
    desk = world.desk()
    taken, first, second = (world.phone().press() for _ in range(3))
    desk.acknowledge(taken)
    coerced = world.phone()
    duress = coerced.press()
    coerced.cancel(trigger=Trigger.DURESS)

    # The pointer leaves the list; the focus that a click and a key left there holds the rows for a moment only.
    desk.page.mouse.move(900, 400)

    expect(desk.row(duress)).to_have_attribute("data-looks", "duress")
    wanted = [duress, first, second, taken]
    for place, alarm in enumerate(wanted):
        expect(desk("#alarm-list > li").nth(place)).to_have_attribute("data-alarm", alarm)
    expect(desk.row(taken).locator("button")).to_be_focused()
    desk.choose(duress)
    expect(desk("#duress")).to_be_visible()
    assert world.state(duress).is_open


@pytest.mark.full(
    "tests/journeys/test_rule_05_order.py::test_the_board_stands_in_order_of_urgency",
    "tests/boards/desk/test_silent.py::test_rule_08_after_a_code_under_threat_nothing_can_be_asked",
)
def test_a_duress_pin_is_said_in_words_and_nothing_else_closes_the_alarm(world: World) -> None:
    desk = world.desk()
    phone = world.phone()
    alarm = phone.press()
    desk.choose(alarm)

    phone.cancel(trigger=Trigger.DURESS)

    expect(desk("#duress")).to_be_visible()
    expect(desk("#announcer")).not_to_be_empty()
    assert world.state(alarm).is_open
