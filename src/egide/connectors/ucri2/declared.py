"""What this connector is: a copy of an alarm for a control room of others, by an operator's hand."""

from egide.common.text import gettext_noop as _
from egide.connectors.base import Connector
from egide.connectors.dispatch.receivers import ALL_WORDS

DECLARED = Connector(
    name="ucri2",
    title=_("Copies for control rooms of others (UCRI2)"),
    whom=_("the control room that an operator chooses, over its exchange"),
    carries=ALL_WORDS,
    events=("SystemTold", "NeighbourSaid"),
    kinds={"ucri2": "road"},
    is_by_hand=True,
)
