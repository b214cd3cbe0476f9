"""Somebody in the middle of phone and button sets the hold time: too long for her, or back to what it was."""

import asyncio
from pathlib import Path

import pytest

from egide.protocol.frame import FrameError, decode_hold, encode_ack, encode_hold
from tests.virtual import KEY, OTHER_KEY, Button, Steps, on_air, pair, phone_radio, phone_store


async def test_only_the_phone_with_the_key_sets_it_and_nothing_that_was_set_before(tmp_path: Path) -> None:
    async with on_air() as air, Button(air, tmp_path / "b.db") as button:
        steps = Steps()
        radio = phone_radio(air, phone_store(tmp_path / "p.db"), steps)
        await pair(button, radio)
        said = radio.said()
        first = asyncio.ensure_future(anext(said))
        try:
            await steps.wait_for("phone.connected")
            assert await radio.set_hold(encode_hold(7, 3000, KEY))
            assert (button.store.hold_ms(), button.store.set_version()) == (3000, 7)
            twisted = bytearray(encode_hold(9, 5000, KEY))
            twisted[6] ^= 1
            for frame in (
                encode_hold(8, 1000, OTHER_KEY),
                bytes(twisted),
                # Recorded before, and said again.
                encode_hold(6, 5000, KEY),
                # The right key, and what no finger can hold.
                encode_hold(9, 60_000, KEY),
                encode_hold(9, 1, KEY),
            ):
                assert not await radio.set_hold(frame)
            assert (button.store.hold_ms(), button.store.set_version()) == (3000, 7)
            # The same again is no news and no fault: the answer may have been lost.
            assert await radio.set_hold(encode_hold(7, 3000, KEY))
            assert await button.virtual.hold(2.9) is None
            assert await button.virtual.hold(3.0) == 1
            await first
        finally:
            await said.aclose()


@pytest.mark.parametrize("frame", [encode_ack(7, KEY), encode_hold(7, 3000, KEY)[:-1], b""])
def test_no_other_frame_passes_for_it(frame: bytes) -> None:
    with pytest.raises(FrameError):
        decode_hold(frame, KEY)
