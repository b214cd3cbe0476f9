"""The roads of `watch` that the settings name."""

from collections.abc import Iterator

from egide.common.clock import SystemClock
from egide.common.config import Config
from egide.connectors.alert.email import EmailRoad
from egide.connectors.alert.http import HttpRoad
from egide.connectors.alert.sms import SmsRoad
from egide.connectors.base import Alert, Road, RoadError
from egide.connectors.calling import why_not
from egide.connectors.texting import sender_of


def roads_of(config: Config) -> list[Road]:
    """Raises ValueError naming the setting that is wrong."""
    roads: list[Road] = []
    if config.alert_smtp:
        roads.append(EmailRoad(config.alert_smtp, config.alert_from, config.alert_to))
    if config.alert_url:
        roads.append(HttpRoad(config.alert_url))
    if config.alert_sms:
        clock = SystemClock()
        if not config.sms_send_url:
            raise ValueError("EGIDE_ALERT_SMS names people to text: EGIDE_SMS_SEND_URL is missing")
        roads.append(SmsRoad(lambda: sender_of(config, clock), config.alert_sms))
    return roads


def problems(config: Config) -> Iterator[str]:
    """What is wrong with the settings."""
    try:
        roads_of(config)
    except ValueError as error:
        yield str(error)


def do_send(config: Config, alert: Alert) -> None:
    """By each of them, also after one that took nothing. Raises RoadError naming those."""
    faults = []
    for road in roads_of(config):
        try:
            road.send(alert)
        except RoadError as error:
            faults.append(f"{road.name}: {why_not(error)}")
    if faults:
        raise RoadError("; ".join(faults))
