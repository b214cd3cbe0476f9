"""Pure rules of the stock: which move of a button or phone is possible, and what a list of moves adds up to."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

BUTTON, PHONE = "button", "phone"
KINDS = (BUTTON, PHONE)

STOCK, ZONE, PREPARED, ISSUED, REPAIR, LOST, RETIRED = (
    "stock",
    "zone",
    "prepared",
    "issued",
    "repair",
    "lost",
    "retired",
)
STATES = (STOCK, ZONE, PREPARED, ISSUED, REPAIR, LOST, RETIRED)
# From where to where. A kit's own steps are those with `prepared` and `issued`: nobody else may take them.
_MOVES = {
    "": {STOCK},
    STOCK: {ZONE, REPAIR, LOST, RETIRED},
    ZONE: {ZONE, STOCK, PREPARED, REPAIR, LOST, RETIRED},
    PREPARED: {ZONE, ISSUED, LOST},
    ISSUED: {ZONE, REPAIR, LOST},
    REPAIR: {STOCK, ZONE, RETIRED},
    LOST: {STOCK, ZONE, RETIRED},
    RETIRED: set(),
}
KIT_STATES = frozenset({PREPARED, ISSUED})
IMEI_DIGITS = 15


@dataclass(frozen=True)
class Move:
    """One move of one item, at `at_us`; `zone` is where it lies afterwards, "" for the central stock."""

    item: str
    kind: str
    at_us: int
    now: str
    zone: str = ""


def may_move(was: str, now: str, *, with_kit: bool = False) -> bool:
    """Whether an item may go from `was` to `now`; what enters or leaves a kit moves only with the kit."""
    if (was in KIT_STATES or now in KIT_STATES) and not with_kit:
        return False
    return now in _MOVES[was]


def moves_from(was: str) -> tuple[str, ...]:
    """Where somebody who keeps the stock may move an item by hand."""
    return tuple(state for state in STATES if may_move(was, state))


def counts_at(moves: Iterable[Move], at_us: int) -> Counter[tuple[str, str, str]]:
    """How many items lie where, at a moment: (zone, kind, state) to number. `moves` in the order of their writing."""
    last = {move.item: move for move in moves if move.at_us <= at_us}
    return Counter((move.zone, move.kind, move.now) for move in last.values())


def is_imei(text: str) -> bool:
    """Whether `text` is a telephone's number: 15 digits, the last a check digit (3GPP TS 23.003, annex B; Luhn)."""
    if len(text) != IMEI_DIGITS or not (text.isascii() and text.isdigit()):
        return False
    doubled = [int(digit) * (2 if index % 2 else 1) for index, digit in enumerate(text)]
    return sum(value // 10 + value % 10 for value in doubled) % 10 == 0
