"""A radio of our own for the phone: a bumble device that ends when its transport dies, with all that waits for it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import TypeVar

from bumble import att, core, hci
from bumble.device import Connection, Device, DeviceConfiguration
from bumble.host import Host
from bumble.keys import KeyStore
from bumble.transport.common import Transport

from egide.companion.radio.bond import SecureSession, pairing_config
from egide.companion.store import RadioIdentity

ANSWER_S = 5.0

T = TypeVar("T")
OpenTransport = Callable[[], Awaitable[Transport]]
LINK_ERRORS = (core.BaseBumbleError, att.ATT_Error, hci.HCI_Error, OSError, TimeoutError)


class LinkLost(Exception):
    """The connection to the button ended."""


@asynccontextmanager
async def open_device(
    open_transport: OpenTransport, identity: RadioIdentity, keys: KeyStore | None = None
) -> AsyncIterator[Device]:
    """A radio under a fresh address of its own, until it is lost or no longer needed."""
    transport = await open_transport()
    try:
        async with _while_alive(transport):
            yield await _power_on(transport, identity, keys)
    finally:
        await transport.close()


async def _power_on(transport: Transport, identity: RadioIdentity, keys: KeyStore | None) -> Device:
    config = DeviceConfiguration(
        name="",
        address=hci.Address(identity.address),
        irk=identity.irk,
        le_privacy_enabled=True,
        le_rpa_timeout=0,
    )
    device = Device(config=config, host=Host(transport.source, transport.sink))
    device.keystore = keys
    device.pairing_config_factory = pairing_config
    device.smp_session_proxy = SecureSession
    await device.power_on()
    return device


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
    with suppress(LinkLost, *LINK_ERRORS):
        async with asyncio.timeout(ANSWER_S):
            await until_lost(connection, connection.disconnect())


def heed_cancellation() -> None:
    """Raises CancelledError when this task was cancelled and something below took it for its own: before Python 3.12
    asyncio.wait_for does, when its work ends in the same moment, and bumble waits by it.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def is_alive(connection: Connection) -> bool:
    return connection.device.connections.get(connection.handle) is connection
