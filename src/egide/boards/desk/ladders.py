"""Ladders in words: how that of a running alarm stands, and a centre's own as a form."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from egide.alarm.events import Ladder, Rung
from egide.alarm.ladder import (
    ACTIONS,
    DEFAULT,
    NEIGHBOUR,
    LadderError,
    check_ladder,
    done_at_us,
    rungs_of,
    running,
)
from egide.alarm.state import AlarmState
from egide.alarm.table import STEPS
from egide.boards.desk.words import LADDER_ACTIONS
from egide.boards.geography import Atlas
from egide.boards.shown.numbers import PlaceNumbers, ToRing
from egide.boards.shown.words import STEPS as STEP_WORDS
from egide.boards.shown.words import language

LONGEST_S = 7200
# "2", "0:45", "1:30": minutes, or minutes and seconds.
_TYPED = re.compile(r"(\d{1,3})(?::([0-5]\d))?", re.ASCII)


@dataclass(frozen=True)
class RungLine:
    """One deadline of a step. `due_ms` is None while the step's clock does not run."""

    after: str
    due_ms: int | None
    is_missed: bool
    what: str


@dataclass(frozen=True)
class StepLines:
    """One step with its deadlines: done, running since, or not begun; `to_ring` is the zone of one that runs."""

    word: str
    done_ms: int | None
    since_ms: int | None
    rungs: tuple[RungLine, ...]
    repeats: int
    to_ring: PlaceNumbers | None


def duration(seconds: int) -> str:
    """ "45 s", "2 min": as short as it is exact."""
    if seconds < 120 or seconds % 60:
        return _("%(n)s s") % {"n": seconds}
    return _("%(n)s min") % {"n": seconds // 60}


def steps_of(state: AlarmState, atlas: Atlas, to_ring: Iterable[ToRing]) -> list[StepLines]:
    """Every step of the alarm's frozen ladder, in order: what began when, what is due when, what was missed, and whom
    to ring for what runs."""
    ladder, since, done = state.ladder or DEFAULT, dict(running(state)), done_at_us(state)
    places = {one.step: one.place for one in to_ring}
    return [
        _step(state, ladder, step, since.get(step, 0), done.get(step, 0), atlas, places.get(step))
        for step in STEPS
    ]


def _step(
    state: AlarmState,
    ladder: Ladder,
    step: str,
    since_us: int,
    done_us: int,
    atlas: Atlas,
    to_ring: PlaceNumbers | None,
) -> StepLines:
    noted = [missed.rung for missed in state.missed if missed.step == step]
    rungs = rungs_of(ladder, step)
    return StepLines(
        word=str(STEP_WORDS[step]),
        done_ms=done_us // 1000 if done_us and not since_us else None,
        since_ms=since_us // 1000 if since_us else None,
        rungs=tuple(
            RungLine(
                after=duration(rung.after_s),
                due_ms=since_us // 1000 + rung.after_s * 1000 if since_us else None,
                is_missed=number in noted,
                what=action_words(rung.action, ladder, atlas),
            )
            for number, rung in enumerate(rungs, start=1)
        ),
        repeats=sum(1 for number in noted if number > len(rungs)),
        to_ring=to_ring,
    )


def action_words(action: str, ladder: Ladder, atlas: Atlas) -> str:
    """What a missed deadline sets off."""
    centre = atlas.centre_name(ladder.neighbour, language()) if ladder.neighbour else ""
    return str(LADDER_ACTIONS[action]) % {"centre": centre}


# --- a centre's own, as a form --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Field:
    """Minutes, or minutes and seconds, after which an action follows, as typed; empty: it never does."""

    name: str
    action: str
    text: str


@dataclass(frozen=True)
class StepForm:
    """The fields of one step, with what is wrong."""

    step: str
    word: str
    fields: tuple[Field, ...]
    error: str = ""


@dataclass(frozen=True)
class LadderForm:
    """A centre's ladder as typed. `ladder` is there when nothing is wrong."""

    steps: tuple[StepForm, ...]
    neighbour: str
    neighbour_error: str = ""
    ladder: Ladder | None = None


def form_of(ladder: Ladder) -> LadderForm:
    """The form that shows this ladder."""
    texts = {
        _name(rung.step, rung.action): as_typed(rung.after_s)
        for step in STEPS
        for rung in reversed(rungs_of(ladder, step))
    }
    return _form(texts, ladder.neighbour, {})


def read_form(texts: Mapping[str, str], neighbour: str, neighbours: frozenset[str]) -> LadderForm:
    """What was typed, checked step by step; nothing of it is lost."""
    typed = {_name(step, action): texts.get(_name(step, action), "").strip() for step, action in _every()}
    errors: dict[str, str] = {}
    rungs: list[Rung] = []
    for step in STEPS:
        found = {action: typed[_name(step, action)] for action in ACTIONS if typed[_name(step, action)]}
        errors[step] = _fault(found)
        if not errors[step]:
            rungs += sorted(
                (Rung(step, seconds_of(text), action) for action, text in found.items()),
                key=lambda rung: rung.after_s,
            )
    neighbour = neighbour if neighbour in neighbours else ""
    needs_one = any(typed[_name(step, NEIGHBOUR)] for step in STEPS)
    missing = _("Choose the centre that is shown the copy") if needs_one and not neighbour else ""
    if missing or any(errors.values()):
        return _form(typed, neighbour, errors, missing)
    ladder = Ladder(tuple(rungs), neighbour)
    try:
        check_ladder(ladder)
    except LadderError as error:
        return _form(typed, neighbour, errors, str(error))
    return _form(typed, neighbour, errors, "", ladder)


def _fault(found: Mapping[str, str]) -> str:
    if not found:
        return _("At least one deadline is needed: without one nobody would notice")
    wrong = [text for text in found.values() if not seconds_of(text)]
    if wrong:
        return _(
            "“%(text)s” is no time up to %(most)s min: write minutes, or minutes:seconds, such as 0:45"
        ) % {
            "text": wrong[0],
            "most": LONGEST_S // 60,
        }
    if len({seconds_of(text) for text in found.values()}) < len(found):
        return _("Two deadlines cannot be at the same second")
    return ""


def seconds_of(text: str) -> int:
    """ "2" is 120, "0:45" is 45; 0 for whatever is no time from 0:01 to the longest."""
    found = _TYPED.fullmatch(text)
    seconds = 60 * int(found[1]) + int(found[2] or 0) if found else 0
    return seconds if seconds <= LONGEST_S else 0


def as_typed(seconds: int) -> str:
    """Minutes where they are whole, else minutes:seconds."""
    return f"{seconds // 60}:{seconds % 60:02}" if seconds % 60 else str(seconds // 60)


def _form(
    texts: Mapping[str, str],
    neighbour: str,
    errors: Mapping[str, str],
    neighbour_error: str = "",
    ladder: Ladder | None = None,
) -> LadderForm:
    steps = tuple(
        StepForm(
            step=step,
            word=str(STEP_WORDS[step]),
            fields=tuple(
                Field(_name(step, action), action, texts.get(_name(step, action), "")) for action in ACTIONS
            ),
            error=errors.get(step, ""),
        )
        for step in STEPS
    )
    return LadderForm(steps, neighbour, neighbour_error, ladder)


def _name(step: str, action: str) -> str:
    return f"{step}.{action}"


def _every() -> list[tuple[str, str]]:
    return [(step, action) for step in STEPS for action in ACTIONS]
