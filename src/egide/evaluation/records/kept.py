"""What evaluation keeps of a case that is erased: its finished rows, which name it only by marks of a year."""

import io
from collections.abc import Collection, Iterable
from datetime import date

import polars as pl

from egide.evaluation.records.pseudonyms import Pseudonyms
from egide.evaluation.records.schemas import SCHEMAS
from egide.evaluation.records.shapes import Records

# How a file was left that was erased while it was open.
ERASED = "erased"
_BY_MARK = {
    "requests": "person",
    "courses": "person",
    "deaths": "person",
    "protections": "person",
    "reviews": "person",
    "alarms": "person",
    "kits": "kit",
    "silences": "kit",
}


def rows_about(records: Records, pseudonyms: Pseudonyms, case: str, kits: Iterable[str]) -> dict[str, str]:
    """The rows of one case and its kits, as JSON by table; tables without any are left out.

    From the last day of the records on nothing of the case waits any more, and nobody looks after it.
    """
    found = {}
    for name, is_about in _marked(records, pseudonyms, (case,), tuple(kits)).items():
        rows = _settled(name, records.tables[name].filter(is_about), records.about.until)
        if rows.height:
            found[name] = rows.write_json()
    return found


def without(
    records: Records, pseudonyms: Pseudonyms, cases: Collection[str], kits: Collection[str]
) -> Records:
    """The records without any row of these cases and kits: for a reader whom they bar (safety rule 27)."""
    about = _marked(records, pseudonyms, cases, kits)
    told = {
        name: table.filter(~about[name]) if name in about else table for name, table in records.tables.items()
    }
    return Records(records.about, told)


def _marked(
    records: Records, pseudonyms: Pseudonyms, cases: Collection[str], kits: Collection[str]
) -> dict[str, pl.Expr]:
    """By table, which of its rows are about one of these."""
    subjects, found = {"person": cases, "kit": kits}, {}
    for name, mark in _BY_MARK.items():
        years = records.tables[name]["period"].drop_nulls().unique()
        marks = [pseudonyms.mark(year, mark, who) for year in years for who in subjects[mark]]
        found[name] = pl.col(mark).is_in(marks).fill_null(value=False)
    return found


def _settled(name: str, rows: pl.DataFrame, day: date) -> pl.DataFrame:
    """What was open is over: a request without a decision, a review, the course of a file."""
    match name:
        case "requests":
            return rows.with_columns(pl.col("decided").fill_null(day))
        case "reviews":
            return rows.with_columns(pl.col("settled").fill_null(day))
        case "courses":
            days = (pl.lit(day) - pl.col("decided")).dt.total_days().cast(pl.Int32)
            return rows.with_columns(pl.col("left_days").fill_null(days), pl.col("left").fill_null(ERASED))
        case _:
            return rows


def with_kept(tables: dict[str, pl.DataFrame], kept: Iterable[dict[str, str]]) -> dict[str, pl.DataFrame]:
    """The tables with the rows of cases that were erased."""
    more: dict[str, list[pl.DataFrame]] = {}
    for one in kept:
        for name, rows in one.items():
            more.setdefault(name, []).append(pl.read_json(io.StringIO(rows), schema=SCHEMAS[name]))
    return {
        name: pl.concat([table, *more[name]]).sort(list(SCHEMAS[name]), nulls_last=True)
        if name in more
        else table
        for name, table in tables.items()
    }
