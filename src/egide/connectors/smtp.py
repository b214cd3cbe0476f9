"""Mail over SMTP (RFC 5321) under TLS or not at all: what somebody reads or changes on its way is worse than what is
visibly not through.
"""

import smtplib
import socket
import ssl
import time
from email.message import EmailMessage
from urllib.parse import urlsplit

from egide.connectors.base import RoadError

TIMEOUT_S = 10
# All of a conversation, however it is cut into pieces; and all that is read of it.
DEADLINE_S = 30.0
MOST_BYTES = 64 * 1024


class _Replies:
    """What a server says, line by line, until a moment and no further. A file would wait for each byte anew."""

    def __init__(self, connection: socket.socket, ends_s: float) -> None:
        self._connection, self._ends_s = connection, ends_s
        self._read, self._left = b"", MOST_BYTES

    def readline(self, _most: int = -1) -> bytes:
        """Raises OSError where it is too late or too much."""
        while b"\n" not in self._read:
            left_s = self._ends_s - time.monotonic()
            if left_s <= 0 or self._left <= 0:
                raise TimeoutError("it did not come to an end")
            self._connection.settimeout(min(left_s, TIMEOUT_S))
            data = self._connection.recv(4096)
            if not data:
                break
            self._left -= len(data)
            self._read += data
        line, end, self._read = self._read.partition(b"\n")
        return line + end

    def close(self) -> None:
        """The connection is closed by whoever opened it."""


class _Bounded(smtplib.SMTP):
    """A conversation that ends."""

    _ends_s = 0.0

    def getreply(self) -> tuple[int, bytes]:
        self._ends_s = self._ends_s or time.monotonic() + DEADLINE_S
        if self.file is None:
            # Also once it goes on under TLS: what was said before is forgotten.
            assert self.sock is not None
            self.file = _Replies(self.sock, self._ends_s)
        return super().getreply()


class _BoundedTls(_Bounded, smtplib.SMTP_SSL):
    """The same, under TLS from the start."""


class MailServer:
    """`server` is smtp://host:port, which must offer STARTTLS (RFC 3207), or smtps://host:port (RFC 8314, section 3.3).

    Its certificate must name the host and come from an authority that the machine trusts; `SSL_CERT_FILE` names others.
    Raises ValueError for another address.
    """

    def __init__(self, server: str, sender: str) -> None:
        parts = urlsplit(server)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise ValueError(f"{server!r}: expected smtp://host:port or smtps://host:port")
        self._is_tls_from_the_start = parts.scheme == "smtps"
        self._host = parts.hostname
        self._port = parts.port or (465 if self._is_tls_from_the_start else 25)
        self._sender = sender

    def send(self, to: str, subject: str, text: str, id: str, is_urgent: bool = False) -> None:
        """Hand over one mail to `to`, several addresses with commas between them. `id` is the same for a repeat.
        Raises RoadError."""
        message = EmailMessage()
        message["Subject"] = subject
        message["From"] = self._sender
        message["To"] = to
        message["Message-ID"] = f"<{id}@egide>"
        # RFC 3834: a machine speaks.
        message["Auto-Submitted"] = "auto-generated"
        if is_urgent:
            # RFC 2156, section 2.3.1.
            message["Priority"] = "urgent"
        message.set_content(text)
        try:
            with self._connect() as smtp:
                smtp.send_message(message)
        except (OSError, smtplib.SMTPException) as error:
            raise RoadError(f"e-mail: {error}") from error

    def check(self) -> None:
        """Raises RoadError where nothing could be handed over now."""
        try:
            with self._connect() as smtp:
                smtp.noop()
        except (OSError, smtplib.SMTPException) as error:
            raise RoadError(f"e-mail: {error}") from error

    def _connect(self) -> smtplib.SMTP:
        """A connection under TLS. Raises OSError (of which ssl.SSLError is one) and SMTPException."""
        context = ssl.create_default_context()
        if self._is_tls_from_the_start:
            return _BoundedTls(self._host, self._port, timeout=TIMEOUT_S, context=context)
        smtp = _Bounded(self._host, self._port, timeout=TIMEOUT_S)
        try:
            # Raises SMTPNotSupportedError when the server offers none; the state before it is forgotten.
            smtp.starttls(context=context)
        except (OSError, smtplib.SMTPException):
            smtp.close()
            raise
        return smtp
