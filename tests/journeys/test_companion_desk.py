"""The Python phone in its person's hand, and the desk: silent text, a test in its lane, a code under threat."""

from typing import Any

import pytest
from playwright.sync_api import expect

from egide.alarm.events import CancelReceived, TextReceived
from egide.entrypoints.stack.children import Child
from tests.journeys.conftest import World

PIN, DURESS = "1357", "2468"


def phone(world: World) -> Child:
    return world.stack.children["companion"]


def tell(world: World, **command: Any) -> None:
    """What she does with her phone."""
    phone(world).send({"phone": 1, **command})


def heard(world: World, step: str, **facts: object) -> dict[str, Any]:
    """The next line of this step with these facts."""
    while True:
        line = phone(world).wait_for("step", step)
        if facts.items() <= line.items():
            return line


def pressed(world: World, carried: dict[str, Any]) -> str:
    world.stack.press(carried)
    return str(heard(world, "phone.receipt")["alarm"])


def events(world: World, alarm: str, kind: type[Any]) -> list[Any]:
    found = [world.journal.open_event(row) for row in world.journal.stream(f"alarm:{alarm}")]
    return [event for event in found if isinstance(event, kind)]


@pytest.mark.full(
    "tests/companion/test_commands.py::test_a_question_is_answered_and_the_desk_reads_it",
    "tests/journeys/test_under_news.py::test_a_click_counts_that_began_before_the_news",
)
def test_a_silent_question_is_answered_on_the_phone_and_read_at_the_desk(
    world: World, carried: dict[str, Any]
) -> None:
    desk = world.desk()
    alarm = pressed(world, carried)
    desk.acknowledge(alarm)
    desk.ask("3")
    heard(world, "phone.asks", question="weapon")
    tell(world, answer="weapon")
    expect(desk("#silent-talk .answered")).to_have_count(1)
    assert [event.body for event in events(world, alarm, TextReceived)] == [b"weapon"]
    desk.close(alarm, "perpetrator-gone", "Parti avant l'arrivée")
    heard(world, "phone.told", state="closed")


def test_rule_20_a_test_of_the_button_stands_in_its_lane_and_the_next_press_rings(
    world: World, carried: dict[str, Any]
) -> None:
    desk = world.desk()
    tell(world, arm_test=True)
    heard(world, "phone.test_armed")
    world.stack.press(carried)
    heard(world, "phone.test_received")
    expect(desk("#tests")).to_contain_text("Mons/Quévy · 5324")
    expect(desk("#count")).to_have_text("0")
    alarm = pressed(world, carried)
    expect(desk.row(alarm)).to_be_visible()


def test_rule_08_a_code_under_threat_raises_the_alarm_and_silences_the_phone(
    world: World, carried: dict[str, Any]
) -> None:
    tell(world, set_pins=[PIN, DURESS])
    heard(world, "phone.pins_set")
    alarm = pressed(world, carried)
    tell(world, cancel=DURESS)
    heard(world, "phone.cancelled")
    world.until(lambda: events(world, alarm, CancelReceived), "the code under threat")
    assert world.state(alarm).press.duress
    assert world.state(alarm).is_open
