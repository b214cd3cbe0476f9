"""What a dispatch system is told: one message, in JSON, with the same in CAP 1.2; signed as Standard Webhooks asks.

The message's id is made from what it says, so that whoever gets it twice knows it for the same.
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from egide.alarm.events.elsewhere import number_for
from egide.common.clock import utc
from egide.connectors import cap
from egide.connectors.cad.receivers import CATEGORY, CIRCLE, LINK, WEAPON, Receiver
from egide.connectors.webhooks import signature_of

RAISED, MOVED, CLOSED, TEST = "alarm.raised", "alarm.moved", "alarm.closed", "test"
# What all alarms of Egide are; a word, because a dispatch system sorts by it.
CATEGORY_WORD: Final = "protection-alarm"


class Circle(msgspec.Struct, frozen=True):
    """WGS84 in degrees, a radius in metres that holds the phone, and when it was there (RFC 3339)."""

    lat: float
    lon: float
    radius_m: int
    taken_at: str


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One message. What the receiver may not know is not in it; `weapon` is null where nothing is known."""

    type: str
    id: str
    alarm: str
    at: str
    raised_at: str
    test: bool
    category: str | msgspec.UnsetType | None = msgspec.UNSET
    circle: Circle | msgspec.UnsetType | None = msgspec.UNSET
    weapon: bool | msgspec.UnsetType | None = msgspec.UNSET
    link: str | msgspec.UnsetType = msgspec.UNSET
    cap: str = ""


class Answer(msgspec.Struct, frozen=True):
    """What it may say: `alarm.shown` or `alarm.answered`, of the alarm that it knows by this number; `by` and
    `reference` in one line of 60 signs at most. Fields of a later version are passed over."""

    type: str
    alarm: str
    by: str = ""
    reference: str = ""


class Facts(msgspec.Struct, frozen=True):
    """What is known of an alarm, before anybody's list of fields is held against it. Times in µs since 1970.

    `moment_us` is when that happened which the message is about; with it two messages of one alarm differ.
    """

    type: str
    alarm: str
    moment_us: int
    raised_at_us: int
    circle: tuple[float, float, int, int] | None = None
    weapon: bool | None = None
    link: str = ""


def message_of(facts: Facts, receiver: Receiver) -> Message:
    """With the fields of this receiver alone."""
    may = receiver.fields
    circle = None
    if facts.circle is not None:
        lat, lon, radius_m, taken_at_us = facts.circle
        circle = Circle(lat, lon, radius_m, _time(taken_at_us))
    number = number_for(receiver.name, facts.alarm, facts.type, facts.moment_us)
    alarm = number_for(receiver.name, facts.alarm)
    message = Message(
        type=facts.type,
        id=number,
        alarm=alarm,
        at=_time(facts.moment_us),
        raised_at=_time(facts.raised_at_us),
        test=facts.type == TEST,
        category=CATEGORY_WORD if CATEGORY in may else msgspec.UNSET,
        circle=circle if CIRCLE in may else msgspec.UNSET,
        weapon=facts.weapon if WEAPON in may else msgspec.UNSET,
        link=facts.link if LINK in may and facts.link else msgspec.UNSET,
    )
    first = number_for(receiver.name, facts.alarm, RAISED, facts.raised_at_us)
    return msgspec.structs.replace(message, cap=cap.written(message, first))


def encoded(message: Message) -> bytes:
    return msgspec.json.encode(message)


def signed(message_id: str, at_s: int, body: bytes, secrets: Sequence[bytes]) -> dict[str, str]:
    """The headers of Standard Webhooks, with a signature for each secret."""
    signatures = " ".join(signature_of(secret, message_id, str(at_s), body) for secret in secrets)
    return {"webhook-id": message_id, "webhook-timestamp": str(at_s), "webhook-signature": signatures}


def _time(at_us: int) -> str:
    return utc(at_us).replace(microsecond=0).isoformat()
