"""What the page of a police zone shows: why an alarm concerns it, who leads, what comes next, what is left to do."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from egide.access.rules import Scope
from egide.access.service import titles
from egide.alarm.changing import all_reports
from egide.alarm.leading import NEIGHBOURING, may_lead, role_of
from egide.alarm.rows import ZONE, Speaker
from egide.alarm.state import AlarmState
from egide.boards import service
from egide.boards.geography import atlas
from egide.boards.rules import is_alone, may_open_page, may_send, teams_of
from egide.boards.shown.acts import Act, acts_of
from egide.boards.shown.clocks import Due, dues_of
from egide.boards.shown.earlier import EarlierPhone, earlier_phones_of
from egide.boards.shown.lead import Lead, lead_of
from egide.boards.shown.position import Spot, spot_of
from egide.boards.shown.words import OUTCOMES, coordinates_of, language
from egide.outbox.service import clock, journal


@dataclass(frozen=True)
class Card:
    """One alarm as the zone sees it. `name` is empty for a neighbour: who is concerned is not for it to know.

    `is_alone`: the centre has not taken it for so long that the zone acts by itself. `moved_here`: the position is
    in this zone now, while another one leads.
    """

    state: AlarmState
    role: str
    name: str
    lead: Lead
    spot: Spot
    dues: tuple[Due, ...]
    acts: tuple[Act, ...]
    is_ours: bool
    may_lead: bool
    may_open: bool
    is_alone: bool
    moved_here: bool
    no_patrol: str
    earlier: tuple[tuple[str, str], ...]
    help_by: str
    help_seen_by: str
    message: str = ""
    typed: dict[str, str] | None = None

    @property
    def received_ms(self) -> int:
        return self.state.received_at_us // 1000

    @property
    def help_at_ms(self) -> int:
        return self.state.help.at_us // 1000 if self.state.help else 0

    @property
    def help_coordinates(self) -> str:
        """Where the team was when it called, as it can be read out; empty when its phone did not say."""
        position = self.state.help.position if self.state.help else None
        return coordinates_of(position) if position else ""

    @property
    def earlier_phones(self) -> list[EarlierPhone]:
        """Phones that pressed without speaking for the kit any more; neighbours have nothing to do with them."""
        return [] if self.role == NEIGHBOURING else earlier_phones_of(self.state)

    @property
    def help_accuracy_m(self) -> int:
        position = self.state.help.position if self.state.help else None
        return position.accuracy_m if position else 0


@dataclass(frozen=True)
class Left:
    """A closed alarm after which something is left to do: the report, or what follows for the managing zone."""

    state: AlarmState
    name: str
    closed_by: str
    outcome: str
    team: str
    # By whom and what, of each team that was sent.
    reports: tuple[tuple[str, str], ...] = ()
    message: str = ""
    typed: dict[str, str] | None = None

    @property
    def closed_at_us(self) -> int:
        return self.state.closing.closed_at_us


@dataclass(frozen=True)
class Refusal:
    """What was refused, and what somebody had typed: it must not be lost."""

    alarm: str
    message: str
    typed: dict[str, str]


def page_context(scope: Scope, refusal: Refusal | None = None) -> dict[str, Any]:
    """Everything on the page: open alarms, reports that are due, what follows for the managing zone."""
    # The head is read first: what the list shows is at least as new as this says.
    head = journal().head()
    states = service.open_alarms(scope)
    closed = service.alarms_in_scope(scope, journal().unreported())
    unreported = [state for state in closed if state.awaits_report and may_send(scope.zone, state)]
    follow_ups = service.alarms_in_scope(scope, journal().follow_ups(scope.zone))
    known = [state for state in states if role_of(scope.zone, state) != NEIGHBOURING]
    names = service.names_of([*known, *unreported, *follow_ups])
    people = titles(name for state in (*states, *unreported, *follow_ups) for name in _people(state))
    return {
        "head": head,
        "now_ms": clock().now_us() // 1000,
        "cards": [_card(scope.zone, state, names, people, refusal) for state in states],
        "unreported": [_left(state, names, people, None) for state in unreported],
        "follow_ups": [_left(state, names, people, refusal) for state in follow_ups],
    }


def _people(state: AlarmState) -> list[str]:
    helped = (state.help.by, state.help.seen_by) if state.help else ()
    reports = (report.by for report in all_reports(state))
    return [state.lead.acknowledged_by, state.closing.closed_by, *reports, *helped]


def _card(
    zone: str, state: AlarmState, names: dict[str, str], people: dict[str, str], refusal: Refusal | None
) -> Card:
    geography, spoken = atlas(), language()
    role = role_of(zone, state)
    refused = refusal if refusal and refusal.alarm == state.alarm else None
    is_ours = state.lead.zone == zone and zone not in state.lead.no_patrol
    return Card(
        state=state,
        role=role,
        name="" if role == NEIGHBOURING else names.get(state.case) or _("Kit without a file"),
        lead=lead_of(state, people),
        spot=spot_of(state.lead.route),
        dues=tuple(dues_of(state)),
        acts=tuple(acts_of(state, Speaker(ZONE, zone=zone), refused.typed if refused else None))
        if is_ours
        else (),
        is_ours=is_ours,
        may_lead=may_lead(zone, state),
        may_open=may_open_page(zone, state),
        is_alone=is_alone(state),
        moved_here=state.lead.zone_moved_to == zone,
        no_patrol=", ".join(geography.zone_name(each, spoken) for each in state.lead.no_patrol),
        earlier=tuple(
            (team.call_sign, geography.zone_name(team.zone, spoken)) for team in state.team.earlier
        ),
        help_by=people.get(state.help.by, "") if state.help else "",
        help_seen_by=people.get(state.help.seen_by, "") if state.help else "",
        message=refused.message if refused else "",
        typed=refused.typed if refused else None,
    )


def _left(state: AlarmState, names: dict[str, str], people: dict[str, str], refusal: Refusal | None) -> Left:
    refused = refusal if refusal and refusal.alarm == state.alarm else None
    return Left(
        state=state,
        name=names.get(state.case) or _("Kit without a file"),
        closed_by=people.get(state.closing.closed_by, ""),
        outcome=str(OUTCOMES.get(state.closing.outcome, state.closing.outcome)),
        team=", ".join(team.call_sign for team in teams_of(state)),
        reports=tuple((people.get(report.by, ""), report.text) for report in all_reports(state)),
        message=refused.message if refused else "",
        typed=refused.typed if refused else None,
    )
