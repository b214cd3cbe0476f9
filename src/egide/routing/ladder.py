"""The clock on every step until people are on the spot, and what a missed deadline sets off (safety rule 1). Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from egide.events.alarm import Ladder, Rung, StepMissed
from egide.events.base import Event
from egide.events.state import AlarmState
from egide.events.steps import ACKNOWLEDGED, ON_SITE, SHOWN, STEPS, TEAM_NAMED, UNDER_WAY, ZONE_CONFIRMED

LOUDER, SUPERVISOR, NEIGHBOUR = "louder", "supervisor", "neighbour"
ACTIONS = (LOUDER, SUPERVISOR, NEIGHBOUR)

# NENA-STA-020 asks for 90 % of calls answered within 15 s; a press is shown within 5 s or the second road is taken.
RUNGS = (
    Rung(SHOWN, 5, LOUDER),
    Rung(ACKNOWLEDGED, 15, LOUDER),
    Rung(ACKNOWLEDGED, 30, SUPERVISOR),
    Rung(ACKNOWLEDGED, 60, NEIGHBOUR),
    Rung(ZONE_CONFIRMED, 60, LOUDER),
    Rung(ZONE_CONFIRMED, 120, SUPERVISOR),
    Rung(TEAM_NAMED, 90, LOUDER),
    Rung(TEAM_NAMED, 180, SUPERVISOR),
    Rung(UNDER_WAY, 120, LOUDER),
    Rung(UNDER_WAY, 240, SUPERVISOR),
    Rung(ON_SITE, 600, LOUDER),
    Rung(ON_SITE, 1200, SUPERVISOR),
)

# Which centre is shown a copy, where the centre has not said otherwise. It never leads by this alone (safety rule 2).
NEIGHBOURS: Mapping[str, str] = {
    "ANT": "VBR",
    "BRU": "VBR",
    "BRW": "VBR",
    "HAI": "BRW",
    "LIE": "NAM",
    "LIM": "LIE",
    "LUX": "NAM",
    "NAM": "BRW",
    "OVL": "WVL",
    "VBR": "BRU",
    "WVL": "OVL",
}
DEFAULT = Ladder(RUNGS)


@dataclass(frozen=True)
class Clock:
    """A step that has begun and is not done. `due_at_us` is its next deadline that has not passed unnoticed yet,
    None when all have; `first_due_at_us` is when it should have been done."""

    step: str
    since_us: int
    first_due_at_us: int | None
    due_at_us: int | None


class LadderError(ValueError):
    """The settings of a centre cannot be a ladder."""


def ladder_for(centre: str, settings: Mapping[str, Ladder]) -> Ladder:
    """The ladder that is frozen into an alarm of `centre`: its own setting, else the default."""
    return settings.get(centre) or Ladder(RUNGS, NEIGHBOURS.get(centre, ""))


def check_ladder(ladder: Ladder) -> None:
    """Every step has a deadline, in order, and every word is known. Raises LadderError."""
    for rung in ladder.rungs:
        if rung.step not in STEPS or rung.action not in ACTIONS or rung.after_s <= 0:
            raise LadderError(f"not a rung: {rung.step!r} after {rung.after_s} s: {rung.action!r}")
        if rung.action == NEIGHBOUR and not ladder.neighbour:
            raise LadderError(f"{rung.step!r} goes to a neighbour after {rung.after_s} s, but none is named")
    for step in STEPS:
        times = [rung.after_s for rung in rungs_of(ladder, step)]
        if not times or times != sorted(set(times)):
            raise LadderError(f"step {step!r} needs rising deadlines, it has {times} s")


def rungs_of(ladder: Ladder, step: str) -> list[Rung]:
    """The rungs of one step, as the ladder has them."""
    return [rung for rung in ladder.rungs if rung.step == step]


def decide_due(state: AlarmState, now_us: int) -> list[Event]:
    """What is missed at `now_us` and not noted yet: each rung once, the rungs of a step in their order."""
    if not state.is_open:
        return []
    ladder = state.ladder or DEFAULT
    return [
        event for step, since_us in running(state) for event in _missed(state, ladder, step, since_us, now_us)
    ]


def _missed(state: AlarmState, ladder: Ladder, step: str, since_us: int, now_us: int) -> list[Event]:
    noted = _noted(state, step)
    events: list[Event] = []
    for number, rung in enumerate(rungs_of(ladder, step), start=1):
        due_at_us = since_us + rung.after_s * 1_000_000
        if due_at_us > now_us:
            break
        if number > noted:
            copy_to = ladder.neighbour if rung.action == NEIGHBOUR else ""
            events.append(
                StepMissed(step=step, rung=number, action=rung.action, due_at_us=due_at_us, centre=copy_to)
            )
    return events


def _noted(state: AlarmState, step: str) -> int:
    return max((missed.rung for missed in state.missed if missed.step == step), default=0)


def running(state: AlarmState) -> list[tuple[str, int]]:
    """The steps whose clock runs, with the moment at which it began (microseconds).

    An open alarm has at least one until the team is on the spot.
    """
    if not state.is_open:
        return []
    begun = {
        SHOWN: 0 if state.acknowledged_at_us else state.opened_at_us,
        ACKNOWLEDGED: state.opened_at_us,
        ZONE_CONFIRMED: max(state.acknowledged_at_us, state.no_patrol_at_us),
        TEAM_NAMED: state.zone_confirmed_at_us,
        UNDER_WAY: 0 if state.on_site_at_us else state.team_named_at_us,
        ON_SITE: state.under_way_at_us,
    }
    done = done_at_us(state)
    return [(step, begun[step]) for step in STEPS if begun[step] and not done[step]]


def done_at_us(state: AlarmState) -> dict[str, int]:
    """When each step was done, 0 where it was not."""
    return {
        SHOWN: state.shown_at_us,
        ACKNOWLEDGED: state.acknowledged_at_us,
        ZONE_CONFIRMED: state.zone_confirmed_at_us,
        TEAM_NAMED: state.team_named_at_us,
        UNDER_WAY: state.under_way_at_us,
        ON_SITE: state.on_site_at_us,
    }


def clocks(state: AlarmState) -> list[Clock]:
    """The running clocks of an alarm with their deadlines, for those who show them."""
    ladder = state.ladder or DEFAULT
    found = []
    for step, since_us in running(state):
        dues_us = [since_us + rung.after_s * 1_000_000 for rung in rungs_of(ladder, step)]
        ahead = dues_us[_noted(state, step) :]
        found.append(Clock(step, since_us, dues_us[0] if dues_us else None, ahead[0] if ahead else None))
    return found
