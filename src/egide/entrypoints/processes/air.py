"""The virtual air: a Bluetooth controller of its own for each TCP client (HCI H4), all within reach of each other.

A client that dies is a radio that falls silent: its peers see a link-supervision timeout (Bluetooth Core 5.4,
Vol 6, Part B, section 4.5.2), and nobody else notices.
"""

import argparse
import asyncio
import itertools
import socket

from bumble import hci, ll
from bumble.controller import Connection, Controller
from bumble.core import PhysicalTransport
from bumble.link import LocalLink
from bumble.transport.common import StreamPacketSource

from egide.entrypoints.serving.lines import prepare, quiet_stack, say, until_told_to_end

DEFAULT_SUPERVISION_MS = 200


class AirLink(LocalLink):
    """Carries data between the two ends of a connection by the addresses that the connection was made with.

    bumble's own link takes the sender's current address, which is another one as soon as it rotates.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]

    def send_acl_data(
        self,
        sender_controller: Controller,
        destination_address: hci.Address,
        transport: PhysicalTransport,
        data: bytes,
    ) -> None:
        connection = sender_controller.le_connections.get(destination_address)
        if connection is None:
            return
        peer = self._peer_of(connection.self_address, destination_address)
        if peer is None:
            self._fail(connection)
            return
        asyncio.get_running_loop().call_soon(peer.on_link_acl_data, connection.self_address, transport, data)

    def send_ll_control_pdu(
        self, sender_address: hci.Address, receiver_address: hci.Address, packet: ll.ControlPdu
    ) -> None:
        peer = self._peer_of(sender_address, receiver_address)
        if peer is not None:
            asyncio.get_running_loop().call_soon(peer.on_ll_control_pdu, sender_address, packet)
            return
        for controller in self.controllers:
            connection = controller.le_connections.get(receiver_address)
            if connection is not None and connection.self_address == sender_address:
                self._fail(connection)

    def _peer_of(self, address: hci.Address, peer_address: hci.Address) -> Controller | None:
        """The controller that holds the other end of the connection between these two addresses."""
        for controller in self.controllers:
            connection = controller.le_connections.get(address)
            if connection is not None and connection.self_address == peer_address:
                return controller
        return None

    def _fail(self, connection: Connection) -> None:
        """Nobody answered: "connection failed to be established" (Core 5.4, Vol 1, Part F, section 2.57)."""

        def end() -> None:
            if connection.controller.le_connections.get(connection.peer_address) is connection:
                connection.controller.on_le_disconnected(
                    connection, hci.HCI_ErrorCode.CONNECTION_FAILED_TO_BE_ESTABLISHED_ERROR
                )

        asyncio.get_running_loop().call_soon(end)


class AirController(Controller):
    """bumble's controller, which also takes back an attempt to connect and can fall silent."""

    def on_hci_le_create_connection_cancel_command(
        self, _command: hci.HCI_LE_Create_Connection_Cancel_Command
    ) -> hci.HCI_StatusReturnParameters:
        """Core 5.4, Vol 4, Part E, section 7.8.13: the cancelled attempt ends with an event of its own."""
        pending, self.pending_le_connection = self.pending_le_connection, None
        if pending is None:
            return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.COMMAND_DISALLOWED_ERROR)
        event = hci.HCI_LE_Connection_Complete_Event(
            status=hci.HCI_ErrorCode.UNKNOWN_CONNECTION_IDENTIFIER_ERROR,
            connection_handle=0,
            role=hci.Role.CENTRAL,
            peer_address_type=pending.peer_address.address_type,
            peer_address=pending.peer_address,
            connection_interval=0,
            peripheral_latency=0,
            supervision_timeout=0,
            central_clock_accuracy=0,
        )
        asyncio.get_running_loop().call_soon(self.send_hci_packet, event)
        return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.SUCCESS)

    def fall_silent(self) -> None:
        """The radio is dead: it neither advertises, scans nor answers, and its peers do not know yet."""
        self.set_packet_sink(None)
        self.le_scan_enable = False
        self.pending_le_connection = None
        self.le_legacy_advertiser.stop()
        for advertising_set in self.advertising_sets.values():
            advertising_set.stop()

    def time_out(self, link: AirLink) -> None:
        """The peers have heard nothing for the supervision timeout."""
        for connection in list(self.le_connections.values()):
            connection.send_ll_control_pdu(ll.TerminateInd(hci.HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR))
        asyncio.get_running_loop().call_soon(link.remove_controller, self)


class Client(StreamPacketSource):
    """One TCP client: its bytes are HCI packets to and from a controller of its own."""

    def __init__(self, link: AirLink, name: str, supervision_s: float) -> None:
        super().__init__()
        self._link = link
        self._name = name
        self._supervision_s = supervision_s
        self._transport: asyncio.WriteTransport | None = None
        self._controller: AirController | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        # asyncio does so only for sockets that name their protocol; small packets would wait 40 ms for each other.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._transport = transport
        self._controller = AirController(self._name, host_source=self, host_sink=self, link=self._link)

    def on_packet(self, packet: bytes) -> None:
        """From the controller to the client."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(packet)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._controller is not None:
            self._controller.fall_silent()
            loop = asyncio.get_running_loop()
            loop.call_later(self._supervision_s, self._controller.time_out, self._link)


async def open_air(listener: socket.socket, supervision_s: float) -> asyncio.Server:
    """Serve the air on a bound socket."""
    link, numbers = AirLink(), itertools.count()
    loop = asyncio.get_running_loop()
    return await loop.create_server(
        lambda: Client(link, f"radio-{next(numbers)}", supervision_s), sock=listener
    )


def listening_socket(options: argparse.Namespace) -> socket.socket:
    """The inherited socket of --fd, or a new one on --host and --port (0: any)."""
    if options.fd is not None:
        return socket.socket(fileno=options.fd)
    listener = socket.create_server((options.host, options.port))
    listener.setblocking(False)
    return listener


async def run(options: argparse.Namespace) -> None:
    listener = listening_socket(options)
    server = await open_air(listener, options.supervision_ms / 1000)
    say(ready="air", port=listener.getsockname()[1])
    await until_told_to_end()
    server.close()


def main() -> None:
    parser = argparse.ArgumentParser(prog="egide-air", description="Virtual air for virtual radios.")
    parser.add_argument("--fd", type=int, help="inherited listening socket")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--supervision-ms", type=int, default=DEFAULT_SUPERVISION_MS)
    options = parser.parse_args()
    prepare()
    quiet_stack()
    asyncio.run(run(options))


if __name__ == "__main__":
    main()
