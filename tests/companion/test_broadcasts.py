"""A button that only broadcasts: what becomes a press, and every way to be believed without being it, refused."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from egide.button.broadcaster import BroadcastingButton
from egide.companion.ports import RadioError
from egide.entrypoints.stack.children import Child
from egide.protocol.bthome import Event
from egide.protocol.envelope import Kind, Trigger, decode
from egide.protocol.link import LinkFlag, Notice
from tests.companion.broadcasting import FIRST, TRIES, Scene, broadcaster, kept, linked, press, scene
from tests.companion.intake import Server
from tests.companion.phones import scripted
from tests.support.waiting import until_async
from tests.virtual import KEY, OTHER_KEY, SOON_S, Steps, on_air, phone_store

# -- what becomes a press ---------------------------------------------------------------------------------------


async def test_a_long_press_is_a_press_like_that_of_any_button_and_its_copies_are_one(tmp_path: Path) -> None:
    async with linked(tmp_path) as (here, her):
        here.button._store.do_set_battery_pct(37)
        first = await press(here, her)
        assert first >= FIRST
        await her.receipt()
        message = here.server.messages(Kind.PRESS)[0]
        assert message.trigger == Trigger.BUTTON
        assert message.battery is not None
        assert message.battery.button_pct == 37
        assert LinkFlag(message.link or 0) & LinkFlag.BUTTON_CONNECTED
        second = await press(here, her)
        assert second > first
        # One that came too late for `press` was kept once too, like these.
        assert {first, second} <= set(kept(her))
        assert sorted(set(kept(her))) == kept(her)


async def test_a_short_press_is_no_alarm_and_still_counts(tmp_path: Path) -> None:
    async with linked(tmp_path) as (here, her):
        counter = await here.button.hold(0.2)
        await press(here, her)
        assert kept(her) == [counter + 1]
        assert her.store.button_highest() == counter + 1


async def test_rule_20_an_armed_test_takes_one_long_press(tmp_path: Path) -> None:
    async with linked(tmp_path) as (here, her):
        her.app.arm_test()
        await here.button.hold(2)
        await her.steps.wait_for("phone.test_received")
        counter = await press(here, her)
        assert kept(her) == [counter]
        assert len(here.server.messages(Kind.TEST)) == 1


async def test_the_counter_is_on_the_disk_before_anybody_hears_of_the_press(tmp_path: Path) -> None:
    async with linked(tmp_path) as (here, her):
        seen: list[int] = []

        async def look(data: bytes) -> None:
            if decode(data).message.kind is not Kind.PRESS:
                return
            with closing(sqlite3.connect(tmp_path / "p.db")) as memory:
                seen.append(memory.execute("select button_highest from phone").fetchone()[0])

        here.server.script = look
        counter = await press(here, her)
        await her.receipt()
        assert seen == [counter]


async def test_a_press_that_meets_a_full_disk_is_kept_as_soon_as_there_is_room(tmp_path: Path) -> None:
    async with linked(tmp_path) as (here, her):
        her.store._db.execute("pragma query_only = 1")
        counter = await here.button.hold(2)
        await her.steps.wait_for("phone.not_stored", counter=counter)
        her.store._db.execute("pragma query_only = 0")
        await her.receipt()
        assert kept(her) == [counter]


# -- what is refused --------------------------------------------------------------------------------------------


async def test_a_replay_of_an_older_press_is_refused_and_told_to_the_zone(tmp_path: Path) -> None:
    async with linked(tmp_path) as (here, her):
        for _ in range(2):
            await press(here, her)
        await here.refused(her, here.data(FIRST), "replay")
        refused = Notice.FRAME_REFUSED.encode()
        await here.server.until(
            lambda: refused in [message.body for message in here.server.messages(Kind.NOTICE)]
        )
        assert kept(her) == [FIRST, FIRST + 1]


async def test_the_same_advertisement_sent_again_later_is_no_second_press(tmp_path: Path) -> None:
    async with linked(tmp_path) as (here, her):
        await press(here, her)
        await here.forge(here.data(FIRST))
        await press(here, her)
        assert kept(her) == [FIRST, FIRST + 1]


async def test_an_equal_counter_with_other_content_under_the_same_key_is_no_press(tmp_path: Path) -> None:
    async with linked(tmp_path) as (here, her):
        short = await here.button.hold(0.2)
        await here.forge(here.data(short, Event.LONG_PRESS, packet=9))
        counter = await press(here, her)
        assert kept(her) == [counter]


async def test_a_counter_below_a_hundred_is_no_restart_of_the_button(tmp_path: Path) -> None:
    async with linked(tmp_path) as (here, her):
        await here.refused(her, here.data(42), "replay")
        await here.refused(her, here.data(0), "replay")
        assert kept(her) == []


async def test_a_replay_after_forged_advertisements_is_refused_too(tmp_path: Path) -> None:
    """Usual parsers give up their counter after two advertisements that do not verify."""
    async with linked(tmp_path) as (here, her):
        await press(here, her)
        for counter in (6000, 6001, 6002):
            await here.refused(her, changed(here.data(counter), -1), "wrong-key")
        await here.refused(her, here.data(FIRST - 1000), "replay")
        # The button itself may have said something more meanwhile.
        assert FIRST <= her.store.button_highest() < 6000
        assert kept(her) == [FIRST]


async def test_a_replay_after_a_restart_of_the_phone_is_refused(tmp_path: Path) -> None:
    async with on_air() as air, scripted(KEY) as server, scene(air, tmp_path) as here:
        async with here.phone(server) as her:
            for _ in range(2):
                await press(here, her)
        async with here.phone(server) as her:
            await here.refused(her, here.data(FIRST), "replay")
            await here.forge(here.data(FIRST + 1))
            counter = await press(here, her)
            assert kept(her) == [counter]
        assert len(server.messages(Kind.PRESS)) == 3


async def test_a_changed_bit_of_the_sealed_part_is_refused(tmp_path: Path) -> None:
    await refused_whatever(tmp_path, lambda here: changed(here.data(FIRST + 9), 3))


async def test_a_changed_bit_of_the_check_is_refused(tmp_path: Path) -> None:
    await refused_whatever(tmp_path, lambda here: changed(here.data(FIRST + 9), -1))


async def test_a_changed_counter_is_refused(tmp_path: Path) -> None:
    await refused_whatever(tmp_path, lambda here: changed(here.data(FIRST + 9), -6))


async def test_another_key_is_refused(tmp_path: Path) -> None:
    await refused_whatever(tmp_path, lambda here: here.data(FIRST + 9, key=OTHER_KEY))


async def test_what_another_device_said_is_refused_under_this_ones_address(tmp_path: Path) -> None:
    await refused_whatever(tmp_path, lambda here: here.data(FIRST + 9, address="0C:EF:F6:01:02:04"))


async def test_an_unencrypted_long_press_is_no_downgrade(tmp_path: Path) -> None:
    await refused_whatever(tmp_path, lambda _here: bytes.fromhex("4400013a04"), "not-encrypted")


async def test_the_counter_does_not_begin_anew_after_the_highest(tmp_path: Path) -> None:
    async with linked(tmp_path) as (here, her):
        await here.forge(here.data(0xFFFFFFFF))
        await her.steps.wait_for("phone.stored", counter=0xFFFFFFFF)
        for counter in (0, 1, FIRST):
            await here.refused(her, here.data(counter), "replay")
        assert kept(her) == [0xFFFFFFFF]


async def refused_whatever(folder: Path, say: Callable[[Scene], bytes], reason: str = "wrong-key") -> None:
    """What `say` makes is refused for `reason`, raises nothing, and the next genuine press counts."""
    async with (
        on_air() as air,
        scripted(KEY) as server,
        scene(air, folder) as here,
        here.phone(server) as her,
    ):
        await here.refused(her, say(here), reason)
        assert her.store.button_highest() < FIRST
        counter = await press(here, her)
        assert kept(her) == [counter]


def changed(data: bytes, at: int) -> bytes:
    forged = bytearray(data)
    forged[at] ^= 1
    return bytes(forged)


# -- linking ----------------------------------------------------------------------------------------------------


async def test_rule_21_a_button_that_only_broadcasts_is_refused_outside_the_demo(tmp_path: Path) -> None:
    async with on_air() as air, broadcaster(air, tmp_path / "b.db") as button:
        store, steps = phone_store(tmp_path / "p.db"), Steps()
        radio = Scene(air, tmp_path / "p.db", button, button).radio(store, steps, may_be_findable=False)
        with pytest.raises(RadioError, match="it must not be handed out"):
            await radio.pair(SOON_S)
        assert not radio.is_paired
        assert steps.named("phone.button_findable")


async def test_rule_21_a_button_that_was_linked_in_a_demo_is_not_listened_to_outside_of_it(
    tmp_path: Path,
) -> None:
    async with on_air() as air, scene(air, tmp_path) as here:
        store = phone_store(tmp_path / "p.db")
        said = here.radio(store, Steps(), may_be_findable=False).said()
        first = asyncio.ensure_future(anext(said))
        for _ in range(3):
            await here.button.hold(2)
        assert not first.done()
        first.cancel()
        # The same memory hears it in a demo.
        in_a_demo = asyncio.ensure_future(anext(here.radio(store, Steps()).said()))
        while not in_a_demo.done():
            await here.button.hold(2)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ("4400013a04", "does not encrypt"),
        ("2500013a04", "not supported: not-version-2"),
        ("41a47266c95f730011223378237214", "does not hold the key of this kit"),
        ("45", "not supported: too-short"),
    ],
)
async def test_a_button_that_cannot_be_used_is_refused_with_the_reason(
    tmp_path: Path, data: str, why: str
) -> None:
    async with on_air() as air, broadcaster(air, tmp_path / "b.db") as button:
        store = phone_store(tmp_path / "p.db")
        radio = Scene(air, tmp_path / "p.db", button, button).radio(store, Steps())
        pairing = asyncio.create_task(radio.pair(SOON_S))
        while not pairing.done():
            await button.say(bytes.fromhex(data))
        with pytest.raises(RadioError, match=why):
            await pairing
        assert store.bond() is None


async def test_an_old_advertisement_links_nothing_a_second_time(tmp_path: Path) -> None:
    async with on_air() as air, scene(air, tmp_path) as here:
        store = phone_store(tmp_path / "p.db")
        store.do_forget_bond()
        radio = here.radio(store, Steps())
        pairing = asyncio.create_task(radio.pair(1.5))
        while not pairing.done():
            await here.forge(here.data(FIRST - 1))
        with pytest.raises(RadioError, match="press it, close to the phone"):
            await pairing
        assert not radio.is_paired


# -- the phone as a process ---------------------------------------------------------------------------------------


async def test_kill_9_right_after_a_press_opens_no_way_for_a_replay(server: Server, tmp_path: Path) -> None:
    kit = server.issue()
    codes = tmp_path / "codes"
    codes.write_text(kit.code)
    async with on_air() as air, broadcaster(air, tmp_path / "b.db", key=kit.button_key) as button:
        identity = button._store.identity()
        arguments = ["--air", air.address, "--state", str(tmp_path / "p"), "--server", server.url, "--pair"]
        arguments += ["--code-file", str(codes), "--broadcasting", button.address, "--allow-findable"]
        with closing_child(Child("egide.entrypoints.companion", arguments, {})) as phones:
            async with broadcaster(air, tmp_path / "f.db", identity) as forger:
                here = Scene(air, tmp_path / "p.db", button, forger)
                await asyncio.to_thread(phones.wait_for, "step", "phone.enrolled")
                pairing = asyncio.create_task(asyncio.to_thread(phones.wait_for, "step", "phone.connected"))
                while not pairing.done():
                    await button.hold(0.1)
                counters = []
                for _ in range(2):
                    counters.append(await hold_until(button, phones, "phone.stored"))
                    # As a power cut: nothing is tidied up.
                    phones.kill()
                    phones.start()
                    await asyncio.to_thread(phones.wait_for, "step", "phone.connected")
                old = here.data(counters[0], key=kit.button_key)
                saying = asyncio.create_task(
                    asyncio.to_thread(phones.wait_for, "step", "phone.frame_refused")
                )
                while not saying.done():
                    await here.forge(here.data(counters[1], key=kit.button_key))
                    await here.forge(old)
                assert (await saying)["reason"] == "replay"
                device = server.device_of(kit)

                def presses() -> int:
                    rows = [row for row in server.journal.every() if f":{device}-" in row.stream]
                    return sum(row.kind in ("PressReceived", "PressedAgain") for row in rows)

                await until_async(lambda: presses() == 2)
                await hold_until(button, phones, "phone.receipt")
                await until_async(lambda: presses() == 3)


async def hold_until(button: BroadcastingButton, phones: Child, step: str) -> int:
    """The counter of a long press after which the phone says this; pressed again where the air lost it."""
    heard = asyncio.create_task(asyncio.to_thread(phones.wait_for, "step", step, SOON_S))
    while True:
        counter = await button.hold(2)
        await asyncio.wait({heard}, timeout=SOON_S / TRIES)
        if heard.done():
            heard.result()
            return counter


@contextmanager
def closing_child(child: Child) -> Iterator[Child]:
    try:
        yield child
    finally:
        child.kill()
