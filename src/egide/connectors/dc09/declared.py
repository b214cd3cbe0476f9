"""What this connector is: alarm devices that press, and monitoring stations that are told, both by SIA DC-09."""

from pathlib import Path

from egide.common.config import Config
from egide.common.text import gettext_noop as _
from egide.connectors.base import Connector
from egide.connectors.dc09.checks import problems
from egide.connectors.dispatch.receivers import FIELD_WORDS


def _keys(config: Config) -> tuple[Path, ...]:
    return (Path(config.dc09_secret),) if config.dc09_secret else ()


DECLARED = Connector(
    name="dc09",
    title=_("Alarm devices and monitoring stations (SIA DC-09)"),
    whom=_("from enrolled alarm devices; and to monitoring stations of the list, under one account"),
    carries=FIELD_WORDS,
    needs=("dc09_listen",),
    settings=("dc09_secret", "dc09_clear"),
    events=("SystemTold", "SourcePressed", "SourceHeard"),
    faults=problems,
    keys=_keys,
    kinds={"dc09": "station"},
    is_polled=True,
    beat="dc09",
    trouble="dc09",
    parts={"in": _("Last frame of a device")},
)
