"""Pure rules of who of a zone may do what about the team that goes: report for it, open its page, read the file."""

from egide.alarm.changing import all_teams
from egide.alarm.events import steps
from egide.alarm.ladder import SUPERVISOR
from egide.alarm.leading import NEIGHBOURING, role_of
from egide.alarm.rules import LINK_LASTS_S
from egide.alarm.state import AlarmState


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


def may_read_file(state: AlarmState, now_us: int) -> bool:
    """Whether the file opens on the team's page: until the report, a day after the closing at most (safety rule 11)."""
    if state.is_open:
        return True
    return state.awaits_report and now_us - state.closing.closed_at_us < LINK_LASTS_S * 1_000_000


def is_alone(state: AlarmState) -> bool:
    """Whether the centre was silent for so long that the zone was notified directly (safety rule 1)."""
    told = (missed.action == SUPERVISOR for missed in state.missed if missed.step == steps.ACKNOWLEDGED)
    return not state.lead.acknowledged_by and any(told)
