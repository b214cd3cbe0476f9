"""A small org.bluez on a private D-Bus whose radio is a complete Bluetooth stack on the virtual air.

So that an unmodified Chromium talks to the virtual button by its own Web Bluetooth, without a kernel's Bluetooth.
Nothing more of BlueZ is here than what `bluez_objects` shows.
"""

import argparse
import asyncio
import logging
import os
import secrets
import subprocess
import sys
from pathlib import Path

from bumble import hci
from bumble.core import UUID
from bumble.device import Advertisement, Connection, DeviceConfiguration, Peer
from bumble.device import Device as Radio
from bumble.host import Host
from bumble.keys import MemoryKeyStore
from bumble.transport.tcp_client import open_tcp_client_transport
from dbus_fast import BusType, DBusError
from dbus_fast.aio import MessageBus
from dbus_fast.service import ServiceInterface

from egide.companion.radio import scan
from egide.companion.radio.bond import SecureSession, pairing_config
from egide.companion.radio.bumble_device import LinkLost, hang_up, is_alive, until_lost
from egide.entrypoints.serving.lines import prepare, quiet_stack, say, until_told_to_end
from tests.support.bluez_gatt import RemoteCharacteristic, RemoteDescriptor, RemoteService
from tests.support.bluez_objects import ADAPTER, MTU, Adapter, AgentManager, Bus, RemoteDevice, uuid_text

logger = logging.getLogger("tests.bluez")
RECONNECT_S = 10.0
BUS_POLICY = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><listen>unix:path={path}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow user="*"/><allow own="*"/><allow send_type="method_call"/>
<allow send_destination="*"/><allow receive_type="*"/></policy></busconfig>"""


class FakeBlueZ:
    """One adapter on the air."""

    def __init__(self, radio: Radio, bus: MessageBus, as_real: bool = False) -> None:
        """`as_real`: filters, and the address behind the changing ones, as bleak relies on and Chromium does not."""
        self._filters = as_real
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
        if self._filters and not self._is_wanted(heard):
            return
        known = self._known(heard)
        if known is not None:
            known.hear(heard)
            return
        services = [uuid_text(UUID(scan.ALARM_SERVICE))] if scan.offers_pairing(heard) else []
        device = RemoteDevice(self, heard, services, self._filters)
        self._devices[str(heard.address)] = device
        self._bus.export(device.path, device)

    def _known(self, heard: Advertisement) -> RemoteDevice | None:
        for address, device in self._devices.items():
            if address == str(heard.address) or (
                device.identity and scan.is_from(self._radio, device.identity, heard)
            ):
                return device
        return None

    def _is_wanted(self, heard: Advertisement) -> bool:
        """BlueZ filters by what is on the air, not by what it remembers (src/adapter.c, is_filter_match)."""
        wanted = self._adapter.wanted_services
        return not wanted or scan.offers_pairing(heard) == (scan.ALARM_SERVICE in wanted)

    async def scan(self, is_on: bool) -> None:
        if is_on == self._adapter.is_discovering:
            return
        for device in self._devices.values():
            device.was_heard = False
        self._adapter.is_discovering = is_on
        if is_on:
            await self._radio.start_scanning(active=False, filter_duplicates=False)
        else:
            await self._radio.stop_scanning()
        self._adapter.emit_properties_changed({"Discovering": is_on})

    async def pair(self, device: RemoteDevice) -> None:
        if device.identity:
            return
        if device.connection is None:
            await self.connect(device)
        connection = device.connection
        assert connection is not None
        await until_lost(connection, connection.pair())
        device.identity = str(connection.peer_address)
        await self._radio.refresh_resolving_list()
        changed = {"Paired": True, "Bonded": True}
        device.emit_properties_changed(
            {**changed, "Address": device.identity_text} if self._filters else changed
        )

    async def remove(self, path: str) -> None:
        """Forget a device and its bond."""
        for address, device in list(self._devices.items()):
            if device.path != path:
                continue
            if device.connection is not None:
                await hang_up(device.connection)
            if device.identity and self._radio.keystore is not None:
                await self._radio.keystore.delete(device.identity)
                await self._radio.refresh_resolving_list()
            del self._devices[address]
            self._bus.unexport(path, device)
            return
        raise DBusError("org.bluez.Error.DoesNotExist", path)

    async def connect(self, device: RemoteDevice) -> None:
        if device.connection is not None:
            return
        try:
            await self._connect(device)
        except Exception as error:
            # Read in what a failed test leaves: a browser tells a page no more than that it did not work.
            logger.warning("no connection to %s: %r", device.path, error.__cause__ or error)
            raise
        task = asyncio.create_task(self._discover(device))
        self._tasks.add(task)
        task.add_done_callback(self._discovered)

    async def _connect(self, device: RemoteDevice) -> None:
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
            if not is_alive(connection):
                self._lost(device)
                raise LinkLost("the other side hung up at once")
            if device.identity:
                await until_lost(connection, connection.encrypt())
        except (hci.HCI_Error, LinkLost, TimeoutError, asyncio.CancelledError) as error:
            raise DBusError("org.bluez.Error.Failed", f"{type(error).__name__} {error}") from error

    def _discovered(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            logger.warning("no services: %r", task.exception())

    def _lost(self, device: RemoteDevice) -> None:
        device.connection, device.is_resolved = None, False
        device.emit_properties_changed({"Connected": False, "ServicesResolved": False})
        for path, interface in reversed(device.objects):
            self._bus.unexport(path, interface)
        device.objects = []

    async def _discover(self, device: RemoteDevice) -> None:
        if device.connection is None:
            return
        peer = Peer(device.connection)
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
        await FakeBlueZ(await open_radio(options.air), bus, options.as_real).start()
        say(ready="bluez", address=address)
        await until_told_to_end()
    finally:
        daemon.terminate()


def main() -> None:
    parser = argparse.ArgumentParser(description=sys.modules[__name__].__doc__)
    parser.add_argument("--air", required=True)
    parser.add_argument("--dir", required=True, type=Path)
    parser.add_argument(
        "--as-real", action="store_true", help="what bleak relies on beside what Chromium does"
    )
    options = parser.parse_args()
    prepare()
    quiet_stack()
    asyncio.run(run(options))


if __name__ == "__main__":
    main()
