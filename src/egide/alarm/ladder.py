"""The clock on every step until the report is written, and what a missed deadline sets off (safety rule 1). Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from egide.alarm.events import Ladder, Rung, StepMissed
from egide.alarm.events.steps import REPORTED
from egide.alarm.rules import needs_help
from egide.alarm.state import AlarmState
from egide.alarm.table import ROWS, STEPS
from egide.events.base import Event

LOUDER, SUPERVISOR, NEIGHBOUR = "louder", "supervisor", "neighbour"
# Why a rung was taken before its time: nobody could be woken.
PUSH = "push"
ACTIONS = (LOUDER, SUPERVISOR, NEIGHBOUR)

RUNGS = tuple(
    Rung(row.name, after_s, action)
    for row in ROWS
    for after_s, action in (
        (row.louder_s, LOUDER),
        (row.supervisor_s, SUPERVISOR),
        (row.neighbour_s, NEIGHBOUR),
    )
    if after_s
)
# After its last rung the supervisor is notified again and again of a step that is still missing.
REPEAT_S = 300

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

# How many microseconds have passed since a step's clock began, from the step's word and that moment.
Elapsed = Callable[[str, int], int]


@dataclass(frozen=True)
class Clock:
    """A step that has begun and is not done. `first_due_at_us` is when it should have been done, `due_at_us` its next
    deadline that has not been noted as missed."""

    step: str
    since_us: int
    first_due_at_us: int
    due_at_us: int


@dataclass(frozen=True)
class Responsible:
    """Who has to act now: `kind` is "centre" or "zone", `id` which one, `person` the name on record, if any."""

    kind: str
    id: str
    person: str = ""


class LadderError(ValueError):
    """The settings of a centre cannot be a ladder."""


def ladder_for(centre: str, own: Ladder | None) -> Ladder:
    """The ladder that is frozen into an alarm of `centre`: its own setting, else the default."""
    return own or Ladder(RUNGS, NEIGHBOURS.get(centre, ""))


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
    """The rungs of one step; the default's where an alarm's frozen ladder does not know the step, without a copy that
    would go to nobody."""
    return [rung for rung in ladder.rungs if rung.step == step] or [
        rung for rung in RUNGS if rung.step == step and (ladder.neighbour or rung.action != NEIGHBOUR)
    ]


def by_wall_clock(now_us: int) -> Elapsed:
    """What has passed by a clock that is right."""
    return lambda _step, since_us: now_us - since_us


def decide_due(state: AlarmState, elapsed: Elapsed) -> list[Event]:
    """What is missed and not noted yet: each rung once, the rungs of a step in their order; behind the last one its
    latest repetition. The rung behind a wake-up that reached nobody is due at once."""
    ladder = state.ladder or DEFAULT
    return [
        event
        for step, since_us in running(state)
        for event in _missed(state, ladder, step, since_us, elapsed(step, since_us))
    ]


def _missed(state: AlarmState, ladder: Ladder, step: str, since_us: int, passed_us: int) -> list[StepMissed]:
    rungs, noted_rung = rungs_of(ladder, step), noted(state, step)
    failed_us = _push_failed_us(state, step, since_us, noted_rung)
    events = []
    for number, rung in enumerate(rungs, start=1):
        is_due = rung.after_s * 1_000_000 <= passed_us
        if number <= noted_rung or not (is_due or (failed_us and number == noted_rung + 1)):
            continue
        events.append(
            StepMissed(
                step=step,
                rung=number,
                action=rung.action,
                due_at_us=since_us + rung.after_s * 1_000_000 if is_due else failed_us,
                centre=ladder.neighbour if rung.action == NEIGHBOUR else "",
                because="" if is_due else PUSH,
            )
        )
    repeats = (passed_us // 1_000_000 - rungs[-1].after_s) // REPEAT_S
    if repeats > 0 and len(rungs) + repeats > noted_rung:
        due_s = rungs[-1].after_s + repeats * REPEAT_S
        due_at_us = since_us + due_s * 1_000_000
        events.append(
            StepMissed(step=step, rung=len(rungs) + repeats, action=SUPERVISOR, due_at_us=due_at_us)
        )
    return events


def _push_failed_us(state: AlarmState, step: str, since_us: int, noted_rung: int) -> int:
    """When a wake-up failed that belonged to this rung of the running clock; 0 when none did."""
    failed = (
        push.at_us
        for push in state.pushes
        if (push.step, push.rung) == (step, noted_rung) and not push.was_woken and push.at_us >= since_us
    )
    return min(failed, default=0)


def noted(state: AlarmState, step: str) -> int:
    """The last rung of `step` that was taken, 0 when none was."""
    return max((missed.rung for missed in state.missed if missed.step == step), default=0)


def running(state: AlarmState) -> list[tuple[str, int]]:
    """The steps whose clock runs, with the moment at which it began (microseconds), the most pressing first.

    An alarm has at least one until it is closed and the report of a team that was sent is written.
    """
    if not state.received_at_us:
        return []
    if not state.is_open:
        return [(REPORTED, state.closing.closed_at_us)] if state.awaits_report else []
    begun = ((row.name, row.since(state)) for row in ROWS if not row.done(state))
    return [(step, since_us) for step, since_us in begun if since_us]


def done_at_us(state: AlarmState) -> dict[str, int]:
    """When each step of the way was done, 0 where it was not."""
    return {row.name: row.done(state) for row in ROWS if row.on_the_way}


def clocks(state: AlarmState) -> list[Clock]:
    """The running clocks of an alarm with their deadlines, for those who show them."""
    ladder = state.ladder or DEFAULT
    return [_clock(ladder, step, since_us, noted(state, step)) for step, since_us in running(state)]


def _clock(ladder: Ladder, step: str, since_us: int, noted_rung: int) -> Clock:
    dues_s = [rung.after_s for rung in rungs_of(ladder, step)]
    beyond = noted_rung + 1 - len(dues_s)
    due_s = dues_s[noted_rung] if noted_rung < len(dues_s) else dues_s[-1] + beyond * REPEAT_S
    return Clock(step, since_us, since_us + dues_s[0] * 1_000_000, since_us + due_s * 1_000_000)


def responsible(state: AlarmState) -> Responsible | None:
    """Who has to act now: before all others the one who answers a team in danger; None once the alarm is closed and
    nothing more is to be written."""
    centre = state.lead.centre or state.origin.home_centre
    if not state.is_open:
        return _writes_report(state) if state.awaits_report else None
    if not state.lead.acknowledged_by:
        return Responsible("centre", centre)
    if needs_help(state) or not state.lead.zone_confirmed_at_us or state.team.report:
        return Responsible("centre", centre, state.lead.acknowledged_by)
    return Responsible(
        "zone", state.lead.zone, state.team.named.call_sign if state.team.named else state.lead.zone_reference
    )


def _writes_report(state: AlarmState) -> Responsible:
    """The zone of the latest team: it may be another one than led, when the alarm was opened again meanwhile."""
    team = state.team.named or state.team.earlier[-1]
    return Responsible(
        "zone", team.zone, state.lead.zone_reference if team.zone == state.lead.zone else team.call_sign
    )
