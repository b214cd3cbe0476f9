"""The phone as a process of its own, killed without warning; every press it kept reaches the journal exactly once."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from egide.common.encoding import to_base64url
from egide.entrypoints.stack.children import Child
from egide.protocol.enrolment import Settings
from tests.companion.intake import Kit, Server
from tests.support.waiting import until_async


class Kits:
    """An air, buttons and phones, each a process, for some kits of the running intake."""

    def __init__(self, place: Path, server: Server, count: int, stack: ExitStack, *more: str) -> None:
        self.server = server
        self.kits: list[Kit] = [
            server.issue(Settings(position_interval_s=1, hold_ms=1000)) for _ in range(count)
        ]
        air = child(stack, "air", "--supervision-ms", "50")
        address = f"127.0.0.1:{air.ready()['port']}"
        keys = place / "keys.json"
        keys.write_text(json.dumps({kit.button_id: to_base64url(kit.button_key) for kit in self.kits}))
        self.buttons = child(
            stack, "button", "--air", address, "--state", str(place / "b"), "--key-file", str(keys)
        )
        self.buttons.ready()
        for kit in self.kits:
            self.buttons.send({"set_hold_ms": 1000, "button": kit.button_id})
            self.buttons.send({"open_pairing": kit.button_id, "seconds": 60})
        codes = place / "codes"
        codes.write_text("\n".join(kit.code for kit in self.kits))
        positions = [part for _kit in self.kits for part in ("--position", "50.45,3.95")]
        self.phones = child(
            stack,
            "companion",
            *("--air", address, "--state", str(place / "p"), "--server", server.url, "--pair"),
            *("--code-file", str(codes), *positions, *more),
        )
        self.phones.ready()

    def press(self, number: int = 0) -> None:
        self.buttons.send({"press": self.kits[number].button_id, "hold_s": 1})

    async def step(self, name: str) -> dict[str, Any]:
        return await asyncio.to_thread(self.phones.wait_for, "step", name)

    async def restart_phones(self) -> None:
        self.phones.kill()
        self.phones.start()
        await asyncio.to_thread(self.phones.ready)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[tuple[Path, ExitStack]]:
    with ExitStack() as stack:
        yield tmp_path, stack


async def test_several_phones_in_one_process_each_find_their_button(
    server: Server, place: tuple[Path, ExitStack]
) -> None:
    kits = Kits(place[0], server, 3, place[1])
    for _ in kits.kits:
        await kits.step("phone.connected")
    for number in range(3):
        kits.press(number)
    alarms = {(await kits.step("phone.receipt"))["alarm"] for _ in range(3)}
    assert len(alarms) == 3
    assert {server.kinds(alarm)[0] for alarm in alarms} == {"PressReceived"}


async def test_a_press_that_was_kept_survives_kill_9_of_the_phone(
    server: Server, place: tuple[Path, ExitStack]
) -> None:
    kits = Kits(place[0], server, 1, place[1])
    await kits.step("phone.connected")
    server.process.kill()
    try:
        kits.press()
        alarm = (await kits.step("phone.stored"))["alarm"]
        await kits.restart_phones()
    finally:
        server.process.start()
        await asyncio.to_thread(server.process.ready)
    assert (await kits.step("phone.receipt"))["alarm"] == alarm
    assert server.kinds(alarm).count("PressReceived") == 1


async def test_a_press_during_kill_9_of_the_phone_arrives_once(
    server: Server, place: tuple[Path, ExitStack]
) -> None:
    """The button repeats it to the phone's next life, which knows whether it has it already."""
    kits = Kits(place[0], server, 1, place[1])
    await kits.step("phone.connected")
    for _ in range(3):
        kits.press()
        await asyncio.to_thread(kits.buttons.wait_for, "step", "button.held")
        await kits.restart_phones()
        await kits.step("phone.connected")
    kits.press()
    await asyncio.to_thread(kits.buttons.wait_for, "step", "button.held")
    device = server.device_of(kits.kits[0])

    def presses() -> int:
        streams = {row.stream for row in server.journal.every() if f":{device}-" in row.stream}
        kinds = [kind for stream in streams for kind in server.kinds(stream.removeprefix("alarm:"))]
        return sum(kind in ("PressReceived", "PressedAgain") for kind in kinds)

    await until_async(lambda: presses() == 4)
    assert presses() == 4


async def test_a_code_that_was_used_is_refused_with_what_to_do(
    server: Server, place: tuple[Path, ExitStack]
) -> None:
    kits = Kits(place[0], server, 1, place[1])
    await kits.step("phone.enrolled")
    used = place[0] / "used"
    used.write_text(kits.kits[0].code)
    other = Child(
        "egide.entrypoints.companion",
        [
            *("--air", "127.0.0.1:1", "--state", str(place[0] / "other")),
            *("--server", server.url, "--code-file", str(used)),
        ],
        {},
    )
    place[1].callback(other.kill)
    said = await asyncio.to_thread(other.wait_for, "error")
    assert "Ask for a new one" in said["error"]


async def test_buttons_that_only_broadcast_as_processes(
    server: Server, place: tuple[Path, ExitStack]
) -> None:
    """A demonstration with BTHome buttons; without --allow-findable the phone refuses them (safety rule 21)."""
    folder, stack = place
    kit = server.issue(Settings(position_interval_s=1))
    air = child(stack, "air")
    address = f"127.0.0.1:{air.ready()['port']}"
    keys, codes = folder / "keys.json", folder / "codes"
    keys.write_text(json.dumps({kit.button_id: to_base64url(kit.button_key)}))
    codes.write_text(kit.code)
    radio = ("--air", address, "--state")
    buttons = child(stack, "button", *radio, str(folder / "b"), "--key-file", str(keys), "--broadcasting")
    printed = buttons.ready()["addresses"][kit.button_id]
    arguments = [*radio, str(folder / "p"), "--server", server.url, "--code-file", str(codes), "--pair"]
    arguments += ["--broadcasting", printed]
    phones = child(stack, "companion", *arguments)
    refused = await asyncio.to_thread(phones.wait_for, "step", "phone.pairing_failed")
    assert "it broadcasts under one address" in refused["reason"]
    phones.kill()
    phones = child(stack, "companion", *arguments, "--allow-findable")
    phones.ready()
    pairing = asyncio.create_task(asyncio.to_thread(phones.wait_for, "step", "phone.paired"))
    while not pairing.done():
        buttons.send({"press": kit.button_id, "hold_s": 0.1})
        await asyncio.wait([pairing], timeout=0.5)
    await asyncio.to_thread(phones.wait_for, "step", "phone.connected")
    receipt = asyncio.create_task(asyncio.to_thread(phones.wait_for, "step", "phone.receipt"))
    while not receipt.done():
        # Pressed again where the air lost it.
        buttons.send({"press": kit.button_id, "hold_s": 1})
        await asyncio.wait([receipt], timeout=15)
    assert server.kinds((await receipt)["alarm"])[0] == "PressReceived"


def child(stack: ExitStack, name: str, *arguments: str) -> Child:
    process = Child(f"egide.entrypoints.{name}", arguments, {})
    stack.callback(process.kill)
    return process
