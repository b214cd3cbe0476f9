"""The phone as a process that does what it is told on stdin, against a real intake: what the journal has of it."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from egide.alarm.events import (
    AlarmAcknowledged,
    AlarmClosed,
    AudioReceived,
    CancelReceived,
    ListenStopped,
    TextAsked,
    TextReceived,
)
from egide.companion.listening import PIECE_BYTES
from egide.journal.sealing.blobs import Blobs
from egide.protocol import cbor
from egide.protocol.envelope import Trigger, decode
from tests.companion.intake import Server
from tests.companion.test_processes import Kits
from tests.support.waiting import until_async

SOUND = bytes(range(256)) * 30


@pytest.fixture
def kits(server: Server, tmp_path: Path) -> Iterator[Kits]:
    sound = tmp_path / "sound.webm"
    sound.write_bytes(SOUND)
    with ExitStack() as stack:
        yield Kits(tmp_path, server, 1, stack, "--sound", str(sound), "--phone-pct", "57")


def events(server: Server, alarm: str) -> list[Any]:
    return [server.journal.open_event(row) for row in server.journal.stream(f"alarm:{alarm}")]


def of(server: Server, alarm: str, kind: type[Any]) -> list[Any]:
    return [event for event in events(server, alarm) if isinstance(event, kind)]


async def pressed(kits: Kits) -> str:
    """The alarm of a press of the button."""
    await kits.step("phone.connected")
    kits.press()
    return str((await kits.step("phone.receipt"))["alarm"])


async def test_a_question_is_answered_and_the_desk_reads_it(server: Server, kits: Kits) -> None:
    alarm = await pressed(kits)
    server.decide(alarm, TextAsked(user="op1", question="weapon"))
    assert (await kits.step("phone.asks"))["question"] == "weapon"
    kits.phones.send({"answer": "yes"})
    await until_async(lambda: of(server, alarm, TextReceived))
    (answer,) = of(server, alarm, TextReceived)
    assert answer.body == b"yes"
    assert answer.battery.phone_pct == 57


async def test_rule_08_a_duress_pin_reaches_the_desk_as_the_highest_urgency(
    server: Server, kits: Kits
) -> None:
    alarm = await pressed(kits)
    kits.phones.send({"set_pins": ["1357", "2468"]})
    await kits.step("phone.pins_set")
    kits.phones.send({"cancel": "9999"})
    await kits.step("phone.pin_wrong")
    kits.phones.send({"cancel": "2468"})
    await kits.step("phone.cancelled")
    await until_async(lambda: of(server, alarm, CancelReceived))
    (cancel,) = of(server, alarm, CancelReceived)
    assert (cancel.trigger, cancel.body) == (Trigger.DURESS, b"safe")
    assert server.alarm(alarm).press.duress
    assert server.alarm(alarm).is_open


async def test_the_desk_has_every_piece_of_sound_and_can_end_it(server: Server, kits: Kits) -> None:
    await kits.step("phone.connected")
    kits.phones.send({"listens": True})
    kits.press()
    alarm = str((await kits.step("phone.receipt"))["alarm"])
    count = -(-len(SOUND) // PIECE_BYTES)
    await until_async(lambda: len(of(server, alarm, AudioReceived)) >= count)
    blobs = Blobs(server.config, server.journal.keys)
    pieces = of(server, alarm, AudioReceived)[:count]
    assert [piece.number for piece in pieces] == list(range(count))
    bodies = [decode(blobs.get(piece.case, piece.digest)).message.body for piece in pieces]
    assert b"".join(cbor.decode(body or b"")[1] for body in bodies) == SOUND  # type: ignore[index,misc]
    server.decide(alarm, ListenStopped(user="op1", why="operator"))
    await kits.step("phone.listening_ended")


async def test_rule_20_an_armed_test_stands_in_its_own_stream_and_the_next_press_is_real(
    server: Server, kits: Kits
) -> None:
    await kits.step("phone.connected")
    kits.phones.send({"arm_test": True})
    await kits.step("phone.test_armed")
    kits.press()
    seq = (await kits.step("phone.test_received"))["seq"]
    row = server.journal.read(after=seq - 1, limit=1)[0]
    assert row.kind == "TestReceived"
    assert row.stream.startswith("test:")
    kits.press()
    alarm = (await kits.step("phone.receipt"))["alarm"]
    assert server.kinds(alarm)[0] == "PressReceived"


async def test_the_trail_goes_on_after_the_alarm_was_closed(server: Server, kits: Kits) -> None:
    alarm = await pressed(kits)
    server.decide(alarm, AlarmAcknowledged(user="op1"))
    server.decide(alarm, AlarmClosed(user="op1", outcome="test", reason="test"))
    while (await kits.step("phone.told"))["state"] != "closed":
        pass
    kits.phones.send({"position": [50.5, 4.5]})

    def trail_after_closing() -> list[str]:
        kinds = server.kinds(alarm)
        return kinds[kinds.index("AlarmClosed") + 1 :]

    await until_async(lambda: trail_after_closing().count("PositionReceived") >= 2)
    assert server.alarm(alarm).press.trail[-1].position.lat_e7 == 505000000


async def test_what_a_phone_cannot_do_is_answered_in_one_line(server: Server, kits: Kits) -> None:
    await kits.step("phone.connected")
    refused = [
        ({"dance": True}, "unknown command 'dance'"),
        ({"phone": 7, "arm_test": True}, "no phone 7 here: 1"),
        ({"set_pins": ["12", "3456"]}, "a code has four to eight digits"),
        ({"answer": "perhaps"}, "yes, no, here"),
        ({"position": [91, 4]}, "latitude from -90 to 90"),
        ({"phone_pct": 101}, "0 to 100"),
    ]
    for command, answer in refused:
        kits.phones.send(command)
        said = await asyncio.to_thread(kits.phones.wait_for, "error")
        assert answer in said["error"]
    kits.press()
    assert await kits.step("phone.receipt")
