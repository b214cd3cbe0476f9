"""The shapes of a row of the table (alarm.table): a step, a command, who says it, and what was said with it."""

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, field

from egide.alarm.rules import MIN_REASON_SIGNS, Refused, checked_text
from egide.alarm.state import AlarmState
from egide.events.base import Event
from egide.protocol.envelope import Position

# Where somebody acts: at the desk, on the page of the zone that leads, on the team's page.
DESK, ZONE, TEAM = "desk", "zone", "team"
# Where a command stands on a page: a button of its own, below, as the page itself lays it out, or nowhere: the page
# says it by itself.
WAY, ASIDE, PAGE, BY_ITSELF = "way", "aside", "page", "by-itself"
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
    deadline that passes is louder, goes to the supervisor, or as a copy to a neighbour, after these seconds; 0:
    never. `ahead` says that it comes next, and `acts` on whose page it is waited for. `on_the_way`: it lies between
    press and end; others can become due at any moment. `record` is the name of its seconds in the evaluation's
    records. `event` is the kind that tells when a team took it, sooner or later.
    """

    name: str
    word: str
    ahead: str
    acts: str
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
class Speaker:
    """Who says something of an alarm, on which page. `told` is whose word it is (events.steps).

    `call_sign` is the team's own and `zone` the officer's; an operator acts for `centres`, and supervises `supervises`.
    """

    page: str
    by: str = ""
    told: str = ""
    call_sign: str = ""
    zone: str = ""
    centres: Set[str] = frozenset()
    supervises: Set[str] = frozenset()


@dataclass(frozen=True)
class Given:
    """What somebody said, and when. `fields` are what was asked for; `age_s` and `tap` belong to a tap that waited on
    a phone.
    """

    speaker: Speaker
    now_us: int = 0
    fields: Mapping[str, str] = field(default_factory=dict)
    age_s: int = 0
    tap: str = ""
    position: Position | None = None


@dataclass(frozen=True)
class AskedField:
    """A field of a form. `kind` is "minutes", "ago" (minutes, may be empty), "text" (of `least_signs`), "choice"
    (values with their words), "centre" (one that exists), or "neighbour" (a control room of the settings); the command
    itself checks a "name", a "telephone" (may be empty), and what is its "own". One with a `word` is laid out from
    here, one without by the page.

    A choice that is none is refused with the word `refusal`.
    """

    name: str
    word: str = ""
    kind: str = "own"
    choices: tuple[tuple[str, str], ...] = ()
    least_signs: int = MIN_REASON_SIGNS
    refusal: str = "no-choice"


@dataclass(frozen=True)
class Command:
    """What can be said of an alarm, and on which pages.

    `offered` says from which state, and to whom. `decide` returns its events, which are of the kinds `writes`, and
    raises Refused; `check` looks at the alarm before anybody looks at what was typed. `leads`: the pages on which only
    the centre or the zone that leads says it; `while_open`: of an open alarm only. To whom it is not `shown`, where
    that is asked, it does not exist.

    `word` stands on its button, `listed` in the list of keys where that says more; either may name the `%(centre)s`
    that leads. `step` is the step that it takes; `key` its key at the desk; `lane` where it stands. `sends` stands on
    the button of its form, and `again` on its own once the step was taken, where it can be taken again.
    """

    name: str
    word: str
    pages: tuple[str, ...]
    offered: Callable[[AlarmState, Speaker], bool]
    decide: Callable[[AlarmState, Given], list[Event]]
    writes: tuple[type[Event], ...]
    asks: tuple[AskedField, ...] = ()
    check: Callable[[AlarmState, Given], None] | None = None
    leads: tuple[str, ...] = (DESK, ZONE)
    while_open: bool = True
    shown: Callable[[AlarmState, Speaker], bool] | None = None
    step: str = ""
    key: str = ""
    lane: str = ASIDE
    short: str = ""
    listed: str = ""
    sends: str = ""
    again: str = ""


class NotShown(LookupError):
    """This speaker has no such command on this alarm."""


def check_typed(asked: AskedField, typed: str) -> None:
    """Raises Refused "no-time", "empty", "too-long", or what the field says of a choice that is none."""
    if asked.kind == "minutes" and not _is_minutes(typed):
        raise Refused("no-time")
    if asked.kind == "ago" and typed and not _is_minutes(typed):
        raise Refused("no-time")
    if asked.kind == "choice" and typed not in dict(asked.choices):
        raise Refused(asked.refusal)
    if asked.kind == "text":
        checked_text(typed, asked.least_signs)


def _is_minutes(typed: str) -> bool:
    return typed.isascii() and typed.isdecimal() and len(typed) <= 4 and 0 < int(typed) <= MOST_MINUTES
