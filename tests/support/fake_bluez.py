"""A small org.bluez on a private D-Bus whose radio is a complete Bluetooth stack on the virtual air.

So that an unmodified Chromium talks to the virtual button by its own Web Bluetooth, without a kernel's Bluetooth. What
Chromium reads is BlueZ's D-Bus API (doc/org.bluez.*.rst in BlueZ 5.66); nothing more of it is here.
"""

import argparse
import asyncio
import os
import secrets
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any, TypeVar

from bumble import att, hci
from bumble.core import UUID
from bumble.device import Advertisement, Connection, DeviceConfiguration, Peer
from bumble.device import Device as Radio
from bumble.host import Host
from bumble.keys import MemoryKeyStore
from bumble.transport.tcp_client import open_tcp_client_transport
from dbus_fast import BusType, DBusError, Message, PropertyAccess
from dbus_fast.aio import MessageBus
from dbus_fast.annotations import (
    DBusBool,
    DBusBytes,
    DBusDict,
    DBusInt16,
    DBusObjectPath,
    DBusSignature,
    DBusStr,
    DBusUInt16,
    DBusUInt32,
)
from dbus_fast.service import ServiceInterface, dbus_method, dbus_property

from egide.companion import scan
from egide.companion.bond import SecureSession, pairing_config
from egide.entrypoints.lines import prepare, quiet_stack, say, until_told_to_end

ADAPTER = "/org/bluez/hci0"
READ = PropertyAccess.READ
MTU = 247
FLAGS = ((2, "read"), (4, "write-without-response"), (8, "write"), (16, "notify"), (32, "indicate"))
# Insufficient authentication or encryption (Core 5.4, Vol 3, Part F, 3.4.1.1): BlueZ pairs and asks again.
WANTS_PAIRING = (0x05, 0x0F)
RECONNECT_S = 10.0
BUS_POLICY = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><listen>unix:path={path}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow user="*"/><allow own="*"/><allow send_type="method_call"/>
<allow send_destination="*"/><allow receive_type="*"/></policy></busconfig>"""

Strings = Annotated[list[str], DBusSignature("as")]
Paths = Annotated[list[str], DBusSignature("ao")]
Result = TypeVar("Result")


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
    def __init__(self, bluez: "FakeBlueZ") -> None:
        super().__init__("org.bluez.Adapter1")
        self._bluez = bluez
        self.is_discovering = False

    @dbus_method()
    async def StartDiscovery(self) -> None:
        await self._bluez.scan(True)

    @dbus_method()
    async def StopDiscovery(self) -> None:
        await self._bluez.scan(False)

    @dbus_method()
    def SetDiscoveryFilter(self, wanted: DBusDict) -> None:
        pass

    @dbus_method()
    def RemoveDevice(self, device: DBusObjectPath) -> None:
        pass

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

    def __init__(self, bluez: "FakeBlueZ", heard: Advertisement, services: list[str]) -> None:
        super().__init__("org.bluez.Device1")
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

    @dbus_method()
    async def Connect(self) -> None:
        await self._bluez.connect(self)

    @dbus_method()
    async def Disconnect(self) -> None:
        if self.connection is not None:
            await self.connection.disconnect()

    @dbus_method()
    async def Pair(self) -> None:
        await self._bluez.pair(self)

    @dbus_method()
    def CancelPairing(self) -> None:
        pass

    @dbus_property(access=READ)
    def Address(self) -> DBusStr:
        return self._text

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

    @dbus_property(access=READ)
    def Trusted(self) -> DBusBool:
        return True

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
    def __init__(self, bluez: "FakeBlueZ", device: RemoteDevice, proxy: Any, service: str) -> None:
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
                return await ask()
            except att.ATT_Error as error:
                if int(error.error_code) not in WANTS_PAIRING:
                    raise
                await self._bluez.pair(self._device)
                return await ask()
        except (att.ATT_Error, hci.HCI_Error, asyncio.CancelledError) as error:
            raise DBusError("org.bluez.Error.Failed", str(error)) from error


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


class FakeBlueZ:
    """One adapter on the air."""

    def __init__(self, radio: Radio, bus: MessageBus) -> None:
        self._radio = radio
        self._bus = bus
        self._adapter = Adapter(self)
        self._devices: dict[str, RemoteDevice] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        self._bus.export("/org/bluez", AgentManager())
        self._bus.export(ADAPTER, self._adapter)
        await self._bus.request_name("org.bluez")
        self._radio.on(Radio.EVENT_ADVERTISEMENT, self._heard)

    def _heard(self, heard: Advertisement) -> None:
        if self._known(heard) is not None:
            return
        services = [uuid_text(UUID(scan.ALARM_SERVICE))] if scan.offers_pairing(heard) else []
        device = RemoteDevice(self, heard, services)
        self._devices[str(heard.address)] = device
        self._bus.export(device.path, device)

    def _known(self, heard: Advertisement) -> RemoteDevice | None:
        for address, device in self._devices.items():
            if address == str(heard.address) or (
                device.identity and scan.is_from(self._radio, device.identity, heard)
            ):
                return device
        return None

    async def scan(self, is_on: bool) -> None:
        if is_on == self._adapter.is_discovering:
            return
        self._adapter.is_discovering = is_on
        if is_on:
            await self._radio.start_scanning(active=False, filter_duplicates=False)
        else:
            await self._radio.stop_scanning()
        self._adapter.emit_properties_changed({"Discovering": is_on})

    async def pair(self, device: RemoteDevice) -> None:
        if device.identity or device.connection is None:
            return
        await device.connection.pair()
        device.identity = str(device.connection.peer_address)
        await self._radio.refresh_resolving_list()
        device.emit_properties_changed({"Paired": True, "Bonded": True})

    async def connect(self, device: RemoteDevice) -> None:
        if device.connection is not None:
            return
        await self.scan(False)
        try:
            address = device.address
            if device.identity:
                heard = scan.hear(self._radio, lambda one: scan.is_from(self._radio, device.identity, one))
                address = (await asyncio.wait_for(heard, RECONNECT_S)).address
            connection = await self._radio.connect(address, timeout=RECONNECT_S)
            device.connection = connection
            connection.on(Connection.EVENT_DISCONNECTION, lambda _why: self._lost(device))
            device.emit_properties_changed({"Connected": True})
            if device.identity:
                await connection.encrypt()
        except (hci.HCI_Error, TimeoutError, asyncio.CancelledError) as error:
            raise DBusError("org.bluez.Error.Failed", f"{type(error).__name__} {error}") from error
        task = asyncio.create_task(self._discover(device, connection))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _lost(self, device: RemoteDevice) -> None:
        device.connection, device.is_resolved = None, False
        device.emit_properties_changed({"Connected": False, "ServicesResolved": False})
        for path, interface in reversed(device.objects):
            self._bus.unexport(path, interface)
        device.objects = []

    async def _discover(self, device: RemoteDevice, connection: Connection) -> None:
        peer = Peer(connection)
        await peer.request_mtu(MTU)
        await peer.discover_services()
        for service in peer.services:
            path = f"{device.path}/service{service.handle:04x}"
            self._add(device, path, RemoteService(uuid_text(service.uuid), device.path))
            for proxy in await service.discover_characteristics():
                await proxy.discover_descriptors()
                characteristic = f"{path}/char{proxy.handle:04x}"
                self._add(device, characteristic, RemoteCharacteristic(self, device, proxy, path))
                for descriptor in proxy.descriptors:
                    about = RemoteDescriptor(uuid_text(descriptor.type), characteristic)
                    self._add(device, f"{characteristic}/desc{descriptor.handle:04x}", about)
        device.services = [uuid_text(service.uuid) for service in peer.services]
        device.is_resolved = True
        device.emit_properties_changed({"UUIDs": device.services, "ServicesResolved": True})

    def _add(self, device: RemoteDevice, path: str, interface: ServiceInterface) -> None:
        device.objects.append((path, interface))
        self._bus.export(path, interface)


def start_bus(directory: Path) -> tuple[subprocess.Popen[str], str]:
    """A private bus without rules; returns it and its address once it listens."""
    config = directory / "bus.conf"
    config.write_text(BUS_POLICY.format(path=directory / "bus"))
    command = ["dbus-daemon", f"--config-file={config}", "--nofork", "--print-address=1"]
    bus = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert bus.stdout is not None
    return bus, bus.stdout.readline().strip()


async def open_radio(air: str) -> Radio:
    transport = await open_tcp_client_transport(air)
    config = DeviceConfiguration(
        name="",
        address=hci.Address.generate_static_address(),
        irk=secrets.token_bytes(16),
        le_privacy_enabled=True,
        le_rpa_timeout=0,
    )
    radio = Radio(config=config, host=Host(transport.source, transport.sink))
    radio.keystore = MemoryKeyStore()
    radio.pairing_config_factory = pairing_config
    radio.smp_session_proxy = SecureSession
    await radio.power_on()
    return radio


async def run(options: argparse.Namespace) -> None:
    daemon, address = start_bus(options.dir)
    os.environ["DBUS_SYSTEM_BUS_ADDRESS"] = address
    try:
        bus = await Bus(bus_type=BusType.SYSTEM).connect()
        await FakeBlueZ(await open_radio(options.air), bus).start()
        say(ready="bluez", address=address)
        await until_told_to_end()
    finally:
        daemon.terminate()


def main() -> None:
    parser = argparse.ArgumentParser(description=sys.modules[__name__].__doc__)
    parser.add_argument("--air", required=True)
    parser.add_argument("--dir", required=True, type=Path)
    options = parser.parse_args()
    prepare()
    quiet_stack()
    asyncio.run(run(options))


if __name__ == "__main__":
    main()
