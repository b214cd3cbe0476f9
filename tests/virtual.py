"""Real radios for the tests: a virtual air on a loopback socket, buttons and phones on complete Bluetooth stacks."""

import asyncio
import secrets
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from bumble import hci
from bumble.core import UUID, AdvertisingData
from bumble.device import Advertisement, Connection, Device, DeviceConfiguration, Peer
from bumble.host import Host
from bumble.keys import MemoryKeyStore
from bumble.pairing import PairingConfig, PairingDelegate
from bumble.transport.common import Transport
from bumble.transport.tcp_client import open_tcp_client_transport

from egide.button.store import ButtonStore
from egide.button.virtual import VirtualButton, fresh_identity
from egide.common.clock import Clock, SystemClock
from egide.companion.ports import Radio
from egide.companion.radio.bumble import BumbleRadio
from egide.companion.store import PhoneStore, RadioIdentity
from egide.entrypoints.processes.air import open_air
from tests.support.waiting import WITHIN_S

KEY = bytes(range(16))
OTHER_KEY = bytes(range(1, 17))
SOON_S = WITHIN_S


class Steps:
    """Everything that was reported, and a way to wait for what is to come."""

    def __init__(self) -> None:
        self.all: list[dict[str, Any]] = []
        self._changed = asyncio.Condition()
        self._tasks: set[asyncio.Task[None]] = set()

    def __call__(self, step: str, **facts: object) -> None:
        self.all.append({"step": step, **facts})
        task = asyncio.get_running_loop().create_task(self._wake())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _wake(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    def named(self, step: str) -> list[dict[str, Any]]:
        return [one for one in self.all if one["step"] == step]

    async def until(self, is_true: Callable[[], object], within_s: float = SOON_S) -> None:
        """Wait until `is_true` after some report."""
        async with self._changed:
            await asyncio.wait_for(self._changed.wait_for(lambda: bool(is_true())), within_s)

    async def wait_for(self, step: str, count: int = 1, **facts: object) -> dict[str, Any]:
        """The `count`-th report of `step` with these facts."""

        def matching() -> list[dict[str, Any]]:
            return [one for one in self.named(step) if facts.items() <= one.items()]

        try:
            await self.until(lambda: len(matching()) >= count)
        except TimeoutError:
            raise AssertionError(f"no {step} {facts}; there were {self.all}") from None
        return matching()[count - 1]


class Air:
    """Where to find the air."""

    def __init__(self, port: int) -> None:
        self.address = f"127.0.0.1:{port}"

    async def transport(self) -> Transport:
        return await open_tcp_client_transport(self.address)


@asynccontextmanager
async def on_air(supervision_s: float = 0.05) -> AsyncIterator[Air]:
    """An air that lives as long as the block."""
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    listener.setblocking(False)
    server = await open_air(listener, supervision_s)
    try:
        yield Air(port)
    finally:
        server.close()


async def quick(seconds: float) -> None:
    """A finger in a hurry: a hold takes a hundredth of its time."""
    await asyncio.sleep(max(seconds, 0) / 100)


async def end(life: asyncio.Task[None]) -> None:
    """Cancel it until it has ended: `asyncio.wait_for` of Python 3.11, which bumble uses, returns what came in the
    same moment instead of ending.
    """
    while not life.done():
        life.cancel()
        await asyncio.wait([life], timeout=1)


class Button:
    """A virtual button that can lose its power and come back with its memory."""

    def __init__(
        self,
        air: Air,
        path: Path,
        key: bytes = KEY,
        clock: Clock | None = None,
        steps: Steps | None = None,
        kind: type[VirtualButton] = VirtualButton,
    ) -> None:
        self._air = air
        self._path = path
        self._key = key
        self._kind = kind
        self._clock = clock or SystemClock()
        self.steps = steps or Steps()

    async def __aenter__(self) -> "Button":
        await self.switch_on()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.switch_off()

    async def switch_on(self) -> None:
        self.store = ButtonStore(self._path, fresh_identity())
        self.virtual = self._kind("b1", self._key, self.store, self._clock, self.steps, quick)
        self.life = asyncio.create_task(self.virtual.serve(await self._air.transport()))
        count = len(self.steps.named("button.on")) + 1
        await self.steps.wait_for("button.on", count)

    async def switch_off(self) -> None:
        """As when the battery falls out: the air hears nothing any more."""
        await end(self.life)
        with suppress(asyncio.CancelledError):
            self.life.result()
        self.store.close()


def phone_store(path: Path) -> PhoneStore:
    identity = RadioIdentity(str(hci.Address.generate_static_address()), secrets.token_bytes(16))
    return PhoneStore(path, secrets.token_bytes(32), identity)


def phone_radio(
    air: Air, store: PhoneStore, steps: Steps, key: bytes = KEY, may_be_findable: bool = False
) -> BumbleRadio:
    return BumbleRadio(air.transport, store, key, steps, may_be_findable)


async def pair(button: Button, radio: Radio) -> None:
    await button.virtual.open_pairing(SOON_S)
    await radio.pair(SOON_S)


@asynccontextmanager
async def stranger(air: Air, secure: bool = True, irk: bytes | None = None) -> AsyncIterator[Device]:
    """Somebody else's radio, with a static address and no bond."""
    transport = await air.transport()
    config = DeviceConfiguration(
        name="", address=hci.Address.generate_static_address(), irk=irk or secrets.token_bytes(16)
    )
    device = Device(config=config, host=Host(transport.source, transport.sink))
    device.keystore = MemoryKeyStore()
    device.pairing_config_factory = lambda _connection: PairingConfig(
        sc=secure,
        mitm=False,
        delegate=PairingDelegate(PairingDelegate.IoCapability.NO_OUTPUT_NO_INPUT),
        identity_address_type=PairingConfig.AddressType.RANDOM,
    )
    device.on(Device.EVENT_CONNECTION, _watch_ending)
    await device.power_on()
    try:
        yield device
    finally:
        await transport.close()


async def heard(device: Device, count: int = 1) -> list[Advertisement]:
    """The next `count` advertisements on the air."""
    arrived: asyncio.Queue[Advertisement] = asyncio.Queue()
    device.on(Device.EVENT_ADVERTISEMENT, arrived.put_nowait)
    await device.start_scanning(active=True, filter_duplicates=False)
    try:
        return [await asyncio.wait_for(arrived.get(), SOON_S) for _ in range(count)]
    finally:
        await device.stop_scanning()
        device.remove_listener(Device.EVENT_ADVERTISEMENT, arrived.put_nowait)


async def connect(device: Device) -> Connection:
    """Connect to whatever advertises."""
    return await device.connect((await heard(device))[0].address)


async def find(connection: Connection, uuid: str) -> Any:
    """One characteristic of the other side, by its UUID."""
    peer = Peer(connection)
    await peer.discover_services()
    for service in peer.services:
        await service.discover_characteristics()
    return peer.get_characteristics_by_uuid(UUID(uuid))[0]


def names_in(advertisement: Advertisement) -> list[bytes]:
    return [bytes(name) for name in advertisement.data.get_all(AdvertisingData.COMPLETE_LOCAL_NAME, raw=True)]


def kinds_in(advertisement: Advertisement) -> list[int]:
    return [int(kind) for kind, _ in advertisement.data.ad_structures]


async def gone(connection: Connection) -> int:
    """The reason for which a stranger's connection ended, once it has."""
    return int(await asyncio.wait_for(_endings[connection], SOON_S))


_endings: WeakKeyDictionary[Connection, asyncio.Future[int]] = WeakKeyDictionary()


def _watch_ending(connection: Connection) -> None:
    ending: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    _endings[connection] = ending

    def note(why: int) -> None:
        if not ending.done():
            ending.set_result(why)

    connection.on(Connection.EVENT_DISCONNECTION, note)
