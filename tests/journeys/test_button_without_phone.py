"""At home without a phone: the button is held, a gateway hears it, a broker has it, an operator takes the alarm.

All of it runs: a radio, a gateway that knows no key, mosquitto, the process that carries, intake, worker, board.
"""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import aclosing, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import expect

from egide.button.store import Identity
from egide.button.virtual import fresh_identity
from egide.companion.radio import bumble
from egide.entrypoints.stack.children import Child
from egide.events.sources import SourceEnrolled
from egide.journal.service import Entry
from egide.protocol.bthome import address_bytes
from egide.protocol.envelope import Position, Source
from egide.protocol.sources import BTHOME, PURPOSE, source_id
from tests.companion.broadcasting import broadcaster
from tests.journeys.asking_axe import violations
from tests.journeys.conftest import MONS, World
from tests.support.broker import Broker, broker
from tests.support.phones import issue_kit
from tests.virtual import KEY, SOON_S, on_air, phone_store


def enrol(world: World, identity: Identity) -> str:
    """As an officer does, at the person's address; returns the source's id."""
    journal, person = world.stack.journal(), world.person(MONS)
    kit = issue_kit(world.stack, person)
    name = address_bytes(identity.address.partition("/")[0]).hex(":").upper()
    source = source_id(journal.keys.purpose_key(PURPOSE).raw, BTHOME, name, KEY)
    place = Position(round(person["lat"] * 1e7), round(person["lon"] * 1e7), 30, 0, Source.MANUAL)
    event = SourceEnrolled(
        source=source, kit=kit, road=BTHOME, name=name, user="officer", key=KEY, place=place
    )
    journal.append([Entry(stream=f"source:{source}", event=event, case=person["case"])])
    return source


async def hold_and_hear(folder: Path, identity: Identity) -> bytes:
    """The button is held; what a gateway near it hears of that."""
    async with on_air() as air, broadcaster(air, folder / "button.db", identity) as button:
        store = phone_store(folder / "gateway.db")
        try:
            async with aclosing(bumble.broadcasts(air.transport, store, button.address)) as heard:
                listening = asyncio.ensure_future(anext(heard))
                while not listening.done():
                    await button.hold(2)
                return await asyncio.wait_for(listening, SOON_S)
        finally:
            store.close()


def frame_of(folder: Path, identity: Identity) -> bytes:
    """The same, beside the browser's own loop."""
    found: list[bytes] = []
    thread = threading.Thread(target=lambda: found.append(asyncio.run(hold_and_hear(folder, identity))))
    thread.start()
    thread.join(SOON_S)
    return found[0]


@contextmanager
def carried(world: World, mosquitto: Broker) -> Iterator[None]:
    """It ends as it should: one that is killed is missed by every board."""
    child = Child("egide.entrypoints.mqtt", [], mosquitto.settings(world.stack.config).environment(), None)
    try:
        yield
    finally:
        child.stop()


@pytest.mark.full(
    "tests/connectors/test_mqtt.py",
    "tests/boards/test_sources.py::test_desk_and_board_say_that_no_phone_signed_it_and_that_the_address_is_registered",
)
def test_a_button_is_held_at_home_and_an_operator_takes_the_alarm(world: World, tmp_path: Path) -> None:
    identity = fresh_identity()
    source = enrol(world, identity)
    desk = world.desk()
    frame = frame_of(tmp_path, identity)
    with broker(tmp_path / "broker") as mosquitto, carried(world, mosquitto):

        def is_raised() -> bool:
            # A gateway says it as often as it hears it.
            mosquitto.publish(source, frame)
            return any(alarm.startswith(source) for alarm in world.stack.journal().open_alarms())

        world.until(is_raised, "the alarm is raised")
        (alarm,) = [one for one in world.stack.journal().open_alarms() if one.startswith(source)]
        desk.acknowledge(alarm)
    expect(desk("#alarm .source")).to_contain_text("Bouton sans téléphone : sa trame a été vérifiée ici")
    expect(desk("#alarm .source")).to_contain_text("Aucun téléphone n’a signé cet appui.")
    expect(desk("#position-line")).to_contain_text("Adresse enregistrée de l’appareil")
    expect(desk("#address")).to_be_visible()
    assert violations(desk.page, world.is_full) == []
    state = world.state(alarm)
    assert state.press.presses == 1 and state.lead.acknowledged_by
    assert state.lead.route is not None and state.lead.route.basis == "registered"
