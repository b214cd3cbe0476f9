"""The connection to the authority's syslog receiver, under TLS (RFC 5425).

Syslog answers nothing: what was written just before a connection broke may be lost. So it is written again on the next
one, and a receiver tells the repeat by `seq`.
"""

import socket
import ssl
from collections import deque
from urllib.parse import urlsplit

from egide.common.clock import Clock
from egide.common.config import Config
from egide.connectors.audit.message import framed
from egide.connectors.base import RoadError

PORT = 6514
TIMEOUT_S = 10
# How long what was written may not have arrived: longer than TCP's first repeats, shorter than a receiver's day.
UNSURE_US = 60_000_000


def problems(config: Config) -> list[str]:
    """Faults that the settings show by themselves: sentences for the administrator."""
    if not config.audit_syslog:
        return []
    found = []
    try:
        _address(config.audit_syslog)
    except ValueError:
        found.append(f"EGIDE_AUDIT_SYSLOG is {config.audit_syslog!r}: expected tls://host or tls://host:port")
    try:
        _context(config.audit_certificate)
    except OSError as error:
        found.append(f"EGIDE_AUDIT_CERTIFICATE cannot be used: {error}")
    return found


class AuditRoad:
    """Belongs to one thread. The receiver's certificate must name the host and come from an authority that the machine
    trusts; `SSL_CERT_FILE` names others. Raises ValueError for an address that is none."""

    def __init__(self, config: Config, clock: Clock) -> None:
        self._to = _address(config.audit_syslog)
        self._certificate = config.audit_certificate
        self._clock = clock
        self._socket: ssl.SSLSocket | None = None
        self._unsure: deque[tuple[int, bytes]] = deque()

    def send(self, whole: bytes) -> None:
        """Write one message. Raises RoadError: then it is to be given again."""
        now_us = self._clock.steady_us()
        try:
            if self._socket is None or _is_closed(self._socket):
                self._connect()
            assert self._socket is not None
            self._socket.sendall(framed(whole))
        except OSError as error:
            self.close()
            raise RoadError(f"syslog: {error}") from error
        while self._unsure and now_us - self._unsure[0][0] > UNSURE_US:
            self._unsure.popleft()
        self._unsure.append((now_us, whole))

    def check(self) -> None:
        """Connect, and write nothing. Raises RoadError."""
        try:
            self._connect()
        except OSError as error:
            raise RoadError(f"syslog: {error}") from error

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _connect(self) -> None:
        """Anew, with what the last connection may have lost. Raises OSError, of which ssl.SSLError is one."""
        self.close()
        plain = socket.create_connection(self._to, timeout=TIMEOUT_S)
        self._socket = _context(self._certificate).wrap_socket(plain, server_hostname=self._to[0])
        self._socket.settimeout(TIMEOUT_S)
        for _at_us, whole in self._unsure:
            self._socket.sendall(framed(whole))


def _is_closed(connection: ssl.SSLSocket) -> bool:
    """Whether the receiver has hung up. It says nothing else; what it says of the session stays within TLS."""
    connection.setblocking(False)
    try:
        return not connection.recv(1)
    except (ssl.SSLWantReadError, BlockingIOError):
        return False
    except OSError:
        return True
    finally:
        connection.settimeout(TIMEOUT_S)


def _address(text: str) -> tuple[str, int]:
    """Host and port. Raises ValueError where the text names none."""
    parts = urlsplit(text)
    if parts.scheme != "tls" or not parts.hostname or parts.path:
        raise ValueError(text)
    return parts.hostname, parts.port or PORT


def _context(certificate: str) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if certificate:
        context.load_cert_chain(certificate)
    return context
