"""By e-mail over SMTP (RFC 5321), to a gateway that rings telephones or to a mailbox that somebody watches.

Never in the clear: an alert that somebody reads or changes on its way is worse than one that is visibly not through.
"""

import smtplib
import ssl
from email.message import EmailMessage
from urllib.parse import urlsplit

from egide.connectors.base import Alert, RoadError

TIMEOUT_S = 10


class EmailRoad:
    """`server` is smtp://host:port, which must offer STARTTLS (RFC 3207), or smtps://host:port (RFC 8314, section 3.3).

    Its certificate must name the host and come from an authority that the machine trusts; `SSL_CERT_FILE` names others.
    """

    name = "e-mail"

    def __init__(self, server: str, sender: str, recipients: tuple[str, ...]) -> None:
        parts = urlsplit(server)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname or not recipients:
            raise ValueError(
                f"EGIDE_ALERT_SMTP is {server!r}: expected smtp://host:port or smtps://host:port, and EGIDE_ALERT_TO"
            )
        self._is_tls_from_the_start = parts.scheme == "smtps"
        self._host = parts.hostname
        self._port = parts.port or (465 if self._is_tls_from_the_start else 25)
        self._sender = sender
        self._recipients = recipients

    def send(self, alert: Alert) -> None:
        message = EmailMessage()
        message["Subject"] = alert.subject
        message["From"] = self._sender
        message["To"] = ", ".join(self._recipients)
        message["Message-ID"] = f"<{alert.id}@egide>"
        # RFC 2156 and RFC 3834: a machine speaks, and it is urgent.
        message["Auto-Submitted"] = "auto-generated"
        message["Priority"] = "urgent"
        message.set_content(alert.text)
        try:
            with self._connect() as smtp:
                smtp.send_message(message)
        except (OSError, smtplib.SMTPException) as error:
            raise RoadError(f"e-mail: {error}") from error

    def check(self) -> None:
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
