"""Pure rules of a file: which measures are in force, and how a position lies towards an area."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from egide.casework.file.facts import Area, MeasureFacts
from egide.geography.ground import distance_m
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


def areas_of(measure: MeasureFacts) -> tuple[Area, ...]:
    """All circles of a measure."""
    return (measure.area, *measure.more_areas) if measure.area else measure.more_areas


def closest(areas: Iterable[Area], position: Position | None) -> Relation | None:
    """How a position lies towards the nearest of several circles, None when there is none."""
    order = (INSIDE, TOUCHES, OUTSIDE, UNKNOWN)
    relations = [relate(area, position) for area in areas]
    return min(relations, key=lambda one: (order.index(one.where), one.gap_m), default=None)


def gives_away(area: Area, hidden: Iterable[Area]) -> bool:
    """Whether a circle would show on a map where one of the hidden places lies: its middle is inside."""
    return any(
        distance_m(area.lat_e7, area.lon_e7, place.lat_e7, place.lon_e7) <= area.radius_m for place in hidden
    )


def age_years(born: date, today: date) -> int:
    """Completed years."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
