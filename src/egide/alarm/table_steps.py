"""The steps of an alarm, one row each: clock, deadlines, word, and the name of its seconds in the records. Pure."""

from collections.abc import Mapping

from egide.alarm.events import StepUndone, steps
from egide.alarm.events.steps import BY_OPERATOR
from egide.alarm.refusals import marked as _
from egide.alarm.rows import DESK, TEAM, ZONE, Remark, Step
from egide.alarm.rules import supervisor_waits
from egide.alarm.state import AlarmState
from egide.events.base import Event


def _unless_arrived(state: AlarmState, since_us: int) -> int:
    """A team that is on the spot, or has reported, is asked for nothing that comes before."""
    return 0 if state.team.on_site_at_us or state.team.report else since_us


def _delay(state: AlarmState) -> Remark | None:
    """When the team that goes is expected, and why later; what was said of another team no longer counts."""
    delay, team = state.team.delay, state.team.named
    if delay is None or team is None or delay.call_sign != team.call_sign:
        return None
    if delay.at_us < state.team.named_at_us:
        return None
    told = delay.told == BY_OPERATOR
    text = (
        _("Expected, as told by the operator:") if told else _("Expected, as told by the team or its zone:")
    )
    return Remark(text, delay.expected_at_us, delay.reason)


def _reported(state: AlarmState) -> int:
    return state.team.report.at_us if state.team.report else 0


def _help_waits(state: AlarmState) -> int:
    return state.help.at_us if state.help and not state.help.seen_by else 0


def _never(_state: AlarmState) -> int:
    return 0


# NENA-STA-020 asks for 90 % of calls answered within 15 s; a press is shown within 5 s or the second road is taken.
# The most pressing stands first.
ROWS = (
    Step(
        steps.HELP_SEEN,
        _("Team needs help"),
        ahead=_("Answer the team"),
        acts=DESK,
        since=_help_waits,
        done=_never,
        louder_s=10,
        supervisor_s=20,
        on_the_way=False,
    ),
    Step(
        steps.SHOWN,
        _("Shown"),
        ahead=_("To be seen"),
        acts=DESK,
        since=lambda state: 0 if state.lead.acknowledged_by else state.rings_since_us,
        done=lambda state: state.lead.shown_at_us,
        louder_s=5,
        record="seen",
    ),
    Step(
        steps.ACKNOWLEDGED,
        _("Taken"),
        ahead=_("To take"),
        acts=DESK,
        since=lambda state: state.rings_since_us,
        done=lambda state: state.lead.acknowledged_at_us,
        louder_s=15,
        supervisor_s=30,
        neighbour_s=60,
        record="acknowledged",
    ),
    Step(
        steps.ZONE_CONFIRMED,
        _("Zone informed"),
        ahead=_("Inform the zone"),
        acts=DESK,
        # Counts from the first who took it: an operator who leaves, or comes late, gives the zone no more time.
        since=lambda state: state.lead.no_patrol_at_us or state.lead.first_acknowledged_at_us,
        done=lambda state: state.lead.zone_confirmed_at_us,
        louder_s=60,
        supervisor_s=120,
        record="confirmed",
    ),
    Step(
        steps.TEAM_NAMED,
        _("Team named"),
        ahead=_("Team to be named"),
        acts=ZONE,
        since=lambda state: _unless_arrived(state, state.lead.zone_confirmed_at_us),
        done=lambda state: state.team.named_at_us,
        louder_s=90,
        supervisor_s=180,
    ),
    Step(
        steps.UNDER_WAY,
        _("Under way"),
        ahead=_("Departure expected"),
        acts=TEAM,
        since=lambda state: _unless_arrived(state, state.team.named_at_us),
        done=lambda state: state.team.under_way_at_us,
        louder_s=120,
        supervisor_s=240,
        record="under_way",
        event="TeamUnderWay",
        remark=_delay,
    ),
    Step(
        steps.ON_SITE,
        _("On site"),
        ahead=_("Arrival expected"),
        acts=TEAM,
        since=lambda state: _unless_arrived(state, state.team.under_way_at_us),
        done=lambda state: state.team.on_site_at_us,
        louder_s=600,
        supervisor_s=1200,
        record="on_site",
        event="TeamOnSite",
        remark=_delay,
    ),
    Step(
        steps.REPORTED,
        _("Report"),
        ahead=_("Report expected"),
        acts=TEAM,
        since=lambda state: state.team.on_site_at_us,
        done=_reported,
        louder_s=3600,
        supervisor_s=7200,
    ),
    Step(
        steps.CLOSED,
        _("Closed"),
        ahead=_("To close"),
        acts=DESK,
        since=_reported,
        done=lambda state: state.closing.closed_at_us,
        louder_s=900,
        supervisor_s=1800,
    ),
    Step(
        steps.ZONE_HANDED_OVER,
        _("Handover to the other zone"),
        ahead=_("Hand over to the other zone"),
        acts=DESK,
        since=lambda state: state.lead.zone_moved_since_us,
        done=_never,
        louder_s=60,
        supervisor_s=120,
        on_the_way=False,
    ),
    Step(
        steps.CENTRE_HANDED_OVER,
        _("Handover to the other centre"),
        ahead=_("To take over"),
        acts=DESK,
        since=lambda state: state.lead.handover_since_us,
        done=_never,
        louder_s=30,
        supervisor_s=60,
        on_the_way=False,
    ),
    # Every board of the centre rings when no supervisor looks, so that somebody fetches one; then the copy makes it
    # ring for the supervisor of the neighbouring centre, who may take over.
    Step(
        steps.SUPERVISOR_CAME,
        _("The supervisor looks at it"),
        ahead=_("Supervisor to look at it"),
        acts=DESK,
        since=lambda state: state.closing.supervisor_asked_at_us if supervisor_waits(state) else 0,
        done=_never,
        louder_s=60,
        neighbour_s=180,
        on_the_way=False,
    ),
)
STEP: Mapping[str, Step] = {row.name: row for row in ROWS}
STEPS = tuple(STEP)
WAY = tuple(row.name for row in ROWS if row.on_the_way)
# What is said of a team on its way.
SAID = tuple(row.name for row in ROWS if row.event)
# How that stands while nobody has said anything.
UNSAID: Mapping[str, object] = {
    f"{STEP[name].record}_{what}": empty for name in SAID for what, empty in (("at_us", 0), ("told", ""))
}
# The kinds of events that tell when a team took a step, and which one it is; empty where the event names it.
TELLING: Mapping[str, str] = {row.event: row.name for row in ROWS if row.event} | {"StepCorrected": ""}


def promise_of(event: Event) -> str | None:
    """The step that her phone may hear of after this event, empty for none any more; None: nothing changes.

    What an operator only heard is not passed on to her: she may open a door for it (safety rule 40).
    """
    if isinstance(event, StepUndone):
        return event.holds if event.undone in TELLING and event.told != BY_OPERATOR else None
    if event.kind not in TELLING or getattr(event, "told", BY_OPERATOR) == BY_OPERATOR:
        return None
    return TELLING[event.kind] or str(getattr(event, "holds", ""))
