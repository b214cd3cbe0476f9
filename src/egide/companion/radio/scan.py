"""Listening to the air: which advertisement is the button, in its pairing window or at rest."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import contextmanager

from bumble.core import UUID, AdvertisingData
from bumble.device import Advertisement, Device
from bumble.hci import Address

from egide.companion.rules import findable_because
from egide.protocol.bthome import UUID16 as BTHOME_UUID16
from egide.protocol.gatt import ALARM_SERVICE

_ALARM_SERVICE = UUID(ALARM_SERVICE)
_SERVICES = (
    AdvertisingData.INCOMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS,
    AdvertisingData.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS,
    AdvertisingData.INCOMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS,
    AdvertisingData.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS,
)
_TELLING = (
    *_SERVICES,
    AdvertisingData.SERVICE_DATA_16_BIT_UUID,
    AdvertisingData.SERVICE_DATA_128_BIT_UUID,
    AdvertisingData.MANUFACTURER_SPECIFIC_DATA,
)
_NAMES = (AdvertisingData.COMPLETE_LOCAL_NAME, AdvertisingData.SHORTENED_LOCAL_NAME)


async def hear(device: Device, is_wanted: Callable[[Advertisement], bool]) -> Advertisement:
    """The next advertisement that is wanted; listens until there is one."""
    heard: asyncio.Future[Advertisement] = asyncio.get_running_loop().create_future()

    def on_advertisement(advertisement: Advertisement) -> None:
        if not heard.done() and is_wanted(advertisement):
            heard.set_result(advertisement)

    with _listening(device, on_advertisement):
        await device.start_scanning(active=False, filter_duplicates=False)
        try:
            return await heard
        finally:
            await device.stop_scanning()


async def broadcasts_of(device: Device, address: str) -> AsyncGenerator[bytes, None]:
    """The service data of BTHome in everything that is heard from this address."""
    arrived: asyncio.Queue[bytes] = asyncio.Queue()
    mark = BTHOME_UUID16.to_bytes(2, "little")

    def on_advertisement(advertisement: Advertisement) -> None:
        if advertisement.address.to_string(with_type_qualifier=False) != address:
            return
        for data in advertisement.data.get_all(AdvertisingData.SERVICE_DATA_16_BIT_UUID, raw=True):
            if data[:2] == mark:
                arrived.put_nowait(bytes(data[2:]))

    with _listening(device, on_advertisement):
        await device.start_scanning(active=False, filter_duplicates=False)
        try:
            while True:
                yield await arrived.get()
        finally:
            await device.stop_scanning()


def offers_pairing(advertisement: Advertisement) -> bool:
    """Whether this is a button in its pairing window."""
    for structure in _SERVICES[2:]:
        for data in advertisement.data.get_all(structure, raw=True):
            if bytes(_ALARM_SERVICE) in [data[at : at + 16] for at in range(0, len(data), 16)]:
                return True
    return False


def is_discoverable(advertisement: Advertisement) -> bool:
    """Whether the button says that its pairing window is open (Core Specification Supplement, Part A, 1.3)."""
    flags = advertisement.data.get_all(AdvertisingData.FLAGS, raw=True)
    return any(data and data[0] & 0x03 for data in flags)


def is_from(device: Device, name: str, advertisement: Advertisement) -> bool:
    """Whether the bonded button `name` (identity address) sent this."""
    address = advertisement.address
    if str(address) == name:
        return True
    if not address.is_resolvable or device.address_resolver is None:
        return False
    resolved = device.address_resolver.resolve(address)
    return resolved is not None and str(resolved) == name


def why_findable(advertisement: Advertisement) -> str | None:
    """Rule 21 applied to what was heard of a button at rest."""
    names = [
        data.decode(errors="replace")
        for structure in _NAMES
        for data in advertisement.data.get_all(structure, raw=True)
    ]
    shown = [
        f"{AdvertisingData.Type(structure).name.lower()} {data.hex()}"
        for structure in _TELLING
        for data in advertisement.data.get_all(structure, raw=True)
    ]
    return findable_because(_is_private(advertisement.address), next(iter(names), None), shown)


def _is_private(address: Address) -> bool:
    """Resolvable or not, an address that changes (Core 5.4, Vol 6, Part B, section 1.3.2.2)."""
    return address.is_random and not address.is_static


@contextmanager
def _listening(device: Device, listener: Callable[[Advertisement], None]) -> Iterator[None]:
    device.on(Device.EVENT_ADVERTISEMENT, listener)
    try:
        yield
    finally:
        device.remove_listener(Device.EVENT_ADVERTISEMENT, listener)
