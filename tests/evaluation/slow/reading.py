"""The journal as a plain list: what was told, when, on which day and at which hour of the authority's time."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from egide.common.clock import utc
from egide.events.base import Event
from egide.journal.sealing.keys import KeyErased
from egide.journal.service import Journal

BRUSSELS = ZoneInfo("Europe/Brussels")


@dataclass(frozen=True)
class Told:
    """One event. `at` is local time."""

    seq: int
    at: datetime
    stream: str
    kind: str
    event: Event

    @property
    def day(self) -> date:
        return self.at.date()


@dataclass
class Past:
    """Everything that was ever told, also of cases that were erased since; `erased` gives the day of that.

    `places` gives centre and office of each zone. `inhabitants`, `reports` and `calls` were imported.
    """

    told: list[Told]
    now: datetime
    places: dict[str, tuple[str, str]]
    erased: dict[str, date] = field(default_factory=dict)
    inhabitants: list[tuple[str, int, int]] = field(default_factory=list)
    reports: list[tuple[str, int, int]] = field(default_factory=list)
    calls: list[tuple[str, date, int, int]] = field(default_factory=list)

    @property
    def until(self) -> date:
        """The last day of which anything is known."""
        return self.now.date()

    @property
    def since(self) -> date:
        return self.told[0].day

    def centre_of(self, zone: str) -> str:
        return self.places.get(zone, ("", ""))[0]

    def office_of(self, zone: str) -> str:
        return self.places.get(zone, ("", ""))[1]

    def of(self, *kinds: str, by: date | None = None) -> Iterator[Told]:
        """What was told of these kinds, in order; up to the end of a day where one is given."""
        for one in self.told:
            if one.kind in kinds and (by is None or one.day <= by):
                yield one


def local(at_us: int) -> datetime:
    return utc(at_us).astimezone(BRUSSELS)


def readable(journal: Journal) -> dict[int, Told]:
    """Every event that can be opened now, by its place in the journal."""
    found = {}
    for row in journal.every():
        try:
            event = journal.open_event(row)
        except KeyErased:
            continue
        found[row.seq] = Told(row.seq, local(row.at_us), row.stream, row.kind, event)
    return found


def days(first: date, last: date) -> Iterator[date]:
    """Every day from the first to the last."""
    while first <= last:
        yield first
        first += timedelta(days=1)
