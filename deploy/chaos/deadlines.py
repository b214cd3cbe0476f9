"""Deadlines that people missed: whether the journal or a board said so, by the logs of clients and the export alone.

An alarm has to be shown within 5 s and taken within 15 s, and a zone told within 60 s of that
(`docs/alarm-table.md`). Nobody at these boards tells a zone, so that the last one is missed in every alarm.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from deploy.machines.checker import Clients, Line

TAKEN_WITHIN_S, ZONE_WITHIN_S = 15.0, 60.0
# So late a deadline may be noted while nothing is wrong with the worker; where something is, it has to be said.
SLACK_S, LATEST_S = 5.0, 30.0
# The parts of the chain without which nobody notes a deadline, as boards are told of them.
NOTING = {"worker", "ladder", "kept"}


@dataclass(frozen=True)
class Missed:
    """Deadlines that passed. `told_by_chain`: not in the journal, but boards were told that the chain is ill, or said
    themselves that they hear nothing. `silent`: neither, which must not be."""

    deadlines: int
    noted: int
    told_by_chain: int
    silent: tuple[str, ...]


@dataclass
class _Alarm:
    pressed_s: float
    seq: int
    asked_s: float | None = None
    taken_s: float | None = None


def missed(clients: Clients, boards: Sequence[Line], rows: Iterable[Line], end_s: float) -> Missed:
    """Of each alarm that a phone began: was it taken too late, and is its zone still not told."""
    alarms = _alarms(clients)
    for line in boards:
        alarm = alarms.get(line.get("alarm", ""))
        if alarm is None or line.get("action") != "acknowledge":
            continue
        if line["did"] == "asked" and alarm.asked_s is None:
            alarm.asked_s = line["at_s"]
        elif line["did"] == "acted" and 0 < line["status"] < 400 and alarm.taken_s is None:
            alarm.taken_s = line["at_s"]
    noted, taken = _noted(rows)
    ill = _ill(boards, end_s)
    deadlines, in_journal, by_chain, silent = 0, 0, 0, []
    for name, alarm in alarms.items():
        stream = f"alarm:{name}"
        taken_seq = taken.get(stream)
        for what, begun_s, until_s, within_s, after_seq, before_seq in (
            (
                "taken",
                alarm.pressed_s,
                alarm.asked_s or end_s,
                TAKEN_WITHIN_S + SLACK_S,
                alarm.seq,
                taken_seq,
            ),
            ("zone", alarm.taken_s, end_s, ZONE_WITHIN_S + LATEST_S, taken_seq or 0, None),
        ):
            if begun_s is None or until_s - begun_s < within_s:
                continue
            deadlines += 1
            if _is_between(noted[stream], after_seq, before_seq):
                in_journal += 1
            elif any(begun_s < to_s and from_s < until_s for from_s, to_s in ill):
                by_chain += 1
            else:
                silent.append(f"{name}: {what}, {until_s - begun_s:.0f} s")
    return Missed(deadlines, in_journal, by_chain, tuple(silent))


def _alarms(clients: Clients) -> dict[str, _Alarm]:
    """By name, from the receipt of the press that began it; its clocks run since the journal has it."""
    found: dict[str, _Alarm] = {}
    for press in clients.presses.values():
        for at_s, seq, alarm in press.receipts[:1]:
            if alarm not in found or seq < found[alarm].seq:
                found[alarm] = _Alarm(at_s, seq)
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


def _is_between(seqs: list[int], after: int, before: int | None) -> bool:
    place = bisect_right(seqs, after)
    return place < len(seqs) and (before is None or seqs[place] < before)


def _ill(boards: Sequence[Line], end_s: float) -> list[tuple[float, float]]:
    """When boards were told that the chain is ill, or heard nothing and said so; those that were closed say nothing."""
    found: list[tuple[float, float]] = []
    since: dict[tuple[str, str], float] = {}

    def over(key: tuple[str, str], at_s: float) -> None:
        if key in since:
            found.append((since.pop(key), at_s))

    for line in boards:
        did, host, at_s = line["did"], str(line.get("host")), float(line["at_s"])
        if did == "trouble" and NOTING & set(line["parts"]):
            since.setdefault((host, "trouble"), at_s)
        elif did == "trouble" or did == "left":
            over((host, "trouble"), at_s)
        elif did == "lost":
            since.setdefault((host, "lost"), at_s)
        if did == "left" or (did == "opened" and line.get("status") == 200):
            over((host, "lost"), at_s)
    return found + [(from_s, end_s) for from_s in since.values()]
