"""The Radio port on bumble: find, pair, prove, subscribe, and come back whenever the link is lost."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, aclosing, suppress

from bumble import att, hci
from bumble.core import UUID
from bumble.device import Advertisement, Connection, Device, Peer
from bumble.gatt_client import CharacteristicProxy

from egide.companion.keeping import Arrived
from egide.companion.ports import RadioError, Reporter
from egide.companion.radio import scan
from egide.companion.radio.bond import OWN, BondKeys, BondMemory
from egide.companion.radio.bonded import BondedRadio
from egide.companion.radio.bumble_device import (
    LINK_ERRORS,
    LinkLost,
    OpenTransport,
    hang_up,
    heed_cancellation,
    open_device,
    until_lost,
)
from egide.companion.radio.claim import Claim, NotOurs
from egide.protocol import gatt as ids

log = logging.getLogger(__name__)

CONNECT_S = 10.0
PAIRING_CONNECT_S = 1.0
RETRY_S = 0.5


class Link:
    """One encrypted connection to the button with its characteristics found."""

    def __init__(self, connection: Connection, found: dict[UUID, CharacteristicProxy[bytes]]) -> None:
        self.connection = connection
        self._found = found

    def __getitem__(self, uuid: str) -> CharacteristicProxy[bytes]:
        """Raises RadioError when the button has no such characteristic."""
        proxy = self._found.get(UUID(uuid))
        if proxy is None:
            raise RadioError(f"the button lacks characteristic {uuid}: it is of another make or version")
        return proxy


class BumbleRadio(BondedRadio):
    """See `BondedRadio`."""

    def __init__(
        self,
        open_transport: OpenTransport,
        memory: BondMemory,
        key: bytes,
        report: Reporter,
        may_be_findable: bool = False,
    ) -> None:
        super().__init__(memory, OWN, key, report, may_be_findable)
        self._open_transport = open_transport
        self._keys = BondKeys(memory)
        self._link: Link | None = None

    # -- pairing ----------------------------------------------------------------------------------------------

    async def _pair(self) -> None:
        try:
            async with self._device() as device:
                await self._bond(device)
                await self._check_at_rest(device)
        except LinkLost as error:
            raise RadioError(str(error)) from error

    async def _bond(self, device: Device) -> None:
        """Try each button in its pairing window until one proves itself."""
        wrong: set[str] = set()
        while True:
            heed_cancellation()
            heard = await scan.hear(device, lambda a: scan.offers_pairing(a) and str(a.address) not in wrong)
            try:
                await self._bond_with(device, heard)
                return
            except RadioError as error:
                log.info("%s: %s", heard.address, error)
                wrong.add(str(heard.address))
            except (LinkLost, *LINK_ERRORS) as error:
                # Perhaps another phone was faster: the button may be ours all the same.
                log.info("pairing with %s: %s", heard.address, error or type(error).__name__)

    async def _bond_with(self, device: Device, heard: Advertisement) -> None:
        connection = await device.connect(heard.address, timeout=PAIRING_CONNECT_S)
        try:
            heed_cancellation()
            await until_lost(connection, connection.pair())
            await self._prove(await self._discover(connection))
            self._keys.do_keep(str(connection.peer_address))
            self._health.note(False)
            await device.refresh_resolving_list()
        finally:
            await hang_up(connection)

    async def _prove(self, link: Link) -> None:
        """Raises NotOurs."""
        claim, characteristic, connection = Claim(self._key), link[ids.CLAIM], link.connection
        proof = claim.proof(bytes(await until_lost(connection, characteristic.read_value())))
        try:
            await until_lost(connection, characteristic.write_value(proof, with_response=True))
            answer = bytes(await until_lost(connection, characteristic.read_value()))
        except (LinkLost, att.ATT_Error) as error:
            raise NotOurs("the button does not know this phone") from error
        claim.check(answer)

    async def _check_at_rest(self, device: Device) -> None:
        """Rule 21, as soon as the button is alone again. Without a good answer the bond is gone. Raises RadioError."""
        bond = self._memory.bond()
        assert bond is not None
        is_good = False
        try:
            heed_cancellation()
            heard = await scan.hear(device, lambda a: scan.is_from(device, bond[0], a))
            self._accept_at_rest(scan.why_findable(heard))
            is_good = True
        finally:
            if not is_good:
                self._memory.do_forget_bond()

    # -- presses ----------------------------------------------------------------------------------------------

    async def _keep_connected(self, arrived: Arrived) -> None:
        while True:
            heed_cancellation()
            await self._may_connect.wait()
            try:
                async with self._device() as device:
                    device.on(Device.EVENT_CONNECTION, self._watch_ending)
                    while self._may_connect.is_set():
                        heed_cancellation()
                        await self._listen_once(device, arrived)
            except (LinkLost, RadioError, *LINK_ERRORS) as error:
                log.info("radio lost: %s", error)
            await asyncio.sleep(RETRY_S)

    async def _listen_once(self, device: Device, arrived: Arrived) -> None:
        """Wait until the button is in reach, connect, and take what it says until the link is lost."""
        bond = self._memory.bond()
        if bond is None:
            raise RadioError("not paired")
        heard = await scan.hear(device, lambda a: scan.is_from(device, bond[0], a))
        self._note_findable(None if scan.is_discoverable(heard) else scan.why_findable(heard))
        connection: Connection | None = None
        try:
            connection = await device.connect(heard.address, timeout=CONNECT_S)
            await self._subscribe(connection, arrived)
            await until_lost(connection, asyncio.get_running_loop().create_future())
        except (LinkLost, *LINK_ERRORS) as error:
            log.info("link lost: %s", error or type(error).__name__)
            if not self._is_subscribed:
                await asyncio.sleep(RETRY_S)
        finally:
            self._link = None
            self._note_disconnected()
            if connection is not None:
                await hang_up(connection)

    async def _subscribe(self, connection: Connection, arrived: Arrived) -> None:
        await self._encrypt(connection)
        link = await self._discover(connection)
        # The first press may overtake the answer to the subscription, and its acknowledgement must not be lost.
        self._link = link
        await until_lost(connection, link[ids.PRESS].subscribe(arrived.put_nowait))
        self._note_connected()

    async def _encrypt(self, connection: Connection) -> None:
        """With the kept keys, which the button may have lost."""
        try:
            await until_lost(connection, connection.encrypt())
        except hci.HCI_Error as error:
            if error.error_code == hci.HCI_ErrorCode.PIN_OR_KEY_MISSING_ERROR:
                self._note_bond_lost()
            raise

    def _watch_ending(self, connection: Connection) -> None:
        """So a button ends the line of a phone that it does not know, or that another one has replaced (gatt.md)."""

        def on_disconnection(reason: int) -> None:
            if reason == hci.HCI_ErrorCode.AUTHENTICATION_FAILURE_ERROR:
                self._note_bond_lost()

        connection.on(Connection.EVENT_DISCONNECTION, on_disconnection)

    async def _write(self, characteristic: str, value: bytes) -> bool:
        link = self._link
        if link is None:
            return False
        with suppress(LinkLost, *LINK_ERRORS):
            await until_lost(link.connection, link[characteristic].write_value(value, with_response=True))
            return True
        return False

    async def _read(self, characteristic: str) -> bytes:
        link = self._link
        if link is None:
            return b""
        with suppress(LinkLost, *LINK_ERRORS):
            return bytes(await until_lost(link.connection, link[characteristic].read_value()))
        return b""

    # -- the device -------------------------------------------------------------------------------------------

    def _device(self) -> AbstractAsyncContextManager[Device]:
        return open_device(self._open_transport, self._memory.radio_identity(), self._keys)

    async def _discover(self, connection: Connection) -> Link:
        peer = Peer(connection)
        found: dict[UUID, CharacteristicProxy[bytes]] = {}
        for service in (ids.ALARM_SERVICE, ids.BATTERY_SERVICE):
            for proxy in await until_lost(connection, peer.discover_service(UUID(service))):
                for characteristic in await until_lost(connection, proxy.discover_characteristics()):
                    found[characteristic.uuid] = characteristic
        return Link(connection, found)


async def broadcasts(
    open_transport: OpenTransport, memory: BondMemory, address: str
) -> AsyncGenerator[bytes, None]:
    """`radio_broadcast.Listen` on a radio of our own."""
    async with (
        open_device(open_transport, memory.radio_identity()) as device,
        aclosing(scan.broadcasts_of(device, address)) as heard,
    ):
        async for data in heard:
            yield data
