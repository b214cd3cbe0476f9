"""What the registers tell the lifeline: kits, enrolments, grants, and who opened a file."""

from egide.events.base import Event
from egide.protocol.enrolment import Settings


class KitIssued(Event, frozen=True):
    """A kit was handed out for a case. The home zone stands in for a missing position; `button_key` is 16 bytes."""

    kit: str
    case: str
    managing_zone: str
    home_zone: str
    home_centre: str
    button_id: str
    button_key: bytes
    grant_ends_at_s: int | None = None
    settings: Settings = Settings()


class EnrolmentOffered(Event, frozen=True):
    """A one-time code was shown; only its hash is kept (hex SHA-256, see protocol.enrolment)."""

    kit: str
    code_hash: str
    expires_at_s: int


class DeviceEnrolled(Event, frozen=True):
    """A phone proved its key (32 bytes) with the code."""

    device: str
    kit: str
    public_key: bytes
    code_hash: str


class GrantChanged(Event, frozen=True):
    """The prosecutor's grant for a kit ends at another time; None means no end is set."""

    kit: str
    grant_ends_at_s: int | None


class KitReturned(Event, frozen=True):
    """A kit came back; its presses still get through, with a flag."""

    kit: str


class FileOpened(Event, frozen=True):
    """Somebody read a file. `alarm` is the open alarm that gave the right to; `why` a stated reason otherwise."""

    case: str
    user: str
    alarm: str | None = None
    why: str = ""


class SoundTested(Event, frozen=True):
    """An operator heard the test sound at the start of a shift."""

    user: str


class JournalExported(Event, frozen=True):
    """Somebody took a copy out of the system: of one stream, or of everything when `stream` is empty."""

    stream: str = ""
    last_seq: int = 0
