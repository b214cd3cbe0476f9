"""The button's GATT services as contracts/gatt.md lays them out; every value needs an encrypted link."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from bumble import att, gatt
from bumble.core import UUID
from bumble.device import Connection, Device

from egide.protocol import gatt as ids

_P = att.Attribute.Permissions
_READ = _P.READABLE | _P.READ_REQUIRES_ENCRYPTION
_WRITE = _P.WRITEABLE | _P.WRITE_REQUIRES_ENCRYPTION
_PROPERTIES = gatt.Characteristic.Properties


class Handlers(Protocol):
    """What the services ask of the button. A handler raises att.ATT_Error to refuse."""

    async def last_press(self, connection: Connection) -> bytes:
        """The newest press without acknowledgement as a frame, or nothing."""
        ...

    async def acknowledge(self, connection: Connection, value: bytes) -> None: ...

    async def claim_state(self, connection: Connection) -> bytes: ...

    async def claim(self, connection: Connection, value: bytes) -> None: ...

    async def battery(self, connection: Connection) -> bytes: ...

    def may_subscribe(self, connection: Connection) -> bool: ...

    async def subscribed(self, connection: Connection, wanted: bool) -> None: ...


class Profile:
    """The services of one button, added to `device`."""

    def __init__(self, device: Device, handlers: Handlers) -> None:
        self._device = device
        self._handlers = handlers
        self.press, press_cccd = _notified(ids.PRESS, handlers.last_press)
        self.battery, battery_cccd = _notified(ids.BATTERY_LEVEL, handlers.battery)
        acknowledge = _characteristic(ids.ACKNOWLEDGE, _PROPERTIES.WRITE, _WRITE, None, handlers.acknowledge)
        claim = _characteristic(
            ids.CLAIM,
            _PROPERTIES.READ | _PROPERTIES.WRITE,
            _READ | _WRITE,
            handlers.claim_state,
            handlers.claim,
        )
        device.add_services(
            [
                gatt.Service(UUID(ids.ALARM_SERVICE), [self.press, acknowledge, claim]),
                gatt.Service(UUID(ids.BATTERY_SERVICE), [self.battery]),
            ]
        )
        press_cccd.value = self._subscription(self.press, handlers.subscribed)
        battery_cccd.value = self._subscription(self.battery, None)

    async def notify(self, connection: Connection, frame: bytes) -> None:
        """Push a frame to one phone, if it asked for it."""
        await self._device.gatt_server.notify_subscriber(connection, self.press, frame)

    def restore_subscription(self, connection: Connection) -> None:
        """A bonded phone's wish outlives the connection (Core 5.4, Vol 3, Part G, section 3.3.3.3)."""
        self._device.gatt_server.write_cccd(connection, self.press, b"\x01\x00")

    def _subscription(
        self,
        characteristic: gatt.Characteristic[bytes],
        changed: Callable[[Connection, bool], Awaitable[None]] | None,
    ) -> att.AttributeValueV2[bytes]:
        server = self._device.gatt_server

        async def write(bearer: att.Bearer, value: bytes) -> None:
            assert isinstance(bearer, Connection)
            if not self._handlers.may_subscribe(bearer):
                raise att.ATT_Error(att.ErrorCode.INSUFFICIENT_AUTHORIZATION)
            server.write_cccd(bearer, characteristic, value)
            if changed is not None and len(value) == 2:
                await changed(bearer, bool(value[0] & 1))

        return att.AttributeValueV2(lambda bearer: server.read_cccd(bearer, characteristic), write)


def _notified(
    uuid: str, read: Callable[[Connection], Awaitable[bytes]]
) -> tuple[gatt.Characteristic[bytes], gatt.Descriptor]:
    """A characteristic that notifies, with a configuration descriptor of our own.

    The one that bumble adds by itself can be written without encryption.
    """
    descriptor = gatt.Descriptor(
        gatt.GATT_CLIENT_CHARACTERISTIC_CONFIGURATION_DESCRIPTOR, _READ | _WRITE, None
    )
    properties = _PROPERTIES.NOTIFY | _PROPERTIES.READ
    return _characteristic(uuid, properties, _READ, read, None, [descriptor]), descriptor


def _characteristic(
    uuid: str,
    properties: gatt.Characteristic.Properties,
    permissions: att.Attribute.Permissions,
    read: Callable[[Connection], Awaitable[bytes]] | None,
    write: Callable[[Connection, bytes], Awaitable[None]] | None,
    descriptors: list[gatt.Descriptor] | None = None,
) -> gatt.Characteristic[bytes]:
    value: gatt.CharacteristicValue[bytes] = gatt.CharacteristicValue(
        read or _refuse_read, write or _refuse_write
    )
    return gatt.Characteristic(UUID(uuid), properties, permissions, value, descriptors or [])


async def _refuse_read(_connection: Connection) -> bytes:
    """bumble itself does not look at the "readable" permission."""
    raise att.ATT_Error(att.ErrorCode.READ_NOT_PERMITTED)


async def _refuse_write(_connection: Connection, _value: bytes) -> None:
    raise att.ATT_Error(att.ErrorCode.WRITE_NOT_PERMITTED)
