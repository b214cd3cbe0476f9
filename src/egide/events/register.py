"""What the registers tell: kits and stock, enrolments, grants, who takes part, and who opened a file."""

from egide.events.base import Event
from egide.protocol.enrolment import Settings


class KitIssued(Event, frozen=True):
    """A kit was bound to a case and its button's key made (16 bytes). The home zone stands in for a missing position.

    Its phone can enrol from now on; it leaves the house with `KitHandedOver` or `KitOpenedProvisionally`.
    """

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
    """A phone proved its key (32 bytes) with the code.

    `client` and `client_version` are what it says of itself, empty for one that says nothing; `signature` (64 bytes)
    by its key is over that too (protocol.enrolment).
    """

    device: str
    kit: str
    public_key: bytes
    code_hash: str
    client: str = ""
    client_version: str = ""
    signature: bytes = b""


class GrantChanged(Event, frozen=True):
    """The prosecutor's grant for a kit ends at another time; None means no end is set."""

    kit: str
    grant_ends_at_s: int | None


class KitMoved(Event, frozen=True):
    """Another zone manages the file of a kit: from here on its presses name that zone and its centre."""

    kit: str
    managing_zone: str
    home_zone: str
    home_centre: str


class KitReturned(Event, frozen=True):
    """A kit came back; its presses still get through, with a flag."""

    kit: str


class FileOpened(Event, frozen=True):
    """Somebody read a file. `alarm` is the open alarm that gave the right to; `why` a stated reason otherwise.

    `managing_zone` is the zone that had the file then: it is told of a reading for a stated reason. `second` is who
    said yes to it beforehand, empty while an alarm of the file was open.
    """

    case: str
    user: str
    alarm: str | None = None
    why: str = ""
    managing_zone: str = ""
    second: str = ""


class FileAsked(Event, frozen=True):
    """Somebody asked for a file that is not theirs, by the person's name and birth date (safety rule 41).

    `is_barred`: the file must not exist for them, so they learn nothing.
    """

    case: str
    user: str
    why: str
    managing_zone: str
    is_barred: bool = False


class FileAskAnswered(Event, frozen=True):
    """Somebody who may read the file said whether another, who asked for it, may read it once."""

    case: str
    user: str
    asked_by: str
    agreed: bool
    managing_zone: str = ""


# What the file's own zone hears of by the live stream, and is woken by.
HEARD_BY_THE_ZONE = (FileAsked, FileAskAnswered)


class FileAskedInVain(Event, frozen=True):
    """Somebody asked for a file of a person who has none; whom they asked for is kept nowhere."""

    user: str


class SoundTested(Event, frozen=True):
    """An operator heard the test sound at the start of a shift."""

    user: str


class JournalExported(Event, frozen=True):
    """Somebody took a copy out of the system: of one stream, or of everything when `stream` is empty.

    `by` is the account that may open the alarm, or who copied everything, still sealed, on the server; `to` whom the
    copy is for, in their words.
    """

    stream: str = ""
    last_seq: int = 0
    by: str = ""
    to: str = ""


class KitSettingsSet(Event, frozen=True):
    """An officer set how long to hold, how often the phone speaks, and how long positions follow a press.

    The phone takes them from a signed reply and says so by a notice (protocol.settings).
    """

    kit: str
    by: str
    settings: Settings


class KitTestArmed(Event, frozen=True):
    """An officer armed one test on the phone of a kit that has not been handed out (safety rule 20).

    `number` only rises for a kit. The phone takes it from a signed reply before `until_s`, two minutes at most begin
    then on its own clock, and it says so by a notice (protocol.arming).
    """

    kit: str
    by: str
    number: int
    until_s: int


class KitTestTakenBack(Event, frozen=True):
    """An officer took the test of this number back; the phone lets it go with its next signed reply."""

    kit: str
    by: str
    number: int


class HoldPlaced(Event, frozen=True):
    """A legal hold: nothing of this case may be erased until it is released (safety rule 29)."""

    case: str
    by: str
    reason: str


class HoldReleased(Event, frozen=True):
    """The legal hold of this case ended."""

    case: str
    by: str
    reason: str


class EraseRequested(Event, frozen=True):
    """One person asked to erase a case; nothing happens unless another confirms within seven days."""

    case: str
    by: str


class CaseErased(Event, frozen=True):
    """Two people had a case erased: its key is destroyed, and nothing that was sealed under it can be read any more.

    `exports` are the events (seq) that tell of copies outside which carry a key of their own.
    """

    case: str
    requested_by: str
    confirmed_by: str
    exports: tuple[int, ...] = ()


class RecordsKept(Event, frozen=True):
    """What evaluation needs of a case that was erased in the same commit: pseudonymous rows, without the case's id.

    `tables`: for each table of records for evaluation its rows as JSON.
    """

    tables: dict[str, str]


class RecordsExported(Event, frozen=True):
    """Somebody took records for science and measures out of the service; noted before the first byte left.

    `by` is the account (of before: or who ran the command on the server); `place` is "" for the country; `seq` is the
    last event that the records were built from; `why` is the reason that was stated on the command line.
    """

    by: str
    period: str
    place: str
    format: str
    rows: int
    seq: int
    why: str = ""


class KitHandedOver(Event, frozen=True):
    """A kit left the house through every gate; as a "second" way through every gate but that of its phone's kind.

    `way` is "first" or "second" by what its phone said of itself, "" when that was not told apart yet.
    """

    kit: str
    by: str
    way: str = ""


class KitOpenedProvisionally(Event, frozen=True):
    """A kit left the house before every gate was passed, on a duty magistrate's oral yes (safety rule 25).

    `magistrate` is a name, `said_at_s` when the yes was said, `first` and `second` the accounts that signed;
    `missing` are the gates that were not passed.
    """

    kit: str
    magistrate: str
    said_at_s: int
    first: str
    second: str
    until_s: int
    missing: tuple[str, ...]


class KitPressTested(Event, frozen=True):
    """A test from this kit came through under a condition of safety rule 17; `test_seq` is its place in the journal."""

    kit: str
    condition: str
    test_seq: int
    by: str


class PhoneChecked(Event, frozen=True):
    """Somebody went through the questions of safety rule 19; `doubts` are those that were not answered clearly."""

    kit: str
    doubts: tuple[str, ...]
    by: str


class KitLost(Event, frozen=True):
    """A kit is not found. Its presses still get through: whoever finds it may need help."""

    kit: str
    by: str


class ItemMoved(Event, frozen=True):
    """A button or phone of the stock moved: delivered, allocated, issued, returned, repaired, lost, retired ...

    `was` is empty for a delivery. `zone` is where it is now, empty for the central stock. `what` is "button" or
    "phone", empty in events of before it was told.
    """

    item: str
    was: str
    now: str
    by: str
    zone: str = ""
    kit: str = ""
    why: str = ""
    what: str = ""


class TrainingRecorded(Event, frozen=True):
    """A training took place; `persons` are the staff numbers of those who passed. `on` is a date (ISO 8601).

    `units` are the codes of their zones or offices, in the same order; none in events of before it was told.
    """

    session: str
    course: str
    on: str
    persons: tuple[str, ...]
    units: tuple[str, ...] = ()


class SignedOff(Event, frozen=True):
    """The chief of a zone or the prosecutor of an office answers for its taking part. `on` is a date (ISO 8601)."""

    subject: str
    signer: str
    on: str
    by: str


class SignOffWithdrawn(Event, frozen=True):
    """A zone or an office takes part no longer. `on` is a date (ISO 8601), the first day without."""

    subject: str
    on: str
    by: str
    why: str


class KitWatched(Event, frozen=True):
    """A kit that is out is watched over at this `level` from here on: "highest", "urgent" or "ordinary".

    People answered how grave the danger is; how long silence may last follows from it (safety rule 35).
    """

    kit: str
    level: str


class KitTroubleTold(Event, frozen=True):
    """Something is wrong with a kit since `since_us`, and `whom` was told: "person", then "zone", then "officer".

    `what` is a word of fleet.rules_watch. "person" means that the phone's next contact carries the notice.
    """

    kit: str
    what: str
    whom: str
    since_us: int


class KitTroubleSolved(Event, frozen=True):
    """What was wrong with a kit is right again. With `KitReturned` and `KitLost` everything ends without it."""

    kit: str
    what: str


class WatchLimitsSet(Event, frozen=True):
    """How long what may be wrong with a kit before whom is told, set by a person for every kit from here on.

    `ladders` holds, by level and trouble, seconds until the person, the zone and the reference officer are told;
    `test_days` the days between two tests by level. Percentages are of a battery's charge.
    """

    by: str
    ladders: dict[str, dict[str, tuple[int, int, int]]]
    test_days: dict[str, int]
    battery_low_pct: int
    battery_good_pct: int
