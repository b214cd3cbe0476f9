"""What evaluation keeps of a case that is erased: its finished rows, which name it only by marks of a year."""

import io
from collections.abc import Iterable

import polars as pl

from egide.evaluation.pseudonyms import Pseudonyms
from egide.evaluation.records import SCHEMAS
from egide.evaluation.shapes import Records

_BY_MARK = {
    "requests": "person",
    "courses": "person",
    "protections": "person",
    "reviews": "person",
    "alarms": "person",
    "kits": "kit",
}


def rows_about(records: Records, pseudonyms: Pseudonyms, case: str, kits: Iterable[str]) -> dict[str, str]:
    """The rows of one case and its kits, as JSON by table; tables without any are left out."""
    subjects = {"person": (case,), "kit": tuple(kits)}
    found = {}
    for name, mark in _BY_MARK.items():
        table = records.tables[name]
        years = table["period"].drop_nulls().unique()
        marks = [pseudonyms.mark(year, mark, who) for year in years for who in subjects[mark]]
        rows = table.filter(pl.col(mark).is_in(marks))
        if rows.height:
            found[name] = rows.write_json()
    return found


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
