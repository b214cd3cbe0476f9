"""Who leads an alarm, in the reader's words (safety rule 2)."""

from dataclasses import dataclass

from egide.alarm.ladder import responsible
from egide.alarm.state import AlarmState
from egide.boards.geography import atlas
from egide.boards.shown.words import language


@dataclass(frozen=True)
class Lead:
    """Who leads: the centre with its operator, the zone with the name that it gave, and who has to act now.

    `moved_to` and `handed_to` are the zone and the centre that are asked to take over; until then these lead.
    """

    centre: str
    operator: str
    zone: str
    reference: str
    now: str
    moved_to: str
    handed_to: str


def lead_of(state: AlarmState, names: dict[str, str]) -> Lead:
    """Who leads, with the names that are shown for accounts."""
    geography, spoken = atlas(), language()
    acting = responsible(state)
    now = ""
    if acting is not None:
        unit = geography.centre_name if acting.kind == "centre" else geography.zone_name
        person = names.get(acting.person, acting.person)
        now = " · ".join(filter(None, (unit(acting.id, spoken) if acting.id else "", person)))
    return Lead(
        centre=geography.centre_name(state.lead.centre, spoken) if state.lead.centre else "",
        operator=names.get(state.lead.acknowledged_by, ""),
        zone=geography.zone_name(state.lead.zone, spoken) if state.lead.zone else "",
        reference=state.lead.zone_reference,
        now=now,
        moved_to=geography.zone_name(state.lead.zone_moved_to, spoken) if state.lead.zone_moved_to else "",
        handed_to=geography.centre_name(state.lead.handover_to, spoken) if state.lead.handover_to else "",
    )
