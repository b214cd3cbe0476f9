"""What became of every press, by the word of those outside alone: what clients wrote down, and an exported journal.

    python -m deploy.machines.checker EXPORT PHONES BOARDS

Nothing of Egide is loaded here: the export is proven by contracts/examples/verify_export.py, and receipts by the key
that each phone was given when it enrolled. Both logs are lines of JSON that only ever grow; `at_s` is in seconds, by
one steady clock for all of them:

    PHONES  {"did": "enrolled", "device", "kit", "server_key" (hex)}
            {"did": "pressed", "at_s", "message" (SHA-256 of the envelope, hex), "device"}
            {"did": "answered", "at_s", "message", "host", "status", "receipt" (the answer's JSON, for 201 and 202; else
             "why": its first words)}
            {"did": "failed", "at_s", "message", "host", "why"}
    BOARDS  {"did": "told", "at_s", "host", "seq", "alarm"}             an event of this alarm reached this board
            {"did": "kept", "at_s", "host", "presses": {kit: number}, "between": {kit: [from, until]}}
                what that machine keeps, as the board was told: all that came between its first and its last message
"""

import base64
import json
import math
import runpy
import sys
from argparse import Namespace
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate, pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

VERIFIER = Path(__file__).parents[2] / "contracts" / "examples" / "verify_export.py"
PRESSES = ("PressReceived", "PressedAgain", "PressConflicted")
TAKEN, KEPT = 201, 202

Line = dict[str, Any]


@dataclass
class Press:
    """One press: when it was made, and each answer that it had."""

    message: str
    device: str
    at_s: float
    # (when, seq, alarm) of each receipt that the server signed for the journal; time, host, and when it came by the
    # clock of that (milliseconds), of each word that it is kept.
    receipts: list[tuple[float, int, str]] = field(default_factory=list)
    kept: list[tuple[float, str, int]] = field(default_factory=list)


@dataclass
class Clients:
    """What phones wrote down."""

    presses: dict[str, Press] = field(default_factory=dict)
    kits: dict[str, str] = field(default_factory=dict)
    # Answers that look like receipts and are not signed for this message.
    forged: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Found:
    """What holds for all presses. `lost`: acknowledged and not in the journal; `doubled`: more rows than presses."""

    pressed: int
    acknowledged: int
    unanswered: int
    kept: int
    lost: tuple[str, ...]
    doubled: tuple[str, ...]
    # Rows of presses that no receipt named: of phones that had no answer yet.
    unclaimed: int
    forged: tuple[str, ...]


@dataclass(frozen=True)
class Times:
    """What holds for the presses of one stretch of time, in seconds.

    `board_*`: from the press to the first board that was told of it, or of what came behind it in its alarm (the first
    press of one shows when it is routed), or that showed it as kept. `gap`: the longest time in which no
    phone had a receipt, counted from the beginning. `unseen`: acknowledged presses that reached no board.
    """

    pressed: int
    board_p50_s: float
    board_p99_s: float
    board_worst_s: float
    unseen: int
    receipt_p99_s: float
    receipt_worst_s: float
    gap_s: float
    kept: int


def lines_of(path: Path) -> list[Line]:
    """The lines that are whole: whoever writes may be at the last one."""
    return [json.loads(line) for line in path.read_bytes().splitlines(keepends=True) if line.endswith(b"\n")]


def read_phones(lines: Iterable[Line]) -> Clients:
    """Every press with the receipts that prove what they say."""
    found, keys = Clients(), dict[str, bytes]()
    for line in lines:
        did = line["did"]
        if did == "enrolled":
            found.kits[line["device"]] = line["kit"]
            keys[line["device"]] = bytes.fromhex(line["server_key"])
        elif did == "pressed":
            found.presses[line["message"]] = Press(line["message"], line["device"], line["at_s"])
        elif did == "answered" and line["status"] in (TAKEN, KEPT):
            press, receipt = found.presses[line["message"]], line["receipt"]
            if not is_signed(keys[press.device], press.message, receipt):
                found.forged.append(press.message)
            elif line["status"] == TAKEN:
                press.receipts.append((line["at_s"], receipt["seq"], receipt["alarm"]))
            else:
                press.kept.append((line["at_s"], line["host"], receipt["received_at"]))
    return found


def is_signed(key: bytes, message: str, receipt: Line) -> bool:
    """Whether the server's key signed this receipt for this message (contracts/intake.openapi.yaml)."""
    statement = b"egide-receipt-2\0" + bytes.fromhex(message)
    for name in ("seq", "received_at", "next_counter"):
        statement += receipt[name].to_bytes(8, "big")
    words = [receipt["alarm"], receipt["state"]]
    for one in receipt["pending"]:
        words += (one["what"], one.get("text", ""))
    for word in words:
        statement += len(word.encode()).to_bytes(2, "big") + word.encode()
    verifier = _verifier()
    try:
        signature = base64.urlsafe_b64decode(receipt["signature"] + "==")
        verifier.Ed25519PublicKey.from_public_bytes(key).verify(signature, statement)
    except (verifier.InvalidSignature, ValueError):
        return False
    return True


def read_export(path: Path) -> list[Line]:
    """The rows of an export that is whole; raises SystemExit, or the verifier's Wrong, where it is not."""
    verifier = _verifier()
    verifier.check(Namespace(file=path, checkpoints=None, key=None))
    return [json.loads(line) for line in path.read_bytes().splitlines()[1:-1]]


def held_against(clients: Clients, rows: Iterable[Line]) -> Found:
    """Each acknowledged press is a row of a press in its alarm; no press is two rows."""
    own = {f"alarm:{device}" for device in clients.kits}
    held = {
        row["seq"]: row["stream"]
        for row in rows
        if row["kind"] in PRESSES and row["stream"].partition("-")[0] in own
    }
    lost, doubled = [], []
    claimed: dict[int, str] = {}
    for press in clients.presses.values():
        named = {(seq, alarm) for _at_s, seq, alarm in press.receipts}
        lost += [press.message for seq, alarm in named if held.get(seq) != f"alarm:{alarm}"]
        if len(named) > 1:
            doubled.append(f"{press.message} has receipts for {len(named)} rows")
        for seq, _alarm in named:
            if claimed.setdefault(seq, press.message) != press.message:
                doubled.append(f"{press.message} and {claimed[seq]} have a receipt for one row")
    unclaimed = Counter(stream.partition("-")[0] for seq, stream in held.items() if seq not in claimed)
    waiting = Counter(f"alarm:{press.device}" for press in clients.presses.values() if not press.receipts)
    doubled += [
        f"{stream}: {rows_there} rows that nobody claims, and {waiting[stream]} presses without an answer"
        for stream, rows_there in unclaimed.items()
        if rows_there > waiting[stream]
    ]
    acknowledged = sum(bool(press.receipts) for press in clients.presses.values())
    return Found(
        pressed=len(clients.presses),
        acknowledged=acknowledged,
        unanswered=len(clients.presses) - acknowledged,
        kept=sum(bool(press.kept) for press in clients.presses.values()),
        lost=tuple(lost),
        doubled=tuple(doubled),
        unclaimed=sum(unclaimed.values()),
        forged=tuple(clients.forged),
    )


def times_of(clients: Clients, boards: Sequence[Line], from_s: float, until_s: float) -> Times:
    """Of the presses that were made between these two moments."""
    told = _Told(boards)
    shown = _shown_as_kept(clients, boards)
    presses = [press for press in clients.presses.values() if from_s <= press.at_s < until_s]
    board, receipt, unseen = list[float](), list[float](), 0
    for press in presses:
        seen_s = min((told.at_s(alarm, seq) for _at_s, seq, alarm in press.receipts), default=math.inf)
        seen_s = min(seen_s, shown.get(press.message, math.inf))
        if seen_s < math.inf:
            board.append(seen_s - press.at_s)
        elif press.receipts:
            unseen += 1
        if press.receipts:
            receipt.append(press.receipts[0][0] - press.at_s)
    answers = sorted(
        at_s
        for press in clients.presses.values()
        for at_s, _seq, _alarm in press.receipts
        if from_s <= at_s < until_s
    )
    # From the first moment on: what happened in it may have taken all answers with it.
    answered = [from_s, *answers] if answers and math.isfinite(from_s) else answers
    gaps = [later - earlier for earlier, later in pairwise(answered)]
    return Times(
        pressed=len(presses),
        board_p50_s=percentile(board, 0.5),
        board_p99_s=percentile(board, 0.99),
        board_worst_s=max(board, default=math.nan),
        unseen=unseen,
        receipt_p99_s=percentile(receipt, 0.99),
        receipt_worst_s=max(receipt, default=math.nan),
        gap_s=max(gaps, default=math.nan),
        kept=sum(bool(press.kept) for press in presses),
    )


class _Told:
    """When the boards were told of an alarm."""

    def __init__(self, boards: Iterable[Line]) -> None:
        first: dict[str, dict[int, float]] = defaultdict(dict)
        for line in boards:
            if line["did"] == "told":
                known = first[line["alarm"]]
                known[line["seq"]] = min(line["at_s"], known.get(line["seq"], math.inf))
        # By alarm: the numbers of its events, and for each the earliest moment of it or of a later one.
        self._told: dict[str, tuple[list[int], list[float]]] = {}
        for alarm, known in first.items():
            numbers = sorted(known)
            earliest = list(accumulate((known[seq] for seq in reversed(numbers)), min))
            self._told[alarm] = numbers, earliest[::-1]

    def at_s(self, alarm: str, seq: int) -> float:
        """When a board first knew what event `seq` of this alarm says; inf when none did."""
        numbers, earliest = self._told.get(alarm, ([], []))
        place = bisect_left(numbers, seq)
        return earliest[place] if place < len(numbers) else math.inf


def _shown_as_kept(clients: Clients, boards: Sequence[Line]) -> dict[str, float]:
    """When a board of the machine that keeps a press first showed its kit with it: with a line that began no later than
    the press came, and holds what came last no earlier, by the clock of that machine."""
    waiting: dict[tuple[str, str], dict[tuple[int, str], float]] = defaultdict(dict)
    for press in clients.presses.values():
        for _at_s, host, came_ms in press.kept:
            waiting[host, clients.kits[press.device]][came_ms, press.message] = press.at_s
    found: dict[str, float] = {}
    for line in boards:
        if line["did"] != "kept":
            continue
        for kit, (from_ms, until_ms) in line["between"].items():
            kept = waiting[line["host"], kit]
            # No clock that was set back shows a press before it was made.
            shown = [
                one for one, at_s in kept.items() if from_ms <= one[0] <= until_ms and at_s <= line["at_s"]
            ]
            for one in shown:
                del kept[one]
                found[one[1]] = min(line["at_s"], found.get(one[1], math.inf))
    return found


def percentile(values: Iterable[float], share: float) -> float:
    """The value that this share of them does not exceed; nan of none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, math.ceil(share * len(ordered)) - 1)] if ordered else math.nan


@cache
def _verifier() -> Any:
    """The example by which anybody can verify an export, loaded from where it lies; no compiled code is left there."""
    return SimpleNamespace(**runpy.run_path(str(VERIFIER), run_name=VERIFIER.stem))


def main() -> None:
    """Say what was found; ends with 1 where a press is lost, doubled, or a receipt forged."""
    export, phones, boards = map(Path, sys.argv[1:4])
    clients = read_phones(lines_of(phones))
    found = held_against(clients, read_export(export))
    times = times_of(clients, lines_of(boards), -math.inf, math.inf)
    print(json.dumps({**vars(found), **vars(times)}, indent=1))
    sys.exit(bool(found.lost or found.doubled or found.forged))


if __name__ == "__main__":
    main()
