"""What this connector is: the pages of zones and teams, woken on telephones whose screen is off."""

from pathlib import Path

from egide.common.config import Config
from egide.common.text import gettext_noop as _
from egide.connectors.base import Connector
from egide.connectors.webpush.checks import problems


def _keys(config: Config) -> tuple[Path, ...]:
    return (config.data_dir / "vapid.key",) if config.push_contact else ()


DECLARED = Connector(
    name="webpush",
    title=_("Web Push"),
    whom=_("devices of zones and teams, by the push service of their browser"),
    carries={"wake": _("that there is something to look at, encrypted for one browser, and nothing of what")},
    needs=("push_contact",),
    settings=("push_services",),
    events=("PushTried",),
    faults=problems,
    keys=_keys,
    beat="worker push",
    parts={"out": _("Last device that was woken")},
)
