"""What every measure does first: take the rows of a period and a place, and say by what they are split."""

from datetime import date

import polars as pl

from egide.evaluation.measures.statistics import wilson_columns
from egide.evaluation.records.shapes import PLACES, Query, Records

# The split of a row, "" for the whole; one row may stand for both.
SPLIT = "split"


def rows_in(records: Records, table: str, query: Query, day: str) -> pl.DataFrame:
    """The rows of `table` whose `day` lies in the period, at the place.

    Many measures ask for the same rows one after the other: those that were asked for last are kept.
    """
    asked = (table, query.period, query.places, day)
    kept = records.taken.get(asked)
    if kept is None:
        last = min(query.period.last, records.about.until)
        rows = records[table]
        is_in = rows[day].is_between(query.period.first, last)
        # A day that is not there is in no period. Days first: numbers are compared faster than names of places.
        kept = at_place(rows if is_in.sum() == len(rows) else rows.filter(is_in), query)
        records.taken.clear()
        records.taken[asked] = kept
    return kept


def at_place(rows: pl.DataFrame, query: Query) -> pl.DataFrame:
    """The rows of the place that was asked for."""
    if not query.places.kind:
        return rows
    return rows.filter(pl.col(query.places.kind).is_in(list(query.places.codes)))


def split_key(query: Query, day: str = "") -> pl.Expr:
    """The value by which a row is split, as text."""
    match query.by:
        case "":
            return pl.lit("").alias(SPLIT)
        case "month":
            return pl.col(day).dt.strftime("%Y-%m").alias(SPLIT)
        case "year":
            return pl.col(day).dt.year().cast(pl.String).alias(SPLIT)
        case "hour":
            return pl.col("hour").cast(pl.String).str.zfill(2).alias(SPLIT)
        case place:
            return pl.col(place).alias(SPLIT)


def moments(query: Query, until: date) -> dict[str, date]:
    """The days on which a stock is counted: the last of the period, or of each month or year of it that has begun.

    The last one of all is the last day of the records where the period goes on beyond it.
    """
    if query.by not in ("month", "year"):
        return {"": min(query.period.last, until)}
    parts = query.period.months() if query.by == "month" else query.period.years()
    return {
        str(part) if query.by == "month" else str(part.first.year): min(part.last, until)
        for part in parts
        if part.first <= until
    }


def standing(
    records: Records, table: str, query: Query, begins: str = "begins", ends: str = "ends"
) -> pl.DataFrame:
    """The rows of `table` that hold at the moments asked for, once for each, with their split."""
    # Nobody asks whose rows they are, and without their marks they are half as large.
    rows = at_place(records[table], query).drop("person", "kit", strict=False)
    days = moments(query, records.about.until)
    frames = [
        rows.filter((pl.col(begins) <= day) & (pl.col(ends).is_null() | (pl.col(ends) > day))).with_columns(
            pl.lit(key).alias(SPLIT)
        )
        for key, day in days.items()
    ]
    found = pl.concat(frames) if frames else rows.clear().with_columns(pl.lit("").alias(SPLIT))
    return found.with_columns(pl.col(query.by).alias(SPLIT)) if query.by in PLACES else found


def counted(rows: pl.DataFrame, *dims: str) -> pl.DataFrame:
    """How many rows there are for each split and dimension: `value` and `n`."""
    return rows.group_by(SPLIT, *dims).agg(pl.len().cast(pl.Float64).alias("value"), pl.len().alias("n"))


def shares(rows: pl.DataFrame, yes: pl.Expr, *dims: str, left_out: pl.Expr | None = None) -> pl.DataFrame:
    """The share of rows for which `yes` holds among those for which it is known; null is left out and counted."""
    known = yes.is_not_null()
    return (
        rows.group_by(SPLIT, *dims)
        .agg(
            yes.sum().alias("count"),
            known.sum().alias("n"),
            (known.not_().sum() if left_out is None else left_out.sum()).alias("left_out"),
        )
        .with_columns(*wilson_columns())
    )


def quantiles(rows: pl.DataFrame, column: str, *dims: str) -> pl.DataFrame:
    """Percentiles of `column`, one row for each; nulls are left out and counted."""
    value = pl.col(column)
    found = rows.group_by(SPLIT, *dims).agg(
        *(value.quantile(share, "linear").alias(name) for name, share in PERCENTILES.items()),
        value.count().alias("n"),
        value.null_count().alias("left_out"),
    )
    return found.unpivot(
        on=list(PERCENTILES),
        index=[SPLIT, *dims, "n", "left_out"],
        variable_name="percentile",
        value_name="value",
    )


PERCENTILES = {"p10": 0.1, "p50": 0.5, "p90": 0.9, "p95": 0.95}
