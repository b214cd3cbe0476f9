"""A finger on the button, a phone on the air: what arrives, when, and how often."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from egide.common.clock import SetClock
from egide.companion.radio.bumble import BumbleRadio
from egide.protocol.frame import ButtonFrame, decode_frame, encode_ack
from tests.virtual import KEY, OTHER_KEY, SOON_S, Button, Steps, on_air, pair, phone_radio, phone_store


class Listener:
    """A phone that collects frames, and acknowledges when told to."""

    def __init__(self, radio: BumbleRadio) -> None:
        self._radio = radio
        self._frames = radio.said()

    async def next(self) -> ButtonFrame:
        return decode_frame(await asyncio.wait_for(anext(self._frames), SOON_S), KEY)

    async def next_of(self, counter: int) -> ButtonFrame:
        """The next copy of this press; copies of others that were on their way already are passed over."""
        while (frame := await self.next()).counter != counter:
            pass
        return frame

    async def acknowledge(self, counter: int, key: bytes = KEY) -> None:
        await self._radio.acknowledge(encode_ack(counter, key))

    async def aclose(self) -> None:
        await self._frames.aclose()


@asynccontextmanager
async def paired(folder: Path) -> AsyncIterator[tuple[Button, Listener]]:
    """A button and what the phone that it is paired with hears."""
    async with on_air() as air, Button(air, folder / "b.db") as button:
        radio = phone_radio(air, phone_store(folder / "p.db"), Steps())
        await pair(button, radio)
        listener = Listener(radio)
        yield button, listener
        await listener.aclose()


async def test_the_press_arrives_at_the_end_of_the_hold_while_the_finger_is_still_down(
    tmp_path: Path,
) -> None:
    clock = SetClock(1_790_000_000_000_000)
    async with on_air() as air, Button(air, tmp_path / "b.db", clock=clock) as button:
        radio = phone_radio(air, phone_store(tmp_path / "p.db"), Steps())
        await pair(button, radio)
        listener = Listener(radio)
        # For longer than any machine takes: `quick` makes minutes of it.
        hold = asyncio.create_task(button.virtual.hold(60_000.0))
        frame = await listener.next()
        assert not hold.done()
        assert (frame.counter, frame.held_ms, frame.age_s) == (1, 2000, 0)
        hold.cancel()
        await listener.aclose()


async def test_a_short_press_raises_nothing(tmp_path: Path) -> None:
    async with paired(tmp_path) as (button, listener):
        assert await button.virtual.hold(1.99) is None
        assert button.store.counter() == 0
        assert await button.virtual.hold(2.0) == 1
        assert (await listener.next()).counter == 1


async def test_the_hold_time_is_a_setting(tmp_path: Path) -> None:
    async with on_air() as air, Button(air, tmp_path / "b.db") as button:
        button.store.do_set_hold_ms(5000)
        assert await button.virtual.hold(4.9) is None
        assert await button.virtual.hold(5.0) == 1


async def test_it_repeats_until_the_phone_acknowledges_and_then_stops(tmp_path: Path) -> None:
    async with paired(tmp_path) as (button, listener):
        await button.virtual.hold(2)
        assert [(await listener.next()).counter for _ in range(3)] == [1, 1, 1]
        await listener.acknowledge(1)
        await button.steps.wait_for("button.acknowledged", counter=1)
        assert button.store.pending() == []
        await button.virtual.hold(2)
        assert (await listener.next_of(2)).counter == 2


async def test_a_forged_acknowledgement_does_not_silence_the_button(tmp_path: Path) -> None:
    async with paired(tmp_path) as (button, listener):
        await button.virtual.hold(2)
        await listener.next()
        await listener.acknowledge(1, OTHER_KEY)
        await button.steps.wait_for("button.refused", reason="acknowledgement: mac")
        assert [press.counter for press in button.store.pending()] == [1]
        assert (await listener.next()).counter == 1


async def test_an_acknowledgement_of_another_press_does_not_silence_this_one(tmp_path: Path) -> None:
    async with paired(tmp_path) as (button, listener):
        await button.virtual.hold(2)
        await listener.next()
        await listener.acknowledge(7)
        await listener.acknowledge(2)
        await listener.acknowledge(1, OTHER_KEY)
        # A phone that refuses the third has judged the two before it.
        await button.steps.wait_for("button.refused", reason="acknowledgement: mac")
        assert [press.counter for press in button.store.pending()] == [1]


async def test_a_press_without_a_phone_in_reach_arrives_when_the_phone_returns(tmp_path: Path) -> None:
    async with paired(tmp_path) as (button, listener):
        await button.virtual.hold(2)
        assert (await listener.next()).counter == 1


async def test_the_very_first_frame_can_be_acknowledged_at_once(tmp_path: Path) -> None:
    """A waiting press may arrive before the phone has read the answer to its subscription."""
    async with paired(tmp_path) as (button, listener):
        await button.virtual.hold(2)
        await listener.next()
        await listener.acknowledge(1)
        assert button.store.pending() == []


async def test_a_press_survives_a_flat_battery_and_the_bond_does_too(tmp_path: Path) -> None:
    async with on_air() as air, Button(air, tmp_path / "b.db") as button:
        steps = Steps()
        radio = phone_radio(air, phone_store(tmp_path / "p.db"), steps)
        await pair(button, radio)
        listener = Listener(radio)
        await button.virtual.hold(2)
        await listener.next()
        await button.switch_off()
        await steps.wait_for("phone.disconnected")
        await button.switch_on()
        assert (await listener.next()).counter == 1
        assert await button.virtual.hold(2) == 2
        await listener.next_of(2)
        await listener.next_of(1)
        await listener.aclose()


async def test_a_returning_phone_is_notified_without_subscribing_again(tmp_path: Path) -> None:
    """Core 5.4, Vol 3, Part G, section 3.3.3.3: the wish of a bonded phone outlives the connection."""
    async with on_air() as air, Button(air, tmp_path / "b.db") as button:
        store = phone_store(tmp_path / "p.db")
        radio = phone_radio(air, store, Steps())
        await pair(button, radio)
        listener = Listener(radio)
        await button.virtual.hold(2)
        await listener.next()
        await listener.aclose()
        bond = store.bond()
        assert bond is not None
        (phone,) = button.store.bonds()
        assert button.store.is_subscribed(phone)


async def test_the_phone_reads_the_battery(tmp_path: Path) -> None:
    async with on_air() as air, Button(air, tmp_path / "b.db") as button:
        button.store.do_set_battery_pct(37)
        steps = Steps()
        radio = phone_radio(air, phone_store(tmp_path / "p.db"), steps)
        await pair(button, radio)
        listener = Listener(radio)
        await button.virtual.hold(2)
        assert (await listener.next()).battery_pct == 37
        assert await radio.battery_pct() == 37
        await listener.aclose()
        assert await radio.battery_pct() is None
