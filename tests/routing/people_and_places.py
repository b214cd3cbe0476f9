"""Who acts in the random histories of an alarm, and where her position can be."""

from dataclasses import dataclass

from hypothesis import strategies as st

from egide.geography.locate import Candidate, Location

# Where the position can be: latitude in 1e-7 degrees -> zone, centre, outside.
PLACES = {1: ("5324", "HAI", ""), 2: ("5325", "HAI", ""), 3: ("5271", "BRW", ""), 4: ("5303", "NAM", "")}
ABROAD, NOWHERE = 5, 6


@dataclass(frozen=True)
class Person:
    """Somebody at a desk, as the rules of closing see them."""

    user: str
    centre: str
    supervisor: bool = False


PEOPLE = st.sampled_from(
    (
        Person("hai-1", "HAI"),
        Person("hai-2", "HAI"),
        Person("hai-chief", "HAI", True),
        Person("brw-1", "BRW"),
        Person("nam-chief", "NAM", True),
    )
)


def locate(lat_e7: int, _lon_e7: int, _accuracy_m: float) -> Location:
    """The place of the table above; abroad the nearest zone is told, nowhere nothing is known."""
    zone, centre, outside = PLACES.get(lat_e7, ("", "HAI" if lat_e7 == ABROAD else "", "abroad:FR"))
    return Location(
        zone=zone or None,
        centre=centre or None,
        candidates=(Candidate(zone, 1.0),) if zone else (),
        outside_share=0.0 if zone else 1.0,
        border_m=500,
        outside=(outside if lat_e7 == ABROAD else "unknown") if not zone else None,
        nearest_zone="5317" if lat_e7 == ABROAD else None,
        place=None,
    )
