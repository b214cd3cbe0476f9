"""What a dispatch system is told: one message, in JSON, with the same in CAP 1.2; signed as Standard Webhooks asks.

The message's id is made from what it says, so that whoever gets it twice knows it for the same.
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from egide.alarm.events.elsewhere import number_for
from egide.connectors.dispatch import cap
from egide.connectors.dispatch.facts import TEST, Facts, time_of
from egide.connectors.dispatch.receivers import CATEGORY, CIRCLE, LINK, WEAPON, Receiver
from egide.connectors.webhooks import signature_of

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
    """What it may say of the alarm that it knows by this number. `by`, `reference` and `unit` in one line of 60 signs
    at most; `unit` is a call sign there, `message` the id of what was taken from the feed. Fields of a later version
    are passed over.
    """

    type: str
    alarm: str
    by: str = ""
    reference: str = ""
    unit: str = ""
    message: str = ""


class Feed(msgspec.Struct, frozen=True):
    """What is due now: one message of each alarm at most, the oldest alarm first."""

    messages: tuple[Message, ...]


def message_of(facts: Facts, receiver: Receiver) -> Message:
    """With the fields of this receiver alone."""
    may = receiver.fields
    circle = None
    if facts.circle is not None:
        lat, lon, radius_m, taken_at_us = facts.circle
        circle = Circle(lat, lon, radius_m, time_of(taken_at_us))
    return Message(
        type=facts.type,
        id=facts.number(receiver.name),
        alarm=number_for(receiver.name, facts.alarm),
        at=time_of(facts.moment_us),
        raised_at=time_of(facts.raised_at_us),
        test=facts.type == TEST,
        category=CATEGORY_WORD if CATEGORY in may else msgspec.UNSET,
        circle=circle if CIRCLE in may else msgspec.UNSET,
        weapon=facts.weapon if WEAPON in may else msgspec.UNSET,
        link=facts.link if LINK in may and facts.link else msgspec.UNSET,
        cap=cap.written(facts, receiver),
    )


def encoded(message: Message) -> bytes:
    return msgspec.json.encode(message)


def signed(message_id: str, at_s: int, body: bytes, secrets: Sequence[bytes]) -> dict[str, str]:
    """The headers of Standard Webhooks, with a signature for each secret."""
    signatures = " ".join(signature_of(secret, message_id, str(at_s), body) for secret in secrets)
    return {"webhook-id": message_id, "webhook-timestamp": str(at_s), "webhook-signature": signatures}
