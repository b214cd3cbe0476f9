"""Asks a measure and puts its rows into the shape that everybody reads."""

from typing import Any

import polars as pl

from egide.evaluation.measures import REGISTRY
from egide.evaluation.measures.asking import SPLIT, moments
from egide.evaluation.records.shapes import (
    ASSUMED,
    COUNTED,
    PLACES,
    SPLITS,
    Cell,
    Measure,
    Query,
    Records,
    Result,
)

_FIELDS = ("value", "count", "n", "low", "high", "left_out", "unknown")


class UnknownPlace(LookupError):
    """A place of the question that does not exist; `code` names it."""

    def __init__(self, kind: str, code: str) -> None:
        super().__init__(f"{kind} {code!r} is not known")
        self.kind = kind
        self.code = code


class CannotSplit(ValueError):
    """This measure cannot be split like that."""


class UnknownMeasure(LookupError):
    """There is no such measure."""


def check_query(records: Records, query: Query) -> None:
    """Raises UnknownPlace, CannotSplit."""
    if query.by and query.by not in SPLITS:
        raise CannotSplit(query.by)
    if query.places.kind and query.places.kind not in PLACES:
        raise UnknownPlace(query.places.kind, "")
    known = set(records["places"][query.places.kind]) - {""} if query.places.kind else set()
    for code in query.places.codes:
        if code not in known:
            raise UnknownPlace(query.places.kind, code)


def answer(records: Records, measure: Measure, query: Query) -> Result:
    """The result of one measure. Raises CannotSplit; `check_query` was called before."""
    if query.by and query.by not in measure.splits:
        raise CannotSplit(f"{measure.id} by {query.by}")
    days = moments(Query(query.period), records.about.until)
    on = days[""] if measure.is_stock else None
    dims = (*((query.by,) if query.by else ()), *measure.dims)
    if query.period.first > records.about.until or query.period.last < records.about.since:
        return Result(measure=measure.id, whole=Cell(unknown="no-records"), dims=dims, on=on)
    whole_query = Query(query.period, query.places)
    found = measure.compute(records, whole_query)
    if isinstance(found, str):
        return Result(measure=measure.id, whole=Cell(unknown=found), dims=dims, on=on)
    whole = _whole(_cells(measure, found), measure)
    parts = measure.compute(records, query) if query.by else found
    if isinstance(parts, str):
        return Result(measure=measure.id, whole=whole, dims=dims, on=on)
    cells = _cells(measure, parts)
    if not query.by:
        cells = {keys[1:]: cell for keys, cell in cells.items() if any(keys[1:])}
    cells = {keys: _with_keys(cell, keys) for keys, cell in cells.items()}
    ordered = tuple(cells[keys] for keys in sorted(cells)) if dims else ()
    notes = (ASSUMED,) if measure.id in records.about.assumed and whole.count is not None else ()
    return Result(measure=measure.id, whole=whole, dims=dims, cells=ordered, on=on, notes=notes)


def answers(records: Records, query: Query, ids: tuple[str, ...] = ()) -> dict[str, Result]:
    """The results of these measures, or of all that can be split like that, in the order of the registry.

    Raises UnknownPlace, CannotSplit, UnknownMeasure.
    """
    check_query(records, query)
    missing = [name for name in ids if name not in REGISTRY]
    if missing:
        raise UnknownMeasure(", ".join(missing))
    asked = [
        measure
        for measure in REGISTRY.values()
        if (measure.id in ids if ids else not query.by or query.by in measure.splits)
    ]
    return {measure.id: answer(records, measure, query) for measure in asked}


def _whole(cells: dict[tuple[str, ...], Cell], measure: Measure) -> Cell:
    headline = measure.headline or ("",) * len(measure.dims)
    cell = cells.get(("", *headline))
    if cell is not None:
        return cell
    # Nobody counted is a figure where things are counted; of nobody there is no share and no median.
    return Cell(value=0.0, n=0) if measure.unit in COUNTED else Cell(unknown="nobody", n=0)


def _cells(measure: Measure, rows: pl.DataFrame) -> dict[tuple[str, ...], Cell]:
    """Every row as a cell, by its split and the measure's own keys."""
    names = (SPLIT, *measure.dims)
    found = {}
    for row in rows.iter_rows(named=True):
        keys = tuple(str(row[name] if row[name] is not None else "") for name in names)
        found[keys] = _cell(row)
    return found


def _cell(row: dict[str, Any]) -> Cell:
    known = {name: row[name] for name in _FIELDS if row.get(name) is not None}
    if known.get("value") is None and not known.get("unknown"):
        known["unknown"] = "nobody"
    for name in ("value", "low", "high"):
        if name in known:
            known[name] = float(known[name])
    return Cell(**known)


def _with_keys(cell: Cell, keys: tuple[str, ...]) -> Cell:
    return Cell(
        keys=keys,
        value=cell.value,
        count=cell.count,
        n=cell.n,
        low=cell.low,
        high=cell.high,
        left_out=cell.left_out,
        unknown=cell.unknown,
    )
