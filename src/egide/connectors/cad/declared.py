"""What this connector is: dispatch systems that are called, or fetch what is due."""

from pathlib import Path

from egide.common.config import Config
from egide.common.text import gettext_noop as _
from egide.connectors.base import Connector
from egide.connectors.dispatch.receivers import FIELD_WORDS, problems


def _keys(config: Config) -> tuple[Path, ...]:
    # Each receiver has a secret of its own, which stands beside it; this is the list of who is told.
    return (Path(config.dispatch_systems),) if config.dispatch_systems else ()


DECLARED = Connector(
    name="cad",
    title=_("Dispatch systems"),
    whom=_("the dispatch systems of the file, each for its own centres"),
    carries=FIELD_WORDS,
    needs=("dispatch_systems",),
    events=("SystemTold", "SystemAnswered", "SystemSaidUnit"),
    # Of every receiver, whatever its kind.
    faults=problems,
    keys=_keys,
    kinds={"webhook": "road", "feed": "feed"},
    beat="cad",
    trouble="cad",
)
