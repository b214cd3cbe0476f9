"""A virtual alarm button: a Bluetooth LE peripheral on bumble that behaves as contracts/gatt.md asks of a real one.

It notifies at the end of the hold, repeats until the phone acknowledges, and outside its pairing window shows
the air nothing but an address that changes (rule 21 of the safety rules).
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable

from bumble import hci
from bumble.core import UUID, AdvertisingData
from bumble.device import Device, DeviceConfiguration
from bumble.host import Host
from bumble.transport.common import Transport

from egide.button import rules
from egide.button.peers import Peers, Reporter
from egide.button.security import BondKeys, SecureSession, pairing_config
from egide.button.store import ButtonStore, Identity
from egide.common.clock import Clock
from egide.protocol.gatt import NEUTRAL_NAME

# Quick while somebody is likely to listen: in the window, and right after the phone was lost.
QUICK_INTERVAL_MS = 30
QUICK_S = 30.0
INTERVAL_MS = 100
# TGAP(private_addr_int), Core 5.4, Vol 3, Part C, appendix A.
ROTATION_S = 900.0

Pause = Callable[[float], Awaitable[None]]


def fresh_identity() -> Identity:
    """A random static address and a random key for the rotating ones."""
    return Identity(str(hci.Address.generate_static_address()), secrets.token_bytes(16))


class VirtualButton:
    """One button. `serve` gives it a radio for as long as that lives; `hold` is the finger.

    `pause` waits for a hold to end: tests pass one that does not take as long.
    """

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
        self._keys = BondKeys(store)
        self._device: Device | None = None
        self._peers: Peers | None = None
        self._window: asyncio.Task[None] | None = None
        # One address for the whole window, so that a phone need not try this button twice.
        self._window_address: hci.Address | None = None
        self._radio = asyncio.Lock()
        self._next_address_s = 0.0

    # -- the finger -------------------------------------------------------------------------------------------

    async def hold(self, held_s: float) -> int | None:
        """Hold the button for `held_s` seconds: the counter of the press, or None when it was too short.

        The press goes out when the hold time is reached, while the finger may still be down.
        """
        hold_ms = self._store.hold_ms()
        if not rules.hold_is_reached(held_s, hold_ms):
            await self._pause(held_s)
            self._report("button.released", held_ms=round(held_s * 1000))
            return None
        await self._pause(hold_ms / 1000)
        counter = self._raise(hold_ms)
        await self._pause(held_s - hold_ms / 1000)
        return counter

    def _raise(self, held_ms: int) -> int:
        """The hold time is reached: durable first, on the air next."""
        at_us = self._clock.now_us()
        press = self._store.do_add_press(held_ms, at_us)
        if self._peers is not None:
            self._peers.repeater.wake()
        self._report("button.held", counter=press.counter, at_us=at_us)
        return press.counter

    # -- the pairing window -----------------------------------------------------------------------------------

    @property
    def pairing_is_open(self) -> bool:
        return self._window is not None

    async def open_pairing(self, seconds: float) -> None:
        """Let one phone pair during the next `seconds`."""
        if self._window is not None:
            self._window.cancel()
        self._window = asyncio.create_task(self._close_pairing_after(seconds))
        self._window_address = self._fresh_address()
        self._report("button.pairing_open", seconds=seconds)
        await self.advertise()

    async def close_pairing(self) -> None:
        """Strangers who are still connected go; the button shows nothing more."""
        window, self._window = self._window, None
        self._window_address = None
        if window is None:
            return
        if window is not asyncio.current_task():
            window.cancel()
        self._report("button.pairing_closed")
        if self._peers is not None:
            await self._peers.hang_up_strangers()
        await self.advertise()

    async def _close_pairing_after(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        await self.close_pairing()

    # -- the radio --------------------------------------------------------------------------------------------

    async def serve(self, transport: Transport) -> None:
        """Be a button on this radio until the radio is lost; closes `transport`."""
        device = self._make_device(transport)
        peers = Peers(device, self._store, self._keys, self._key, self._clock, self, self._report)
        await device.power_on()
        self._device, self._peers = device, peers
        await self.advertise()
        self._report("button.on")
        tasks = [asyncio.create_task(work) for work in (peers.run(), self._keep_rotating())]
        try:
            await asyncio.wait([transport.source.terminated])
        finally:
            self._device = self._peers = None
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            # Callers that still wait for an answer of this radio learn that there will be none.
            await transport.close()
            await asyncio.wait([transport.source.terminated])

    def _make_device(self, transport: Transport) -> Device:
        identity = self._store.identity()
        config = DeviceConfiguration(
            name=NEUTRAL_NAME,
            address=hci.Address(identity.address),
            irk=identity.irk,
            le_privacy_enabled=True,
            le_rpa_timeout=0,
        )
        device = Device(config=config, host=Host(transport.source, transport.sink))
        device.keystore = self._keys
        device.pairing_config_factory = pairing_config(lambda: self.pairing_is_open)
        device.smp_session_proxy = SecureSession
        return device

    async def advertise(self) -> None:
        """Advertise under a fresh address, unless the phone is here and nobody else is wanted."""
        async with self._radio:
            device, peers = self._device, self._peers
            if device is None or peers is None:
                return
            if peers.line is not None and not self.pairing_is_open:
                await device.stop_advertising()
                return
            await self._start_advertising(device, QUICK_INTERVAL_MS, QUICK_S)

    async def _start_advertising(self, device: Device, interval_ms: int, for_s: float) -> None:
        self._next_address_s = asyncio.get_running_loop().time() + for_s
        device.random_address = self._window_address or self._fresh_address()
        await device.start_advertising(
            advertising_data=advertising_data(self._shown()),
            advertising_interval_min=interval_ms,
            advertising_interval_max=interval_ms,
        )

    def _shown(self) -> rules.Advertisement:
        return rules.advertisement(self.pairing_is_open)

    def _fresh_address(self) -> hci.Address:
        return hci.Address.generate_private_address(self._store.identity().irk)

    async def _keep_rotating(self) -> None:
        """Slow down once nobody came at once, and take a fresh address from time to time."""
        while True:
            await asyncio.sleep(QUICK_S)
            async with self._radio:
                device = self._device
                if device is None or not device.is_advertising or self.pairing_is_open:
                    continue
                if asyncio.get_running_loop().time() >= self._next_address_s:
                    await self._start_advertising(device, INTERVAL_MS, ROTATION_S)


def advertising_data(shown: rules.Advertisement) -> bytes:
    """The advertising packet's data (Core Specification Supplement, Part A), at most 31 bytes."""
    parts: list[tuple[int, bytes]] = [(AdvertisingData.FLAGS, bytes([0x06 if shown.discoverable else 0x04]))]
    if shown.service is not None:
        parts.append(
            (AdvertisingData.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS, bytes(UUID(shown.service)))
        )
    if shown.name is not None:
        parts.append((AdvertisingData.COMPLETE_LOCAL_NAME, shown.name.encode()))
    return bytes(AdvertisingData(parts))
