"""The shapes of a row of the table (alarm.table): a step, a command, and what somebody says with it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from egide.alarm.rules import MIN_REASON_SIGNS, Refused, checked_text
from egide.alarm.state import AlarmState
from egide.events.base import Event
from egide.protocol.envelope import Position

# Where somebody acts: at the desk, on the page of the zone that leads, on the team's page.
DESK, ZONE, TEAM = "desk", "zone", "team"
MOST_MINUTES = 240


@dataclass(frozen=True)
class Remark:
    """What is said beside a running clock: a text, the moment that it leads up to, and somebody's own words."""

    text: str
    at_us: int
    words: str = ""


@dataclass(frozen=True)
class Step:
    """A step with a clock (safety rule 1).

    `since` is when its clock began (microseconds), `done` when it was taken; 0 where it does not run, or was not. A
    deadline that passes is louder, goes to the supervisor, or as a copy to a neighbour, after so many seconds; 0:
    never. `on_the_way`: it lies between press and end; others can become due at any moment. `record` is the name of
    its seconds in the evaluation's records. `event` is the kind that tells when a team took it, sooner or later.
    """

    name: str
    word: str
    since: Callable[[AlarmState], int]
    done: Callable[[AlarmState], int]
    louder_s: int
    supervisor_s: int = 0
    neighbour_s: int = 0
    on_the_way: bool = True
    record: str = ""
    event: str = ""
    remark: Callable[[AlarmState], Remark | None] = lambda _state: None


@dataclass(frozen=True)
class Given:
    """What somebody said. `told` is whose word it is (events.steps); `call_sign` is the team's own, empty for others.

    `fields` are what was asked for, checked; `age_s` and `tap` belong to a tap that waited on a phone.
    """

    by: str
    told: str
    now_us: int = 0
    fields: Mapping[str, str] = field(default_factory=dict)
    call_sign: str = ""
    age_s: int = 0
    tap: str = ""
    position: Position | None = None


@dataclass(frozen=True)
class Asked:
    """A field: `kind` is "minutes", "ago" (minutes, may be empty), "text" or "choice" (values with their words)."""

    name: str
    word: str
    kind: str
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Command:
    """What can be said of an alarm. `who` says where, `offered` from which state (who, and the team's call sign).

    `decide` returns its events and raises Refused. `step` is the step that it takes; `key` its key at the desk.
    `leading`: at the desk only the centre that leads says it. `lane` is "way" for a button of its own on every page,
    "aside" for what stands below, "page" for what the pages show in their own manner.
    """

    name: str
    word: str
    who: tuple[str, ...]
    offered: Callable[[AlarmState, str, str], bool]
    decide: Callable[[AlarmState, Given], list[Event]]
    asks: tuple[Asked, ...] = ()
    step: str = ""
    key: str = ""
    lane: str = "aside"
    leading: bool = True
    short: str = ""


def check_typed(asked: Asked, typed: str) -> None:
    if asked.kind == "minutes" and not _is_minutes(typed):
        raise Refused("no-time")
    if asked.kind == "ago" and typed and not _is_minutes(typed):
        raise Refused("no-time")
    if asked.kind == "choice" and typed not in dict(asked.choices):
        raise Refused("no-choice")
    if asked.kind == "text":
        checked_text(typed, MIN_REASON_SIGNS)


def _is_minutes(typed: str) -> bool:
    return typed.isascii() and typed.isdecimal() and len(typed) <= 4 and 0 < int(typed) <= MOST_MINUTES
