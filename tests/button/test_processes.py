"""Air, button and phone as processes of their own, killed without warning."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from egide.common.encoding import to_base64url
from egide.entrypoints.stack.children import Child
from egide.protocol.frame import ButtonFrame, decode_frame, encode_ack
from tests.virtual import KEY, SOON_S, Air, Steps, phone_radio, phone_store


@contextmanager
def child(name: str, *arguments: str) -> Iterator[Child]:
    process = Child(f"egide.entrypoints.{name}", arguments, {})
    try:
        process.ready_line = process.ready()  # type: ignore[attr-defined]
        yield process
    finally:
        process.kill()


class Radios:
    """An air and one button, each a process."""

    def __init__(self, place: Path, stack: ExitStack) -> None:
        self.air_process = stack.enter_context(child("air", "--supervision-ms", "50"))
        self.air = Air(self.air_process.ready_line["port"])  # type: ignore[attr-defined]
        keys = place / "keys.json"
        keys.write_text(json.dumps({"b1": to_base64url(KEY)}))
        self._arguments = ("--air", self.air.address, "--state", str(place / "b"), "--key-file", str(keys))
        self.button = stack.enter_context(child("button", *self._arguments))

    async def step(self, name: str) -> dict[str, Any]:
        return await asyncio.to_thread(self.button.wait_for, "step", name)

    async def kill_button(self) -> None:
        """kill -9, and start again on the same memory."""
        self.button.kill()
        self.button.start()
        await asyncio.to_thread(self.button.ready)


@pytest.fixture
def radios(tmp_path: Path) -> Iterator[Radios]:
    with ExitStack() as stack:
        radios = Radios(tmp_path, stack)
        radios.button.send({"set_hold_ms": 1000, "button": "b1"})
        radios.button.send({"open_pairing": "b1", "seconds": 30})
        yield radios


async def next_frame(frames: Any) -> ButtonFrame:
    return decode_frame(await asyncio.wait_for(anext(frames), SOON_S), KEY)


async def test_the_counter_never_repeats_although_the_button_is_killed(
    radios: Radios, tmp_path: Path
) -> None:
    radio = phone_radio(radios.air, phone_store(tmp_path / "p.db"), Steps())
    await radio.pair(SOON_S)
    frames = radio.said()
    seen = set()
    for number in (1, 2, 3):
        radios.button.send({"press": "b1", "hold_s": 1})
        while (frame := await next_frame(frames)).counter in seen:
            pass
        assert frame.counter == number
        seen.add(frame.counter)
        if number == 2:
            await radio.acknowledge(encode_ack(2, KEY))
            await radios.step("button.acknowledged")
        await radios.kill_button()
    # 1 and 3 were never acknowledged: the restarted button still says them, and not 2.
    again = {(await next_frame(frames)).counter for _ in range(4)}
    assert again == {1, 3}
    await frames.aclose()


async def test_the_air_survives_kill_9_of_the_button(radios: Radios, tmp_path: Path) -> None:
    steps = Steps()
    radio = phone_radio(radios.air, phone_store(tmp_path / "p.db"), steps)
    await radio.pair(SOON_S)
    frames = radio.said()
    first = asyncio.ensure_future(anext(frames))
    for number in range(1, 4):
        await steps.wait_for("phone.connected", number)
        await radios.kill_button()
        await steps.wait_for("phone.disconnected", number)
    await steps.wait_for("phone.connected", 4)
    radios.button.send({"press": "b1", "hold_s": 1})
    assert decode_frame(await first, KEY).counter == 1
    assert radios.air_process.process.poll() is None
    await frames.aclose()


async def test_the_air_survives_kill_9_of_the_phone(radios: Radios, tmp_path: Path) -> None:
    """The phone vanishes with its socket; the button notices by the supervision timeout and advertises again."""
    store = phone_store(tmp_path / "p.db")
    radio = phone_radio(radios.air, store, Steps())
    await radio.pair(SOON_S)
    for number in range(1, 4):
        frames = radio.said()
        radios.button.send({"press": "b1", "hold_s": 1})
        while (await next_frame(frames)).counter != number:
            pass
        await frames.aclose()
        await radios.step("button.disconnected")
    assert radios.air_process.process.poll() is None
    assert radios.button.process.poll() is None


async def test_button_and_phone_find_each_other_again_after_the_air_itself_died(
    radios: Radios, tmp_path: Path
) -> None:
    steps = Steps()
    radio = phone_radio(radios.air, phone_store(tmp_path / "p.db"), steps)
    await radio.pair(SOON_S)
    frames = radio.said()
    first = asyncio.ensure_future(anext(frames))
    await steps.wait_for("phone.connected")
    port = radios.air.address.rpartition(":")[2]
    radios.air_process.kill()
    await steps.wait_for("phone.disconnected")
    with child("air", "--port", port):
        await steps.wait_for("phone.connected", 2)
        radios.button.send({"press": "b1", "hold_s": 1})
        assert decode_frame(await first, KEY).counter == 1
        await frames.aclose()


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ({"press": "nobody"}, "no button 'nobody'"),
        ({"set_hold_ms": 100, "button": "b1"}, "100 ms"),
        ({"sing": 1}, "unknown command"),
    ],
)
def test_an_impossible_command_is_answered_and_changes_nothing(
    radios: Radios, command: dict[str, Any], said: str
) -> None:
    radios.button.send(command)
    assert said in radios.button.wait_for("error")["error"]
    assert radios.button.process.poll() is None
