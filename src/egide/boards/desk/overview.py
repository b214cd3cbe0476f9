"""The supervisor's overview: open alarms with who is responsible and what is next, and which operators are there."""

from dataclasses import dataclass

from egide.access.models import User
from egide.access.rules import OPERATOR, SUPERVISOR, Scope
from egide.alarm.state import AlarmState
from egide.boards.desk import presenting as show
from egide.boards.desk import service
from egide.boards.shown.alarm import shown_of
from egide.journal.now.presence import BoardSeen
from egide.routing.holding import IDLE_S, OFFLINE_S

AT_BOARD, IDLE, AWAY = "at-board", "idle", "away"


@dataclass(frozen=True)
class Person:
    """An operator of the centre: whether they are there, since when not, and how many alarms they have.

    Nothing else is counted of a person (safety rule 34).
    """

    name: str
    title: str
    presence: str
    since_ms: int
    has: int


def alarms_of(scope: Scope) -> list[show.AlarmRow]:
    """All open alarms of the scope, most urgent first."""
    return show.rows_of(shown_of(service.board(scope)), scope)


def people_of(scope: Scope, states: list[AlarmState], now_us: int) -> list[Person]:
    """The operators and supervisors of the centres that the reader supervises: those at a board first, by title."""
    seen: dict[str, list[BoardSeen]] = {}
    for board in service.boards():
        seen.setdefault(board.user, []).append(board)
    users = User.objects.filter(
        is_active=True,
        memberships__role__in=(OPERATOR, SUPERVISOR),
        memberships__place__in=sorted(scope.places(SUPERVISOR)),
    ).distinct()
    people = [_person(user, seen.get(user.name, []), states, now_us) for user in users]
    order = (AT_BOARD, IDLE, AWAY)
    return sorted(people, key=lambda person: (order.index(person.presence), person.title))


def _person(user: User, boards: list[BoardSeen], states: list[AlarmState], now_us: int) -> Person:
    seen_at_us = max((board.seen_at_us for board in boards), default=0)
    active_at_us = max((board.active_at_us for board in boards), default=0)
    if now_us - seen_at_us >= OFFLINE_S * 1_000_000:
        presence, since_us = AWAY, seen_at_us
    elif now_us - active_at_us >= IDLE_S * 1_000_000:
        presence, since_us = IDLE, active_at_us
    else:
        presence, since_us = AT_BOARD, 0
    has = sum(1 for state in states if state.lead.acknowledged_by == user.name)
    return Person(user.name, user.title, presence, since_us // 1000, has)
