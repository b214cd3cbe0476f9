"""Deadlines that people missed: whether the journal or a board said so, by the logs of clients and the export alone.

An alarm has to be shown within 5 s and taken within 15 s, and a zone told within 60 s of that
(`docs/alarm-table.md`). Nobody at these boards tells a zone, so that the last one is missed in every alarm.

What is said late was silent until then, but for the time in which boards were told that the chain is ill or said
themselves that they hear nothing. No clock of a machine is asked: that the journal noted it counts from when a board
was told.
"""

import math
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from deploy.machines.checker import Clients, Line

TAKEN_WITHIN_S, ZONE_WITHIN_S = 15.0, 60.0
# So late a deadline may be noted while nothing is said to be wrong.
TAKEN_SLACK_S, ZONE_SLACK_S = 5.0, 30.0
# Who noted nothing because the chain was ill may need so long after it is said to be well.
CATCH_UP_S = 5.0
# The parts of the chain without which nobody notes a deadline, as boards are told of them.
NOTING = {"worker", "ladder", "kept"}

Spans = list[tuple[float, float]]


@dataclass(frozen=True)
class Missed:
    """Deadlines that passed. `late`: in the journal, later than they should be, while the chain was said to be ill.
    `told_by_chain`: not in the journal, but the chain was said to be ill. `silent`: neither, which must not be."""

    deadlines: int
    noted: int
    late: int
    told_by_chain: int
    silent: tuple[str, ...]


@dataclass
class _Alarm:
    pressed_s: float
    seq: int
    asked_s: float | None = None
    taken_s: float | None = None


@dataclass(frozen=True)
class _Deadline:
    """It began, has to be noted by `due_s`, and is over at `until_s`; between these events of its alarm."""

    what: str
    begun_s: float
    due_s: float
    until_s: float
    after_seq: int
    before_seq: float


def listened(boards: Sequence[Line]) -> float:
    """In which share of the time somebody listened at a board, of the time in which somebody was there."""
    opened = [float(line["at_s"]) for line in boards if line["did"] == "opened" and line["status"] == 200]
    if not opened:
        return 0.0
    end_s = max(float(line["at_s"]) for line in boards)
    lost, left = (
        sum(to_s - from_s for from_s, to_s in _without(boards, end_s, why)) for why in ("lost", "left")
    )
    return 1 - lost / (end_s - opened[0] - left)


def missed(clients: Clients, boards: Sequence[Line], rows: Iterable[Line], end_s: float) -> Missed:
    """Of each alarm that a phone began: was it taken too late, and is its zone still not told."""
    noted, taken = _noted(rows)
    told = {line["seq"]: line["at_s"] for line in reversed(boards) if line["did"] == "told"}
    ill, nobody = _ill(boards, end_s), _nobody(boards, end_s)
    deadlines, in_time, late, by_chain, silent = 0, 0, 0, 0, []
    for name, alarm in _alarms(clients, boards).items():
        stream = f"alarm:{name}"
        for one in _deadlines(alarm, taken.get(stream), end_s):
            deadlines += 1
            seqs = _between(noted[stream], one.after_seq, one.before_seq)
            # Before it is routed an alarm is told to supervisors alone: a later word may reach these boards first.
            said_s = min((told.get(seq, end_s) for seq in seqs), default=one.until_s)
            # Nobody is told at a board that is closed; the journal has it all the same.
            excused = ill + nobody if seqs else ill
            if seqs and said_s <= one.due_s:
                in_time += 1
            elif _outside(one.due_s, min(said_s, one.until_s), excused) > 0:
                silent.append(f"{name}: {one.what}, {min(said_s, one.until_s) - one.begun_s:.0f} s")
            elif seqs:
                late += 1
            else:
                by_chain += 1
    return Missed(deadlines, in_time, late, by_chain, tuple(silent))


def _deadlines(alarm: _Alarm, taken_seq: int | None, end_s: float) -> Iterable[_Deadline]:
    """Those that were missed."""
    due_s = alarm.pressed_s + TAKEN_WITHIN_S + TAKEN_SLACK_S
    asked_s = end_s if alarm.asked_s is None else alarm.asked_s
    if asked_s >= due_s:
        before = math.inf if taken_seq is None else taken_seq
        yield _Deadline("taken", alarm.pressed_s, due_s, asked_s, alarm.seq, before)
    if alarm.taken_s is not None and end_s >= (due_s := alarm.taken_s + ZONE_WITHIN_S + ZONE_SLACK_S):
        yield _Deadline("zone", alarm.taken_s, due_s, end_s, taken_seq or 0, math.inf)


def _alarms(clients: Clients, boards: Iterable[Line]) -> dict[str, _Alarm]:
    """By name, from the receipt of the press that began it; its clocks run since the journal has it."""
    found: dict[str, _Alarm] = {}
    for press in clients.presses.values():
        for at_s, seq, alarm in press.receipts[:1]:
            if alarm not in found or seq < found[alarm].seq:
                found[alarm] = _Alarm(at_s, seq)
    for line in boards:
        one = found.get(line.get("alarm", ""))
        if one is None or line.get("action") != "acknowledge":
            continue
        if line["did"] == "asked" and one.asked_s is None:
            one.asked_s = line["at_s"]
        elif line["did"] == "acted" and 0 < line["status"] < 400 and one.taken_s is None:
            one.taken_s = line["at_s"]
    return found


def _noted(rows: Iterable[Line]) -> tuple[dict[str, list[int]], dict[str, int]]:
    """The numbers of each alarm's missed deadlines, and of the event by which it was taken first."""
    noted, taken = defaultdict[str, list[int]](list), dict[str, int]()
    for row in rows:
        if row["kind"] == "StepMissed":
            noted[row["stream"]].append(row["seq"])
        elif row["kind"] == "AlarmAcknowledged":
            taken.setdefault(row["stream"], row["seq"])
    return noted, taken


def _between(seqs: list[int], after: int, before: float) -> list[int]:
    return [seq for seq in seqs[bisect_right(seqs, after) :] if seq < before]


def _outside(from_s: float, to_s: float, spans: Spans) -> float:
    """How long none of these lasted meanwhile, in seconds."""
    lasted_s, until_s = 0.0, from_s
    for one_s, other_s in sorted(spans):
        lasted_s += max(0.0, min(one_s, to_s) - until_s)
        until_s = max(until_s, other_s)
    return lasted_s + max(0.0, to_s - until_s)


def _ill(boards: Iterable[Line], end_s: float) -> Spans:
    """When a board was told that the chain is ill or the journal away, when none heard anything and one said so, and
    when the host itself stood still."""
    found, since = Spans(), dict[tuple[str, str], float]()
    for line in boards:
        did, host, at_s = line["did"], str(line.get("host")), float(line["at_s"])
        if did == "stood still":
            found.append((at_s - line["for_s"], at_s + CATCH_UP_S))
            continue
        for says, is_said in (
            ("trouble", did == "trouble" and bool(NOTING & set(line["parts"]))),
            ("kept", did == "kept" and line["away"]),
        ):
            if is_said:
                since.setdefault((host, says), at_s)
            elif did in (says, "lost", "left") and (host, says) in since:
                found.append((since.pop((host, says)), at_s + CATCH_UP_S))
    found += [(from_s, to_s + CATCH_UP_S) for from_s, to_s in _without(boards, end_s, "lost")]
    return found + [(from_s, end_s) for from_s in since.values()]


def _nobody(boards: Iterable[Line], end_s: float) -> Spans:
    """When all boards were closed."""
    return _without(boards, end_s, "left")


def _without(boards: Iterable[Line], end_s: float, why: str) -> Spans:
    """When no board was open and the last one ended so."""
    found, states, from_s = Spans(), dict[str, str](), math.nan
    for line in boards:
        did = "open" if line["did"] == "opened" and line["status"] == 200 else line["did"]
        if did not in ("open", "lost", "left"):
            continue
        states[line["host"]] = did
        is_so = next((one for one in ("open", "lost", "left") if one in states.values()), "") == why
        if is_so and math.isnan(from_s):
            from_s = line["at_s"]
        elif not is_so and not math.isnan(from_s):
            found.append((from_s, line["at_s"]))
            from_s = math.nan
    return found if math.isnan(from_s) else [*found, (from_s, end_s)]
