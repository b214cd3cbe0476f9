"""The phones that talk to the button: who may stay, who proves itself, and what the one trusted phone may ask.

An encrypted link alone is worth little, because pairing is "Just Works": a phone counts only after it has shown,
once, that it holds the key of this button (the claim of contracts/gatt.md).
"""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from typing import ParamSpec, Protocol

from bumble import att, hci
from bumble.device import Connection, Device
from bumble.transport.common import TransportLostError

from egide.button import rules
from egide.button.profile import Profile
from egide.button.repeats import Repeater
from egide.button.security import BondKeys
from egide.button.store import ButtonStore
from egide.common.clock import Clock
from egide.protocol import frame as frames

log = logging.getLogger(__name__)

P = ParamSpec("P")

# A peer that has not encrypted, or not proven itself, after this long only blocks the line.
PROOF_DEADLINE_S = 10.0


class Reporter(Protocol):
    """Takes what happens, for a log or a demonstration."""

    def __call__(self, step: str, **facts: object) -> None: ...


class Surroundings(Protocol):
    """What the peers need of the button around them."""

    @property
    def pairing_is_open(self) -> bool: ...

    async def close_pairing(self) -> None: ...

    async def advertise(self) -> None:
        """Show the air what fits the present state."""
        ...


class Peers:
    """All connections of one button while it has this radio."""

    def __init__(
        self,
        device: Device,
        store: ButtonStore,
        keys: BondKeys,
        key: bytes,
        clock: Clock,
        around: Surroundings,
        report: Reporter,
    ) -> None:
        self._device = device
        self._store = store
        self._keys = keys
        self._key = key
        self._around = around
        self._report = report
        self._nonces: dict[Connection, bytes] = {}
        self._answers: dict[Connection, bytes] = {}
        self._tasks: set[asyncio.Future[None]] = set()
        self._profile = Profile(device, self)
        self.repeater = Repeater(store, key, clock, self._send)
        self.line: Connection | None = None
        device.on(Device.EVENT_CONNECTION, self._on_connection)

    async def run(self) -> None:
        """Repeat presses until cancelled."""
        try:
            await self.repeater.run()
        finally:
            for task in list(self._tasks):
                task.cancel()

    async def hang_up_strangers(self) -> None:
        """The pairing window has closed."""
        for connection in list(self._nonces):
            if not self._is_bonded(connection):
                await self._hang_up(connection)

    # -- connections ------------------------------------------------------------------------------------------

    def _on_connection(self, connection: Connection) -> None:
        connection.on(Connection.EVENT_DISCONNECTION, lambda _reason: self._on_disconnection(connection))
        if not rules.may_stay(self._is_bonded(connection), self._around.pairing_is_open):
            # It must not read even the list of services, in the moment before the line is cut.
            connection.gatt_server = None  # type: ignore[assignment]
            self._report("button.refused", reason="unbonded")
            self._spawn(self._hang_up, connection)
            return
        self._nonces[connection] = secrets.token_bytes(frames.NONCE_BYTES)
        connection.on(Connection.EVENT_CONNECTION_ENCRYPTION_CHANGE, lambda: self._on_encryption(connection))
        self._spawn(self._hang_up_unless_proven, connection)

    def _on_encryption(self, connection: Connection) -> None:
        if self._is_trusted(connection):
            self._take_line(connection)

    def _on_disconnection(self, connection: Connection) -> None:
        self._nonces.pop(connection, None)
        self._answers.pop(connection, None)
        if self.line is connection:
            self.line = None
            self._report("button.disconnected")
        self._spawn(self._around.advertise)

    def _take_line(self, connection: Connection) -> None:
        """This phone is the button's own: it gets the presses from now on."""
        self.line = connection
        self._report("button.connected")
        self._spawn(self._around.advertise)
        if self._store.is_subscribed(str(connection.peer_address)):
            self._profile.restore_subscription(connection)
            self.repeater.wake()

    async def _send(self, frame: bytes) -> None:
        if self.line is not None:
            await self._profile.notify(self.line, frame)

    async def _hang_up_unless_proven(self, connection: Connection) -> None:
        await asyncio.sleep(PROOF_DEADLINE_S)
        if connection in self._nonces and not self._is_trusted(connection):
            self._report("button.refused", reason="unproven")
            await self._hang_up(connection)

    async def _hang_up(self, connection: Connection) -> None:
        if self._device.connections.get(connection.handle) is not connection:
            return
        try:
            await connection.disconnect(hci.HCI_ErrorCode.AUTHENTICATION_FAILURE_ERROR)
        except hci.HCI_Error as error:
            log.info("already gone: %s", error)

    # -- trust ------------------------------------------------------------------------------------------------

    def _is_bonded(self, connection: Connection) -> bool:
        """Bonded, and here under an address that only the bonded phone can make."""
        name = str(connection.peer_address)
        resolved = connection.peer_resolvable_address is not None
        return self._keys.has(name) and (resolved or not self._keys.needs_resolvable(name))

    def _is_trusted(self, connection: Connection) -> bool:
        return bool(connection.is_encrypted) and self._is_bonded(connection)

    def _check_trusted(self, connection: Connection) -> None:
        if not self._is_trusted(connection):
            raise att.ATT_Error(att.ErrorCode.INSUFFICIENT_AUTHORIZATION)

    # -- what the services ask (profile.Handlers) -------------------------------------------------------------

    async def last_press(self, connection: Connection) -> bytes:
        self._check_trusted(connection)
        pending = self._store.pending()
        return self.repeater.encode(pending[-1]) if pending else b""

    async def battery(self, connection: Connection) -> bytes:
        self._check_trusted(connection)
        return bytes([self._store.battery_pct()])

    def may_subscribe(self, connection: Connection) -> bool:
        return self._is_trusted(connection)

    async def subscribed(self, connection: Connection, wanted: bool) -> None:
        self._store.do_set_subscribed(str(connection.peer_address), wanted)
        self.repeater.wake()

    async def acknowledge(self, connection: Connection, value: bytes) -> None:
        self._check_trusted(connection)
        if len(value) == frames.HOLD_FRAME_BYTES:
            self._take_hold(value)
            return
        try:
            counter = frames.decode_ack(value, self._key)
        except frames.FrameError as error:
            self._report("button.refused", reason=f"acknowledgement: {error.reason}")
            raise att.ATT_Error(att.ErrorCode.VALUE_NOT_ALLOWED) from error
        if self._store.do_acknowledge(counter):
            self._report("button.acknowledged", counter=counter)

    def _take_hold(self, value: bytes) -> None:
        try:
            version, hold_ms = frames.decode_hold(value, self._key)
        except frames.FrameError as error:
            self._report("button.refused", reason=f"hold time: {error.reason}")
            raise att.ATT_Error(att.ErrorCode.VALUE_NOT_ALLOWED) from error
        if not rules.may_take_hold(version, hold_ms, self._store.set_version()):
            self._report("button.refused", reason="hold time: old or out of bounds")
            raise att.ATT_Error(att.ErrorCode.VALUE_NOT_ALLOWED)
        self._store.do_take_hold(version, hold_ms)
        self._report("button.hold_set", hold_ms=hold_ms, version=version)

    async def claim_state(self, connection: Connection) -> bytes:
        answer = self._answers.get(connection)
        return b"\x01" + answer if answer is not None else b"\x00" + self._nonces.get(connection, b"")

    async def claim(self, connection: Connection, value: bytes) -> None:
        nonce = self._nonces.get(connection, b"")
        try:
            phone_nonce = frames.decode_claim(value, nonce, self._key)
        except frames.FrameError as error:
            self._report("button.refused", reason=f"claim: {error.reason}")
            self._spawn(self._hang_up, connection)
            raise att.ATT_Error(att.ErrorCode.INSUFFICIENT_AUTHORIZATION) from error
        former = self.line
        if not self._is_bonded(connection):
            await self._bond(connection)
        self._answers[connection] = frames.claim_answer(nonce, phone_nonce, self._key)
        if former is not None and former is not connection:
            self._spawn(self._hang_up, former)
        self._take_line(connection)

    async def _bond(self, connection: Connection) -> None:
        """Keep the keys of a phone that has just proven itself; the window has served its purpose."""
        if not (self._around.pairing_is_open and self._keys.do_keep(str(connection.peer_address))):
            raise att.ATT_Error(att.ErrorCode.INSUFFICIENT_AUTHENTICATION)
        await self._device.refresh_resolving_list()
        self._report("button.paired")
        await self._around.close_pairing()

    def _spawn(self, work: Callable[P, Awaitable[None]], *args: P.args, **more: P.kwargs) -> None:
        # Called in the task: what ends before it began leaves nothing that was never awaited.
        task = asyncio.ensure_future(_while_radio_lives(work, *args, **more))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _while_radio_lives(work: Callable[P, Awaitable[None]], *args: P.args, **more: P.kwargs) -> None:
    """What fails because the radio is gone begins anew with the next one."""
    try:
        await work(*args, **more)
    except TransportLostError as error:
        log.info("%s", error)
