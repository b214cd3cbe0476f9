"""Who leads an alarm and who has to act now, in the reader's words (safety rule 2)."""

from collections.abc import Mapping
from dataclasses import dataclass

from egide.alarm.ladder import responsible
from egide.alarm.state import AlarmState
from egide.boards.shown.words import UnitNames


@dataclass(frozen=True)
class Lead:
    """The centre with its operator, the zone with the name that it gave; empty where there is nothing to say.

    `moved_to` and `handed_to` are the zone and the centre that are asked to take over; until then these lead.
    `no_patrol`: the zones that have nobody to send.
    """

    centre: str
    operator: str
    zone: str
    reference: str
    moved_to: str
    handed_to: str
    no_patrol: str


@dataclass(frozen=True)
class Acting:
    """Who has to act now: a centre or a zone, and the person there."""

    unit: str
    person: str


def lead_of(state: AlarmState, people: Mapping[str, str], units: UnitNames) -> Lead:
    """Who leads; `people` are titles by account."""
    lead = state.lead
    return Lead(
        centre=units.centre(lead.centre),
        operator=people.get(lead.acknowledged_by, ""),
        zone=units.zone(lead.zone),
        reference=lead.zone_reference,
        moved_to=units.zone(lead.zone_moved_to),
        handed_to=units.centre(lead.handover_to),
        no_patrol=", ".join(map(units.zone, lead.no_patrol)),
    )


def acting_of(state: AlarmState, people: Mapping[str, str], units: UnitNames) -> Acting | None:
    """Who is responsible now; None when nothing more is to be done."""
    found = responsible(state)
    if found is None:
        return None
    unit = units.centre(found.id) if found.kind == "centre" else units.zone(found.id)
    return Acting(unit, people.get(found.person, found.person))
