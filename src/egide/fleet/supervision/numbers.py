"""The fleet in numbers: in stock, in use, silent, faulty, by zone and model, now and over time. No file is opened.

Everything is counted by its button, of which each kit has one. What nobody has recorded is unknown, never 0.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from egide.fleet.models import Item, ItemMove
from egide.fleet.stock import rules as stock
from egide.fleet.supervision import rules as watch
from egide.journal.queries import watched as queries_watched
from egide.outbox.service import journal

STOCK, USED, SILENT, DUE, FAILED, OTHER, FAULTY = (
    "stock",
    "used",
    "silent",
    "test-due",
    "test-failed",
    "other",
    "faulty",
)
COLUMNS = (STOCK, USED, SILENT, DUE, FAILED, OTHER, FAULTY)
# What a kit in use can have, as supervision found it; whatever stands in none of them is "something else".
_FOUND = {watch.SILENT: SILENT, watch.TEST_DUE: DUE, watch.TEST_FAILED: FAILED}
_COLUMN_OF = {
    stock.STOCK: STOCK,
    stock.ZONE: STOCK,
    stock.PREPARED: STOCK,
    stock.ISSUED: USED,
    stock.REPAIR: FAULTY,
}


@dataclass(frozen=True)
class Chosen:
    """Which part of the fleet is counted: every zone (None) or these, and one model ("" for all).

    `hidden` are kits that must not exist for the reader (safety rule 27).
    """

    zones: frozenset[str] | None = None
    model: str = ""
    hidden: frozenset[str] = frozenset()


@dataclass
class FleetLine:
    """Numbers of one zone or model. `watched` are the kits in use that somebody watches over."""

    key: str
    numbers: Counter[str]
    watched: int = 0

    def is_empty(self, column: str) -> bool:
        """Whether there is no kit in use of which this could be said."""
        return column in (*_FOUND.values(), OTHER) and not self.numbers[USED]

    def known(self, column: str) -> int | None:
        """A number, None where nobody can know it: silence of kits that nobody watches over."""
        if column in (*_FOUND.values(), OTHER) and self.numbers[USED] and not self.watched:
            return None
        return self.numbers[column]


@dataclass(frozen=True)
class Moment:
    """The fleet at the end of a day or month; None is unknown."""

    at_us: int
    numbers: dict[str, int | None]


def fleet_now(chosen: Chosen) -> tuple[FleetLine, list[FleetLine], list[FleetLine]]:
    """The whole, by zone ("" is the central stock) and by model."""
    watched = queries_watched.watched_kits(journal())
    wrong: dict[str, set[str]] = {}
    for kit, what in queries_watched.open_troubles(journal()):
        wrong.setdefault(kit, set()).add(what)
    whole = FleetLine("", Counter())
    zones: dict[str, FleetLine] = {}
    models: dict[str, FleetLine] = {}
    for zone, model, state, kit in _buttons(chosen).values_list("zone", "model", "state", "kit"):
        column = _COLUMN_OF.get(state)
        if column is None or kit in chosen.hidden:
            continue
        lines = (
            whole,
            zones.setdefault(zone, FleetLine(zone, Counter())),
            models.setdefault(model, FleetLine(model, Counter())),
        )
        for line in lines:
            line.numbers[column] += 1
            if column == USED:
                line.watched += kit in watched
                line.numbers.update({_FOUND.get(what, OTHER) for what in wrong.get(kit, ())})
    return whole, list(zones.values()), list(models.values())


def models_known(chosen: Chosen) -> list[str]:
    """The names of all models of buttons in these zones."""
    rows = _buttons(Chosen(chosen.zones)).exclude(kit__in=chosen.hidden).order_by("model")
    return list(rows.values_list("model", flat=True).distinct())


def fleet_over(chosen: Chosen, moments_us: Sequence[int]) -> list[Moment]:
    """The fleet at each of these moments, in order of time, from one reading of the moves and silences."""
    counts, first_us = _moved(chosen, moments_us)
    silent, watched_since_us = _silent(chosen, moments_us)
    return [
        Moment(
            at_us,
            {
                name: counts[index][name] if first_us is not None and first_us <= at_us else None
                for name in (STOCK, USED, FAULTY)
            }
            | {SILENT: silent[index] if watched_since_us is not None and watched_since_us <= at_us else None},
        )
        for index, at_us in enumerate(moments_us)
    ]


def _buttons(chosen: Chosen) -> QuerySet[Item]:
    rows = Item.objects.filter(kind=stock.BUTTON)
    if chosen.zones is not None:
        rows = rows.filter(zone__in=chosen.zones)
    return rows.filter(model=chosen.model) if chosen.model else rows


def _moved(chosen: Chosen, moments_us: Sequence[int]) -> tuple[list[Counter[str]], int | None]:
    """Numbers of buttons by column at each moment, and when the first move was recorded at all."""
    rows = ItemMove.objects.filter(item__kind=stock.BUTTON).order_by("item_id", "id")
    if chosen.model:
        rows = rows.filter(item__model=chosen.model)
    found, first_us = [Counter[str]() for _ in moments_us], None
    steps: list[tuple[int, str | None]] = []
    last = ""
    for item, at_us, now, zone, kit in rows.values_list("item_id", "at_us", "now", "zone", "kit"):
        first_us = at_us if first_us is None else min(first_us, at_us)
        if item != last:
            _add(found, steps, moments_us)
            steps, last = [], item
        is_ours = (chosen.zones is None or zone in chosen.zones) and kit not in chosen.hidden
        steps.append((at_us, _COLUMN_OF.get(now) if is_ours else None))
    _add(found, steps, moments_us)
    return found, first_us


def _add(found: list[Counter[str]], steps: list[tuple[int, str | None]], moments_us: Sequence[int]) -> None:
    """Count one button at each moment: it is where its last move before has put it."""
    times = [at_us for at_us, _column in steps]
    for counter, moment_us in zip(found, moments_us, strict=True):
        index = bisect_right(times, moment_us)
        column = steps[index - 1][1] if index else None
        if column is not None:
            counter[column] += 1


def _silent(chosen: Chosen, moments_us: Sequence[int]) -> tuple[list[int], int | None]:
    """Kits that were silent at each moment, and since when anybody has watched."""
    since_us = queries_watched.first_watched_us(journal())
    if not moments_us:
        return [], since_us
    rows = queries_watched.silences(journal(), sorted(_kits(chosen)), moments_us[0])
    counts = [
        len({kit for kit, begun, ended in rows if begun <= at_us and (ended is None or ended > at_us)})
        for at_us in moments_us
    ]
    return counts, since_us


def _kits(chosen: Chosen) -> Collection[str]:
    """The kits that these buttons ever belonged to."""
    rows = ItemMove.objects.filter(item__in=_buttons(chosen)).exclude(kit="")
    return set(rows.values_list("kit", flat=True)) - chosen.hidden


def shares(lines: Iterable[FleetLine]) -> list[FleetLine]:
    """Lines with the most kits in use first, those with nothing at all left out."""
    filled = [line for line in lines if any(line.numbers.values())]
    return sorted(filled, key=lambda line: (-line.numbers[USED], line.key))
