"""The Radio port on bumble: find, pair, prove, subscribe, and come back whenever the link is lost."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import TypeVar

from bumble import att, core, hci
from bumble.core import UUID
from bumble.device import Advertisement, Connection, Device, DeviceConfiguration, Peer
from bumble.gatt_client import CharacteristicProxy
from bumble.host import Host
from bumble.transport.common import Transport

from egide.companion import scan
from egide.companion.bond import (
    OWN,
    BondKeys,
    BondMemory,
    RadioIdentity,
    SecureSession,
    bond_kept_by,
    pairing_config,
)
from egide.companion.claim import Claim, NotOurs
from egide.companion.ports import RadioError, Report
from egide.protocol import gatt as ids
from egide.protocol.link import Notice

log = logging.getLogger(__name__)

CONNECT_S = 10.0
PAIRING_CONNECT_S = 1.0
ANSWER_S = 5.0
RETRY_S = 0.5

T = TypeVar("T")
OpenTransport = Callable[[], Awaitable[Transport]]
_LINK_ERRORS = (core.BaseBumbleError, att.ATT_Error, hci.HCI_Error, OSError, TimeoutError)


class LinkLost(Exception):
    """The connection to the button ended."""


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
        self._may_connect = asyncio.Event()
        if self.is_paired:
            self._may_connect.set()
        self.on_trouble: Callable[[Notice], None] = lambda _notice: None
        self.on_link: Callable[[], None] = lambda: None

    @property
    def is_paired(self) -> bool:
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
            if self.is_paired:
                self._may_connect.set()
        self._report("phone.paired")

    async def _bond(self, device: Device) -> None:
        """Try each button in its pairing window until one proves itself."""
        wrong: set[str] = set()
        while True:
            heard = await scan.hear(device, lambda a: scan.offers_pairing(a) and str(a.address) not in wrong)
            try:
                await self._bond_with(device, heard)
                return
            except RadioError as error:
                log.info("%s: %s", heard.address, error)
                wrong.add(str(heard.address))
            except (LinkLost, *_LINK_ERRORS) as error:
                # Perhaps another phone was faster: the button may be ours all the same.
                log.info("pairing with %s: %s", heard.address, error or type(error).__name__)

    async def _bond_with(self, device: Device, heard: Advertisement) -> None:
        connection = await device.connect(heard.address, timeout=PAIRING_CONNECT_S)
        try:
            await until_lost(connection, connection.pair())
            await self._prove(await self._discover(connection))
            self._keys.do_keep(str(connection.peer_address))
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

    async def frames(self) -> AsyncIterator[bytes]:
        """Never ends by itself."""
        arrived: asyncio.Queue[bytes] = asyncio.Queue()
        keeper = asyncio.create_task(self._keep_connected(arrived))
        try:
            while True:
                yield await arrived.get()
        finally:
            keeper.cancel()
            with suppress(asyncio.CancelledError):
                await keeper

    async def _keep_connected(self, arrived: "asyncio.Queue[bytes]") -> None:
        while True:
            await self._may_connect.wait()
            try:
                async with self._device() as device:
                    while self._may_connect.is_set():
                        await self._listen_once(device, arrived)
            except (LinkLost, RadioError, *_LINK_ERRORS) as error:
                log.info("radio lost: %s", error)
            await asyncio.sleep(RETRY_S)

    async def _listen_once(self, device: Device, arrived: "asyncio.Queue[bytes]") -> None:
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
        except (LinkLost, *_LINK_ERRORS) as error:
            log.info("link lost: %s", error or type(error).__name__)
            if not self._is_subscribed:
                await asyncio.sleep(RETRY_S)
        finally:
            self._let_go()
            if connection is not None:
                await hang_up(connection)

    def _watch_findable(self, heard: Advertisement) -> None:
        """A button that begins to show itself is told to the zone; its presses are taken, they matter more."""
        reason = None if scan.is_discoverable(heard) else scan.why_findable(heard)
        if reason is not None and not self._may_be_findable:
            self._report("phone.button_findable", reason=reason)
            self.on_trouble(Notice.BUTTON_FINDABLE)

    async def _subscribe(self, connection: Connection, arrived: "asyncio.Queue[bytes]") -> None:
        await self._encrypt(connection)
        link = await self._discover(connection)
        # The first press may overtake the answer to the subscription, and its acknowledgement must not be lost.
        self._link = link
        await until_lost(connection, link[ids.PRESS].subscribe(arrived.put_nowait))
        self._is_subscribed = True
        self._report("phone.connected")
        self.on_link()

    async def _encrypt(self, connection: Connection) -> None:
        """With the kept keys. A button that has lost them is a fact to report: somebody may have unpaired it."""
        try:
            await until_lost(connection, connection.encrypt())
        except hci.HCI_Error as error:
            if error.error_code == hci.HCI_ErrorCode.PIN_OR_KEY_MISSING_ERROR:
                self._report("phone.bond_lost")
                self.on_trouble(Notice.BUTTON_UNPAIRED)
            raise

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
        with suppress(LinkLost, *_LINK_ERRORS):
            await until_lost(link.connection, link[ids.ACKNOWLEDGE].write_value(ack, with_response=True))

    async def battery_pct(self) -> int | None:
        link = self._link
        if link is None:
            return None
        with suppress(LinkLost, *_LINK_ERRORS):
            value = bytes(await until_lost(link.connection, link[ids.BATTERY_LEVEL].read_value()))
            return value[0] if len(value) == 1 and value[0] <= 100 else None
        return None

    # -- the device -------------------------------------------------------------------------------------------

    @asynccontextmanager
    async def _device(self) -> AsyncIterator[Device]:
        """A radio under a fresh address of its own, until it is lost or no longer needed."""
        identity = self._memory.radio_identity()
        transport = await self._open_transport()
        try:
            async with _while_alive(transport):
                yield await self._power_on(transport, identity)
        finally:
            await transport.close()

    async def _power_on(self, transport: Transport, identity: RadioIdentity) -> Device:
        config = DeviceConfiguration(
            name="",
            address=hci.Address(identity.address),
            irk=identity.irk,
            le_privacy_enabled=True,
            le_rpa_timeout=0,
        )
        device = Device(config=config, host=Host(transport.source, transport.sink))
        device.keystore = self._keys
        device.pairing_config_factory = pairing_config
        device.smp_session_proxy = SecureSession
        await device.power_on()
        return device

    async def _discover(self, connection: Connection) -> Link:
        peer = Peer(connection)
        found: dict[UUID, CharacteristicProxy[bytes]] = {}
        for service in (ids.ALARM_SERVICE, ids.BATTERY_SERVICE):
            for proxy in await until_lost(connection, peer.discover_service(UUID(service))):
                for characteristic in await until_lost(connection, proxy.discover_characteristics()):
                    found[characteristic.uuid] = characteristic
        return Link(connection, found)


@asynccontextmanager
async def _while_alive(transport: Transport) -> AsyncIterator[None]:
    """Ends the block with LinkLost when the radio itself dies."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(None) as alive:

            def end(_terminated: object) -> None:
                if not alive.expired():
                    with suppress(RuntimeError):
                        alive.reschedule(loop.time())

            transport.source.terminated.add_done_callback(end)
            try:
                yield
            finally:
                transport.source.terminated.remove_done_callback(end)
    except TimeoutError as error:
        if alive.expired():
            raise LinkLost("the radio is gone") from error
        raise


async def until_lost(connection: Connection, work: Awaitable[T]) -> T:
    """The result of `work`, or LinkLost when the connection ends first, or TimeoutError when nobody answers.

    bumble cancels what waits on a lost connection; that must not look as if we had been cancelled.
    """
    lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    if not is_alive(connection):
        lost.set_result(None)

    def on_disconnection(_reason: int) -> None:
        if not lost.done():
            lost.set_result(None)

    connection.on(Connection.EVENT_DISCONNECTION, on_disconnection)
    task = asyncio.ensure_future(work)
    try:
        await asyncio.wait((task, lost), return_when=asyncio.FIRST_COMPLETED)
        if not task.done() or task.cancelled():
            raise LinkLost("the button is out of reach")
        return task.result()
    finally:
        connection.remove_listener(Connection.EVENT_DISCONNECTION, on_disconnection)
        if not task.done():
            task.cancel()


async def hang_up(connection: Connection) -> None:
    """End the connection, if it still exists."""
    if not is_alive(connection):
        return
    with suppress(LinkLost, *_LINK_ERRORS):
        async with asyncio.timeout(ANSWER_S):
            await until_lost(connection, connection.disconnect())


def is_alive(connection: Connection) -> bool:
    return connection.device.connections.get(connection.handle) is connection
