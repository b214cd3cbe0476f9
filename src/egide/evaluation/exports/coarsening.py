"""What leaves in an export is coarser than what the service counts with: a file that gets lost points at nobody.

Somebody who knows that a neighbour pressed on a Tuesday evening in one zone must not find her row, nor her year.
So place, time and durations lose what would single out a row; marks still join rows of one year, which is what science
needs. Rows about bodies, such as inhabitants of a zone, stay as they are.
"""

import polars as pl

from egide.evaluation.records.schemas import SCHEMAS
from egide.evaluation.records.shapes import Cell, Measure, Places

BODIES = frozenset({"places", "inhabitants", "reports", "sign_offs"})
LEFT_OUT = frozenset({"zone", "office", "managing_zone"})
# A death is known to others: with a mark or a month it would lead from there to all rows of somebody's year.
KNOWN_TO_OTHERS = {"deaths": frozenset({"person", "day"})}
FINE_SPLITS = frozenset({"zone", "office", "hour"})
# The smallest number of people of whom a percentile or a mean is handed out, as in published tables (decision 0019).
LEAST = 5
TOO_FEW = "few"
# What is measured of somebody; everything else is counted.
_MEASURED = frozenset({"seconds", "days"})
_PART_OF_DAY_H, _WEEK = 6, 7
_SHORT_S, _SHORT_STEP_S, _LONG_STEP_S = 120, 10, 60

EXPORTED = {
    name: schema
    if name in BODIES
    else {
        one: kind
        for one, kind in schema.items()
        if one not in LEFT_OUT and one not in KNOWN_TO_OTHERS.get(name, ())
    }
    for name, schema in SCHEMAS.items()
}


def may_leave(places: Places) -> bool:
    """Whether an export of these places is coarse enough: the country, or areas of dispatch centres."""
    return places.kind in ("", "centre")


def coarse(name: str, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows as they leave, in an order that reveals nothing."""
    if name in BODIES:
        return rows
    columns = EXPORTED[name]
    if name == "courses":
        rows = rows.with_columns(pl.col("left").replace("died", "ended"))
    return rows.select(_coarse(one, kind) for one, kind in columns.items()).sort(
        list(columns), nulls_last=True
    )


def _coarse(name: str, kind: pl.DataType | type[pl.DataType]) -> pl.Expr:
    column = pl.col(name)
    if kind == pl.Date:
        return column.dt.truncate("1mo")
    if name == "hour":
        return (column // _PART_OF_DAY_H * _PART_OF_DAY_H).cast(kind)
    if name == "days" or name.endswith("_days"):
        return _up(column, _WEEK).cast(kind)
    if name.endswith("_s"):
        short = _up(column, _SHORT_STEP_S)
        return (
            pl.when(column <= _SHORT_S)
            .then(short)
            .otherwise(_up(column, _LONG_STEP_S))
            .cast(kind)
            .alias(name)
        )
    return column


def _up(column: pl.Expr, step: int) -> pl.Expr:
    return (column + (step - 1)) // step * step


def splits_of(measure: Measure) -> tuple[str, ...]:
    """By what a measure is split in an export; "" is the whole."""
    return ("", *(split for split in measure.splits if split not in FINE_SPLITS))


def is_enough(measure: Measure, cell: Cell) -> bool:
    """Whether a figure may leave: what was measured of a few people is their own time."""
    return measure.unit not in _MEASURED or cell.value is None or (cell.n or 0) >= LEAST
