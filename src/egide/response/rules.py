"""Pure rules of the response: who may be told, named, sent and reported, and in which order (safety rules 1 to 3)."""

from egide.events.alarm import NoPatrolFree, TeamNamed, TeamOnSite, TeamUnderWay, ZoneConfirmed
from egide.events.base import Event
from egide.events.state import AlarmState

MAX_TEXT_SIGNS = 2000
MAX_NAME_SIGNS = 80
MIN_NAME_SIGNS = 2
# Stands where a zone stands when the federal police sends the team.
FEDERAL = "federal"


class Refused(Exception):
    """What was asked cannot be done. `why` is a word; `by` the colleague who was first, where there is one."""

    def __init__(self, why: str, by: str = "") -> None:
        super().__init__(f"{why} {by}".strip())
        self.why = why
        self.by = by


def decide_confirm_zone(state: AlarmState, user: str, zone: str, reference: str) -> list[Event]:
    """A zone counts as informed by a person's name or a dispatch reference alone (safety rule 3); then it leads.

    Raises Refused "closed", "no-zone", "no-name" or "too-long".
    """
    check_open(state)
    if zone not in zones_to_inform(state):
        raise Refused("no-zone")
    reference = _checked_name(reference)
    if state.zone_confirmed_at_us and (state.lead_zone, state.zone_reference) == (zone, reference):
        return []
    return [ZoneConfirmed(user=user, zone=zone, reference=reference)]


def zones_to_inform(state: AlarmState) -> tuple[str, ...]:
    """Who can lead: the zone of the position first, then those that its circle touches, the others told, a federal
    unit; at the end those that have no patrol free.
    """
    route = state.route
    near = (route.zone, *(share.zone for share in route.candidates)) if route else ()
    known = tuple(dict.fromkeys(zone for zone in (*near, *state.zones, FEDERAL) if zone))
    return tuple(sorted(known, key=lambda zone: zone in state.no_patrol))


def decide_no_patrol(state: AlarmState, user: str) -> list[Event]:
    """The zone that leads has nobody to send: somebody else must be informed, and the clock of that step begins anew.

    Raises Refused "closed", "zone-first" or "arrived".
    """
    check_open(state)
    if not state.lead_zone:
        raise Refused("zone-first")
    if state.on_site_at_us:
        raise Refused("arrived")
    return [] if state.lead_zone in state.no_patrol else [NoPatrolFree(user=user, zone=state.lead_zone)]


def decide_name_team(state: AlarmState, user: str, call_sign: str, telephone: str) -> list[Event]:
    """Name the team of the zone that leads; another team replaces it, and its way begins anew.

    Raises Refused "closed", "zone-first", "arrived", "no-name" or "too-long".
    """
    check_open(state)
    if not state.zone_confirmed_at_us:
        raise Refused("zone-first")
    if state.on_site_at_us:
        raise Refused("arrived")
    call_sign, telephone = _checked_name(call_sign), telephone.strip()
    if len(telephone) > MAX_NAME_SIGNS:
        raise Refused("too-long")
    team = state.team
    if team and (team.zone, team.call_sign, team.telephone) == (state.lead_zone, call_sign, telephone):
        return []
    return [TeamNamed(user=user, zone=state.lead_zone, call_sign=call_sign, telephone=telephone)]


def decide_under_way(state: AlarmState, by: str) -> list[Event]:
    """The team has left; told twice, the first time counts. Raises Refused "closed" or "team-first"."""
    _check_team(state)
    return [] if state.under_way_at_us or state.on_site_at_us else [TeamUnderWay(by=by)]


def decide_on_site(state: AlarmState, by: str) -> list[Event]:
    """The team is on the spot; told twice, the first time counts. Raises Refused "closed" or "team-first"."""
    _check_team(state)
    return [] if state.on_site_at_us else [TeamOnSite(by=by)]


def check_open(state: AlarmState) -> None:
    """Raises Refused "closed", with who closed it."""
    if not state.is_open:
        raise Refused("closed", state.closed_by)


def _check_team(state: AlarmState) -> None:
    check_open(state)
    if state.team is None:
        raise Refused("team-first")


def _checked_name(text: str) -> str:
    text = " ".join(text.split())
    if len(text) < MIN_NAME_SIGNS:
        raise Refused("no-name")
    if len(text) > MAX_NAME_SIGNS:
        raise Refused("too-long")
    return text
