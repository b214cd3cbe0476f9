"""The GATT side of the small org.bluez: services, characteristics and descriptors of a device that is connected."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from bumble import att, hci
from dbus_fast import DBusError
from dbus_fast.annotations import (
    DBusBool,
    DBusBytes,
    DBusDict,
    DBusObjectPath,
    DBusStr,
    DBusUInt16,
)
from dbus_fast.service import ServiceInterface, dbus_method, dbus_property

from egide.companion.radio.bumble_device import LinkLost, until_lost
from tests.support.bluez_objects import (
    FLAGS,
    MTU,
    READ,
    WANTS_PAIRING,
    Bluez,
    Paths,
    RemoteDevice,
    Result,
    Strings,
    uuid_text,
)


class RemoteService(ServiceInterface):
    def __init__(self, uuid: str, device: str) -> None:
        super().__init__("org.bluez.GattService1")
        self._uuid = uuid
        self._device = device

    @dbus_property(access=READ)
    def UUID(self) -> DBusStr:
        return self._uuid

    @dbus_property(access=READ)
    def Device(self) -> DBusObjectPath:
        return self._device

    @dbus_property(access=READ)
    def Primary(self) -> DBusBool:
        return True

    @dbus_property(access=READ)
    def Includes(self) -> Paths:
        return []


class RemoteCharacteristic(ServiceInterface):
    def __init__(self, bluez: Bluez, device: RemoteDevice, proxy: Any, service: str) -> None:
        super().__init__("org.bluez.GattCharacteristic1")
        self._bluez = bluez
        self._device = device
        self._proxy = proxy
        self._service = service
        self._value = b""
        self._notifying = False

    @dbus_method()
    async def ReadValue(self, options: DBusDict) -> DBusBytes:
        self._value = bytes(await self._secure(self._proxy.read_value))
        return self._value

    @dbus_method()
    async def WriteValue(self, value: DBusBytes, options: DBusDict) -> None:
        kind = options.get("type")
        wants_answer = kind is None or kind.value != "command"
        await self._secure(lambda: self._proxy.write_value(bytes(value), with_response=wants_answer))

    @dbus_method()
    async def StartNotify(self) -> None:
        if not self._notifying:
            await self._secure(lambda: self._proxy.subscribe(self._heard))
            self._notifying = True
            self.emit_properties_changed({"Notifying": True})

    @dbus_method()
    async def StopNotify(self) -> None:
        if self._notifying:
            await self._proxy.unsubscribe(self._heard)
            self._notifying = False
            self.emit_properties_changed({"Notifying": False})

    @dbus_property(access=READ)
    def UUID(self) -> DBusStr:
        return uuid_text(self._proxy.uuid)

    @dbus_property(access=READ)
    def Value(self) -> DBusBytes:
        return self._value

    @dbus_property(access=READ)
    def Service(self) -> DBusObjectPath:
        return self._service

    @dbus_property(access=READ)
    def Notifying(self) -> DBusBool:
        return self._notifying

    @dbus_property(access=READ)
    def Flags(self) -> Strings:
        return [name for bit, name in FLAGS if int(self._proxy.properties) & bit]

    @dbus_property(access=READ)
    def MTU(self) -> DBusUInt16:
        return MTU

    def _heard(self, value: bytes) -> None:
        self._value = bytes(value)
        self.emit_properties_changed({"Value": self._value})

    async def _secure(self, ask: Callable[[], Awaitable[Result]]) -> Result:
        try:
            try:
                return await self._ask(ask)
            except att.ATT_Error as error:
                if int(error.error_code) not in WANTS_PAIRING:
                    raise
                await self._bluez.pair(self._device)
                return await self._ask(ask)
        except (att.ATT_Error, hci.HCI_Error, LinkLost, asyncio.CancelledError) as error:
            raise DBusError("org.bluez.Error.Failed", str(error)) from error

    async def _ask(self, ask: Callable[[], Awaitable[Result]]) -> Result:
        if self._device.connection is None:
            raise LinkLost("not connected")
        return await until_lost(self._device.connection, ask())


class RemoteDescriptor(ServiceInterface):
    """Chromium subscribes only where it sees the client characteristic configuration."""

    def __init__(self, uuid: str, characteristic: str) -> None:
        super().__init__("org.bluez.GattDescriptor1")
        self._uuid = uuid
        self._characteristic = characteristic

    @dbus_property(access=READ)
    def UUID(self) -> DBusStr:
        return self._uuid

    @dbus_property(access=READ)
    def Characteristic(self) -> DBusObjectPath:
        return self._characteristic

    @dbus_property(access=READ)
    def Flags(self) -> Strings:
        return []
