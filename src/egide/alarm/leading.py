"""Who leads an alarm, and who may take the lead: a centre, and a zone (safety rule 2)."""

from collections.abc import Set

from egide.alarm.rules import Refused
from egide.alarm.state import AlarmState

# Why a zone sees an alarm.
LEADING, MANAGING, NEIGHBOURING = "leading", "managing", "neighbouring"


def acting_centre(state: AlarmState, centres: Set[str]) -> str:
    """The one of their centres for which somebody acts: it leads, else it is asked, else it is the first."""
    wanted = (state.lead.centre, state.lead.handover_to)
    return next((centre for centre in wanted if centre in centres), min(centres, default=""))


def leads(state: AlarmState, centres: Set[str]) -> bool:
    """Whether one of `centres` leads. Before the first route nobody does yet, and anybody who sees the alarm acts."""
    return not state.lead.centre or state.lead.centre in centres


def is_acknowledged(state: AlarmState, centres: Set[str]) -> bool:
    """Whether an operator has the open alarm, and one of `centres` leads."""
    return state.is_open and bool(state.lead.acknowledged_by) and leads(state, centres)


def is_asked(state: AlarmState, centres: Set[str]) -> bool:
    """Whether one of `centres` is to take the lead and nobody there has done so yet (safety rule 2)."""
    return state.is_open and state.lead.handover_to in centres and not leads(state, centres)


def may_take_over(state: AlarmState, centre: str) -> bool:
    """Whether somebody of `centre` may take the lead: the position is there, it was asked, or it was shown a copy."""
    if not state.is_open or state.lead.centre in ("", centre):
        return False
    return centre == state.lead.handover_to or any(missed.centre == centre for missed in state.missed)


def role_of(zone: str, state: AlarmState) -> str:
    """Why `zone` sees the alarm. It leads by name, or by the position while no zone is named (safety rule 2)."""
    position_zone = state.lead.route.zone if state.lead.route else ""
    if zone in (state.lead.zone, position_zone):
        return LEADING
    return MANAGING if zone == state.origin.managing_zone else NEIGHBOURING


def may_lead(zone: str, state: AlarmState) -> bool:
    """Whether somebody of `zone` may take the lead: nobody has it, or can send a team, or the position is here."""
    if not state.lead.zone or state.lead.zone in state.lead.no_patrol:
        return True
    return state.lead.route is not None and state.lead.route.zone == zone


def can_send(zone: str, state: AlarmState) -> bool:
    """Whether `zone` leads and has a patrol."""
    return state.lead.zone == zone and zone not in state.lead.no_patrol


def check_centre_leads(state: AlarmState, centres: Set[str]) -> None:
    """Raises Refused "other-centre-leads"."""
    if not leads(state, centres):
        raise Refused("other-centre-leads")


def check_zone_leads(state: AlarmState, zone: str) -> None:
    """Only the zone that leads sends a team. Raises Refused "zone-first" or "other-leads"."""
    if state.lead.zone != zone:
        raise Refused("other-leads" if state.lead.zone else "zone-first")
