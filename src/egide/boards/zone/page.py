"""What the page of a police zone shows: why an alarm concerns it, who leads, what comes next, what is left to do."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from egide.access.rules import Scope
from egide.alarm.changing import all_teams
from egide.alarm.events import NO_DEVICE, team_in
from egide.alarm.leading import NEIGHBOURING, can_send, may_lead, role_of
from egide.alarm.rows import ZONE, Speaker
from egide.alarm.state import AlarmState
from egide.alarm.table import CORRECT
from egide.boards import service
from egide.boards.concerning import is_neighbour
from egide.boards.geography import atlas
from egide.boards.rules import (
    bell_of,
    is_alone,
    late_steps,
    may_open_page,
    may_read_timeline,
    may_send,
)
from egide.boards.shown.acts import Act, Undo, acts_of, undo_of
from egide.boards.shown.alarm import ShownAlarm, shown_of
from egide.boards.shown.earlier import EarlierPhone, ShownSource
from egide.boards.shown.timeline import timeline_of
from egide.boards.shown.told import is_meant
from egide.boards.shown.words import language
from egide.outbox.service import clock, journal


@dataclass(frozen=True)
class Card:
    """One alarm as the zone sees it.

    `acts`: what it can say of it; while another zone leads, or it has no patrol, nothing that only a leading zone says.
    `is_alone`: the centre has waited so long to acknowledge that the zone acts by itself. `moved_here`: the position is
    in this zone now, while another one leads. `has_no_device`: this zone's team sees nothing on its map. `bell`: the
    figure with which the page rings, "" for silence.
    """

    shown: ShownAlarm
    role: str
    acts: tuple[Act, ...]
    is_ours: bool
    may_lead: bool
    may_open: bool
    is_alone: bool
    moved_here: bool
    bell: str
    may_read: bool = False
    has_no_device: bool = False
    undo: Undo | None = None
    message: str = ""
    typed: dict[str, str] | None = None

    @property
    def state(self) -> AlarmState:
        return self.shown.state

    @property
    def is_late(self) -> bool:
        """Whether it rings louder: a deadline is missed."""
        return bool(late_steps(self.state))

    @property
    def earlier_phones(self) -> list[EarlierPhone]:
        """Phones that pressed without speaking for the kit any more; neighbours have nothing to do with them."""
        return [] if self.role == NEIGHBOURING else self.shown.earlier_phones

    @property
    def sources(self) -> list[ShownSource]:
        """Devices that are no phones and pressed; neighbours learn of the alarm alone."""
        return [] if self.role == NEIGHBOURING else self.shown.sources


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
class Elsewhere:
    """An alarm for which another zone of this officer has to act, or which concerns only that one."""

    shown: ShownAlarm
    zone: str
    zone_name: str
    bell: str
    query: str

    @property
    def is_late(self) -> bool:
        """Whether it rings louder: a deadline is missed."""
        return bool(late_steps(self.shown.state))


@dataclass(frozen=True)
class Choice:
    """One of an officer's several zones, with the number of alarms that are open there and what else is left to do."""

    name: str
    query: str
    is_chosen: bool
    alarms: int
    left: int


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
    unreported = _unreported(scope.zone, closed)
    follow_ups = service.alarms_in_scope(scope, journal().follow_ups(scope.zone))
    neighbouring = [state for state in states if _is_neighbour(scope, state)]
    shown = {
        one.state.alarm: one for one in shown_of([*states, *unreported, *follow_ups], unnamed=neighbouring)
    }
    return {
        "head": head,
        "now_ms": clock().now_us() // 1000,
        "cards": [_card(scope, shown[state.alarm], refusal) for state in states if scope.zone in state.zones],
        "unreported": [_left(shown[state.alarm], None) for state in unreported],
        "follow_ups": [_left(shown[state.alarm], refusal) for state in follow_ups],
        "zone_query": service.zone_query(scope, scope.zone),
        "elsewhere": list(_elsewhere(scope, shown, states)),
        "choices": _choices(scope, states, closed) if len(scope.zones) > 1 else (),
    }


def _is_neighbour(scope: Scope, state: AlarmState) -> bool:
    """Whether every zone of this officer is only close to it: then they are not to know whose alarm it is."""
    return is_neighbour(service.zone_of(scope, state) or scope.zone, state)


def _unreported(zone: str, closed: list[AlarmState]) -> list[AlarmState]:
    return [state for state in closed if state.awaits_report and may_send(zone, state)]


def _elsewhere(scope: Scope, shown: dict[str, ShownAlarm], states: list[AlarmState]) -> Iterator[Elsewhere]:
    """What must be seen, and heard, of the zones that were not chosen."""
    for state in states:
        for zone in sorted(scope.zones.intersection(state.zones) - {scope.zone}):
            bell = bell_of(zone, state)
            if bell or scope.zone not in state.zones:
                name, query = atlas().zone_name(zone, language()), service.zone_query(scope, zone)
                yield Elsewhere(shown[state.alarm], zone, name, bell, query)


def _choices(scope: Scope, states: list[AlarmState], closed: list[AlarmState]) -> list[Choice]:
    return [
        Choice(
            name=atlas().zone_name(zone, language()),
            query=service.zone_query(scope, zone),
            is_chosen=zone == scope.zone,
            alarms=sum(zone in state.zones for state in states),
            left=len(_unreported(zone, closed))
            + len(service.alarms_in_scope(scope, journal().follow_ups(zone))),
        )
        for zone in sorted(scope.zones)
    ]


def timeline_context(scope: Scope, alarm: str) -> dict[str, Any]:
    """What happened in one alarm, and the form that corrects a step. Raises NotForYou."""
    state = service.check_alarm(scope, alarm)
    if not may_read_timeline(scope.zone, state):
        raise service.NotForYou(alarm)
    (shown,) = shown_of([state])
    acts = _acts(scope.zone, state)
    return {
        "scope": scope,
        "shown": shown,
        "state": state,
        "lines": timeline_of(alarm),
        "zone_query": service.zone_query(scope, scope.zone),
        "correction": next((act for act in acts if act.name == CORRECT), None),
        "undo": undo_of(state, scope.user, clock().now_us()),
        "now_ms": clock().now_us() // 1000,
    }


def _acts(zone: str, state: AlarmState, typed: dict[str, str] | None = None) -> list[Act]:
    """What an officer can say; what the zone that leads says, only where it can send a team."""
    is_ours = can_send(zone, state)
    return [act for act in acts_of(state, Speaker(ZONE, zone=zone), typed) if is_ours or not act.leads]


def _card(scope: Scope, shown: ShownAlarm, refusal: Refusal | None) -> Card:
    state, zone = shown.state, scope.zone
    refused = refusal if refusal and refusal.alarm == state.alarm else None
    return Card(
        shown=shown,
        role=role_of(zone, state),
        acts=tuple(_acts(zone, state, refused.typed if refused else None)),
        is_ours=can_send(zone, state),
        may_lead=may_lead(zone, state),
        may_open=may_open_page(zone, state),
        is_alone=is_alone(state),
        moved_here=state.lead.zone_moved_to == zone,
        bell=bell_of(zone, state),
        may_read=may_read_timeline(zone, state),
        has_no_device=any(
            one.why == NO_DEVICE and is_meant(state, one) and team_in(one.receiver)[1] == zone
            for one in state.told
        ),
        undo=undo_of(state, scope.user, clock().now_us()),
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
