"""The Python phone in its person's hand, and the desk: silent text, a test in its lane, a code under threat."""

from typing import Any

import pytest
from playwright.sync_api import expect

from egide.entrypoints.processes import Child
from egide.events.alarm import CancelReceived, TextReceived
from tests.journeys.conftest import LIEGE, MONS, World

pytestmark = pytest.mark.usefixtures("radio")

PIN, DURESS = "1357", "2468"


def phones(world: World) -> Child:
    return world.stack.children["companion"]


def tell(world: World, person: int, **command: Any) -> None:
    """What this person does with her phone: they are numbered from 1."""
    phones(world).send({"phone": person + 1, **command})


def heard(world: World, step: str, **facts: object) -> dict[str, Any]:
    """The next line of this step with these facts."""
    while True:
        line = phones(world).wait_for("step", step)
        if facts.items() <= line.items():
            return line


def pressed(world: World, person: int) -> str:
    world.stack.press(world.person(person))
    return str(heard(world, "phone.receipt", phone=person + 1)["alarm"])


def events(world: World, alarm: str, kind: type[Any]) -> list[Any]:
    found = [world.journal.open_event(row) for row in world.journal.stream(f"alarm:{alarm}")]
    return [event for event in found if isinstance(event, kind)]


def test_a_silent_question_is_answered_on_the_phone_and_read_at_the_desk(world: World) -> None:
    desk = world.desk()
    alarm = pressed(world, MONS)
    desk.acknowledge(alarm)
    desk("#ask summary").click()
    desk("#ask button[hx-vals*=weapon]").click()
    heard(world, "phone.asks", question="weapon", phone=MONS + 1)
    tell(world, MONS, answer="weapon")
    expect(desk("#silent-talk .answered")).to_have_count(1)
    assert [event.body for event in events(world, alarm, TextReceived)] == [b"weapon"]
    desk.close(alarm, "perpetrator-gone", "Parti avant l'arrivée")
    heard(world, "phone.told", state="closed", phone=MONS + 1)


def test_rule_20_a_test_of_the_button_stands_in_its_lane_and_the_next_press_rings(world: World) -> None:
    desk = world.desk()
    tell(world, MONS, arm_test=True)
    heard(world, "phone.test_armed", phone=MONS + 1)
    world.stack.press(world.person(MONS))
    heard(world, "phone.test_received", phone=MONS + 1)
    expect(desk("#tests")).to_contain_text(world.person(MONS)["kit"][:8])
    expect(desk("#count")).to_have_text("0")
    alarm = pressed(world, MONS)
    expect(desk.row(alarm)).to_be_visible()


def test_rule_08_a_code_under_threat_raises_the_alarm_and_silences_the_phone(world: World) -> None:
    tell(world, LIEGE, set_pins=[PIN, DURESS])
    heard(world, "phone.pins_set", phone=LIEGE + 1)
    alarm = pressed(world, LIEGE)
    tell(world, LIEGE, cancel=DURESS)
    heard(world, "phone.cancelled", phone=LIEGE + 1)
    world.until(lambda: events(world, alarm, CancelReceived), "the code under threat")
    assert world.state(alarm).duress
    assert world.state(alarm).is_open
