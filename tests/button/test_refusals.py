"""What the button refuses, on the real stack: each line of the table in contracts/gatt.md."""

import asyncio
import gc
from pathlib import Path

import pytest
from bumble import att, smp
from bumble.core import ProtocolError
from bumble.device import Connection, Device
from bumble.hci import Address, HCI_ErrorCode, HCI_LE_Set_Random_Address_Command

from egide.button import virtual
from egide.protocol import frame as frames
from egide.protocol import gatt
from egide.protocol.frame import encode_claim
from tests.virtual import (
    KEY,
    OTHER_KEY,
    SOON_S,
    Air,
    Button,
    Steps,
    connect,
    find,
    gone,
    heard,
    kinds_in,
    names_in,
    on_air,
    pair,
    phone_radio,
    phone_store,
    stranger,
)


async def refusal(work: object) -> int:
    """The ATT error code with which `work` is refused."""
    with pytest.raises(att.ATT_Error) as refused:
        await work  # type: ignore[misc]
    return int(refused.value.error_code)


@pytest.mark.parametrize("uuid", [gatt.PRESS, gatt.CLAIM, gatt.BATTERY_LEVEL])
async def test_a_read_without_encryption_is_refused(tmp_path: Path, uuid: str) -> None:
    async with on_air() as air, Button(air, tmp_path / "b.db") as button, stranger(air) as device:
        await button.virtual.open_pairing(SOON_S)
        characteristic = await find(await connect(device), uuid)
        assert await refusal(characteristic.read_value()) == att.ErrorCode.INSUFFICIENT_ENCRYPTION


@pytest.mark.parametrize("uuid", [gatt.PRESS, gatt.BATTERY_LEVEL])
async def test_a_subscription_without_encryption_is_refused(tmp_path: Path, uuid: str) -> None:
    async with on_air() as air, Button(air, tmp_path / "b.db") as button, stranger(air) as device:
        await button.virtual.open_pairing(SOON_S)
        characteristic = await find(await connect(device), uuid)
        assert await refusal(characteristic.subscribe()) == att.ErrorCode.INSUFFICIENT_ENCRYPTION


@pytest.mark.parametrize("uuid", [gatt.ACKNOWLEDGE, gatt.CLAIM])
async def test_a_write_without_encryption_is_refused(tmp_path: Path, uuid: str) -> None:
    async with on_air() as air, Button(air, tmp_path / "b.db") as button, stranger(air) as device:
        await button.virtual.open_pairing(SOON_S)
        characteristic = await find(await connect(device), uuid)
        written = characteristic.write_value(frames.encode_ack(1, KEY), with_response=True)
        assert await refusal(written) == att.ErrorCode.INSUFFICIENT_ENCRYPTION


async def test_legacy_pairing_is_refused(tmp_path: Path) -> None:
    async with on_air() as air, Button(air, tmp_path / "b.db") as button:
        await button.virtual.open_pairing(SOON_S)
        async with stranger(air, secure=False) as device:
            connection = await connect(device)
            with pytest.raises(ProtocolError) as refused:
                await connection.pair()
            assert refused.value.error_code == smp.ErrorCode.AUTHENTICATION_REQUIREMENTS
            assert not connection.is_encrypted
            assert button.store.bonds() == {}


async def test_pairing_with_a_short_key_is_refused(tmp_path: Path) -> None:
    async with on_air() as air, Button(air, tmp_path / "b.db") as button, stranger(air) as device:
        await button.virtual.open_pairing(SOON_S)
        connection = await connect(device)
        config = device.pairing_config_factory(connection)
        config.delegate.maximum_encryption_key_size = 7
        device.pairing_config_factory = lambda _connection: config
        with pytest.raises(ProtocolError) as refused:
            await connection.pair()
        assert refused.value.error_code == smp.ErrorCode.ENCRYPTION_KEY_SIZE


async def test_an_unbonded_peer_outside_the_window_is_cut_off_at_once(tmp_path: Path) -> None:
    async with on_air() as air, Button(air, tmp_path / "b.db") as button, stranger(air) as device:
        connection = await connect(device)
        assert await gone(connection) == HCI_ErrorCode.AUTHENTICATION_FAILURE_ERROR
        assert button.steps.named("button.refused")[0]["reason"] == "unbonded"
        # And the button is on the air again, for its own phone.
        assert await heard(device)


async def test_an_unbonded_peer_outside_the_window_does_not_even_see_the_services(tmp_path: Path) -> None:
    async with on_air() as air, Button(air, tmp_path / "b.db"), stranger(air) as device:
        connection = await connect(device)
        with pytest.raises(asyncio.CancelledError):
            await find(connection, gatt.PRESS)


async def test_pairing_outside_the_window_is_refused(tmp_path: Path) -> None:
    """A stranger who connected inside the window and pairs only after it."""
    async with on_air() as air, Button(air, tmp_path / "b.db") as button, stranger(air) as device:
        await button.virtual.open_pairing(SOON_S)
        connection = await connect(device)
        await button.virtual.close_pairing()
        assert await gone(connection) == HCI_ErrorCode.AUTHENTICATION_FAILURE_ERROR
        assert button.store.bonds() == {}


async def paired_stranger(button: Button, device: Device) -> Connection:
    """Somebody who paired inside the window and holds no key of this button."""
    await button.virtual.open_pairing(SOON_S)
    connection = await connect(device)
    await connection.pair()
    assert connection.is_encrypted
    return connection


async def test_pairing_alone_opens_nothing(tmp_path: Path) -> None:
    """Just Works protects nobody: without the claim an encrypted link is worth no more than an open one."""
    async with on_air() as air, Button(air, tmp_path / "b.db") as button, stranger(air) as device:
        connection = await paired_stranger(button, device)
        press = await find(connection, gatt.PRESS)
        acknowledge = await find(connection, gatt.ACKNOWLEDGE)
        written = acknowledge.write_value(frames.encode_ack(1, KEY), with_response=True)
        for work in (press.read_value(), press.subscribe(), written):
            assert await refusal(work) == att.ErrorCode.INSUFFICIENT_AUTHORIZATION
        assert await refusal(acknowledge.read_value()) == att.ErrorCode.READ_NOT_PERMITTED
        assert button.store.bonds() == {}


async def test_a_claim_without_the_buttons_key_is_refused_and_cut_off(tmp_path: Path) -> None:
    async with on_air() as air, Button(air, tmp_path / "b.db") as button, stranger(air) as device:
        connection = await paired_stranger(button, device)
        claim = await find(connection, gatt.CLAIM)
        nonce = bytes(await claim.read_value())[1:]
        proof = encode_claim(nonce, bytes(8), OTHER_KEY)
        written = claim.write_value(proof, with_response=True)
        assert await refusal(written) == att.ErrorCode.INSUFFICIENT_AUTHORIZATION
        assert await gone(connection) == HCI_ErrorCode.AUTHENTICATION_FAILURE_ERROR
        assert button.store.bonds() == {}
        assert button.virtual.pairing_is_open


async def test_a_stranger_in_the_window_does_not_push_the_real_phone_out(tmp_path: Path) -> None:
    """The stranger even takes the phone's identity address, so that bumble would file its keys under that name."""
    async with on_air() as air, Button(air, tmp_path / "b.db") as button:
        store, steps = phone_store(tmp_path / "p.db"), Steps()
        radio = phone_radio(air, store, steps)
        await pair(button, radio)
        before = button.store.bonds()
        async with stranger(air) as device:
            device.static_address = Address(store.radio_identity().address)
            await paired_stranger(button, device)
        assert button.store.bonds() == before
        presses = radio.said()
        await button.virtual.close_pairing()
        await button.virtual.hold(2)
        assert frames.decode_frame(await asyncio.wait_for(anext(presses), SOON_S), KEY).counter == 1
        await presses.aclose()


async def test_the_phones_address_alone_opens_nothing(tmp_path: Path) -> None:
    """An impostor who knows the identity address of the bonded phone, but not its keys."""
    async with on_air() as air, Button(air, tmp_path / "b.db") as button:
        store = phone_store(tmp_path / "p.db")
        await pair(button, phone_radio(air, store, Steps()))
        async with stranger(air) as device:
            await impersonate(device, store.radio_identity().address)
            connection = await connect(device)
            assert await gone(connection) == HCI_ErrorCode.AUTHENTICATION_FAILURE_ERROR


async def impersonate(device: Device, address: str) -> None:
    device.random_address = Address(address)
    await device.send_sync_command(HCI_LE_Set_Random_Address_Command(random_address=device.random_address))


async def test_rule_21_button_is_not_findable_by_radio_or_name(tmp_path: Path) -> None:
    """At rest: a resolvable address, another one after each contact, and nothing but the flags."""
    async with on_air() as air, Button(air, tmp_path / "b.db") as button, stranger(air) as device:
        addresses = set()
        for _round in range(3):
            advertisement = (await heard(device))[0]
            assert advertisement.address.is_resolvable
            assert kinds_in(advertisement) == [1]
            assert advertisement.data_bytes == b"\x02\x01\x04"
            addresses.add(str(advertisement.address))
            connection = await device.connect(advertisement.address)
            await gone(connection)
        assert len(addresses) == 3
        assert button.store.identity().address not in addresses


async def test_rule_21_the_pairing_window_shows_a_neutral_name_and_closes_again(tmp_path: Path) -> None:
    async with on_air() as air, Button(air, tmp_path / "b.db") as button, stranger(air) as device:
        await button.virtual.open_pairing(SOON_S)
        advertisement = (await heard(device))[0]
        assert names_in(advertisement) == [b"Tag"]
        assert advertisement.address.is_resolvable
        assert len(advertisement.data_bytes) <= 31
        # Opened anew for a moment only, so that a slow listener has heard the window by now.
        await button.virtual.open_pairing(0.2)
        await button.steps.wait_for("button.pairing_closed")
        # What was on the air already may still arrive.
        async with asyncio.timeout(SOON_S):
            while kinds_in((await heard(device))[0]) != [1]:
                pass


async def test_the_window_closes_with_the_first_phone_that_proves_itself(tmp_path: Path) -> None:
    async with on_air() as air, Button(air, tmp_path / "b.db") as button:
        await pair(button, phone_radio(air, phone_store(tmp_path / "p.db"), Steps()))
        assert not button.virtual.pairing_is_open
        assert len(button.store.bonds()) == 1


async def test_a_new_phone_replaces_the_former_one(tmp_path: Path) -> None:
    async with on_air() as air, Button(air, tmp_path / "b.db") as button:
        old, new = phone_store(tmp_path / "old.db"), phone_store(tmp_path / "new.db")
        steps = Steps()
        old_radio = phone_radio(air, old, steps)
        await pair(button, old_radio)
        presses = old_radio.said()
        listening = asyncio.ensure_future(anext(presses))
        await steps.wait_for("phone.connected")
        await pair(button, phone_radio(air, new, Steps()))
        await steps.wait_for("phone.disconnected")
        assert list(button.store.bonds()) == [new.radio_identity().address]
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)


async def test_a_phone_finds_its_own_button_among_others(tmp_path: Path, count: int = 3) -> None:
    keys = [bytes([number]) * 16 for number in range(count)]
    async with on_air() as air:
        await pair_all(air, tmp_path, keys)


async def pair_all(air: Air, tmp_path: Path, keys: list[bytes]) -> None:
    buttons = [Button(air, tmp_path / f"b{key[0]}.db", key) for key in keys]
    for button in buttons:
        await button.switch_on()
        await button.virtual.open_pairing(SOON_S)
    stores = [phone_store(tmp_path / f"p{key[0]}.db") for key in keys]
    radios = [phone_radio(air, store, Steps(), key) for store, key in zip(stores, keys, strict=True)]
    await asyncio.gather(*(radio.pair(SOON_S) for radio in radios))
    for button, store in zip(buttons, stores, strict=True):
        assert list(button.store.bonds()) == [store.radio_identity().address]
        await button.switch_off()


async def test_rule_21_the_address_changes_without_any_contact_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(virtual, "QUICK_S", 0.05)
    monkeypatch.setattr(virtual, "ROTATION_S", 0.05)
    async with on_air() as air, Button(air, tmp_path / "b.db"), stranger(air) as device:
        addresses: set[str] = set()
        async with asyncio.timeout(SOON_S):
            while len(addresses) < 3:
                addresses.add(str((await heard(device))[0].address))


async def test_a_stranger_who_connects_while_the_button_goes_off_leaves_no_work_half_begun(
    tmp_path: Path, recwarn: pytest.WarningsRecorder
) -> None:
    async with on_air() as air, Button(air, tmp_path / "b.db") as button, stranger(air) as device:
        await button.virtual.open_pairing(SOON_S)
        await find(await connect(device), gatt.PRESS)
        radio = button.virtual._device
        assert radio is not None
        (connection,) = radio.connections.values()
        (serving,) = [
            task for task in asyncio.all_tasks() if getattr(task.get_coro(), "__name__", "") == "run"
        ]
        # In the moment before what it begins would have its turn.
        serving.cancel()
        radio.emit(Device.EVENT_CONNECTION, connection)
        await button.switch_off()
        gc.collect()
        assert not [warning for warning in recwarn if "never awaited" in str(warning.message)]
        await button.switch_on()
