"""A connection to a broker on which no packet is larger than we look at.

paho gathers a whole packet before anybody sees it, and MQTT lets one have 256 MB. What is too long of a report is
thrown away as it comes: so it is looked at, refused and acknowledged, and the broker does not send it again for ever.
"""

import select
import ssl
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from paho.mqtt.client import Client

if TYPE_CHECKING:
    # paho has it for type checkers alone.
    from paho.mqtt.client import SocketLike

# The name of a report alone may have 65,535 bytes (MQTT 3.1.1, section 1.5.3), and it must fit: what cannot be read
# cannot be acknowledged.
MOST_BYTES: Final = 128 * 1024
# Section 2.2.1: the kind stands in the upper half of the first byte. Section 2.2.3: the length has four bytes at most.
_PUBLISH: Final = 0x30
_KINDS: Final = 0xF0
_MOST_LENGTH_BYTES: Final = 4
_MORE, _SEVEN_BITS = 0x80, 0x7F
_PIECE: Final = 64 * 1024


class Bounded:
    """A socket as paho uses it: what is read of it are packets of at most `MOST_BYTES` behind their length."""

    def __init__(self, plain: "SocketLike") -> None:
        self._plain = plain
        # Of the packet that comes: its first bytes, as far as they are here; what of them is still to be handed on; and
        # how many bytes behind them are handed on, and thrown away.
        self._head = bytearray()
        self._ready = bytearray()
        self._left, self._waste = 0, 0

    def recv(self, buffer_size: int) -> bytes:
        """At most so many bytes; none where the broker hung up. Raises OSError, also where a packet that is no report
        is too long (ConnectionError)."""
        while not self._ready and not self._left:
            if self._waste:
                thrown = self._plain.recv(min(self._waste, _PIECE))
                self._waste -= len(thrown)
            else:
                thrown = self._plain.recv(1)
                self._head += thrown
                self._look()
            if not thrown:
                return b""
        if self._ready:
            said = bytes(self._ready[:buffer_size])
            del self._ready[:buffer_size]
            return said
        said = self._plain.recv(min(buffer_size, self._left))
        self._left -= len(said)
        return said

    def _look(self) -> None:
        """Whether the length is known by now. Raises ConnectionError."""
        length = self._head[1:]
        if not length or length[-1] & _MORE:
            if len(length) == _MOST_LENGTH_BYTES:
                raise ConnectionError("a packet whose length has no end")
            return
        size = sum((byte & _SEVEN_BITS) << 7 * place for place, byte in enumerate(length))
        is_long = size > MOST_BYTES
        if is_long and self._head[0] & _KINDS != _PUBLISH:
            raise ConnectionError(f"a packet of {size} bytes that is no report")
        self._left = min(size, MOST_BYTES)
        self._waste = size - self._left
        self._ready += self._head[:1] + bytes(_length(self._left)) if is_long else self._head
        self._head.clear()

    def send(self, buffer: bytes | bytearray) -> int:
        return self._plain.send(buffer)

    def fileno(self) -> int:
        return self._plain.fileno()

    def pending(self) -> int:
        """What is here and would not wake who waits for the network."""
        return self._plain.pending() if isinstance(self._plain, ssl.SSLSocket) else 0

    def is_hung_up(self) -> bool:
        """Whether the other side has ended it, also where something that it sent before is not read yet."""
        asked = select.poll()
        asked.register(self._plain.fileno(), select.POLLRDHUP)
        return bool(asked.poll(0))

    def setblocking(self, flag: bool) -> None:
        self._plain.setblocking(flag)

    def close(self) -> None:
        self._plain.close()


def _length(size: int) -> Iterator[int]:
    """As it stands in a packet: seven bits in a byte, the lowest first."""
    while size > _SEVEN_BITS:
        yield size & _SEVEN_BITS | _MORE
        size >>= 7
    yield size


class BoundedClient(Client):
    """paho on such connections. It has no other place to put one in: `test_mqtt_lying` fails where this one goes."""

    def _create_socket(self) -> Bounded:
        return Bounded(super()._create_socket())

    def is_hung_up(self) -> bool:
        """Whether the broker ended the connection, seen without reading on it. For the thread that reads."""
        connection = self.socket()
        return isinstance(connection, Bounded) and connection.is_hung_up()
