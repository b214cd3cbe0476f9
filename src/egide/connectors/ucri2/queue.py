"""What comes from the queue of an exchange, read without belief: each entry by itself, so that none stands in the way
of the next."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec

from egide.alarm.events import ABORTED, ACCEPTED, COMPLETED, DELIVERED, REJECTED, UNDELIVERED
from egide.common.encoding import NotJson, from_json
from egide.connectors.ucri2.exchange import APP

TRANSPORT = "transport_layer_messages"
MOST_SIGNS = 300
# A clock there that is further ahead would make all that is said later look old.
AHEAD = timedelta(hours=1)
_WORDS = {"accepted": ACCEPTED, "rejected": REJECTED}
# As their schema spells it, and as it is meant.
_ENDS = {
    "completed_sucessfully": COMPLETED,
    "completed_successfully": COMPLETED,
    "aborted": ABORTED,
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_SEQUENCE = 2**63


class Unreadable(ValueError):
    """It is no answer of an exchange."""


class Said(msgspec.Struct, frozen=True):
    """Somebody says `word` of the alarm that they know by `incident`; or an exchange of our message `message` (hex)."""

    word: str
    incident: str = ""
    message: str = ""
    cause: str = ""
    there_us: int = 0


class Entry(msgspec.Struct, frozen=True):
    """One of the queue. `said` is None for what is no word of an alarm, and `why` says then what it is: "malformed",
    "incident" (they hand one over to us), or "other"."""

    sequence: int
    destination: str
    source: str = ""
    said: Said | None = None
    why: str = ""


class _Queue(msgspec.Struct, frozen=True):
    messages: tuple[msgspec.Raw, ...] = ()


class _Place(msgspec.Struct, frozen=True, rename="camel"):
    """As much of an entry as takes it off the queue."""

    sequence_id: int
    destination: str = ""


class _Payload(msgspec.Struct, frozen=True, rename="camel"):
    app_id: str
    schema_id: str
    data: str
    content_type: str = "application/json"


class _Envelope(msgspec.Struct, frozen=True, rename="camel"):
    source: str
    payload: _Payload


class _Acknowledgement(msgspec.Struct, frozen=True, rename="camel"):
    shared_incident_id: str
    acknowledged_by_dispatcher_at: datetime
    status: str
    cause: str = ""


class _Completion(msgspec.Struct, frozen=True, rename="camel"):
    shared_incident_id: str
    completed_at: datetime
    status: str
    additional_information: str = ""


class _Delivery(msgspec.Struct, frozen=True, rename="camel"):
    ref_message_id: str
    status_code: int


def entries_in(body: bytes) -> tuple[Entry, ...]:
    """In their order; none for an empty body. One without a number is passed over: with the next it leaves the queue.

    Raises Unreadable, also where there is nothing but such.
    """
    if not body:
        return ()
    try:
        messages = from_json(body, _Queue).messages
    except NotJson as error:
        raise Unreadable("no answer of an exchange") from error
    found = tuple(entry for entry in map(_entry, messages) if entry is not None)
    if messages and not found:
        raise Unreadable("no entry has a number")
    return found


def _entry(raw: msgspec.Raw) -> Entry | None:
    try:
        place = from_json(bytes(raw), _Place)
    except NotJson:
        return None
    if not 0 <= place.sequence_id < _MOST_SEQUENCE:
        return None
    entry = Entry(place.sequence_id, place.destination, why="malformed")
    try:
        envelope = from_json(bytes(raw), _Envelope)
        entry = msgspec.structs.replace(entry, source=envelope.source)
        return _read(entry, envelope.payload)
    except ValueError:
        return entry


def _read(entry: Entry, payload: _Payload) -> Entry:
    """Raises ValueError, of which NotJson is one."""
    if payload.content_type != "application/json":
        return entry
    data = payload.data.encode()
    if (payload.app_id, payload.schema_id) == (TRANSPORT, "message_delivery_status"):
        delivery = from_json(data, _Delivery)
        word = DELIVERED if delivery.status_code == 200 else UNDELIVERED
        return _with(entry, Said(word, message=UUID(delivery.ref_message_id).hex))
    if payload.app_id != APP:
        return msgspec.structs.replace(entry, why="other")
    if payload.schema_id == "acknowledgement":
        answer = from_json(data, _Acknowledgement)
        at = answer.acknowledged_by_dispatcher_at
        said = _said(_WORDS, answer.status, answer.shared_incident_id, answer.cause, at)
        return _with(entry, said)
    if payload.schema_id == "completion":
        end = from_json(data, _Completion)
        said = _said(_ENDS, end.status, end.shared_incident_id, end.additional_information, end.completed_at)
        return _with(entry, said)
    return msgspec.structs.replace(entry, why="incident" if payload.schema_id == "incident" else "other")


def _said(words: dict[str, str], status: str, incident: str, cause: str, at: datetime) -> Said:
    if status not in words:
        raise ValueError("a status that there is not")
    # Where no zone is said, it is UTC.
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    there_us = (at - _EPOCH) // timedelta(microseconds=1)
    if there_us <= 0:
        raise ValueError("a time before all alarms")
    return Said(words[status], UUID(incident).hex, cause=_line(cause), there_us=there_us)


def _line(text: str) -> str:
    """Their words in one line that can be shown."""
    return "".join(sign if sign.isprintable() else " " for sign in text[:MOST_SIGNS]).strip()


def _with(entry: Entry, said: Said) -> Entry:
    return msgspec.structs.replace(entry, said=said, why="")
