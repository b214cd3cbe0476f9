"""A virtual button that only broadcasts: BTHome v2, encrypted, as Shelly's BLU Button does (bthome.io).

It says a press a few times, hears nothing and is silent again, always under one address: anybody can follow it. For
demonstrations (safety rule 21) and for the tests of those who must not believe everything that they hear.
"""

import asyncio
from collections.abc import Awaitable, Callable

from bumble import hci
from bumble.core import AdvertisingData
from bumble.device import AdvertisingType, Device, DeviceConfiguration
from bumble.host import Host
from bumble.transport.common import Transport

from egide.button.peers import Reporter
from egide.button.store import ButtonStore
from egide.common.clock import Clock
from egide.protocol import bthome

# What this kind of button calls a long press.
LONG_S = 1.0
INTERVAL_MS = 30
# So long a press is on the air.
SAID_S = 0.5
RETRY_S = 0.1

Pause = Callable[[float], Awaitable[None]]


class BroadcastingButton:
    """One button. `serve` gives it a radio for as long as that lives; `hold` is the finger."""

    def __init__(
        self,
        button_id: str,
        key: bytes,
        store: ButtonStore,
        clock: Clock,
        report: Reporter,
        pause: Pause = asyncio.sleep,
    ) -> None:
        self._key = key
        self._store = store
        self._clock = clock
        self._pause = pause
        self._report: Reporter = lambda step, **facts: report(step, button=button_id, **facts)
        self._address = hci.Address(store.identity().address)
        self._device: Device | None = None
        self._turn = asyncio.Lock()

    @property
    def address(self) -> str:
        """As it is printed on the button."""
        return self._address.to_string(with_type_qualifier=False)

    async def hold(self, held_s: float) -> int:
        """Hold the button for `held_s` seconds: the counter of what it said, a short press or a long one."""
        is_long = held_s >= LONG_S
        await self._pause(min(held_s, LONG_S))
        # On the disk before it is on the air, so that no counter is ever used twice.
        counter = self._store.do_count()
        if is_long:
            self._report("button.held", counter=counter, at_us=self._clock.now_us())
        event = bthome.Event.LONG_PRESS if is_long else bthome.Event.PRESS
        said = bthome.Advertised(counter, (event,), self._store.battery_pct(), counter & 0xFF)
        await self.say(bthome.encode(said, bthome.address_bytes(self.address), self._key))
        return counter

    async def say(self, data: bytes) -> None:
        """Broadcast `data` as it is, for a moment."""
        async with self._turn:
            device = self._device
            if device is None:
                return
            await device.start_advertising(
                advertising_type=AdvertisingType.UNDIRECTED,
                advertising_data=advertising_data(data),
                advertising_interval_min=INTERVAL_MS,
                advertising_interval_max=INTERVAL_MS,
            )
            await asyncio.sleep(SAID_S)
            await device.stop_advertising()

    async def serve(self, transport: Transport) -> None:
        """Be a button on this radio until the radio is lost; closes `transport`."""
        config = DeviceConfiguration(name="", address=self._address)
        device = Device(config=config, host=Host(transport.source, transport.sink))
        await device.power_on()
        self._device = device
        self._report("button.on")
        try:
            await asyncio.wait([transport.source.terminated])
        finally:
            self._device = None
            await transport.close()


def advertising_data(service_data: bytes) -> bytes:
    """Flags and the service data of BTHome (Core Specification Supplement, Part A, 1.11)."""
    data = bthome.UUID16.to_bytes(2, "little") + service_data
    parts = [(AdvertisingData.FLAGS, b"\x06"), (AdvertisingData.SERVICE_DATA_16_BIT_UUID, data)]
    return bytes(AdvertisingData(parts))
