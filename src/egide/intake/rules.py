"""Pure rules of intake: which event a verified message becomes, on which stream, and with which flags."""

import hashlib
from typing import Any

import msgspec

from egide.alarm import events as a
from egide.alarm.events import EARLIER_PHONE
from egide.events.system import CanaryReceived
from egide.protocol import cbor
from egide.protocol.arming import BY_OFFICER, said_of_test
from egide.protocol.envelope import Kind, Message

LATE_S = 60
CLOCK_TOLERANCE_S = 60
TAIL_S = 3600
# For this long after an alarm with a code under threat the phone learns nothing of its own condition.
QUIET_S = 86_400

_EVENTS: dict[Kind, type[a.FromPhone]] = {
    Kind.POSITION: a.PositionReceived,
    Kind.HEARTBEAT: a.PositionReceived,
    Kind.CANCEL: a.CancelReceived,
    Kind.TEST: a.TestReceived,
    Kind.TEXT: a.TextReceived,
    Kind.AUDIO: a.AudioReceived,
    Kind.NOTICE: a.NoticeReceived,
}
_WITH_BODY = (Kind.CANCEL, Kind.TEXT, Kind.NOTICE)


class Device(msgspec.Struct, frozen=True):
    """What intake knows of an enrolled device and its kit."""

    device: str
    kit: str
    case: str
    origin: a.Origin
    grant_ends_at_s: int | None
    returned: bool
    # Another phone of the same kit enrolled after it (safety rule 38).
    is_superseded: bool = False
    # Somebody at a desk or zone blocked it then; the phone that enrolled last is never blocked.
    is_blocked: bool = False


class Before(msgspec.Struct, frozen=True):
    """What the journal held when a message arrived.

    `first_stream`: where another message with this counter went. `stream_of_press`: the stream of the press that field
    8 names, if known. `own_alarm_exists`: another message named this press before it came. `joinable`: the kit's alarm
    that is open, or closed less than TAIL_S ago.
    """

    first_stream: str | None = None
    stream_of_press: str | None = None
    own_alarm_exists: bool = False
    joinable: str | None = None
    is_open: bool = False


class Placed(msgspec.Struct, frozen=True):
    """Where a message goes. `event` is None for what only updates the presence table."""

    stream: str
    event: a.FromPhone | None


class Conflict(Exception):
    """The counter was used for another message, and this one is not a press."""


def decide_message(device: Device, message: Message, envelope: bytes, before: Before, now_us: int) -> Placed:
    """The event that this message becomes. Raises Conflict (safety rules 9 and 10; flags instead of refusals)."""
    if message.kind is Kind.PRESS:
        if before.first_stream is not None:
            return _place_conflicting(device, message, envelope, before, now_us)
        return _place_press(device, message, envelope, before, now_us)
    if before.first_stream is not None:
        raise Conflict(f"counter {message.counter} was used for another message")
    if message.kind is Kind.TEST:
        stream = f"test:{device.device}-{message.counter}"
        return Placed(stream, _event(a.TestReceived, device, message, envelope, now_us))
    if device.is_superseded:
        return _place_of_superseded(device, message, envelope, now_us)
    return _place_other(device, message, envelope, before, now_us)


def marked(placed: Placed, *, by_sms: bool = False, was_kept: bool = False) -> Placed:
    """The same, with marks of its way here: messages are judged alike whatever brought them (safety rule 9)."""
    if placed.event is None or not (by_sms or was_kept):
        return placed
    marks = ("by-sms",) * by_sms + ("kept",) * was_kept
    return Placed(placed.stream, msgspec.structs.replace(placed.event, flags=(*placed.event.flags, *marks)))


def decide_canary(
    device: str, last_counter: int, last_digest: str, message: Message, digest: bytes
) -> CanaryReceived | None:
    """A canary's press, None when it was kept before; it is never an alarm, whatever it says. Raises Conflict."""
    if message.counter == last_counter and digest.hex() == last_digest:
        return None
    if message.kind is not Kind.PRESS:
        raise Conflict("a canary sends nothing but presses")
    if message.counter <= last_counter:
        raise Conflict(f"counter {message.counter} is not above {last_counter}")
    return CanaryReceived(
        device=device,
        counter=message.counter,
        sent_at_s=message.sent_at_s,
        digest=digest.hex(),
        position=message.position,
    )


def _place_press(device: Device, message: Message, envelope: bytes, before: Before, now_us: int) -> Placed:
    own = f"alarm:{device.device}-{message.counter}"
    if before.own_alarm_exists:
        return Placed(own, _event(a.PressReceived, device, message, envelope, now_us))
    if before.joinable is not None:
        return Placed(f"alarm:{before.joinable}", _event(a.PressedAgain, device, message, envelope, now_us))
    return Placed(own, _event(a.PressReceived, device, message, envelope, now_us, device.origin))


def _place_conflicting(
    device: Device, message: Message, envelope: bytes, before: Before, now_us: int
) -> Placed:
    """A press whose counter was used: by a clone, or by this phone before it was restored. It is never hidden.

    It joins the alarm that is open; else it opens the alarm of that counter (again), whatever used the counter first.
    """
    if before.joinable is not None:
        stream, origin = f"alarm:{before.joinable}", None
    elif before.first_stream is not None and before.first_stream.startswith("alarm:"):
        stream, origin = before.first_stream, None
    else:
        stream = f"alarm:{device.device}-{message.counter}"
        origin = None if before.own_alarm_exists else device.origin
    return Placed(stream, _event(a.PressConflicted, device, message, envelope, now_us, origin))


def _place_of_superseded(device: Device, message: Message, envelope: bytes, now_us: int) -> Placed:
    """What is no press of an earlier phone stays out of every alarm (safety rule 38); what it says is kept beside.

    Where it is, and what it hears, is not: anybody may have it.
    """
    stream = f"device:{device.device}"
    if message.kind in (Kind.POSITION, Kind.HEARTBEAT, Kind.AUDIO):
        return Placed(stream, None)
    return Placed(stream, _event(_EVENTS[message.kind], device, message, envelope, now_us))


def _place_other(device: Device, message: Message, envelope: bytes, before: Before, now_us: int) -> Placed:
    event_type = _EVENTS[message.kind]
    if before.stream_of_press is not None:
        return Placed(before.stream_of_press, _event(event_type, device, message, envelope, now_us))
    if message.press is not None:
        # The press itself has not come (yet): that somebody pressed is known all the same, so the alarm opens.
        own = f"{device.device}-{message.press}"
        is_known = before.own_alarm_exists or before.is_open
        stream = f"alarm:{before.joinable if before.is_open and not before.own_alarm_exists else own}"
        origin = None if is_known else device.origin
        return Placed(stream, _event(event_type, device, message, envelope, now_us, origin, "press-missing"))
    if before.is_open:
        return Placed(f"alarm:{before.joinable}", _event(event_type, device, message, envelope, now_us))
    stream = f"device:{device.device}"
    if message.kind in (Kind.POSITION, Kind.HEARTBEAT):
        # Where somebody is without an alarm is nobody's business: it is not kept.
        return Placed(stream, None)
    return Placed(stream, _event(event_type, device, message, envelope, now_us))


def _event(
    event_type: type[a.FromPhone],
    device: Device,
    message: Message,
    envelope: bytes,
    now_us: int,
    origin: a.Origin | None = None,
    *more_flags: str,
) -> a.FromPhone:
    extra: dict[str, Any] = {"body": message.body or b""} if message.kind in _WITH_BODY else {}
    if event_type is a.TestReceived:
        said = said_of_test((message.body or b"").decode("utf-8", "replace"))
        extra = {"officers_test": said[1]} if said and said[0] == BY_OFFICER else {}
    if event_type is a.AudioReceived:
        # The message itself is kept as a blob, so that sound can go before the journal does (safety rule 23).
        digest, body = hashlib.sha256(envelope).hexdigest(), message.body or b""
        extra = {"digest": digest, "number": number_of_piece(body), "size_bytes": len(body)}
        envelope = b""
    return event_type(
        device=device.device,
        case=device.case,
        counter=message.counter,
        sent_at_s=message.sent_at_s,
        envelope=envelope,
        position=message.position,
        battery=message.battery,
        link=message.link,
        trigger=message.trigger,
        flags=flags_of(device, message, now_us) + more_flags,
        origin=origin,
        **extra,
    )


def number_of_piece(body: bytes) -> int:
    """The number of a piece of sound: its body is a CBOR array [number, bytes]; -1 for any other body."""
    try:
        content = cbor.decode(body)
    except cbor.CborError:
        return -1
    if not isinstance(content, list) or len(content) != 2 or type(content[0]) is not int:
        return -1
    return content[0] if 0 <= content[0] < 1 << 31 and isinstance(content[1], bytes) else -1


def flags_of(device: Device, message: Message, now_us: int) -> tuple[str, ...]:
    """What the desk must know about a message that got through all the same."""
    now_s = now_us // 1_000_000
    flags = []
    if message.sent_at_s > now_s + CLOCK_TOLERANCE_S:
        flags.append("clock-odd")
    elif message.sent_at_s < now_s - LATE_S:
        flags.append("late")
    if device.grant_ends_at_s is not None and device.grant_ends_at_s < now_s:
        flags.append("grant-ended")
    if device.returned:
        flags.append("kit-returned")
    if device.is_superseded:
        flags.append(EARLIER_PHONE)
    if message.kind is Kind.PRESS and message.position is None:
        flags.append("no-position")
    return tuple(flags)


class Bucket:
    """A token bucket for one device: `burst` messages at once, `per_s` in the long run."""

    __slots__ = ("_at_us", "_tokens")

    def __init__(self, burst: float, now_us: int) -> None:
        self._tokens = burst
        self._at_us = now_us

    def has(self, burst: float, per_s: float, now_us: int, left: float = 0) -> bool:
        """Whether one more would be allowed now, and `left` more after it."""
        self._tokens = min(burst, self._tokens + max(0, now_us - self._at_us) * per_s / 1e6)
        self._at_us = now_us
        return self._tokens >= 1 + left

    def take(self, burst: float, per_s: float, now_us: int, left: float = 0) -> bool:
        """Whether one more message is allowed now that leaves so many to others."""
        if not self.has(burst, per_s, now_us, left):
            return False
        self._tokens -= 1
        return True
