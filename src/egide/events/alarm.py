"""The life of one alarm, from the press to its closing."""

import msgspec

from egide.events import steps
from egide.events.base import Event
from egide.protocol.envelope import Battery, Position


class Candidate(msgspec.Struct, frozen=True):
    """A zone that the position's circle touches, with its share of the circle (0 to 1)."""

    zone: str
    share: float


class Place(msgspec.Struct, frozen=True):
    """The nearest named place, and where the position lies seen from it."""

    name: str
    distance_m: int
    bearing_deg: int
    compass: str


class Route(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who is concerned by a position. `basis` is "position", "last known" or "home"; `outside` is "", "sea",
    "abroad:NL" ... or "unknown"; `border_m` is the distance to the zone's border."""

    zone: str
    centre: str
    managing_zone: str
    basis: str
    outside: str = ""
    candidates: tuple[Candidate, ...] = ()
    border_m: int | None = None
    place: Place | None = None
    position: Position | None = None
    position_at_us: int | None = None


class Rung(msgspec.Struct, frozen=True):
    """What happens when `step` is still missing `after_s` seconds after its clock began.

    `step` is a word of events.steps; `action` is "louder", "supervisor" (and the zone directly) or "neighbour".
    """

    step: str
    after_s: int
    action: str


class Ladder(msgspec.Struct, frozen=True):
    """The rungs of one alarm, those of a step in order of time; `neighbour` is the centre that gets the copy."""

    rungs: tuple[Rung, ...]
    neighbour: str = ""


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


class TextReceived(FromPhone, frozen=True):
    """A silent answer from the phone."""

    body: bytes = b""


class AudioReceived(FromPhone, frozen=True):
    """A piece of sound from the phone: the `number`-th (from 0) of its recording, -1 when the phone did not say.

    `digest` is the SHA-256 (hex) of the signed message, which is kept as a blob (journal.blobs); `envelope` is empty.
    """

    digest: str = ""
    number: int = -1
    size_bytes: int = 0


class NoticeReceived(FromPhone, frozen=True):
    """The phone reports on itself."""

    body: bytes = b""


class TestReceived(FromPhone, frozen=True):
    """A test press: its own stream, never an alarm."""

    __test__ = False


class AlarmRouted(Event, frozen=True):
    """The alarm was given to a zone and a centre, first or anew. The first one freezes the ladder."""

    route: Route
    ladder: Ladder | None = None


class PositionLocated(Event, frozen=True):
    """A further position was placed on the map; zone and centre are as before."""

    route: Route


class ShownOnBoard(Event, frozen=True):
    """A board of `centre` has painted the alarm."""

    user: str
    centre: str


class AlarmAcknowledged(Event, frozen=True):
    """An operator of the centre that leads took the alarm. The first one counts.

    `centre` is set when nobody leads yet, because the alarm has no route: that centre leads from now on.
    """

    user: str
    centre: str = ""


class OperatorLeft(Event, frozen=True):
    """The operator who had the alarm is "idle", "offline" or "signed-out": nobody has it, and it rings as new."""

    user: str
    why: str


class HandoverOffered(Event, frozen=True):
    """The centre that leads asks another `centre` to take the alarm over, and leads until somebody there accepts."""

    user: str
    centre: str


class HandoverAccepted(Event, frozen=True):
    """A named person of `centre` took the alarm over: this centre leads from now on, and this person has the alarm."""

    user: str
    centre: str


class LeadKept(Event, frozen=True):
    """The position moved on, but who led goes on leading. `what` is "zone" or "centre"."""

    user: str
    what: str


class ZoneConfirmed(Event, frozen=True):
    """A named person of `zone`, or its dispatch reference, stands for: this zone is informed and leads."""

    user: str
    zone: str
    reference: str


class NoPatrolFree(Event, frozen=True):
    """The zone that leads has nobody to send. It stays responsible until somebody else is named."""

    user: str
    zone: str


class TeamNamed(Event, frozen=True):
    """A team of `zone` was chosen; `telephone` may be empty."""

    user: str
    zone: str
    call_sign: str
    telephone: str = ""


class TeamLinkMade(Event, frozen=True):
    """A link for the named team. `link` is the SHA-256 (hex) of its secret, `code` a keyed one of its short code."""

    user: str
    link: str
    code: str
    expires_at_s: int


class TeamLinkOpened(Event, frozen=True):
    """The first device that opened the link; `device` is the SHA-256 (hex) of the secret that it keeps."""

    link: str
    device: str


class TeamUnderWay(Event, frozen=True):
    """The team left; `by` is who reported it, `age_s` seconds before it arrived here.

    `tap` here and below marks one tap on a team's phone, sent again or not; `told` is whose word it is (events.steps).
    """

    by: str
    age_s: int = 0
    tap: str = ""
    told: str = steps.BY_TEAM


class TeamOnSite(Event, frozen=True):
    """The team is on the spot; `by` is who reported it, `age_s` seconds before it arrived here; `told` as above."""

    by: str
    age_s: int = 0
    tap: str = ""
    told: str = steps.BY_TEAM


class HelpNeeded(Event, frozen=True):
    """A team needs help itself (safety rule 14). `position` is the team's, where its phone told one."""

    by: str
    position: Position | None = None
    age_s: int = 0
    tap: str = ""


class HelpSeen(Event, frozen=True):
    """An operator has seen that the team needs help."""

    user: str


class TeamReported(Event, frozen=True):
    """The report of the team, or of its zone: `outcome` is a word of events.outcomes. The team's access ends."""

    by: str
    outcome: str
    text: str
    age_s: int = 0
    tap: str = ""


class StepMissed(Event, frozen=True):
    """The `rung`-th deadline (from 1) of `step` passed. `centre` is the neighbour that is shown a copy from now on.

    `because` is "push" when it was not waited for, because nobody could be woken (PushTried).
    """

    step: str
    rung: int
    action: str
    due_at_us: int
    centre: str = ""
    because: str = ""


class PushTried(Event, frozen=True):
    """The devices of a `unit`, a "zone" or a "team" (`to`), were to be woken by `road`; `why` is empty for who was.

    `wake` is the same for all devices and tries of one wake-up. `step` and `rung` say how far the ladder was: when no
    device could be woken, the next rung is taken at once. `device` is a name of ours, never the address.
    """

    road: str
    wake: str
    to: str
    unit: str
    device: str
    step: str
    rung: int
    attempt: int = 1
    why: str = ""


class LocalisationAsked(Event, frozen=True):
    """The phone is silent, and an operator asked the telephone network where it is (safety rule 6)."""

    user: str


class TextAsked(Event, frozen=True):
    """An operator asks the person silently; `question` is a word of events.silent."""

    user: str
    question: str


class ListenStopped(Event, frozen=True):
    """Nobody listens in any more; `why` is "operator"."""

    user: str
    why: str


class PhoneBlocked(Event, frozen=True):
    """An earlier phone of the kit raises no alarm any more; what it sends shows in the technical lane alone."""

    user: str
    device: str


class NoteAdded(Event, frozen=True):
    """An operator wrote something down; `for_team` says that the team reads it too."""

    user: str
    text: str
    for_team: bool = False


class AlarmClosed(Event, frozen=True):
    """The alarm was ended. `outcome` is a word of events.outcomes; `reason` is free text.

    `basis` is "team": a team was with the person; or "call-back": a supervisor heard the agreed word (safety rule 8).
    """

    user: str
    outcome: str
    reason: str
    basis: str = "team"


class FollowUpDone(Event, frozen=True):
    """The managing zone did what was to be done after a closed alarm."""

    user: str
    text: str


class LadderSet(Event, frozen=True):
    """The ladder of the alarms that `centre` will be given from now on."""

    user: str
    centre: str
    ladder: Ladder


class VerificationFailed(Event, frozen=True):
    """A message named a known device but did not verify: for the technical lane, never an alarm. `reason` is a word."""

    device: str
    reason: str
    envelope_hash: str
    home_centre: str = ""


class HalfReceived(Event, frozen=True):
    """Half of a message that names a device came by SMS, and its other half has not: for the technical lane. It says
    nothing against the phone's key. `digest` is the half's SHA-256 (hex), its number before it.
    """

    device: str
    digest: str
    home_centre: str = ""
