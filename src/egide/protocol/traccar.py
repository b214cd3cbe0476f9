"""An event that Traccar forwards as JSON ("Event Forwarding" of its documentation): bytes in, value out.

Only what is used is kept: no name, number or address of a device.
"""

import math
from datetime import datetime

import msgspec

from egide.common.encoding import from_json

# A forward holds all attributes of a position.
MAX_FORWARD_BYTES = 32 * 1024
LONGEST_NAME = 64
# The alarm of Traccar's model (Position.ALARM_SOS) that a person raises by a button.
SOS = "sos"
_ALARM = "alarm"
_MOST_S = (1 << 32) - 1
# Of a tracker that says nothing of its accuracy.
UNSAID_ACCURACY_M = 100
_MOST_ACCURACY_M = 65_535


class _Event(msgspec.Struct, frozen=True):
    type: str
    id: int = 0
    eventTime: str = ""
    serverTime: str = ""
    attributes: dict[str, msgspec.Raw] = {}


class _Device(msgspec.Struct, frozen=True):
    uniqueId: str


class _Position(msgspec.Struct, frozen=True):
    latitude: float
    longitude: float
    accuracy: float | None = None
    valid: bool = True
    fixTime: str = ""
    attributes: dict[str, msgspec.Raw] = {}


class _Forward(msgspec.Struct, frozen=True):
    event: _Event
    device: _Device
    position: _Position | None = None


class Fix(msgspec.Struct, frozen=True):
    """Where the tracker says it is: 1e-7 degree, the radius in metres, and when it was there (seconds, UTC)."""

    lat_e7: int
    lon_e7: int
    accuracy_m: int
    at_s: int


class Forwarded(msgspec.Struct, frozen=True):
    """One event of one device. `alarms` are Traccar's words, none for an event of another type."""

    name: str
    number: int
    at_s: int
    alarms: tuple[str, ...] = ()
    battery_pct: int | None = None
    fix: Fix | None = None

    @property
    def is_press(self) -> bool:
        """Whether somebody asked for help."""
        return SOS in self.alarms


def read_forward(data: bytes) -> Forwarded:
    """What Traccar's server posts. Raises ValueError, without anything of what was given."""
    said = from_json(data, _Forward)
    event, name = said.event, said.device.uniqueId
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable():
        raise ValueError(f"device.uniqueId: 1 to {LONGEST_NAME} signs")
    if not 0 <= event.id < 1 << 63:
        raise ValueError("event.id: a number that is not negative")
    at_s = _seconds(event.eventTime or event.serverTime)
    alarms = _text(event.attributes.get("alarm")) if event.type == _ALARM else ""
    return Forwarded(
        name=name,
        number=event.id,
        at_s=at_s,
        alarms=tuple(word for word in alarms.split(",") if word),
        battery_pct=_battery(said.position),
        fix=_fix(said.position, at_s),
    )


def read_kept(data: bytes) -> Forwarded:
    """What was made of a forward, as it is kept. Raises ValueError."""
    return from_json(data, Forwarded)


def _fix(position: _Position | None, event_s: int) -> Fix | None:
    if position is None or not position.valid:
        return None
    lat, lon, accuracy = position.latitude, position.longitude, position.accuracy or 0.0
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise ValueError("position: latitude or longitude out of range")
    # Before its first fix a tracker is in the Gulf of Guinea.
    if lat == 0 and lon == 0:
        return None
    accuracy_m = math.ceil(accuracy) if math.isfinite(accuracy) and accuracy > 0 else UNSAID_ACCURACY_M
    at_s = _seconds(position.fixTime) if position.fixTime else event_s
    return Fix(round(lat * 1e7), round(lon * 1e7), min(accuracy_m, _MOST_ACCURACY_M), at_s)


def _battery(position: _Position | None) -> int | None:
    if position is None or "batteryLevel" not in position.attributes:
        return None
    try:
        level = msgspec.json.decode(position.attributes["batteryLevel"], type=float)
    except msgspec.MsgspecError:
        return None
    return round(level) if 0 <= level <= 100 else None


def _text(raw: msgspec.Raw | None) -> str:
    if raw is None:
        return ""
    try:
        return msgspec.json.decode(raw, type=str)
    except msgspec.MsgspecError as error:
        raise ValueError("event.attributes.alarm: a text") from error


def _seconds(text: str) -> int:
    """ISO 8601 with its zone, as Jackson writes it."""
    try:
        at = datetime.fromisoformat(text)
        seconds = int(at.timestamp()) if at.tzinfo else 0
    except (ValueError, OverflowError) as error:
        raise ValueError("a time: such as 2026-05-20T14:30:00.000+00:00") from error
    if not 0 < seconds <= _MOST_S:
        raise ValueError("a time: with its zone, after 1970")
    return seconds
