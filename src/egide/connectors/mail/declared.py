"""What this connector is: reminders by e-mail of what waits on somebody's start page."""

from egide.common.config import Config
from egide.common.text import gettext_noop as _
from egide.connectors.base import Alert, Attempt, Connector, RoadError
from egide.connectors.mail.road import mail_server_of, problems


def _check(config: Config, _alert: Alert) -> None:
    try:
        server = mail_server_of(config)
    except ValueError as error:
        raise RoadError(str(error)) from error
    if server is not None:
        server.check()


DECLARED = Connector(
    name="mail",
    title=_("Reminders by e-mail"),
    whom=_("each person for herself, at the address of her account"),
    carries={"waiting": _("how much waits on the person’s start page; no name and no link")},
    needs=("mail_smtp",),
    settings=("mail_from", "mail_domains", "remind_every_s"),
    faults=problems,
    # A mail would go to somebody; that the server lets us in shows as much.
    attempt=Attempt(_check),
    parts={"out": _("Last reminder")},
)
