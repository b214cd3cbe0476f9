"""What the page of a police zone shows: why an alarm concerns it, who leads, what comes next, what is left to do."""

from dataclasses import dataclass
from typing import Any

from egide.access.rules import Scope
from egide.alarm.changing import all_teams
from egide.alarm.leading import NEIGHBOURING, may_lead, role_of
from egide.alarm.rows import ZONE, Speaker
from egide.alarm.state import AlarmState
from egide.boards import service
from egide.boards.rules import is_alone, may_open_page, may_send
from egide.boards.shown.acts import Act, acts_of
from egide.boards.shown.alarm import ShownAlarm, shown_of
from egide.boards.shown.earlier import EarlierPhone
from egide.outbox.service import clock, journal


@dataclass(frozen=True)
class Card:
    """One alarm as the zone sees it.

    `is_alone`: the centre has not taken it for so long that the zone acts by itself. `moved_here`: the position is
    in this zone now, while another one leads.
    """

    shown: ShownAlarm
    role: str
    acts: tuple[Act, ...]
    is_ours: bool
    may_lead: bool
    may_open: bool
    is_alone: bool
    moved_here: bool
    message: str = ""
    typed: dict[str, str] | None = None

    @property
    def state(self) -> AlarmState:
        return self.shown.state

    @property
    def earlier_phones(self) -> list[EarlierPhone]:
        """Phones that pressed without speaking for the kit any more; neighbours have nothing to do with them."""
        return [] if self.role == NEIGHBOURING else self.shown.earlier_phones


@dataclass(frozen=True)
class Left:
    """A closed alarm after which something is left to do: the report, or what follows for the managing zone."""

    shown: ShownAlarm
    team: str
    message: str = ""
    typed: dict[str, str] | None = None

    @property
    def state(self) -> AlarmState:
        return self.shown.state


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
    neighbouring = [state for state in states if role_of(scope.zone, state) == NEIGHBOURING]
    shown = {
        one.state.alarm: one for one in shown_of([*states, *unreported, *follow_ups], unnamed=neighbouring)
    }
    return {
        "head": head,
        "now_ms": clock().now_us() // 1000,
        "cards": [_card(scope.zone, shown[state.alarm], refusal) for state in states],
        "unreported": [_left(shown[state.alarm], None) for state in unreported],
        "follow_ups": [_left(shown[state.alarm], refusal) for state in follow_ups],
    }


def _card(zone: str, shown: ShownAlarm, refusal: Refusal | None) -> Card:
    state = shown.state
    refused = refusal if refusal and refusal.alarm == state.alarm else None
    is_ours = state.lead.zone == zone and zone not in state.lead.no_patrol
    acts = acts_of(state, Speaker(ZONE, zone=zone), refused.typed if refused else None) if is_ours else ()
    return Card(
        shown=shown,
        role=role_of(zone, state),
        acts=tuple(acts),
        is_ours=is_ours,
        may_lead=may_lead(zone, state),
        may_open=may_open_page(zone, state),
        is_alone=is_alone(state),
        moved_here=state.lead.zone_moved_to == zone,
        message=refused.message if refused else "",
        typed=refused.typed if refused else None,
    )


def _left(shown: ShownAlarm, refusal: Refusal | None) -> Left:
    refused = refusal if refusal and refusal.alarm == shown.state.alarm else None
    return Left(
        shown=shown,
        team=", ".join(team.call_sign for team in all_teams(shown.state)),
        message=refused.message if refused else "",
        typed=refused.typed if refused else None,
    )
