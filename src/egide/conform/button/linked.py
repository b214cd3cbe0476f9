"""A button that links with a phone (contracts/gatt.md), by a radio of the kit's own. Needs the part `radio`."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from bumble import att, core, hci
from bumble.core import UUID, AdvertisingData
from bumble.device import Advertisement, Connection, Device, DeviceConfiguration, Peer
from bumble.host import Host
from bumble.keys import MemoryKeyStore
from bumble.pairing import PairingConfig, PairingDelegate
from bumble.transport.common import Transport

from egide.conform.points import Deviates, Kit, Untried, expect
from egide.protocol import frame as frames
from egide.protocol import gatt as ids

T = TypeVar("T")
WINDOW, HOLD = "open the pairing window", "hold the button for two seconds"
CLAUSE = "contracts/gatt.md"
_NAMES = (AdvertisingData.COMPLETE_LOCAL_NAME, AdvertisingData.SHORTENED_LOCAL_NAME)
_ERRORS = (core.BaseBumbleError, hci.HCI_Error, OSError)


@asynccontextmanager
async def radio(transport: Transport) -> AsyncIterator[Device]:
    """A phone's radio on this transport, which is closed in the end."""
    config = DeviceConfiguration(
        name="",
        address=hci.Address.generate_static_address(),
        irk=secrets.token_bytes(16),
        le_privacy_enabled=True,
        le_rpa_timeout=0,
    )
    device = Device(config=config, host=Host(transport.source, transport.sink))
    device.keystore = MemoryKeyStore()
    device.pairing_config_factory = lambda _connection: PairingConfig(
        sc=True,
        mitm=False,
        bonding=True,
        delegate=PairingDelegate(PairingDelegate.IoCapability.NO_OUTPUT_NO_INPUT),
        identity_address_type=PairingConfig.AddressType.RANDOM,
    )
    await device.power_on()
    try:
        yield device
    finally:
        await transport.close()


class LinkLab:
    """`key` (16 bytes) is the button's; `ask` has somebody do something with it."""

    def __init__(
        self, device: Device, key: bytes, ask: Callable[[str], Awaitable[None]], patience_s: float = 30.0
    ) -> None:
        self.device, self.key, self.ask, self.patience_s = device, key, ask, patience_s
        self.identity = ""
        self.connection: Connection | None = None
        self.frames: list[bytes] = []
        self.counter = 0
        self._changed = asyncio.Event()

    async def within(self, work: Awaitable[T], otherwise: str) -> T:
        """Raises Deviates where it does not come, or the radio says no."""
        try:
            async with asyncio.timeout(self.patience_s):
                return await work
        except TimeoutError as error:
            raise Deviates(f"{otherwise} within {self.patience_s:g} s") from error
        except _ERRORS as error:
            raise Deviates(f"{otherwise}: {error or type(error).__name__}") from error

    async def hear(self, is_wanted: Callable[[Advertisement], bool], otherwise: str) -> Advertisement:
        """The next advertisement that is wanted. Raises Deviates."""
        heard: asyncio.Future[Advertisement] = asyncio.get_running_loop().create_future()

        def on_advertisement(one: Advertisement) -> None:
            if not heard.done() and is_wanted(one):
                heard.set_result(one)

        self.device.on(Device.EVENT_ADVERTISEMENT, on_advertisement)
        await self.device.start_scanning(active=False, filter_duplicates=False)
        try:
            return await self.within(heard, otherwise)
        finally:
            await self.device.stop_scanning()
            self.device.remove_listener(Device.EVENT_ADVERTISEMENT, on_advertisement)

    async def in_window(self) -> Advertisement:
        return await self.hear(_offers, "no button shows the alarm service")

    async def connect(self, heard: Advertisement) -> Connection:
        return await self.within(self.device.connect(heard.address), "it takes no connection")

    async def characteristic(self, connection: Connection, uuid: str) -> Any:
        peer = Peer(connection)
        await self.within(peer.discover_services(), "its services cannot be read")
        for service in peer.services:
            await self.within(service.discover_characteristics(), "its characteristics cannot be read")
        found = peer.get_characteristics_by_uuid(UUID(uuid))
        expect(found, f"it has no characteristic {uuid}")
        return found[0]

    async def refused(self, work: Awaitable[Any], code: int) -> str:
        """The error with which it is refused, where it is this one. Raises Deviates."""
        try:
            async with asyncio.timeout(self.patience_s):
                await work
        except att.ATT_Error as error:
            expect(int(error.error_code) == code, f"error 0x{int(error.error_code):02X}")
            return f"error 0x{code:02X}"
        except (TimeoutError, *_ERRORS) as error:
            raise Deviates(f"no answer: {error or type(error).__name__}") from error
        raise Deviates("taken")

    async def hang_up(self, connection: Connection) -> None:
        """Also where it did already."""
        if self.device.connections.get(connection.handle) is connection:
            await self.within(connection.disconnect(), "the line does not end")

    def take(self, data: bytes) -> None:
        self.frames.append(bytes(data))
        self._changed.set()

    async def frame(self, since: int, is_wanted: Callable[[frames.ButtonFrame], bool]) -> frames.ButtonFrame:
        """The first such frame behind `since` of them. Raises Deviates."""

        async def come() -> frames.ButtonFrame:
            at = since
            while True:
                for data in self.frames[at:]:
                    at += 1
                    found = self.read(data)
                    if is_wanted(found):
                        return found
                self._changed.clear()
                await self._changed.wait()

        return await self.within(come(), "no such frame came")

    def read(self, data: bytes) -> frames.ButtonFrame:
        """Raises Deviates."""
        try:
            return frames.decode_frame(data, self.key)
        except frames.FrameError as error:
            raise Deviates(f"{data.hex()}: {error.reason}") from error

    @property
    def line(self) -> Connection:
        """Raises Untried."""
        if self.connection is None or not self.frames:
            raise Untried("no press came over the link")
        return self.connection


KIT: Kit[LinkLab] = Kit("button-link")


@KIT.point(
    "window",
    "has the pairing window opened, and listens",
    "flags 06, the alarm's service, no name but Tag, under a resolvable private address",
    f"{CLAUSE}, What the button does (advertises)",
)
async def _window(lab: LinkLab) -> str:
    await lab.ask(WINDOW)
    heard = await lab.in_window()
    names = [bytes(name).decode("utf-8", "replace") for kind in _NAMES for name in _raw(heard, kind)]
    expect(names in ([], [ids.NEUTRAL_NAME]), f"name {names}")
    flags = [bytes(one).hex() for one in _raw(heard, AdvertisingData.FLAGS)]
    expect(flags == ["06"], f"flags {flags}")
    expect(heard.address.is_resolvable, f"address {heard.address}")
    return "as it should"


@KIT.point(
    "unencrypted",
    "connects and reads the press without encryption",
    "error 0x0F",
    f"{CLAUSE}, Services (refusals)",
)
async def _unencrypted(lab: LinkLab) -> str:
    connection = await lab.connect(await lab.in_window())
    press = await lab.characteristic(connection, ids.PRESS)
    came = await lab.refused(press.read_value(), att.ErrorCode.INSUFFICIENT_ENCRYPTION)
    await lab.hang_up(connection)
    return came


@KIT.point(
    "wrong-claim",
    "pairs, and claims with another key",
    "error 0x08: a stranger in the window gets nothing",
    f"{CLAUSE}, Claim (3)",
)
async def _wrong(lab: LinkLab) -> str:
    connection = await lab.connect(await lab.in_window())
    claim = await _paired(lab, connection)
    offered = bytes(await lab.within(claim.read_value(), "claim cannot be read"))
    proof = frames.encode_claim(offered[1:], secrets.token_bytes(frames.NONCE_BYTES), secrets.token_bytes(16))
    came = await lab.refused(
        claim.write_value(proof, with_response=True), att.ErrorCode.INSUFFICIENT_AUTHORIZATION
    )
    await lab.hang_up(connection)
    return came


@KIT.point(
    "claim",
    "pairs, and claims with the key of this button",
    "00 and a nonce of 8 bytes; then 01 and the answer that only this button can give",
    f"{CLAUSE}, Claim",
)
async def _claim(lab: LinkLab) -> str:
    connection = await lab.connect(await lab.in_window())
    claim = await _paired(lab, connection)
    offered = bytes(await lab.within(claim.read_value(), "claim cannot be read"))
    expect(len(offered) == 9 and offered[0] == 0, f"offered {offered.hex()}")
    own = secrets.token_bytes(frames.NONCE_BYTES)
    proof = frames.encode_claim(offered[1:], own, lab.key)
    await lab.within(claim.write_value(proof, with_response=True), "the claim was refused")
    answer = bytes(await lab.within(claim.read_value(), "the answer cannot be read"))
    wanted = b"\x01" + frames.claim_answer(offered[1:], own, lab.key)
    lab.identity = str(connection.peer_address)
    await lab.device.refresh_resolving_list()
    await lab.hang_up(connection)
    expect(answer == wanted, f"answer {answer.hex()}")
    return "both have proven themselves"


@KIT.point(
    "at-rest",
    "lets it go, and listens",
    "flags 04 and nothing else, under a resolvable private address: nobody finds it",
    f"{CLAUSE}, What the button does (advertises); docs/safety.md, rule 21",
)
async def _rest(lab: LinkLab) -> str:
    heard = await _at_rest(lab)
    shown = [(int(kind), bytes(data).hex()) for kind, data in heard.data.ad_structures]
    expect(shown == [(int(AdvertisingData.FLAGS), "04")], f"shows {shown}")
    return "flags 04"


@KIT.point(
    "press",
    "comes back, encrypts, subscribes, and has it held",
    "a frame of 19 bytes whose MAC verifies",
    f"{CLAUSE}, Frames (press)",
)
async def _press(lab: LinkLab) -> str:
    connection = await lab.connect(await _at_rest(lab))
    await lab.within(connection.encrypt(), "the bond does not encrypt")
    press = await lab.characteristic(connection, ids.PRESS)
    await lab.within(press.subscribe(lab.take), "the subscription was refused")
    lab.connection = connection
    await lab.ask(HOLD)
    found = await lab.frame(0, lambda _one: True)
    lab.counter = found.counter
    return f"counter {found.counter}, held {found.held_ms} ms"


@KIT.point(
    "repeats",
    "does not acknowledge it",
    "the same counter again",
    f"{CLAUSE}, What the button does (repeats)",
)
async def _repeats(lab: LinkLab) -> str:
    assert lab.line
    await lab.frame(len(lab.frames), lambda one: one.counter == lab.counter)
    return f"counter {lab.counter} again"


@KIT.point(
    "wrong-acknowledgement",
    "acknowledges under another key",
    "error 0x13, and the press goes on",
    f"{CLAUSE}, Services (refusals)",
)
async def _wrong_ack(lab: LinkLab) -> str:
    ack = await lab.characteristic(lab.line, ids.ACKNOWLEDGE)
    wrong = frames.encode_ack(lab.counter, secrets.token_bytes(16))
    came = await lab.refused(ack.write_value(wrong, with_response=True), 0x13)
    await lab.frame(len(lab.frames), lambda one: one.counter == lab.counter)
    return came


@KIT.point(
    "acknowledgement",
    "acknowledges, and has it held again",
    "the next counter, and the first one no more",
    f"{CLAUSE}, Frames (acknowledgement, counter)",
)
async def _ack(lab: LinkLab) -> str:
    ack = await lab.characteristic(lab.line, ids.ACKNOWLEDGE)
    right = frames.encode_ack(lab.counter, lab.key)
    await lab.within(ack.write_value(right, with_response=True), "the acknowledgement was refused")
    since = len(lab.frames)
    await lab.ask(HOLD)
    found = await lab.frame(since, lambda one: one.counter != lab.counter)
    expect(found.counter == lab.counter + 1, f"counter {found.counter} after {lab.counter}")
    await lab.frame(len(lab.frames), lambda one: one.counter == found.counter)
    # One copy may have been on its way.
    late = [one for one in lab.frames[since + 1 :] if lab.read(one).counter == lab.counter]
    expect(not late, f"counter {lab.counter} came again after its acknowledgement")
    return f"counter {found.counter}"


@KIT.point(
    "hold-time",
    "sets the hold time by settings 5, then by settings 4",
    "taken, then error 0x13: a recorded write sets nothing back",
    f"{CLAUSE}, Frames (hold time)",
)
async def _hold(lab: LinkLab) -> str:
    ack = await lab.characteristic(lab.line, ids.ACKNOWLEDGE)
    new, old = frames.encode_hold(5, 2000, lab.key), frames.encode_hold(4, 5000, lab.key)
    await lab.within(ack.write_value(new, with_response=True), "the hold time was refused")
    return await lab.refused(ack.write_value(old, with_response=True), 0x13)


@KIT.point("battery", "reads the battery", "one byte, 0 to 100", f"{CLAUSE}, Services (battery level)")
async def _battery(lab: LinkLab) -> str:
    level = await lab.characteristic(lab.line, ids.BATTERY_LEVEL)
    value = bytes(await lab.within(level.read_value(), "the battery cannot be read"))
    expect(len(value) == 1 and value[0] <= 100, f"value {value.hex()}")
    return f"{value[0]} %"


async def _paired(lab: LinkLab, connection: Connection) -> Any:
    """Its claim, over an encrypted link. Raises Deviates."""
    await lab.within(connection.pair(), "it does not pair")
    return await lab.characteristic(connection, ids.CLAIM)


async def _at_rest(lab: LinkLab) -> Advertisement:
    """What the bonded button says. Raises Deviates, Untried."""
    if not lab.identity:
        raise Untried("no button was claimed")

    def is_it(heard: Advertisement) -> bool:
        resolver = lab.device.address_resolver
        if resolver is None or not heard.address.is_resolvable:
            return str(heard.address) == lab.identity
        return str(resolver.resolve(heard.address)) == lab.identity

    return await lab.hear(is_it, "the button is not heard")


def _raw(heard: Advertisement, kind: int) -> list[Any]:
    return list(heard.data.get_all(AdvertisingData.Type(kind), raw=True))


def _offers(heard: Advertisement) -> bool:
    kinds = (
        AdvertisingData.INCOMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS,
        AdvertisingData.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS,
    )
    return any(bytes(UUID(ids.ALARM_SERVICE)) in bytes(data) for kind in kinds for data in _raw(heard, kind))
