"""The objects of a small org.bluez: what Chromium reads of BlueZ's D-Bus API (doc/org.bluez.*.rst in BlueZ 5.66)."""

import asyncio
from typing import Annotated, Any, Protocol, TypeVar

from bumble import core, hci
from bumble.core import UUID, AdvertisingData
from bumble.device import Advertisement, Connection
from dbus_fast import DBusError, Message, PropertyAccess, Variant
from dbus_fast.aio import MessageBus
from dbus_fast.annotations import (
    DBusBool,
    DBusDict,
    DBusInt16,
    DBusObjectPath,
    DBusSignature,
    DBusStr,
    DBusUInt32,
)
from dbus_fast.service import ServiceInterface, dbus_method, dbus_property

from egide.companion.radio.bumble_device import LinkLost, hang_up

ADAPTER = "/org/bluez/hci0"
READ = PropertyAccess.READ
MTU = 247
FLAGS = ((2, "read"), (4, "write-without-response"), (8, "write"), (16, "notify"), (32, "indicate"))
# Insufficient authentication or encryption (Core 5.4, Vol 3, Part F, 3.4.1.1): BlueZ pairs and asks again.
WANTS_PAIRING = (0x05, 0x0F)

Strings = Annotated[list[str], DBusSignature("as")]
Values = Annotated[dict[str, Variant], DBusSignature("a{sv}")]
Companies = Annotated[dict[int, Variant], DBusSignature("a{qv}")]
Paths = Annotated[list[str], DBusSignature("ao")]
Result = TypeVar("Result")


class Bluez(Protocol):
    """What the objects ask of the whole."""

    async def scan(self, is_on: bool) -> None: ...

    async def pair(self, device: "RemoteDevice") -> None: ...

    async def connect(self, device: "RemoteDevice") -> None: ...

    async def remove(self, path: str) -> None: ...


class Bus(MessageBus):
    """dbus-fast tells of objects from their own paths; BlueZ, and so Chromium, from the root."""

    def send(self, message: Message) -> Any:
        if message.member in ("InterfacesAdded", "InterfacesRemoved"):
            message.path = "/"
        return super().send(message)


def uuid_text(uuid: UUID) -> str:
    """128 bits in BlueZ's spelling."""
    raw = uuid.to_bytes(force_128=True)[::-1].hex()
    return "-".join((raw[:8], raw[8:12], raw[12:16], raw[16:20], raw[20:]))


class AgentManager(ServiceInterface):
    def __init__(self) -> None:
        super().__init__("org.bluez.AgentManager1")

    @dbus_method()
    def RegisterAgent(self, agent: DBusObjectPath, capability: DBusStr) -> None:
        pass

    @dbus_method()
    def UnregisterAgent(self, agent: DBusObjectPath) -> None:
        pass

    @dbus_method()
    def RequestDefaultAgent(self, agent: DBusObjectPath) -> None:
        pass


class Adapter(ServiceInterface):
    def __init__(self, bluez: Bluez) -> None:
        super().__init__("org.bluez.Adapter1")
        self._bluez = bluez
        self.is_discovering = False
        self.wanted_services: list[str] = []

    @dbus_method()
    async def StartDiscovery(self) -> None:
        await self._bluez.scan(True)

    @dbus_method()
    async def StopDiscovery(self) -> None:
        await self._bluez.scan(False)

    @dbus_method()
    def SetDiscoveryFilter(self, wanted: DBusDict) -> None:
        services = wanted.get("UUIDs")
        self.wanted_services = [] if services is None else list(services.value)

    @dbus_method()
    async def RemoveDevice(self, device: DBusObjectPath) -> None:
        await self._bluez.remove(device)

    @dbus_property(access=READ)
    def Address(self) -> DBusStr:
        return "F0:F1:F2:F3:F4:F5"

    @dbus_property(access=READ)
    def AddressType(self) -> DBusStr:
        return "public"

    @dbus_property(access=READ)
    def Name(self) -> DBusStr:
        return "test"

    @dbus_property(access=READ)
    def Alias(self) -> DBusStr:
        return "test"

    @dbus_property(access=READ)
    def Class(self) -> DBusUInt32:
        return 0

    @dbus_property()
    def Powered(self) -> DBusBool:
        return True

    @Powered.setter
    def Powered_set(self, value: DBusBool) -> None:
        pass

    @dbus_property(access=READ)
    def Discoverable(self) -> DBusBool:
        return False

    @dbus_property(access=READ)
    def DiscoverableTimeout(self) -> DBusUInt32:
        return 0

    @dbus_property(access=READ)
    def Pairable(self) -> DBusBool:
        return True

    @dbus_property(access=READ)
    def Discovering(self) -> DBusBool:
        return self.is_discovering

    @dbus_property(access=READ)
    def UUIDs(self) -> Strings:
        return []

    @dbus_property(access=READ)
    def Roles(self) -> Strings:
        return ["central", "peripheral"]


class RemoteDevice(ServiceInterface):
    """What was heard on the air. `identity` is its address behind the rotating ones, once it is bonded."""

    def __init__(
        self, bluez: Bluez, heard: Advertisement, services: list[str], shows_identity: bool = False
    ) -> None:
        super().__init__("org.bluez.Device1")
        self._shows_identity = shows_identity
        self._data = heard.data
        self._trusted = False
        self.was_heard = True
        self._bluez = bluez
        self.address = heard.address
        self.services = services
        self.identity = ""
        self.connection: Connection | None = None
        self.is_resolved = False
        self.objects: list[tuple[str, ServiceInterface]] = []
        self.path = f"{ADAPTER}/dev_{self._text.replace(':', '_')}"

    @property
    def _text(self) -> str:
        return str(self.address).split("/")[0]

    @property
    def identity_text(self) -> str:
        """The address behind the changing ones."""
        return self.identity.split("/")[0]

    def hear(self, heard: Advertisement) -> None:
        """It was heard again: said once for each scan, and whenever its data changed."""
        is_news = bytes(self._data) != bytes(heard.data)
        if self.was_heard and not is_news:
            return
        self.was_heard, self._data = True, heard.data
        changed = {
            "RSSI": self.RSSI,
            "ServiceData": self.ServiceData,
            "ManufacturerData": self.ManufacturerData,
        }
        self.emit_properties_changed(changed)

    @dbus_method()
    async def Connect(self) -> None:
        await self._bluez.connect(self)

    @dbus_method()
    async def Disconnect(self) -> None:
        if self.connection is not None:
            await hang_up(self.connection)

    @dbus_method()
    async def Pair(self) -> None:
        try:
            await self._bluez.pair(self)
        except (core.ProtocolError, hci.HCI_Error, LinkLost, asyncio.CancelledError) as error:
            raise DBusError("org.bluez.Error.AuthenticationFailed", str(error)) from error

    @dbus_method()
    def CancelPairing(self) -> None:
        pass

    @dbus_property(access=READ)
    def Address(self) -> DBusStr:
        return self.identity_text if self.identity and self._shows_identity else self._text

    @dbus_property(access=READ)
    def ServiceData(self) -> Values:
        pairs = self._data.get_all(AdvertisingData.SERVICE_DATA_16_BIT_UUID, raw=True)
        return {uuid_text(UUID.from_bytes(raw[:2])): Variant("ay", raw[2:]) for raw in pairs}

    @dbus_property(access=READ)
    def ManufacturerData(self) -> Companies:
        pairs = self._data.get_all(AdvertisingData.MANUFACTURER_SPECIFIC_DATA, raw=True)
        return {int.from_bytes(raw[:2], "little"): Variant("ay", raw[2:]) for raw in pairs}

    @dbus_property(access=READ)
    def AddressType(self) -> DBusStr:
        return "random"

    @dbus_property(access=READ)
    def Name(self) -> DBusStr:
        return "Tag"

    @dbus_property(access=READ)
    def Alias(self) -> DBusStr:
        return "Tag"

    @dbus_property(access=READ)
    def Paired(self) -> DBusBool:
        return self.identity != ""

    @dbus_property(access=READ)
    def Bonded(self) -> DBusBool:
        return self.identity != ""

    @dbus_property()
    def Trusted(self) -> DBusBool:
        return self._trusted

    @Trusted.setter
    def Trusted_set(self, value: DBusBool) -> None:
        self._trusted = value

    @dbus_property(access=READ)
    def Blocked(self) -> DBusBool:
        return False

    @dbus_property(access=READ)
    def LegacyPairing(self) -> DBusBool:
        return False

    @dbus_property(access=READ)
    def RSSI(self) -> DBusInt16:
        return -50

    @dbus_property(access=READ)
    def Connected(self) -> DBusBool:
        return self.connection is not None

    @dbus_property(access=READ)
    def UUIDs(self) -> Strings:
        return self.services

    @dbus_property(access=READ)
    def Adapter(self) -> DBusObjectPath:
        return ADAPTER

    @dbus_property(access=READ)
    def ServicesResolved(self) -> DBusBool:
        return self.is_resolved
