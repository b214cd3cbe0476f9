"""Who is concerned by an alarm, who leads it, and what an operator does at the desk."""

import msgspec

from egide.alarm.events.escalation import Ladder
from egide.events.base import Event
from egide.protocol.envelope import Position


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
    """Who is concerned by a position. `basis` is "position", "last known" or "home", or, of a source that is no phone,
    "registered" or "reported"; `outside` is "", "sea", "abroad:NL" ... or "unknown"; `border_m` is the distance to the
    zone's border."""

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


class LocalisationAsked(Event, frozen=True):
    """The phone is silent, and an operator asked the telephone network where it is (safety rule 6)."""

    user: str


class NoteAdded(Event, frozen=True):
    """An operator wrote something down; `for_team` says that the team reads it too."""

    user: str
    text: str
    for_team: bool = False
