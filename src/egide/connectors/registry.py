"""Which roads an installation has: read from its settings."""

from egide.common.config import Config
from egide.connectors.alert.email import EmailRoad
from egide.connectors.alert.http import HttpRoad
from egide.connectors.base import Road


def roads_of(config: Config) -> list[Road]:
    """The configured roads. Raises ValueError naming the setting that is wrong."""
    roads: list[Road] = []
    if config.alert_smtp:
        roads.append(EmailRoad(config.alert_smtp, config.alert_from, config.alert_to))
    if config.alert_url:
        roads.append(HttpRoad(config.alert_url))
    return roads
