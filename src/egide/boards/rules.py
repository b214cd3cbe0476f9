"""Pure rules of what a zone may do about its team: report for it, open its page, read the file."""

from egide.alarm.changing import all_teams
from egide.alarm.events import steps
from egide.alarm.ladder import SUPERVISOR, running
from egide.alarm.leading import LEADING, MANAGING, NEIGHBOURING, role_of
from egide.alarm.rows import TEAM, ZONE
from egide.alarm.rules import LINK_LASTS_S, needs_help
from egide.alarm.state import AlarmState
from egide.alarm.table import STEP


def may_send(zone: str, state: AlarmState) -> bool:
    """Whether `zone` sends the team, or sent the last one: its officers may tap and report for it.

    Of a team that was replaced nobody reports: that would end the page of the one that goes.
    """
    last = all_teams(state)[-1:]
    return state.lead.zone == zone or any(team.zone == zone for team in last)


def may_open_page(zone: str, state: AlarmState) -> bool:
    """Whether an officer of `zone` may open the team's page: leading or managing, while it runs or a report is due."""
    went = any(team.zone == zone for team in all_teams(state))
    concerned = went or may_send(zone, state) or role_of(zone, state) != NEIGHBOURING
    return concerned and (state.is_open or state.awaits_report)


def may_read_timeline(zone: str, state: AlarmState) -> bool:
    """Whether an officer of `zone` may read what happened: it leads, manages or sent a team; also after closing."""
    went = any(team.zone == zone for team in all_teams(state))
    return went or role_of(zone, state) != NEIGHBOURING


def may_read_file(state: AlarmState, now_us: int) -> bool:
    """Whether the file opens on the team's page: until the report, a day after the closing at most (safety rule 11)."""
    if state.is_open:
        return True
    return state.awaits_report and now_us - state.closing.closed_at_us < LINK_LASTS_S * 1_000_000


def is_alone(state: AlarmState) -> bool:
    """Whether the centre waited so long that the zone was notified directly (safety rule 1)."""
    told = (missed.action == SUPERVISOR for missed in state.missed if missed.step == steps.ACKNOWLEDGED)
    return not state.lead.acknowledged_by and any(told)


def late_steps(state: AlarmState) -> tuple[str, ...]:
    """The steps whose clock runs and has passed a deadline, in their order."""
    if not state.missed:
        return ()
    noted = {missed.step for missed in state.missed}
    return tuple(step for step, _since in running(state) if step in noted)


def bell_of(zone: str, state: AlarmState) -> str:
    """The figure with which the pages of `zone` ring: "help", "duress" or "alarm"; "" while nobody there has to act.

    Somebody has to take the lead, to answer a team in danger, or to see to a step of the zone or its team that is late
    (safety rule 43).
    """
    if not state.is_open or zone not in state.zones or zone in state.lead.no_patrol:
        return ""
    if needs_help(state) and state.lead.zone == zone:
        return "help"
    if not (_is_to_lead(zone, state) or (state.lead.zone == zone and _is_late_here(state))):
        return ""
    return "duress" if state.press.duress else "alarm"


def _is_to_lead(zone: str, state: AlarmState) -> bool:
    """Whether somebody of `zone` is to take the lead: the zone of the position, else the managing one; once the zone
    that leads has no patrol, every notified one."""
    if state.lead.zone == zone:
        return False
    if state.lead.zone and state.lead.zone in state.lead.no_patrol:
        return True
    position_zone = state.lead.route.zone if state.lead.route else ""
    return role_of(zone, state) == (LEADING if position_zone or state.lead.zone else MANAGING)


def _is_late_here(state: AlarmState) -> bool:
    return any(STEP[step].acts in (ZONE, TEAM) for step in late_steps(state))
