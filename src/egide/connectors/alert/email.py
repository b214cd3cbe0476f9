"""By e-mail over SMTP (RFC 5321), to a gateway that rings telephones or to a mailbox that somebody watches."""

import smtplib
from email.message import EmailMessage
from urllib.parse import urlsplit

from egide.connectors.base import Alert, RoadError

TIMEOUT_S = 10


class EmailRoad:
    """`server` is smtp://host:port (STARTTLS when the server offers it)."""

    name = "e-mail"

    def __init__(self, server: str, sender: str, recipients: tuple[str, ...]) -> None:
        parts = urlsplit(server)
        if parts.scheme != "smtp" or not parts.hostname or not recipients:
            raise ValueError(f"EGIDE_ALERT_SMTP is {server!r}: expected smtp://host:port, and EGIDE_ALERT_TO")
        self._address = (parts.hostname, parts.port or 25)
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
            with smtplib.SMTP(*self._address, timeout=TIMEOUT_S) as smtp:
                if smtp.has_extn("starttls"):
                    smtp.starttls()
                smtp.send_message(message)
        except (OSError, smtplib.SMTPException) as error:
            raise RoadError(f"e-mail: {error}") from error
