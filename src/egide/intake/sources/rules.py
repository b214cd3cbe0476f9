"""Pure rules of reports by devices that are no phones: what one says, and into which alarm a press goes."""

import msgspec

from egide.alarm.events import (
    BY_BUTTON,
    BY_CLEAR,
    BY_DEVICE,
    BY_SERVICE,
    REGISTERED,
    REPORTED,
    Origin,
    SourcePressed,
)
from egide.intake.rules import CLOCK_TOLERANCE_S, LATE_S
from egide.journal.queries.sources import KnownSource
from egide.protocol import bthome, traccar
from egide.protocol.dc09 import frames as dc09
from egide.protocol.dc09.events import UNSAID_ACCURACY_M, read_signal
from egide.protocol.envelope import Position

# A button's sign of life is noted again after this time, so that a chatty one fills no journal.
HEARD_AGAIN_US = 600 * 1_000_000
# Within this time a device that heard no answer says the same again under the same number (seconds).
AGAIN_S = 60
# What a position can say of its age (contracts/envelope.cddl).
MOST_AGE_S = 65_535


class Unreadable(ValueError):
    """Not a report of this source; `reason` is a word.

    `is_shown`: it came in its name and is not its press, so the technical lane shows it (safety rule 10).
    """

    def __init__(self, reason: str, *, is_shown: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_shown = is_shown


class Said(msgspec.Struct, frozen=True):
    """What a report says, whatever its road. `must_rise`: its counter only ever rises, so that none counts twice.

    `sequence` is a number that a device says again with the same news, 0 for none; `made_at_s` is 0 where it tells no
    time; `is_told`: somebody did something that is no press.
    """

    counter: int
    is_press: bool
    proof: str
    must_rise: bool
    is_told: bool = False
    sequence: int = 0
    made_at_s: int = 0
    battery_pct: int | None = None
    position: Position | None = None
    # When the device was there (seconds, UTC); 0 for a place that was registered.
    fix_at_s: int = 0
    position_from: str = ""


def read_advertised(data: bytes, address: str, key: bytes, place: Position | None) -> Said:
    """A frame of the button `address`, with the place at which it was registered. Raises Unreadable."""
    try:
        frame = bthome.decode(data, bthome.address_bytes(address), key)
    except bthome.BthomeError as error:
        raise Unreadable(error.reason, is_shown=error.reason == "wrong-key") from error
    return Said(
        counter=frame.counter,
        is_press=frame.is_alarm,
        proof=BY_BUTTON,
        must_rise=True,
        is_told=bool(frame.events),
        battery_pct=frame.battery_pct,
        position=place,
        position_from=REGISTERED if place else "",
    )


def read_event(data: bytes) -> Said:
    """An event that Traccar forwarded, as it is kept. Raises Unreadable.

    Its time is its counter: what a service counts begins anew with its database.
    """
    try:
        event = traccar.read_kept(data)
    except ValueError as error:
        raise Unreadable("bad-report") from error
    fix = event.fix
    return Said(
        counter=event.at_s,
        is_press=event.is_press,
        proof=BY_SERVICE,
        must_rise=False,
        made_at_s=event.at_s,
        battery_pct=event.battery_pct,
        position=Position(fix.lat_e7, fix.lon_e7, fix.accuracy_m) if fix else None,
        fix_at_s=fix.at_s if fix else 0,
        position_from=REPORTED if fix else "",
    )


def read_signalled(data: bytes, key: bytes, place: Position | None, now_s: int) -> Said:
    """A frame of an alarm device with this key, registered at `place`; one without a key speaks in the clear.

    Its time is its counter: its own number begins again after 9999. Raises Unreadable; "old-time" where the frame is
    its own and not of this minute.
    """
    try:
        frame = dc09.read_frame(data)
        if frame.is_encrypted != bool(key):
            raise Unreadable("not-encrypted" if key else "wrong-key", is_shown=True)
        content = dc09.open_frame(frame, key)
        signal = read_signal(frame.token, content)
    except dc09.Dc09Error as error:
        raise Unreadable(error.reason, is_shown=error.reason == "wrong-key") from error
    at_s = content.at_s or (0 if key else now_s)
    if not dc09.is_timely(at_s, now_s):
        raise Unreadable("old-time", is_shown=signal.is_press)
    lat_lon = signal.at
    return Said(
        counter=at_s,
        is_press=signal.is_press,
        proof=BY_DEVICE if key else BY_CLEAR,
        must_rise=False,
        sequence=frame.sequence,
        made_at_s=at_s,
        position=Position(*lat_lon, UNSAID_ACCURACY_M) if lat_lon else place,
        fix_at_s=at_s if lat_lon else 0,
        position_from=REPORTED if lat_lon else REGISTERED if place else "",
    )


def is_noted(said: Said, known: KnownSource, now_us: int) -> bool:
    """Whether something that is no press is kept: what somebody did, always; a mere sign of life once in a while."""
    if said.is_told or known.heard_us is None:
        return True
    return not 0 <= now_us - known.heard_us < HEARD_AGAIN_US


def decide_press(
    known: KnownSource, said: Said, report: bytes, carrier: str, joinable: str | None, now_us: int
) -> tuple[str, SourcePressed]:
    """The stream and the event of a press (safety rule 9): it joins the kit's alarm, else it opens one."""
    stream = f"alarm:{joinable}" if joinable else f"alarm:{known.source}-{said.counter}"
    origin = None if joinable else Origin(known.managing_zone, known.home_zone, known.home_centre)
    return stream, SourcePressed(
        source=known.source,
        case=known.case,
        road=known.road,
        proof=said.proof,
        counter=said.counter,
        report=report,
        made_at_s=said.made_at_s,
        carrier=carrier,
        position=_aged(said, now_us),
        position_from=said.position_from,
        battery_pct=said.battery_pct,
        flags=_flags(known, said, now_us),
        origin=origin,
    )


def _aged(said: Said, now_us: int) -> Position | None:
    """With its age as it came here: what arrives late is never shown as a fresh one."""
    if said.position is None or not said.fix_at_s:
        return said.position
    age_s = min(MOST_AGE_S, max(0, now_us // 1_000_000 - said.fix_at_s))
    return msgspec.structs.replace(said.position, age_s=age_s)


def _flags(known: KnownSource, said: Said, now_us: int) -> tuple[str, ...]:
    now_s, made_at_s = now_us // 1_000_000, said.made_at_s
    flags = []
    if made_at_s and made_at_s > now_s + CLOCK_TOLERANCE_S:
        flags.append("source-clock-odd")
    elif made_at_s and made_at_s < now_s - LATE_S:
        flags.append("late")
    if known.grant_ends_at_s is not None and known.grant_ends_at_s < now_s:
        flags.append("grant-ended")
    if known.is_returned:
        flags.append("kit-returned")
    return tuple(flags)
