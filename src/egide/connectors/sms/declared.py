"""What this connector is: presses that come as short messages, and the answer to them."""

from pathlib import Path

from egide.common.clock import SystemClock
from egide.common.config import Config
from egide.common.text import gettext_noop as _
from egide.connectors.base import Alert, Attempt, Connector, RoadError
from egide.connectors.sms.checks import problems
from egide.connectors.texting import sender_of


def _check(config: Config, _alert: Alert) -> None:
    if not config.sms_send_url:
        raise RoadError("EGIDE_SMS_SEND_URL is missing: this gateway only brings texts")
    try:
        sender_of(config, SystemClock()).check()
    except (OSError, ValueError) as error:
        raise RoadError(f"SMS: {error}") from error


def _keys(config: Config) -> tuple[Path, ...]:
    return (Path(config.sms_secrets),) if config.sms_secrets else ()


DECLARED = Connector(
    name="sms",
    title=_("Short messages"),
    whom=_("from phones without data, over the gateway; the answer goes to the phone that asked for one"),
    carries={
        "press": _("a press as its phone signed it"),
        "answer": _("one innocent sentence, and the number that it goes to"),
    },
    needs=("sms_secrets",),
    settings=("sms_form", "sms_number", "sms_port", "sms_send_url", "sms_report_url"),
    events=("PressReceived", "SmsAnswerTried"),
    faults=problems,
    keys=_keys,
    attempt=Attempt(_check),
    beat="sms",
    trouble="sms",
    parts={
        "in": _("Last call of the gateway"),
        "out": _("Last answer given to it"),
        "receipt": _("Last report of an answer"),
    },
)
