"""What the pieces of `fold` share: which fields an event changes, kind by kind, and changes that several kinds make."""

from functools import singledispatch

from egide.alarm.state import AlarmState, Team, TeamReport
from egide.alarm.table_steps import UNSAID
from egide.events.base import Event

Changes = dict[str, object]

# Nobody has it, and it is on no board: it must be shown and taken as if it were new.
RINGING: Changes = {
    "shown_by": (),
    "shown_at_us": 0,
    "acknowledged_by": "",
    "acknowledged_at_us": 0,
}
# Nobody was sent yet.
NO_TEAM: Changes = {"named": None, "named_at_us": 0, "under_way_at_us": 0, "under_way_told": ""}


@singledispatch
def changes_by(event: Event, state: AlarmState, at_us: int) -> Changes:
    """The fields of the state that this event changes; none for a kind that says nothing about the alarm."""
    return {}


def all_reports(state: AlarmState) -> tuple[TeamReport, ...]:
    """Every report of this alarm, the latest last."""
    return (
        (*state.team.earlier_reports, state.team.report) if state.team.report else state.team.earlier_reports
    )


def all_teams(state: AlarmState) -> tuple[Team, ...]:
    """Every team that was sent since the last report, the latest last."""
    return (*state.team.earlier, state.team.named) if state.team.named else state.team.earlier


def open_again(state: AlarmState, at_us: int) -> Changes:
    """It is not closed any more, and rings."""
    return {
        "reopened": state.closing.reopened + 1,
        "opened_at_us": at_us,
        "rings_since_us": at_us,
        "closed_by": "",
        "closed_at_us": 0,
        "outcome": "",
        "reason": "",
        "followed_up_by": "",
        "followed_up_at_us": 0,
        "supervisor_asked_by": "",
        "supervisor_asked_at_us": 0,
        "supervisor": "",
    }


# A press for a closed alarm (safety rule 9): everything begins anew; the past stays, and a team that owes its report.
_REOPENED: Changes = {
    **RINGING,
    **NO_TEAM,
    "left_by": "",
    "left_why": "",
    "first_acknowledged_at_us": 0,
    "zone": "",
    "zone_reference": "",
    "zone_confirmed_at_us": 0,
    "zone_moved_to": "",
    "zone_moved_since_us": 0,
    "handover_to": "",
    "handover_since_us": 0,
    "no_patrol": (),
    "no_patrol_at_us": 0,
    **UNSAID,
    "help": None,
    "report": None,
    "listening_stopped_at_us": 0,
    "missed": (),
}


def reopened(state: AlarmState, at_us: int) -> Changes:
    """A press for a closed alarm: everything begins anew."""
    return _REOPENED | _team_before(state) | open_again(state, at_us)


def _team_before(state: AlarmState) -> Changes:
    """A team that has not written its report keeps its link, and stays known as one that was sent (safety rule 11)."""
    if state.awaits_report:
        return {"earlier": all_teams(state)}
    return {"earlier": (), "links": (), "earlier_reports": all_reports(state)}


def unmissed(state: AlarmState, *words: str) -> Changes:
    """The missed deadlines besides those of these steps, whose clocks start anew."""
    return {"missed": tuple(missed for missed in state.missed if missed.step not in words)}
