"""What this connector is: how long each step of a press took, told to the authority's collector."""

from egide.common.config import Config
from egide.common.text import gettext_noop as _
from egide.connectors.base import Alert, Attempt, Connector
from egide.connectors.traces.road import problems, send


def _send_nothing(config: Config, _alert: Alert) -> None:
    send(config.traces_url, b'{"resourceSpans":[]}')


DECLARED = Connector(
    name="traces",
    title=_("Traces of presses"),
    whom=_("the authority’s own collector"),
    carries={"steps": _("the steps of a press and how long each took; nothing of whose it is")},
    needs=("traces_url",),
    faults=problems,
    attempt=Attempt(_send_nothing),
    parts={"out": _("Last trace")},
)
