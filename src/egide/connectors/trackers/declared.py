"""What this connector is: services that speak for trackers, taken by intake itself."""

from pathlib import Path

from egide.common.config import Config
from egide.common.text import gettext_noop as _
from egide.connectors.base import Connector
from egide.intake.sources.services import problems


def _keys(config: Config) -> tuple[Path, ...]:
    return (Path(config.tracker_services),) if config.tracker_services else ()


DECLARED = Connector(
    name="trackers",
    title=_("Services of trackers"),
    whom=_("from trackers, by the word of their service"),
    carries={"event": _("that a tracker’s alarm was pressed, its battery, and where it says that it is")},
    needs=("tracker_services",),
    events=("SourcePressed", "SourceHeard"),
    faults=problems,
    keys=_keys,
    parts={"in": _("Last call of a service")},
)
