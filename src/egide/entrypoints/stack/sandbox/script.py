"""What a sandbox is to play: faults of calls, and steps at their time, a line each. Pure.

A line of a fault says which call and what becomes of it: `press 3: lose the answer`. A line of a step says when, from
the start of the script: `at 10 s: acknowledge`. What stands behind # is for people.
"""

import re
from typing import Final

import msgspec

from egide.common.text import _, gettext_noop

PRESS, MESSAGE, ENROLMENT, OPENING, REPORT = "press", "message", "enrolment", "opening", "report"
ALARM, ANSWER, FETCH = "alarm", "answer", "fetch"
TEXT, SENDING = "text", "send"
# What can be called: by phones, by sources, to a dispatch system, by one, by a gateway for text messages, to one.
ROADS: Final = (PRESS, MESSAGE, ENROLMENT, OPENING, REPORT, ALARM, ANSWER, FETCH, TEXT, SENDING)
LOSE_CALL, LOSE_ANSWER, HOLD_CALL, HOLD_ANSWER = (
    "lose the call",
    "lose the answer",
    "hold the call",
    "hold the answer",
)
REFUSE, TWICE = "refuse", "send it twice"
ACKNOWLEDGE, ZONE, TEAM, CLOSE = "acknowledge", "zone", "team", "close"
# What people do, in its order: at which board, and the text of its button in the reader's language.
STEPS: Final = {
    ACKNOWLEDGE: ("desk", gettext_noop("Take the alarm")),
    ZONE: ("desk", gettext_noop("Confirm the zone")),
    TEAM: ("desk", gettext_noop("Name a team")),
    "under-way": ("desk", gettext_noop("Team under way")),
    "on-site": ("zone", gettext_noop("Team on the spot")),
    CLOSE: ("desk", gettext_noop("Close the alarm")),
}
CLOCK = "clock"
MOST_LINES, MOST_SIGNS = 200, 200
LONGEST_HOLD_S, LONGEST_TURN_S, LATEST_S = 600, 366 * 86_400, 86_400

_EVERY = 0
_FAULT = re.compile(r"([a-z]+) (every|[1-9]\d{0,3}): (.+)")
_STEP = re.compile(r"at (.+?): (.+)")
_TIME = re.compile(r"(\d{1,6}) ?(s|min|h|d)")
_HELD = re.compile(r"(hold the call|hold the answer) (.+)")
_REFUSED = re.compile(r"refuse ([45]\d\d)")
_SECONDS: Final = {"s": 1, "min": 60, "h": 3600, "d": 86_400}


class Fault(msgspec.Struct, frozen=True):
    """What becomes of the call number `number` of this road, counted from 1 (0: of every one)."""

    line: str
    road: str
    number: int
    what: str
    held_s: int = 0
    status: int = 0

    def meets(self, road: str, number: int) -> bool:
        """Whether this is the call."""
        return road == self.road and self.number in (_EVERY, number)


class Step(msgspec.Struct, frozen=True):
    """Something that is done `at_s` seconds after the start: a step, a press (`number`: whose), or the clock turned on
    by `number` seconds."""

    line: str
    at_s: int
    what: str
    number: int = 0


class Script(msgspec.Struct, frozen=True):
    """Faults in the order of their lines, of which the first that meets a call counts, and steps in that of time."""

    faults: tuple[Fault, ...] = ()
    steps: tuple[Step, ...] = ()

    def fault_of(self, road: str, number: int) -> Fault | None:
        """What is played with this call."""
        return next((fault for fault in self.faults if fault.meets(road, number)), None)


class ScriptError(ValueError):
    """The script cannot be played; a sentence for each line that is wrong says what to write instead."""

    def __init__(self, sentences: list[str]) -> None:
        super().__init__("\n".join(sentences))
        self.sentences = sentences


class _Wrong(ValueError):
    """A line that is wrong: what to write instead."""


def read_script(text: str) -> Script:
    """Raises ScriptError, and nothing else."""
    faults: list[Fault] = []
    steps: list[Step] = []
    wrong: list[str] = []
    lines = text.splitlines()
    for number, raw in enumerate(lines[:MOST_LINES], start=1):
        line = raw.partition("#")[0].strip()
        if not line:
            continue
        try:
            found = _read(line)
        except _Wrong as error:
            told = _("Line {number}, “{line}”: {instead}")
            wrong.append(told.format(number=number, line=line[:MOST_SIGNS], instead=error))
            continue
        if isinstance(found, Fault):
            faults.append(found)
        else:
            steps.append(found)
    if len(lines) > MOST_LINES:
        wrong.append(
            _("Line {number} is one too many: a script ends before it.").format(number=MOST_LINES + 1)
        )
    if wrong:
        raise ScriptError(wrong)
    return Script(tuple(faults), tuple(sorted(steps, key=lambda step: step.at_s)))


def _read(line: str) -> Fault | Step:
    step = _STEP.fullmatch(line)
    if step is not None:
        at_s = _time(step[1], LATEST_S)
        return _step(line, at_s, step[2])
    fault = _FAULT.fullmatch(line)
    if fault is None:
        raise _Wrong(_("write for example “press 3: lose the answer” or “at 10 s: acknowledge”."))
    if fault[1] not in ROADS:
        raise _Wrong(_("there is no such call. Write one of: {names}.").format(names=", ".join(ROADS)))
    return _fault(line, fault[1], _EVERY if fault[2] == "every" else int(fault[2]), fault[3])


def _fault(line: str, road: str, number: int, what: str) -> Fault:
    if what in (LOSE_CALL, LOSE_ANSWER, TWICE):
        return Fault(line, road, number, what)
    if held := _HELD.fullmatch(what):
        return Fault(line, road, number, held[1], held_s=_time(held[2], LONGEST_HOLD_S))
    if refused := _REFUSED.fullmatch(what):
        return Fault(line, road, number, REFUSE, status=int(refused[1]))
    known = f"{LOSE_CALL}, {LOSE_ANSWER}, {HOLD_CALL} 40 s, {HOLD_ANSWER} 40 s, {REFUSE} 503, {TWICE}"
    raise _Wrong(_("nothing like that can become of a call. Write one of: {names}.").format(names=known))


def _step(line: str, at_s: int, what: str) -> Step:
    if what in STEPS:
        return Step(line, at_s, what)
    word, _space, rest = what.partition(" ")
    if word == PRESS and rest.isascii() and rest.isdigit() and 1 <= int(rest[:3]) <= 99:
        return Step(line, at_s, PRESS, int(rest[:3]))
    if word == CLOCK and rest.startswith("+"):
        return Step(line, at_s, CLOCK, _time(rest[1:].strip(), LONGEST_TURN_S))
    known = f"{PRESS} 1, {', '.join(STEPS)}, {CLOCK} +2 h"
    raise _Wrong(_("there is no such step. Write one of: {names}.").format(names=known))


def _time(text: str, most_s: int) -> int:
    """A whole number of seconds, minutes, hours or days."""
    found = _TIME.fullmatch(text)
    if found is None:
        raise _Wrong(
            _("“{text}” is no time. Write for example “40 s”, “5 min”, “2 h” or “1 d”.").format(
                text=text[:40]
            )
        )
    seconds = int(found[1]) * _SECONDS[found[2]]
    if seconds > most_s:
        raise _Wrong(_("“{text}” is too long: at most {most} s.").format(text=text[:40], most=most_s))
    return seconds
