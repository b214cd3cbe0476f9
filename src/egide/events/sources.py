"""Sources that are no phone: which kit they belong to, what they are checked with, and when they were last heard."""

from egide.events.base import Event
from egide.protocol.envelope import Position


class SourceEnrolled(Event, frozen=True):
    """An officer enrolled a device for a kit. `source` is its id here (intake.sources), `road` how its reports come.

    `name` is what it is called there (a button's address, a tracker's number), `key` what its reports are checked with
    (empty where a service speaks for it), `place` where it stands, for one that cannot move. `every_s`: how often it
    says that it works, in seconds; 0 for one that does not.
    """

    source: str
    kit: str
    road: str
    name: str
    user: str
    key: bytes = b""
    place: Position | None = None
    every_s: int = 0


class SourceEnded(Event, frozen=True):
    """An officer took a source off its kit: nothing of it is taken any more."""

    source: str
    kit: str
    user: str


class SourceHeard(Event, frozen=True):
    """A source said something that is no press: its counter rises, and it is known to work."""

    source: str
    counter: int
    battery_pct: int | None = None
