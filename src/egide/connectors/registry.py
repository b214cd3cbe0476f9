"""Which roads an installation has: read from its settings."""

from egide.common.config import Config
from egide.connectors.alert.email import EmailRoad
from egide.connectors.alert.http import HttpRoad
from egide.connectors.base import Road, Waker
from egide.connectors.sms import checks as sms
from egide.connectors.webpush import checks as webpush
from egide.connectors.webpush.client import WebPush


def roads_of(config: Config) -> list[Road]:
    """The configured roads. Raises ValueError naming the setting that is wrong."""
    roads: list[Road] = []
    if config.alert_smtp:
        roads.append(EmailRoad(config.alert_smtp, config.alert_from, config.alert_to))
    if config.alert_url:
        roads.append(HttpRoad(config.alert_url))
    return roads


def waker_of(config: Config) -> Waker | None:
    """The way to wake pages, None where none is set. Raises ValueError naming the setting that is wrong."""
    return WebPush.of(config) if config.push_contact else None


def usable_waker_of(config: Config) -> Waker | None:
    """The same; None also where a setting is wrong, which `problems_of` names."""
    try:
        return waker_of(config)
    except ValueError:
        return None


def problems_of(config: Config) -> list[tuple[str, str]]:
    """What is wrong with the settings of the connectors: (connector, sentence). Empty when all is well."""
    return [
        (name, problem)
        for name, checks in (("sms", sms.problems), ("webpush", webpush.problems))
        for problem in checks(config)
    ]
