"""What this connector is: emergency calls over SIP to dispatch systems, and LoST answered from the zones."""

from pathlib import Path

from egide.common.config import Config
from egide.common.text import gettext_noop as _
from egide.connectors.base import Connector
from egide.connectors.dispatch.receivers import FIELD_WORDS, TALK_WORDS
from egide.connectors.ng112.directory import problems


def _keys(config: Config) -> tuple[Path, ...]:
    return (Path(config.lost),) if config.lost else ()


DECLARED = Connector(
    name="ng112",
    title=_("Emergency calls over SIP (NG112)"),
    whom=_("dispatch systems of this kind; and who asks by LoST, whose a place is"),
    carries=FIELD_WORDS | TALK_WORDS,
    needs=("lost",),
    events=("SystemTold", "SystemWrote", "TextPassed"),
    faults=problems,
    keys=_keys,
    kinds={"sip": "road"},
    is_talking=True,
    parts={"answered": _("Last question to us (LoST)"), "asked": _("Last question of ours (LoST)")},
)
