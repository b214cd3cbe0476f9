"""Pure rules of a file: which measures are in force, and how a position lies towards an area."""

from dataclasses import dataclass
from datetime import date

from egide.casework.facts import Area, MeasureFacts
from egide.common.geo import distance_m
from egide.protocol.envelope import Position

INSIDE, TOUCHES, OUTSIDE, UNKNOWN = "inside", "touches", "outside", "unknown"


@dataclass(frozen=True)
class Relation:
    """How the circle of a position lies towards the circle of an area.

    `where` is "inside" (wholly), "touches" (perhaps), "outside" or "unknown" (no position); `gap_m` is the distance
    from the position's circle to the area when outside, else 0.
    """

    where: str
    gap_m: int = 0


def is_in_force(measure: MeasureFacts, today: date) -> bool:
    """Whether the measure holds on `today`, both ends included."""
    return measure.starts <= today and (measure.ends is None or today <= measure.ends)


def relate(area: Area, position: Position | None) -> Relation:
    """Circle against circle: inside only when no point of the position's circle lies outside the area."""
    if position is None:
        return Relation(UNKNOWN)
    apart_m = distance_m(area.lat_e7, area.lon_e7, position.lat_e7, position.lon_e7)
    if apart_m + position.accuracy_m <= area.radius_m:
        return Relation(INSIDE)
    if apart_m - position.accuracy_m <= area.radius_m:
        return Relation(TOUCHES)
    return Relation(OUTSIDE, round(apart_m - position.accuracy_m - area.radius_m))


def age_years(born: date, today: date) -> int:
    """Completed years."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
