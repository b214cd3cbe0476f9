"""The phone on the Bluetooth of the machine: bleak's own BlueZ backend against a small org.bluez on a private D-Bus,
behind which a complete Bluetooth stack talks to the virtual button.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from bumble.device import Device
from bumble.keys import MemoryKeyStore

from egide.alarm.state import AlarmState
from egide.button import virtual
from egide.companion.ports import RadioError
from egide.companion.radio.bleak import BleakRadio, broadcasts
from egide.companion.radio.broadcast import BroadcastRadio
from egide.companion.store import PhoneStore
from egide.entrypoints.stack.children import Child
from egide.protocol.envelope import Kind, Source
from egide.protocol.link import LinkFlag, Notice
from tests.companion.broadcasting import broadcaster, kept
from tests.companion.intake import Server
from tests.companion.phones import phone, scripted
from tests.companion.test_radio import WithOneAddress, WithService
from tests.support import box
from tests.virtual import KEY, OTHER_KEY, SOON_S, Air, Button, Steps, on_air, pair, phone_store

BUS = "DBUS_SYSTEM_BUS_ADDRESS"


@pytest.fixture
def children() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
async def air(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, children: ExitStack) -> AsyncIterator[Air]:
    """An air with a BlueZ on it, whose D-Bus is this process's system bus."""
    async with on_air() as air:
        folder = tmp_path / "bus"
        folder.mkdir()
        bluez = Child(
            "tests.support.fake_bluez", ["--air", air.address, "--dir", str(folder), "--as-real"], {}
        )
        children.callback(bluez.stop)
        monkeypatch.setenv(BUS, (await asyncio.to_thread(bluez.ready))["address"])
        yield air


def bleak_radio(
    store: PhoneStore, steps: Steps, key: bytes = KEY, may_be_findable: bool = False
) -> BleakRadio:
    return BleakRadio(store, key, steps, may_be_findable)


async def test_a_press_goes_its_whole_way_and_the_button_is_acknowledged(air: Air, tmp_path: Path) -> None:
    async with (
        Button(air, tmp_path / "b.db") as button,
        scripted(KEY) as server,
        phone(air, tmp_path / "p.db", (server.url,), button=button, radio_of=bleak_radio) as her,
    ):
        await her.steps.wait_for("phone.connected")
        for counter in (1, 2):
            assert await button.virtual.hold(2) == counter
            await her.receipt(counter)
            await button.steps.wait_for("button.acknowledged", counter=counter)
        assert len(server.messages(Kind.PRESS)) == 2


async def test_a_press_that_waits_in_the_button_arrives_when_the_link_is_taken_up_again(
    air: Air, tmp_path: Path
) -> None:
    async with (
        Button(air, tmp_path / "b.db") as button,
        scripted(KEY) as server,
        phone(air, tmp_path / "p.db", (server.url,), button=button, radio_of=bleak_radio) as her,
    ):
        await her.steps.wait_for("phone.connected")
        await button.switch_off()
        await her.steps.wait_for("phone.disconnected")
        assert not her.radio.is_connected
        await button.switch_on()
        await button.virtual.hold(2)
        await her.steps.wait_for("phone.connected", 2)
        await her.receipt()
        await button.steps.wait_for("button.acknowledged", counter=1)


async def test_after_a_restart_of_the_phone_bluez_still_has_the_bond(air: Air, tmp_path: Path) -> None:
    async with Button(air, tmp_path / "b.db") as button, scripted(KEY) as server:
        async with phone(air, tmp_path / "p.db", (server.url,), button=button, radio_of=bleak_radio) as her:
            await her.steps.wait_for("phone.connected")
        async with phone(air, tmp_path / "p.db", (server.url,), radio_of=bleak_radio) as her:
            await button.virtual.hold(2)
            await her.receipt()
        assert button.steps.named("button.paired") == [{"step": "button.paired", "button": "b1"}]


async def test_the_heartbeat_carries_the_buttons_charge_and_the_link(air: Air, tmp_path: Path) -> None:
    async with (
        Button(air, tmp_path / "b.db") as button,
        scripted(KEY) as server,
        phone(air, tmp_path / "p.db", (server.url,), button=button, radio_of=bleak_radio) as her,
    ):
        button.store.do_set_battery_pct(41)
        linked = LinkFlag.BUTTON_PAIRED | LinkFlag.BUTTON_CONNECTED
        await her.steps.wait_for("phone.connected")
        her.app.core.tell_now()
        await server.until(
            lambda: any(
                beat.battery and beat.battery.button_pct == 41 and beat.link == linked
                for beat in server.messages(Kind.HEARTBEAT)
            )
        )


async def test_a_button_of_another_kit_is_refused_and_bluez_keeps_no_bond_with_it(
    air: Air, tmp_path: Path
) -> None:
    async with Button(air, tmp_path / "b.db", OTHER_KEY) as button:
        store = phone_store(tmp_path / "p.db")
        await button.virtual.open_pairing(SOON_S)
        with pytest.raises(RadioError, match="open the window again"):
            await bleak_radio(store, Steps()).pair(5.0)
        assert store.bond() is None
        assert button.store.bonds() == {}
        assert button.steps.named("button.refused")


async def test_the_own_button_is_found_beside_that_of_another_kit(air: Air, tmp_path: Path) -> None:
    async with Button(air, tmp_path / "o.db", OTHER_KEY) as other, Button(air, tmp_path / "b.db") as button:
        store = phone_store(tmp_path / "p.db")
        await other.virtual.open_pairing(SOON_S)
        await pair(button, bleak_radio(store, Steps()))
        assert store.bond() is not None
        assert (len(button.store.bonds()), other.store.bonds()) == (1, {})


class WithMaker(virtual.VirtualButton):
    """A button that names its maker to everybody."""

    async def _start_advertising(self, device: Device, interval_ms: int, for_s: float) -> None:
        # Nothing is shown first that names nobody: who hears that before the rest finds no fault.
        if self.pairing_is_open:
            await super()._start_advertising(device, interval_ms, for_s)
        else:
            device.random_address = self._fresh_address()
            await device.start_advertising(advertising_data=bytes.fromhex("05ff4c000102"))


@pytest.mark.parametrize(
    ("kind", "why"),
    [(WithOneAddress, "one address"), (WithService, "service 8b3f0001"), (WithMaker, "company 004c")],
)
async def test_rule_21_a_button_that_can_be_found_is_refused(
    air: Air, tmp_path: Path, kind: type[virtual.VirtualButton], why: str
) -> None:
    async with Button(air, tmp_path / "b.db", kind=kind) as button:
        store = phone_store(tmp_path / "p.db")
        with pytest.raises(RadioError, match=why):
            await pair(button, bleak_radio(store, Steps()))
        assert store.bond() is None


async def test_rule_21_a_demonstration_may_use_a_button_that_can_be_found(air: Air, tmp_path: Path) -> None:
    async with Button(air, tmp_path / "b.db", kind=WithOneAddress) as button:
        store, steps = phone_store(tmp_path / "p.db"), Steps()
        await pair(button, bleak_radio(store, steps, may_be_findable=True))
        assert store.bond() is not None
        assert "one address" in steps.named("phone.button_findable")[0]["reason"]


async def test_rule_21_a_button_that_begins_to_name_its_maker_is_told_to_the_zone_and_its_press_is_taken(
    air: Air, tmp_path: Path
) -> None:
    async with scripted(KEY) as server:
        async with (
            Button(air, tmp_path / "b.db") as button,
            phone(air, tmp_path / "p.db", (server.url,), button=button, radio_of=bleak_radio) as her,
        ):
            await her.steps.wait_for("phone.connected")
        async with (
            Button(air, tmp_path / "b.db", kind=WithMaker) as button,
            phone(air, tmp_path / "p.db", (server.url,), radio_of=bleak_radio) as her,
        ):
            await button.virtual.hold(2)
            await her.receipt()
            findable = Notice.BUTTON_FINDABLE.encode()
            await server.until(lambda: findable in [message.body for message in server.messages()])


def lose_key(button: Button) -> None:
    """The button keeps the phone's address, and has lost the key to it."""
    device = button.virtual._device
    assert device is not None
    device.keystore = MemoryKeyStore()


def forget_phone(button: Button) -> None:
    button.store._db.execute("delete from bond")


@pytest.mark.parametrize("unpair", [lose_key, forget_phone])
async def test_a_button_that_was_unpaired_behind_her_back_is_noticed_and_told_to_the_zone(
    air: Air, tmp_path: Path, unpair: Callable[[Button], None]
) -> None:
    async with Button(air, tmp_path / "b.db") as button, scripted(KEY) as server:
        async with phone(air, tmp_path / "p.db", (server.url,), button=button, radio_of=bleak_radio) as her:
            await her.steps.wait_for("phone.connected")
        unpair(button)
        async with phone(air, tmp_path / "p.db", (server.url,), radio_of=bleak_radio) as her:
            await her.steps.wait_for("phone.bond_lost")
            unpaired = Notice.BUTTON_UNPAIRED.encode()
            await server.until(lambda: unpaired in [message.body for message in server.messages()])
            await server.until(lambda: any(beat.link == 0 for beat in server.messages(Kind.HEARTBEAT)))


async def test_a_machine_without_bluetooth_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(BUS, f"unix:path={tmp_path}/nobody")
    with pytest.raises(RadioError, match="Bluetooth of this machine"):
        await bleak_radio(phone_store(tmp_path / "p.db"), Steps()).pair(5.0)


async def test_a_box_set_up_by_the_guide_hears_its_button_and_goes_on_after_it_was_cut_off(
    air: Air, tmp_path: Path, server: Server, children: ExitStack
) -> None:
    """What its unit starts (docs/box.md), a real intake, and no virtual air of its own."""
    kit = server.issue()
    codes = tmp_path / "codes"
    codes.write_text(kit.code)
    arguments = box.arguments({"SERVERS": f"--server {server.url}"})
    arguments[arguments.index("--state") + 1] = str(tmp_path / "p")

    async def pressed(companion: Child) -> AlarmState:
        await button.virtual.hold(2)
        said = await asyncio.to_thread(companion.wait_for, "step", "phone.receipt")
        return server.alarm(said["alarm"])

    async with Button(air, tmp_path / "b.db", kit.button_key) as button:
        # By hand, once.
        setting_up = Child(
            "egide.entrypoints.companion", [*arguments, "--pair", "--code-file", str(codes)], {}
        )
        children.callback(setting_up.stop)
        await asyncio.to_thread(setting_up.wait_for, "step", "phone.enrolled")
        await button.virtual.open_pairing(SOON_S)
        await asyncio.to_thread(setting_up.wait_for, "step", "phone.connected")
        await pressed(setting_up)
        setting_up.kill()
        companion = Child("egide.entrypoints.companion", arguments, {})
        children.callback(companion.stop)
        await asyncio.to_thread(companion.wait_for, "step", "phone.connected")
        at = (await pressed(companion)).press.trail[-1].position
        assert (at.lat_e7, at.lon_e7, at.source) == (504_541_000, 39_523_000, Source.MANUAL)


async def test_a_button_that_only_broadcasts_is_heard_through_bluez(air: Air, tmp_path: Path) -> None:
    async with broadcaster(air, tmp_path / "b.db") as button, scripted(KEY) as server:

        def radio_of(store: PhoneStore, steps: Steps, key: bytes) -> BroadcastRadio:
            return BroadcastRadio(broadcasts, store, button.address, key, steps, may_be_findable=True)

        store = phone_store(tmp_path / "p.db")
        pairing = asyncio.create_task(radio_of(store, Steps(), KEY).pair(SOON_S))
        while not pairing.done():
            await button.hold(0.1)
        await pairing
        store.close()
        async with phone(air, tmp_path / "p.db", (server.url,), radio_of=radio_of) as her:
            await her.steps.wait_for("phone.connected")
            counters = [await button.hold(2) for _ in range(2)]
            await her.receipt(2)
            assert kept(her) == counters
