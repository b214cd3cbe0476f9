"""By e-mail, to a gateway that rings telephones or to a mailbox that somebody watches."""

from egide.connectors.base import Alert
from egide.connectors.smtp import MailServer


class EmailRoad:
    """`server` as `MailServer` takes it. Raises ValueError naming the setting that is wrong."""

    name = "e-mail"

    def __init__(self, server: str, sender: str, recipients: tuple[str, ...]) -> None:
        try:
            self._server = MailServer(server, sender)
        except ValueError as error:
            raise ValueError(f"EGIDE_ALERT_SMTP is {error}, and EGIDE_ALERT_TO") from error
        if not recipients:
            raise ValueError(f"EGIDE_ALERT_SMTP is {server!r}: EGIDE_ALERT_TO is missing")
        self._recipients = ", ".join(recipients)

    def send(self, alert: Alert) -> None:
        self._server.send(self._recipients, alert.subject, alert.text, alert.id, is_urgent=True)

    def check(self) -> None:
        self._server.check()
