"""The Radio port on bleak: the Bluetooth of the machine, through BlueZ, which keeps the bond.

BlueZ hides the changing addresses of a bonded button and mixes what it shows with what it once said of itself, so rule
21 is held as far as BlueZ lets it be seen: see README.md.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

from bleak import BleakClient, BleakScanner
from bleak.args.bluez import BlueZClientArgs, BlueZScannerArgs
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData
from bleak.exc import BleakError
from bleak.uuids import normalize_uuid_str
from dbus_fast import BusType, Message, MessageType
from dbus_fast.aio import MessageBus

from egide.companion.keeping import Arrived
from egide.companion.ports import RadioError, Reporter
from egide.companion.radio.bond import BLUEZ, BondMemory, do_note_bond
from egide.companion.radio.bonded import BondedRadio
from egide.companion.radio.claim import Claim, NotOurs
from egide.companion.rules import REFUSED_IN_A_ROW, findable_because
from egide.protocol import gatt as ids
from egide.protocol.bthome import UUID16 as BTHOME_UUID16

log = logging.getLogger(__name__)

CONNECT_S = 10.0
ANSWER_S = 5.0
RETRY_S = 0.5
# Within this time a button that shows its service is heard (contracts/gatt.md: ten times a second at least).
AT_REST_S = 2.0

_DEVICE = "org.bluez.Device1"
_ERRORS = (BleakError, TimeoutError, OSError, EOFError)
Heard = tuple[BLEDevice, AdvertisementData]


class BleakRadio(BondedRadio):
    """See `BondedRadio`. `adapter`: such as "hci0", None for the first one."""

    def __init__(
        self,
        memory: BondMemory,
        key: bytes,
        report: Reporter,
        may_be_findable: bool = False,
        adapter: str | None = None,
    ) -> None:
        super().__init__(memory, BLUEZ, key, report, may_be_findable)
        self._bluez: BlueZClientArgs = {} if adapter is None else {"adapter": adapter}
        self._scanning: BlueZScannerArgs = {} if adapter is None else {"adapter": adapter}
        self._client: BleakClient | None = None
        self._refusals = 0

    # -- pairing ----------------------------------------------------------------------------------------------

    async def _pair(self) -> None:
        try:
            await self._check_at_rest(await self._bond())
        except TimeoutError:
            raise
        except (BleakError, OSError, EOFError) as error:
            raise RadioError(f"the Bluetooth of this machine: {error}") from error

    async def _bond(self) -> str:
        """Try each button in its pairing window until one proves itself; the address that it had in the window."""
        wrong: set[str] = set()

        def offers_pairing(device: BLEDevice, shown: AdvertisementData) -> bool:
            return ids.ALARM_SERVICE in shown.service_uuids and device.address not in wrong

        while True:
            device, _ = await self._hear(offers_pairing, [ids.ALARM_SERVICE])
            in_window = device.address
            try:
                await self._bond_with(device)
                return in_window
            except RadioError as error:
                log.info("%s: %s", in_window, error)
                wrong.add(in_window)
            except _ERRORS as error:
                # Perhaps another phone was faster: the button may be ours all the same.
                log.info("pairing with %s: %s", in_window, error or type(error).__name__)

    async def _bond_with(self, device: BLEDevice) -> None:
        client = BleakClient(device, timeout=CONNECT_S, pair=True, bluez=self._bluez)
        is_ours = False
        try:
            async with _connected(client):
                await self._prove(client)
                # BlueZ knows a bonded button by its own address, behind the changing ones.
                do_note_bond(self._memory, client.address, BLUEZ)
                self._health.note(False)
                is_ours = True
        finally:
            if not is_ours:
                await _forget(client)

    async def _prove(self, client: BleakClient) -> None:
        """Raises NotOurs."""
        claim = Claim(self._key)
        async with asyncio.timeout(ANSWER_S):
            proof = claim.proof(bytes(await client.read_gatt_char(ids.CLAIM)))
            try:
                await client.write_gatt_char(ids.CLAIM, proof, response=True)
                answer = bytes(await client.read_gatt_char(ids.CLAIM))
            except BleakError as error:
                raise NotOurs("the button does not know this phone") from error
        claim.check(answer)

    async def _check_at_rest(self, in_window: str) -> None:
        """Rule 21, as soon as the button is alone again. Without a good answer the bond is gone. Raises RadioError."""
        is_good = False
        try:
            device, shown = await self._hear(self._is_ours)
            try:
                self._accept_at_rest(why_findable(in_window, shown) or await self._shown_service())
            except RadioError:
                await _forget(BleakClient(device, bluez=self._bluez))
                raise
            is_good = True
        finally:
            if not is_good:
                self._memory.do_forget_bond()

    async def _shown_service(self) -> str | None:
        """BlueZ remembers a service that it once found, but filters by what is on the air."""
        try:
            async with asyncio.timeout(AT_REST_S):
                await self._hear(self._is_ours, [ids.ALARM_SERVICE])
        except TimeoutError:
            return None
        return findable_because(True, None, [f"service {ids.ALARM_SERVICE}"])

    # -- presses ----------------------------------------------------------------------------------------------

    async def _keep_connected(self, arrived: Arrived) -> None:
        while True:
            await self._may_connect.wait()
            try:
                await self._listen_once(arrived)
            except _ERRORS as error:
                log.info("link lost: %s", error or type(error).__name__)
            await asyncio.sleep(RETRY_S)

    async def _listen_once(self, arrived: Arrived) -> None:
        """Wait until the button is in reach, connect, and take what it says until the link is lost."""
        await hang_up(self._bonded, self._bluez.get("adapter"))
        device, shown = await self._hear(self._is_ours)
        self._note_findable(findable_because(True, None, _telling(shown)))
        lost = asyncio.Event()
        client = BleakClient(device, lambda _client: lost.set(), timeout=CONNECT_S, bluez=self._bluez)
        try:
            async with _connected(client):
                # The first press may overtake the answer to the subscription; its acknowledgement must not be lost.
                self._client = client
                await self._subscribe(client, arrived)
                await lost.wait()
        except TimeoutError:
            # Out of reach again, which says nothing about the bond.
            raise
        except _ERRORS as error:
            if not self._is_subscribed:
                self._note_refusal(error)
            raise
        finally:
            self._client = None
            self._note_disconnected()

    async def _subscribe(self, client: BleakClient, arrived: Arrived) -> None:
        async with asyncio.timeout(ANSWER_S):
            await client.start_notify(ids.PRESS, lambda _of, value: arrived.put_nowait(bytes(value)))
        self._refusals = 0
        self._note_connected()

    def _note_refusal(self, error: Exception) -> None:
        """A button in reach that lets nobody in has lost the bond; somebody may have unpaired it."""
        self._refusals += 1
        log.info("refused %d times: %s", self._refusals, error)
        if self._refusals >= REFUSED_IN_A_ROW:
            self._note_bond_lost()

    async def _write(self, characteristic: str, value: bytes) -> bool:
        client = self._client
        if client is None:
            return False
        with suppress(*_ERRORS):
            async with asyncio.timeout(ANSWER_S):
                await client.write_gatt_char(characteristic, value, response=True)
            return True
        return False

    async def _read(self, characteristic: str) -> bytes:
        """Nothing also where BlueZ keeps the battery service to itself (README.md)."""
        client = self._client
        if client is None:
            return b""
        with suppress(*_ERRORS):
            async with asyncio.timeout(ANSWER_S):
                return bytes(await client.read_gatt_char(normalize_uuid_str(characteristic)))
        return b""

    # -- the air ----------------------------------------------------------------------------------------------

    def _is_ours(self, device: BLEDevice, _shown: AdvertisementData) -> bool:
        return device.address == self._bonded

    async def _hear(
        self, is_wanted: Callable[[BLEDevice, AdvertisementData], bool], services: list[str] | None = None
    ) -> Heard:
        """The next advertisement that is wanted, of those that show `services` when given."""
        heard: asyncio.Future[Heard] = asyncio.get_running_loop().create_future()

        def on_advertisement(device: BLEDevice, shown: AdvertisementData) -> None:
            if not heard.done() and is_wanted(device, shown):
                heard.set_result((device, shown))

        async with BleakScanner(on_advertisement, services, bluez=self._scanning):
            return await heard


async def broadcasts(address: str, adapter: str | None = None) -> AsyncGenerator[bytes, None]:
    """`radio_broadcast.Listen` on the Bluetooth of the machine."""
    arrived: asyncio.Queue[bytes] = asyncio.Queue()
    service = normalize_uuid_str(f"{BTHOME_UUID16:04x}")

    def on_advertisement(device: BLEDevice, shown: AdvertisementData) -> None:
        data = shown.service_data.get(service)
        if data is not None and device.address == address:
            arrived.put_nowait(data)

    bluez: BlueZScannerArgs = {} if adapter is None else {"adapter": adapter}
    async with BleakScanner(on_advertisement, bluez=bluez):
        while True:
            yield await arrived.get()


def why_findable(in_window: str, shown: AdvertisementData) -> str | None:
    """Rule 21 applied to what BlueZ tells of a button at rest, and to the address that it had before it was bonded."""
    # The two highest bits of a random address: 11 is static (Core 5.4, Vol 6, Part B, section 1.3.2).
    is_private = shown.platform_data[1].get("AddressType") == "random" and int(in_window[:2], 16) >> 6 != 3
    return findable_because(is_private, None, _telling(shown))


def _telling(shown: AdvertisementData) -> list[str]:
    """What BlueZ knows from the air alone."""
    makers = [f"company {company:04x}" for company in shown.manufacturer_data]
    return makers + [f"data of service {uuid}" for uuid in shown.service_data]


@asynccontextmanager
async def _connected(client: BleakClient) -> AsyncIterator[None]:
    # bleak has limits of its own, but not for a BlueZ that does not answer while it tidies up.
    async with asyncio.timeout(CONNECT_S + ANSWER_S):
        await client.connect()
    try:
        yield
    finally:
        with suppress(*_ERRORS):
            async with asyncio.timeout(ANSWER_S):
                await client.disconnect()


async def hang_up(address: str | None, adapter: str | None) -> None:
    """End a link that nobody here holds. BlueZ keeps that of a process that was killed, and a button that has a link
    is silent on the air: nothing would be heard of it any more. Raises BleakError, OSError or TimeoutError.
    """
    bus = MessageBus(bus_type=BusType.SYSTEM)
    async with asyncio.timeout(ANSWER_S):
        await bus.connect()
        try:
            for path in await _with_a_link(bus, address):
                if adapter is None or f"/{adapter}/" in path:
                    await _call(bus, path, _DEVICE, "Disconnect")
        finally:
            bus.disconnect()


async def _with_a_link(bus: MessageBus, address: str | None) -> list[str]:
    """The objects of a device that BlueZ has a link with, on each adapter."""
    (objects,) = await _call(bus, "/", "org.freedesktop.DBus.ObjectManager", "GetManagedObjects")
    devices = {path: faces[_DEVICE] for path, faces in objects.items() if _DEVICE in faces}
    return [
        path
        for path, device in devices.items()
        if device["Address"].value == address and device["Connected"].value
    ]


async def _call(bus: MessageBus, path: str, interface: str, member: str) -> list[Any]:
    """What BlueZ answers. Raises BleakError."""
    asked = Message(destination="org.bluez", path=path, interface=interface, member=member)
    reply = await bus.call(asked)
    if reply is None or reply.message_type is MessageType.ERROR:
        raise BleakError(f"{member}: {reply.error_name if reply else 'no answer'}")
    return list(reply.body)


async def _forget(client: BleakClient) -> None:
    """BlueZ must not keep the bond with a button that is not ours."""
    with suppress(*_ERRORS):
        async with asyncio.timeout(ANSWER_S):
            await client.unpair()
