"""What comes from the phone: presses, positions, a PIN, and what it says of itself."""

import msgspec

from egide.events.base import Event
from egide.protocol.envelope import Battery, Position


class Origin(msgspec.Struct, frozen=True):
    """Where a kit belongs; stands on the first event of an alarm, whichever message came first."""

    managing_zone: str
    home_zone: str
    home_centre: str


EARLIER_PHONE = "earlier-phone"  # another phone of the kit enrolled after it (safety rule 38)


class FromPhone(Event, frozen=True):
    """What every event that carries a message has: the signed envelope itself, and the message's content.

    `flags` are words such as "late", "clock-odd", "grant-ended", "kit-returned", "no-position", "by-sms".
    """

    device: str
    case: str
    counter: int
    sent_at_s: int
    envelope: bytes
    position: Position | None = None
    battery: Battery | None = None
    link: int | None = None
    trigger: int | None = None
    flags: tuple[str, ...] = ()
    origin: Origin | None = None

    @property
    def is_from_earlier_phone(self) -> bool:
        """Whether the phone did not speak for its kit any more."""
        return EARLIER_PHONE in self.flags


class PressReceived(FromPhone, frozen=True):
    """The press that makes an alarm."""


class PressedAgain(FromPhone, frozen=True):
    """Another press of the same kit while its alarm is open, or shortly after its closing: then it is open again."""


class PressConflicted(FromPhone, frozen=True):
    """A press like any, validly signed, under a counter that was used for another message: a possible clone."""


class PositionReceived(FromPhone, frozen=True):
    """A position, or the news that there is none, that belongs to an alarm."""


class CancelReceived(FromPhone, frozen=True):
    """A PIN was entered. Information for the operator; it closes nothing. `body` is opaque here."""

    body: bytes = b""


class NoticeReceived(FromPhone, frozen=True):
    """The phone reports on itself."""

    body: bytes = b""


class TestReceived(FromPhone, frozen=True):
    """A test press: its own stream, never an alarm.

    `officers_test`: the number of the test that an officer armed, as the phone says it; 0 where her own code armed it.
    """

    __test__ = False

    officers_test: int = 0


class PhoneBlocked(Event, frozen=True):
    """An earlier phone of the kit raises no alarm any more; what it sends shows in the technical lane alone."""

    user: str
    device: str
