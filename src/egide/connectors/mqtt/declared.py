"""What this connector is: frames of enrolled buttons, carried from a broker of gateways."""

from pathlib import Path

from egide.common.config import Config
from egide.common.text import gettext_noop as _
from egide.connectors.base import Connector
from egide.connectors.mqtt.checks import problems


def _keys(config: Config) -> tuple[Path, ...]:
    return (Path(config.mqtt_login),) if config.mqtt_login else ()


DECLARED = Connector(
    name="mqtt",
    title=_("Broker of gateways (MQTT)"),
    whom=_("from buttons at home, over gateways that need not be trusted"),
    carries={"frame": _("a frame that the button itself encrypted")},
    needs=("mqtt_broker",),
    settings=("mqtt_login", "mqtt_topic"),
    events=("SourcePressed", "SourceHeard"),
    faults=problems,
    keys=_keys,
    beat="mqtt",
    trouble="mqtt",
    parts={"broker": _("Its broker"), "in": _("Last frame of a button")},
)
