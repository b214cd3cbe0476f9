"""Figures as people read them: never without population, unit and source, and never a 0 that means "unknown"."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.dateformat import format as format_date
from django.utils.formats import number_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from egide.access.templatetags.units import day, duration
from egide.common import plots
from egide.evaluation.service import UNKNOWN, Cell, Compared, Measure, Result, dim_word
from egide.rollout import service as rollout

# Units whose name is said already by the measure's own title.
_RATES = ("grants per 100,000 inhabitants", "grants per 100 reports", "hours per kit and 30 days")
_MOST_SERIES = 6
_MEDIAN = "p50"
_EMPTY = mark_safe("")
_PLACES = ("centre", "zone", "office")
_OVER_TIME = ("month", "year", "hour")


@dataclass(frozen=True)
class Number:
    """One figure in words. `of` says of how many, `interval` gives both bounds, `unknown` the reason for none."""

    text: str
    of: str = ""
    interval: str = ""
    left_out: str = ""
    unknown: str = ""


@dataclass(frozen=True)
class PlotRow:
    """One line of a table: its heads, its figure."""

    heads: tuple[str, ...]
    number: Number


@dataclass(frozen=True)
class Table:
    """Everything that a plot draws, in words."""

    heads: tuple[str, ...]
    rows: tuple[PlotRow, ...]


@dataclass(frozen=True)
class ShownMeasure:
    """A measure with its figure, ready for a page; `svg` and `table` where it has parts, `compared` where it says what
    was held against what."""

    measure: Measure
    number: Number
    on: str
    notes: tuple[str, ...]
    table: Table | None = None
    svg: SafeString = _EMPTY
    other: Number | None = None
    compared: Sequence[tuple[str, str]] = ()


def shown(
    measure: Measure, result: Result, other: Result | None = None, *, with_parts: bool = True
) -> ShownMeasure:
    """A result for a page; `other` is that of the period it is compared with."""
    has_parts = with_parts and bool(result.cells)
    return ShownMeasure(
        measure=measure,
        number=number_of(measure, result.whole),
        on=_("on %(day)s") % {"day": day(result.on)} if result.on else "",
        notes=result.note_texts(),
        table=table_of(measure, result) if has_parts else None,
        svg=draw(measure, result, other) if has_parts else _EMPTY,
        other=number_of(measure, other.whole) if other else None,
    )


def number_of(measure: Measure, cell: Cell) -> Number:
    """A figure in words."""
    left_out = ""
    if cell.left_out:
        left_out = ngettext("%(n)s left out", "%(n)s left out", cell.left_out) % {"n": whole(cell.left_out)}
    if cell.value is None:
        reason = str(_(UNKNOWN[cell.unknown])) if cell.unknown in UNKNOWN else ""
        return Number(_("unknown"), left_out=left_out, unknown=reason)
    of = ""
    if cell.count is not None and cell.n is not None:
        of = _("%(count)s of %(n)s") % {"count": whole(cell.count), "n": whole(cell.n)}
    elif cell.n is not None and measure.unit in ("days", "seconds"):
        of = _("of %(n)s") % {"n": whole(cell.n)}
    interval = ""
    if cell.low is not None and cell.high is not None:
        interval = _("%(low)s to %(high)s") % {
            "low": value_text(measure.unit, cell.low),
            "high": value_text(measure.unit, cell.high),
        }
    return Number(value_text(measure.unit, cell.value), of, interval, left_out)


def compared_rows(found: Compared) -> list[tuple[str, str]]:
    """What is compared and what is left out, each with its number; the times of both only where there are some."""
    rows = [
        (_("Alarms"), found.alarms),
        (_("left out: no team went"), found.without_team),
        (_("left out: arrival not known"), found.without_arrival),
        (_("left out: no ordinary call in the same zone and hour"), found.without_calls),
        (_("Alarms that are compared"), found.compared),
        (_("Ordinary urgent calls"), found.calls),
        (_("left out: no alarm in the same zone and hour"), found.calls_apart),
        (_("Calls that are compared"), found.calls_compared),
    ]
    told = [(head, whole(number)) for head, number in rows]
    if found.alarm_s is not None and found.call_s is not None:
        told.append((_("Mean until people were on the spot, after these calls"), duration(found.call_s)))
        told.append((_("Mean until people were on the spot, after these alarms"), duration(found.alarm_s)))
    return told


def value_text(unit: str, value: float) -> str:
    """A value with its unit: "89.6 %", "9 min 12 s", "34 days", "1,204"."""
    if unit == "share":
        return f"{_decimal(100 * value, 1)} %"
    if unit == "seconds":
        return duration(value)
    if unit == "days":
        number = _decimal(value, 0 if value >= 10 else 1)
        return ngettext("%(number)s day", "%(number)s days", 1 if value == 1 else 2) % {"number": number}
    if unit in _RATES:
        return _decimal(value, 1)
    return whole(value)


def _decimal(value: float, places: int) -> str:
    """Rounded; the formatting alone would cut the digits off."""
    return number_format(round(value, places), decimal_pos=places, force_grouping=True)


def whole(value: float) -> str:
    """A whole number with its thousands grouped."""
    return number_format(round(value), force_grouping=True)


def table_of(measure: Measure, result: Result) -> Table:
    """Every part of a result, with the names of its keys."""
    heads = tuple(dim_word(dim) for dim in result.dims)
    label = _labels(measure, result.dims)
    rows = tuple(PlotRow(label(cell.keys), number_of(measure, cell)) for cell in result.cells)
    return Table(heads, rows)


def _labels(measure: Measure, dims: Sequence[str]) -> Callable[[Sequence[str]], tuple[str, ...]]:
    """Names keys of these dimensions; the names of places are looked up once."""
    names = {dim: rollout.places_of(dim) for dim in dims if dim in _PLACES}

    def named(keys: Sequence[str]) -> tuple[str, ...]:
        return tuple(_label(measure, dim, key, names) for dim, key in zip(dims, keys, strict=True))

    return named


def _label(measure: Measure, dim: str, key: str, names: Mapping[str, Mapping[str, str]]) -> str:
    if not key:
        return _("all") if dim not in _PLACES else _("unknown")
    if dim in names:
        return names[dim].get(key, key)
    if dim == "month":
        return format_date(date.fromisoformat(key + "-01"), "M Y")
    if dim == "hour":
        return f"{int(key)} h"
    return measure.word(key)


# Plots


def draw(measure: Measure, result: Result, other: Result | None = None) -> SafeString:
    """The plot of a result: over time a line for each kind, otherwise bars."""
    if not result.dims:
        return _EMPTY
    if result.dims[0] in _OVER_TIME:
        return mark_safe(plots.for_page(plots.lines, _over_time(measure, result)))
    return mark_safe(plots.for_page(plots.bars, _side_by_side(measure, result, other)))


def _over_time(measure: Measure, result: Result) -> plots.Plot:
    keys = sorted({cell.keys[0] for cell in result.cells})
    kinds: dict[tuple[str, ...], dict[str, Cell]] = {}
    for cell in result.cells:
        kinds.setdefault(cell.keys[1:], {})[cell.keys[0]] = cell
    if len(kinds) > _MOST_SERIES:
        # The whole, or the median of each, where there are too many kinds to tell apart.
        few = {keys: cells for keys, cells in kinds.items() if not any(keys) or _MEDIAN in keys}
        kinds = dict(list((few or kinds).items())[:_MOST_SERIES])
    kind_label = _labels(measure, result.dims[1:])
    series = [
        plots.Series(" · ".join(kind_label(kind)), [_point(measure, cells.get(key)) for key in keys])
        for kind, cells in kinds.items()
    ]
    labels = [_labels(measure, result.dims[:1])((key,))[0] for key in keys]
    return _plot(measure, labels, series)


def _side_by_side(measure: Measure, result: Result, other: Result | None) -> plots.Plot:
    cells = [cell for cell in result.cells if any(cell.keys)]
    label = _labels(measure, result.dims)
    labels = [" · ".join(label(cell.keys)) for cell in cells]
    series = [plots.Series(_("this period") if other else "", [_point(measure, cell) for cell in cells])]
    if other:
        known = {cell.keys: cell for cell in other.cells}
        points = [_point(measure, known.get(cell.keys)) for cell in cells]
        series.append(plots.Series(_("period to compare with"), points))
    return _plot(measure, labels, series)


def _plot(measure: Measure, labels: list[str], series: list[plots.Series]) -> plots.Plot:
    return plots.Plot(
        title=_("%(title)s; the table below says the same") % {"title": measure.title},
        labels=labels,
        series=series,
        show=lambda value: value_text(measure.unit, value),
        unknown=_("unknown"),
        highest=1.0 if measure.unit == "share" else None,
    )


def _point(measure: Measure, cell: Cell | None) -> plots.Point:
    """A missing part is zero where things are counted, and unknown elsewhere."""
    if cell is None:
        return plots.Point(0.0 if measure.unit in ("people", "kits", "files", "alarms") else None)
    return plots.Point(cell.value, cell.low, cell.high)
