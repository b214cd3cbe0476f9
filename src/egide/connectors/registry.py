"""Which roads an installation has: read from its settings."""

from egide.common.clock import SystemClock
from egide.common.config import Config
from egide.connectors.alert.email import EmailRoad
from egide.connectors.alert.http import HttpRoad
from egide.connectors.alert.sms import SmsRoad
from egide.connectors.audit import road as audit
from egide.connectors.base import Road
from egide.connectors.dc09 import checks as dc09
from egide.connectors.dispatch import receivers as dispatch
from egide.connectors.mail import road as mail
from egide.connectors.mqtt import checks as mqtt
from egide.connectors.ng112 import directory as ng112
from egide.connectors.sms import checks as sms
from egide.connectors.texting import sender_of
from egide.connectors.traces import road as traces
from egide.connectors.webpush import checks as webpush
from egide.intake.sources import services as trackers


def roads_of(config: Config) -> list[Road]:
    """The configured roads. Raises ValueError naming the setting that is wrong."""
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


def problems_of(config: Config) -> list[tuple[str, str]]:
    """What is wrong with the settings of the connectors: (connector, sentence). Empty when all is well."""
    return [
        (name, problem)
        for name, checks in (
            ("audit", audit.problems),
            ("cad", dispatch.problems),
            ("dc09", dc09.problems),
            ("mail", mail.problems),
            ("mqtt", mqtt.problems),
            ("ng112", ng112.problems),
            ("sms", sms.problems),
            ("traces", traces.problems),
            ("trackers", trackers.problems),
            ("webpush", webpush.problems),
        )
        for problem in checks(config)
    ]
