"""The map of the roll-out on a day: how far each zone was, from the records. Inside the service only (rule 34)."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from egide.evaluation import service
from egide.evaluation.measures.training import stages_on
from egide.evaluation.records.shapes import Places
from egide.rollout import service as rollout

STAGES: dict[str, str | Promise] = {
    "ready": gettext_lazy("available"),
    "begun": gettext_lazy("on the way"),
    "none": gettext_lazy("not begun"),
}


@dataclass(frozen=True)
class ZoneRow:
    """A zone on the map and in the table; `path` is empty where the map does not hold it."""

    code: str
    name: str
    stage: str
    centre: str
    office: str
    path: str

    @property
    def word(self) -> str:
        return str(STAGES[self.stage])


def zones_on(day: date, places: Places) -> list[ZoneRow]:
    """Every zone of the place, those furthest on first. Raises NoRecords."""
    records = service.records()
    paths = rollout.national_map().paths
    names, centres, offices = (rollout.places_of(kind) for kind in ("zone", "centre", "office"))
    order = list(STAGES)
    rows = [
        ZoneRow(
            code=zone,
            name=names.get(zone, zone),
            stage=stage,
            centre=centres.get(centre, centre),
            office=offices.get(office, office),
            path=paths.get(zone, ""),
        )
        for zone, centre, office, stage in stages_on(records, places, day)
    ]
    return sorted(rows, key=lambda row: (order.index(row.stage), row.name.casefold()))


def by_centre(rows: list[ZoneRow]) -> Iterator[tuple[str, list[int], int]]:
    """How many zones of each dispatch centre are how far: name, a number for each stage, all of them."""
    counts = Counter((row.centre, row.stage) for row in rows)
    for centre in sorted({row.centre for row in rows}, key=str.casefold):
        numbers = [counts[centre, stage] for stage in STAGES]
        yield centre or "–", numbers, sum(numbers)
