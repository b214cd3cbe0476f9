"""What this connector is: an alarm on the maps of named teams, by a TAK server."""

from egide.common.text import gettext_noop as _
from egide.connectors.base import Connector
from egide.connectors.dispatch.receivers import FIELD_WORDS

DECLARED = Connector(
    name="tak",
    title=_("Maps of teams (TAK)"),
    whom=_("the devices that the file names, on their TAK server"),
    carries=FIELD_WORDS,
    events=("SystemTold",),
    kinds={"tak": "road"},
    is_for_teams=True,
)
