"""What a broadcasting button says is BTHome also to a decoder that is no part of Egide (PyPI: bthome-ble)."""

import pytest
from bleak.backends.device import BLEDevice
from bthome_ble.parser import BTHomeBluetoothDeviceData
from habluetooth import BluetoothServiceInfoBleak

from egide.protocol import bthome

ADDRESS = "0C:EF:F6:01:02:03"
KEY = bytes(range(bthome.KEY_BYTES))
WORDS = {
    bthome.Event.PRESS: "press",
    bthome.Event.DOUBLE_PRESS: "double_press",
    bthome.Event.TRIPLE_PRESS: "triple_press",
    bthome.Event.LONG_PRESS: "long_press",
    bthome.Event.HOLD_PRESS: "hold_press",
}


def seconded(data: bytes, key: bytes = KEY) -> BTHomeBluetoothDeviceData:
    """What the other decoder makes of it."""
    other = BTHomeBluetoothDeviceData(bindkey=key)
    other.update(
        BluetoothServiceInfoBleak(
            name="",
            address=ADDRESS,
            rssi=-60,
            manufacturer_data={},
            service_data={"0000fcd2-0000-1000-8000-00805f9b34fb": data},
            service_uuids=[],
            source="",
            device=BLEDevice(ADDRESS, "", None),
            advertisement=None,
            connectable=False,
            time=0.0,
            tx_power=None,
        )
    )
    return other


@pytest.mark.parametrize("event", WORDS)
def test_both_decoders_read_the_same_of_a_frame(event: bthome.Event) -> None:
    data = bthome.encode(bthome.Advertised(4711, (event,), 88, 3), bthome.address_bytes(ADDRESS), KEY)
    ours, other = bthome.decode(data, bthome.address_bytes(ADDRESS), KEY), seconded(data)
    assert other.bindkey_verified and other.encryption_counter == ours.counter == 4711
    found = {one.event_type for one in other._events_updates.values()}
    assert found == {WORDS[event]} and ours.events == (event,)


def test_both_decoders_refuse_another_key() -> None:
    data = bthome.encode(
        bthome.Advertised(1, (bthome.Event.LONG_PRESS,), 88, 3), bthome.address_bytes(ADDRESS), KEY
    )
    other = seconded(data, bytes(bthome.KEY_BYTES))
    assert not other.bindkey_verified and not other._events_updates
    with pytest.raises(bthome.BthomeError, match="wrong-key"):
        bthome.decode(data, bthome.address_bytes(ADDRESS), bytes(bthome.KEY_BYTES))
