"""The phone's side of the air: which buttons it pairs with, and what it notices."""

import asyncio
from contextlib import suppress
from pathlib import Path

import pytest
from bumble.hci import Address
from bumble.keys import MemoryKeyStore
from bumble.pairing import PairingConfig

from egide.button import rules, virtual
from egide.button.rules import Advertisement
from egide.companion.ports import RadioError
from egide.companion.radio.bumble import BumbleRadio
from egide.companion.radio.bumble_device import LinkLost
from egide.protocol.gatt import ALARM_SERVICE
from egide.protocol.link import Notice
from tests.companion.phones import phone, scripted
from tests.virtual import KEY, OTHER_KEY, SOON_S, Button, Steps, on_air, pair, phone_radio, phone_store


class WithOneAddress(virtual.VirtualButton):
    """A button that always shows its static address."""

    def _fresh_address(self) -> Address:
        return Address(self._store.identity().address)


class WithName(virtual.VirtualButton):
    """A button that tells its name to everybody."""

    def _shown(self) -> Advertisement:
        return Advertisement(discoverable=self.pairing_is_open, name="SOS", service=ALARM_SERVICE)


class WithService(virtual.VirtualButton):
    """A button that tells what it is to everybody."""

    def _shown(self) -> Advertisement:
        shown = rules.advertisement(self.pairing_is_open)
        return Advertisement(shown.discoverable, None, ALARM_SERVICE)


FINDABLE = [(WithOneAddress, "one address"), (WithName, "name 'SOS'"), (WithService, "complete_list")]


@pytest.mark.parametrize(("kind", "why"), FINDABLE)
async def test_rule_21_a_button_that_can_be_found_is_refused(
    tmp_path: Path, kind: type[virtual.VirtualButton], why: str
) -> None:
    async with on_air() as air, Button(air, tmp_path / "b.db", kind=kind) as button:
        store = phone_store(tmp_path / "p.db")
        with pytest.raises(RadioError, match=why):
            await pair(button, phone_radio(air, store, Steps()))
        assert store.bond() is None


@pytest.mark.parametrize(("kind", "why"), FINDABLE)
async def test_rule_21_a_demonstration_may_use_a_button_that_can_be_found(
    tmp_path: Path, kind: type[virtual.VirtualButton], why: str
) -> None:
    async with on_air() as air, Button(air, tmp_path / "b.db", kind=kind) as button:
        store, steps = phone_store(tmp_path / "p.db"), Steps()
        radio = phone_radio(air, store, steps, may_be_findable=True)
        await pair(button, radio)
        assert store.bond() is not None
        assert why in steps.named("phone.button_findable")[0]["reason"]
        presses = radio.said()
        await button.virtual.hold(2)
        assert await asyncio.wait_for(anext(presses), SOON_S)
        await presses.aclose()


async def test_rule_21_a_button_that_begins_to_show_itself_is_told_to_the_zone_and_its_press_is_taken(
    tmp_path: Path,
) -> None:
    async with on_air() as air, scripted(KEY) as server:
        async with (
            Button(air, tmp_path / "b.db") as button,
            phone(air, tmp_path / "p.db", (server.url,), button=button) as her,
        ):
            assert her.radio.is_paired
        async with (
            Button(air, tmp_path / "b.db", kind=WithName) as button,
            phone(air, tmp_path / "p.db", (server.url,)) as her,
        ):
            await button.virtual.hold(2)
            await her.receipt()
            await server.until(
                lambda: Notice.BUTTON_FINDABLE.encode() in [message.body for message in server.messages()]
            )


async def test_a_button_of_another_kit_is_not_paired_with(tmp_path: Path) -> None:
    async with on_air() as air, Button(air, tmp_path / "b.db", OTHER_KEY) as button:
        store = phone_store(tmp_path / "p.db")
        await button.virtual.open_pairing(20)
        with pytest.raises(RadioError, match="open the window again"):
            await phone_radio(air, store, Steps()).pair(1.0)
        assert store.bond() is None
        assert button.store.bonds() == {}


async def test_a_button_that_offers_legacy_pairing_only_is_refused(tmp_path: Path) -> None:
    async with on_air() as air, Button(air, tmp_path / "b.db") as button:
        device = button.virtual._device
        assert device is not None
        former = device.pairing_config_factory

        def legacy(connection: object) -> PairingConfig:
            config = former(connection)  # type: ignore[arg-type]
            config.sc = False
            return config

        device.pairing_config_factory = legacy
        store = phone_store(tmp_path / "p.db")
        await button.virtual.open_pairing(20)
        with pytest.raises(RadioError):
            await phone_radio(air, store, Steps()).pair(1.0)
        assert store.bond() is None


async def test_pairing_ends_in_time_although_something_below_swallowed_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It hung for ever: asyncio.wait_for of Python 3.11 returned what had come in the same moment."""

    async def swallow(*_: object) -> None:
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        raise LinkLost("out of reach")

    monkeypatch.setattr(BumbleRadio, "_bond_with", swallow)
    async with on_air() as air, Button(air, tmp_path / "b.db") as button:
        await button.virtual.open_pairing(20)
        with pytest.raises(RadioError, match="open the window again"):
            await phone_radio(air, phone_store(tmp_path / "p.db"), Steps()).pair(0.5)


async def test_a_button_that_was_unpaired_behind_her_back_is_noticed_and_told_to_the_zone(
    tmp_path: Path,
) -> None:
    """Silent unpairing went unnoticed for months elsewhere (docs: what went wrong)."""
    async with on_air() as air, Button(air, tmp_path / "b.db") as button, scripted(KEY) as server:
        async with phone(air, tmp_path / "p.db", (server.url,), button=button) as her:
            await her.steps.wait_for("phone.connected")
        device = button.virtual._device
        assert device is not None
        # The button keeps the phone's address, and has lost the key to it.
        device.keystore = MemoryKeyStore()
        async with phone(air, tmp_path / "p.db", (server.url,)) as her:
            await her.steps.wait_for("phone.bond_lost")
            await server.until(
                lambda: Notice.BUTTON_UNPAIRED.encode() in [message.body for message in server.messages()]
            )


async def test_without_a_button_in_its_window_pairing_ends_with_what_to_do_next(tmp_path: Path) -> None:
    async with on_air() as air:
        with pytest.raises(RadioError, match="open the window again"):
            await phone_radio(air, phone_store(tmp_path / "p.db"), Steps()).pair(0.2)


async def test_without_an_air_the_phone_waits_and_does_not_fail(tmp_path: Path) -> None:
    steps = Steps()
    store = phone_store(tmp_path / "p.db")
    async with on_air() as air, Button(air, tmp_path / "b.db") as button:
        radio = phone_radio(air, store, steps)
        await pair(button, radio)
    presses = radio.said()
    with suppress(TimeoutError):
        await asyncio.wait_for(anext(presses), 0.3)
    assert not radio.is_connected
    assert await radio.battery_pct() is None
    await radio.acknowledge(b"")
    await presses.aclose()
