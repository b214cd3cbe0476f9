"""Mail over SMTP (RFC 5321) under TLS or not at all: what somebody reads or changes on its way is worse than what is
visibly not through.
"""

import smtplib
import ssl
from email.message import EmailMessage
from urllib.parse import urlsplit

from egide.connectors.base import RoadError

TIMEOUT_S = 10


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
            return smtplib.SMTP_SSL(self._host, self._port, timeout=TIMEOUT_S, context=context)
        smtp = smtplib.SMTP(self._host, self._port, timeout=TIMEOUT_S)
        try:
            # Raises SMTPNotSupportedError when the server offers none; the state before it is forgotten.
            smtp.starttls(context=context)
        except (OSError, smtplib.SMTPException):
            smtp.close()
            raise
        return smtp
