"""The Radio port on bumble: find, pair, prove, subscribe, and come back whenever the link is lost."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, aclosing, suppress

from bumble import att, hci
from bumble.core import UUID
from bumble.device import Advertisement, Connection, Device, Peer
from bumble.gatt_client import CharacteristicProxy

from egide.companion.keeping import Arrived, said_while
from egide.companion.ports import RadioError, Report
from egide.companion.radio import scan
from egide.companion.radio.bond import (
    OWN,
    BondHealth,
    BondKeys,
    BondMemory,
    bond_kept_by,
)
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
from egide.protocol.link import Notice

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


class BumbleRadio:
    """See `ports.Radio`. `may_be_findable` lets a button pass that rule 21 refuses: for demonstrations only."""

    def __init__(
        self,
        open_transport: OpenTransport,
        memory: BondMemory,
        key: bytes,
        report: Report,
        may_be_findable: bool = False,
    ) -> None:
        self._open_transport = open_transport
        self._memory = memory
        self._key = key
        self._report = report
        self._may_be_findable = may_be_findable
        self._keys = BondKeys(memory)
        self._link: Link | None = None
        self._is_subscribed = False
        self._health = BondHealth(memory)
        self._may_connect = asyncio.Event()
        if self._has_bond:
            self._may_connect.set()
        self.on_trouble: Callable[[Notice], None] = lambda _notice: None
        self.on_link: Callable[[], None] = lambda: None

    @property
    def is_paired(self) -> bool:
        return self._has_bond and not self._health.is_lost

    @property
    def _has_bond(self) -> bool:
        return bond_kept_by(self._memory, OWN) is not None

    @property
    def is_connected(self) -> bool:
        return self._is_subscribed

    # -- pairing ----------------------------------------------------------------------------------------------

    async def pair(self, within_s: float) -> None:
        """Bond with the button that holds our key, and let it go again. Raises RadioError."""
        self._may_connect.clear()
        try:
            async with asyncio.timeout(within_s), self._device() as device:
                await self._bond(device)
                await self._check_at_rest(device)
        except TimeoutError as error:
            raise RadioError(
                f"no button of this kit in its pairing window within {within_s:.0f} s: open the window again"
            ) from error
        except LinkLost as error:
            raise RadioError(str(error)) from error
        finally:
            if self._has_bond:
                self._may_connect.set()
        self._report("phone.paired")

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
            reason = scan.why_findable(heard)
            is_good = reason is None or self._may_be_findable
            if reason is not None:
                self._report("phone.button_findable", reason=reason)
            if not is_good:
                raise RadioError(f"the button can be found by radio: {reason}; it must not be handed out")
        finally:
            if not is_good:
                self._memory.do_forget_bond()

    # -- presses ----------------------------------------------------------------------------------------------

    def said(self) -> AsyncGenerator[bytes, None]:
        """Never ends by itself."""
        return said_while(self._keep_connected)

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
        self._watch_findable(heard)
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
            self._let_go()
            if connection is not None:
                await hang_up(connection)

    def _watch_findable(self, heard: Advertisement) -> None:
        """A button that begins to show itself is reported to the zone; its presses count, they matter more."""
        reason = None if scan.is_discoverable(heard) else scan.why_findable(heard)
        if reason is not None and not self._may_be_findable:
            self._report("phone.button_findable", reason=reason)
            self.on_trouble(Notice.BUTTON_FINDABLE)

    async def _subscribe(self, connection: Connection, arrived: Arrived) -> None:
        await self._encrypt(connection)
        link = await self._discover(connection)
        # The first press may overtake the answer to the subscription, and its acknowledgement must not be lost.
        self._link = link
        await until_lost(connection, link[ids.PRESS].subscribe(arrived.put_nowait))
        self._is_subscribed = True
        self._health.note(False)
        self._report("phone.connected")
        self.on_link()

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

    def _note_bond_lost(self) -> None:
        """A fact to report: somebody may have unpaired the button."""
        if self._health.note(True):
            self._report("phone.bond_lost")
            self.on_trouble(Notice.BUTTON_UNPAIRED)
            self.on_link()

    def _let_go(self) -> None:
        self._link = None
        if self._is_subscribed:
            self._is_subscribed = False
            self._report("phone.disconnected")
            self.on_link()

    async def acknowledge(self, ack: bytes) -> None:
        link = self._link
        if link is None:
            return
        with suppress(LinkLost, *LINK_ERRORS):
            await until_lost(link.connection, link[ids.ACKNOWLEDGE].write_value(ack, with_response=True))

    async def set_hold(self, frame: bytes) -> bool:
        link = self._link
        if link is None:
            return False
        with suppress(LinkLost, *LINK_ERRORS):
            await until_lost(link.connection, link[ids.ACKNOWLEDGE].write_value(frame, with_response=True))
            return True
        return False

    async def battery_pct(self) -> int | None:
        link = self._link
        if link is None:
            return None
        with suppress(LinkLost, *LINK_ERRORS):
            value = bytes(await until_lost(link.connection, link[ids.BATTERY_LEVEL].read_value()))
            return value[0] if len(value) == 1 and value[0] <= 100 else None
        return None

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
