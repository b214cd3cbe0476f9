"""One alarm as its events add up (alarm.fold), for intake, routing and boards alike."""

import msgspec

from egide.alarm import events as a
from egide.alarm.events.steps import BY_OPERATOR
from egide.alarm.sent import Push, SmsAnswer, Told
from egide.protocol.envelope import Battery, Position

RECEIVED, ROUTED, SHOWN, ACKNOWLEDGED, CLOSED = "received", "routed", "shown", "acknowledged", "closed"

# Positions that a board draws: one hour with one every five seconds. The journal keeps them all.
TRAIL_KEPT = 720
# Presses of earlier phones that a board shows, and of sources that are no phones.
EARLIER_KEPT = 10
SOURCES_KEPT = 10

# A zone that holds less of the position's circle than this is not informed: its officers have no need to know.
NEIGHBOUR_SHARE = 0.05


class Fix(msgspec.Struct, frozen=True):
    """A position with the server's time of its arrival; its own age is inside."""

    position: Position
    at_us: int

    @property
    def taken_at_us(self) -> int:
        """When the position was taken, by the server's clock."""
        return self.at_us - self.position.age_s * 1_000_000


class EarlierPress(msgspec.Struct, frozen=True):
    """A press of a phone that no longer speaks for its kit: shown beside, with its own position."""

    device: str
    position: Position | None
    at_us: int


class SourcePress(msgspec.Struct, frozen=True):
    """A press that a source which is no phone reported, with what that proves (events.source): shown beside."""

    source: str
    road: str
    proof: str
    carrier: str
    position: Position | None
    position_from: str
    at_us: int

    @property
    def taken_at_us(self) -> int:
        """When it was there: what a service held back is no news of where she is."""
        return self.at_us - (self.position.age_s * 1_000_000 if self.position else 0)


class Note(msgspec.Struct, frozen=True):
    """A note of an operator; `for_team` when the team reads it too."""

    user: str
    text: str
    at_us: int
    for_team: bool = False


class Text(msgspec.Struct, frozen=True):
    """A silent question of `user`, or the person's answer when `user` is empty; `word` is one of events.silent."""

    user: str
    word: str
    at_us: int


class Sound(msgspec.Struct, frozen=True):
    """A piece of sound: the counter of its message, its number in the recording, the hash under which it is kept."""

    counter: int
    number: int
    digest: str
    size_bytes: int
    at_us: int


class Team(msgspec.Struct, frozen=True):
    """Who was sent."""

    zone: str
    call_sign: str
    telephone: str


class Delay(msgspec.Struct, frozen=True):
    """A new time of arrival of the team `call_sign`, with its reason, whose word it is, and when it was said."""

    call_sign: str
    expected_at_us: int
    reason: str
    told: str
    at_us: int


class TeamFix(msgspec.Struct, frozen=True):
    """Where the team `call_sign` was last, by its own wish, and when it was there."""

    call_sign: str
    position: Position
    at_us: int


class TeamLink(msgspec.Struct, frozen=True):
    """A link for the team `call_sign`, by its hashes; `device` is empty until somebody opened it."""

    link: str
    code: str
    made_by: str
    made_at_us: int
    expires_at_s: int
    call_sign: str = ""
    device: str = ""
    opened_at_us: int = 0


class Help(msgspec.Struct, frozen=True):
    """A team's call for help; `seen_by` is empty while no operator has answered it."""

    by: str
    at_us: int
    position: Position | None = None
    seen_by: str = ""


class TeamReport(msgspec.Struct, frozen=True):
    """What the team, or its zone, wrote afterwards; `again_at_us`: when its author wrote it anew."""

    by: str
    outcome: str
    text: str
    at_us: int
    again_at_us: int = 0


class Missed(msgspec.Struct, frozen=True):
    """A deadline that passed, with what it set off."""

    step: str
    rung: int
    action: str
    due_at_us: int
    centre: str = ""
    because: str = ""


class Undoable(msgspec.Struct, frozen=True):
    """What somebody has just said, event number `version` of the alarm, and the fields that it changed as they were
    before: taking it back puts them back (alarm.undoing).
    """

    kind: str
    by: str
    told: str
    version: int
    at_us: int
    before: tuple[tuple[str, object], ...]


class PressPart(msgspec.Struct, frozen=True, kw_only=True):
    """What came from the phone: presses, where it is, how it stands, and phones that no longer speak for the kit."""

    trigger: int | None = None
    pressed_at_s: int = 0
    presses: int = 0
    last_press_us: int = 0
    last_contact_us: int = 0
    battery: Battery | None = None
    link: int | None = None
    trail: tuple[Fix, ...] = ()
    lag_s: int | None = None
    without_fix: bool = False
    flags: tuple[str, ...] = ()
    duress: bool = False
    cancelled_at_us: int = 0
    earlier_presses: tuple[EarlierPress, ...] = ()
    blocked_phones: tuple[str, ...] = ()
    source_presses: tuple[SourcePress, ...] = ()
    sms_answer: SmsAnswer | None = None


class LeadPart(msgspec.Struct, frozen=True, kw_only=True):
    """Who has it: the operator, the centre and the zone that lead, and to whom the lead is to go."""

    route: a.Route | None = None
    routed_at_us: int = 0
    shown_by: tuple[str, ...] = ()
    shown_at_us: int = 0
    acknowledged_by: str = ""
    acknowledged_at_us: int = 0
    first_acknowledged_at_us: int = 0
    left_by: str = ""
    left_why: str = ""
    centre: str = ""
    handover_to: str = ""
    handover_since_us: int = 0
    zone: str = ""
    zone_reference: str = ""
    zone_confirmed_at_us: int = 0
    zone_moved_to: str = ""
    zone_moved_since_us: int = 0
    no_patrol: tuple[str, ...] = ()
    no_patrol_at_us: int = 0
    localisation_by: str = ""
    localisation_at_us: int = 0
    notes: tuple[Note, ...] = ()


class TeamPart(msgspec.Struct, frozen=True, kw_only=True):
    """Who was named to go, how far they are, the links of their pages, and what they reported."""

    named: Team | None = None
    named_at_us: int = 0
    under_way_at_us: int = 0
    under_way_told: str = ""
    on_site_at_us: int = 0
    on_site_told: str = ""
    delay: Delay | None = None
    earlier: tuple[Team, ...] = ()
    links: tuple[TeamLink, ...] = ()
    taps: tuple[str, ...] = ()
    report: TeamReport | None = None
    earlier_reports: tuple[TeamReport, ...] = ()
    fixes: tuple[TeamFix, ...] = ()


class TalkPart(msgspec.Struct, frozen=True, kw_only=True):
    """Silent text and sound, and what became of the sound (safety rule 23)."""

    texts: tuple[Text, ...] = ()
    sounds: tuple[Sound, ...] = ()
    listening_stopped_at_us: int = 0
    sound_heard_at_us: int = 0
    sound_exported_at_us: int = 0
    sound_kept_by: str = ""
    sound_kept_at_us: int = 0
    sound_kept_why: str = ""
    sound_expired_at_us: int = 0
    sound_expired_pieces: int = 0


class ClosingPart(msgspec.Struct, frozen=True, kw_only=True):
    """How it ended, what followed, and how often it was opened again."""

    closed_by: str = ""
    closed_at_us: int = 0
    outcome: str = ""
    reason: str = ""
    followed_up_by: str = ""
    followed_up_at_us: int = 0
    reopened: int = 0
    # A supervisor was asked, by whom; `supervisor` is who looks at it.
    supervisor_asked_by: str = ""
    supervisor_asked_at_us: int = 0
    supervisor: str = ""


class AlarmState(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a board needs of one alarm, besides the file: what all parts share, and the parts."""

    alarm: str
    version: int = 0
    seq: int = 0
    device: str = ""
    case: str = ""
    origin: a.Origin = a.Origin("", "", "")
    received_at_us: int = 0
    opened_at_us: int = 0
    rings_since_us: int = 0
    centres: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    ladder: a.Ladder | None = None
    missed: tuple[Missed, ...] = ()
    pushes: tuple[Push, ...] = ()
    told: tuple[Told, ...] = ()
    # Events of a kind or a shape that this version does not know, or that were damaged.
    unread: int = 0
    undoable: tuple[Undoable, ...] = ()
    press: PressPart = PressPart()
    lead: LeadPart = LeadPart()
    team: TeamPart = TeamPart()
    help: Help | None = None
    talk: TalkPart = TalkPart()
    closing: ClosingPart = ClosingPart()

    @property
    def state(self) -> str:
        """The word for how far the alarm has come; the phone learns nothing beyond "acknowledged"."""
        if self.closing.closed_at_us:
            return CLOSED
        if self.lead.acknowledged_by:
            return ACKNOWLEDGED
        if self.lead.shown_at_us:
            return SHOWN
        return ROUTED if self.lead.route else RECEIVED

    @property
    def is_open(self) -> bool:
        return not self.closing.closed_at_us

    @property
    def is_leaving_confirmed(self) -> bool:
        """Whether the team itself or its zone said that it left, or is there already."""
        left = bool(self.team.under_way_at_us) and self.team.under_way_told != BY_OPERATOR
        return left or self.is_arrival_confirmed

    @property
    def is_arrival_confirmed(self) -> bool:
        """Whether the team itself or its zone said that it is on the spot; an operator's own word is none."""
        return bool(self.team.on_site_at_us) and self.team.on_site_told != BY_OPERATOR

    @property
    def is_only_told(self) -> bool:
        """Whether only an operator's word says that a team is on the spot."""
        return bool(self.team.on_site_at_us) and not self.is_arrival_confirmed

    @property
    def awaits_report(self) -> bool:
        """Whether a team was sent and nobody has written its report yet; also after the closing (safety rule 11)."""
        return self.team.report is None and bool(self.team.named or self.team.earlier)


PARTS = {
    field.name: field.type
    for field in msgspec.structs.fields(AlarmState)
    if field.name in ("press", "lead", "team", "talk", "closing")
}
# In which part a field lies; each has one name in the whole state.
PART_OF = {field.name: part for part, kind in PARTS.items() for field in msgspec.structs.fields(kind)}


def value_of(state: AlarmState, name: str) -> object:
    """A field of the state, in whichever part it lies."""
    part = PART_OF.get(name)
    return getattr(state if part is None else getattr(state, part), name)


def changed(state: AlarmState, **changes: object) -> AlarmState:
    """The state with these fields changed, each in its part."""
    own: dict[str, object] = {}
    of_parts: dict[str, dict[str, object]] = {}
    for name, value in changes.items():
        part = PART_OF.get(name)
        (own if part is None else of_parts.setdefault(part, {}))[name] = value
    for part, fields in of_parts.items():
        own[part] = msgspec.structs.replace(getattr(state, part), **fields)
    return msgspec.structs.replace(state, **own)


def zones_of(route: a.Route) -> tuple[str, ...]:
    """The zones that a route concerns: the leading one, the managing one, and neighbours well inside the circle."""
    neighbours = (near.zone for near in route.candidates if near.share >= NEIGHBOUR_SHARE)
    return joined((), route.zone, route.managing_zone, *neighbours)


def joined(known: tuple[str, ...], *more: str) -> tuple[str, ...]:
    """`known` with those of `more` that are new and not empty, in order of appearance."""
    return tuple(dict.fromkeys((*known, *filter(None, more))))
