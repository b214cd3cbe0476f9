"""What this connector is: the second road, for an alarm that no board has shown and a part of the chain that fails."""

from egide.common.text import gettext_noop as _
from egide.connectors.alert.roads import do_send, problems, roads_of
from egide.connectors.base import Attempt, Connector

DECLARED = Connector(
    name="alert",
    title=_("Second road"),
    whom=_("the people on call"),
    carries={"alert": _("that an alarm waits or a part of the chain fails; no name and no place")},
    needs=("alert_smtp", "alert_url", "alert_sms"),
    settings=("alert_from", "alert_to", "sms_send_url"),
    faults=problems,
    roads=roads_of,
    attempt=Attempt(do_send, is_message=True),
    trouble="road",
    parts={
        "e-mail": _("Last by e-mail"),
        "HTTP": _("Last by a call over HTTP"),
        "SMS": _("Last by text message"),
    },
)
