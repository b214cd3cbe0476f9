"""Reach: grants against the number of people who live there, and against reports of stalking."""

from functools import partial

import polars as pl
from django.utils.translation import gettext_noop as _

from egide.evaluation.measures.asking import SPLIT, at_place, rows_in, split_key
from egide.evaluation.records.shapes import Measure, Query, Records


def _is_whole_years(query: Query) -> bool:
    first, last = query.period.first, query.period.last
    return first.month == 1 and last.month == 12


def _ratio(records: Records, query: Query, table: str, factor: float) -> pl.DataFrame | str:
    years = range(query.period.first.year, query.period.last.year + 1)
    if not _is_whole_years(query):
        return "whole-years"
    if query.period.last > records.about.until:
        return "not-yet"
    rows = at_place(records[table], query).filter(pl.col("year").is_in(list(years)))
    # A zone counts where every year of the period was imported.
    whole = (
        rows.group_by("zone")
        .agg(pl.col("year").n_unique().alias("years"))
        .filter(pl.col("years") == len(years))
    )
    rows = rows.join(whole.select("zone"), on="zone", how="semi").with_columns(_split(query))
    if not len(rows):
        return "not-imported"
    grants = rows_in(records, "requests", query, "decided").filter(pl.col("decision") == "granted")
    grants = grants.with_columns(
        split_key(query, "decided"), pl.col("zone").is_in(whole["zone"].implode()).alias("in")
    )
    counts = grants.group_by(SPLIT).agg(
        pl.col("in").sum().alias("count"), pl.col("in").not_().sum().alias("left_out")
    )
    return (
        rows.group_by(SPLIT)
        .agg(pl.col(table).sum().alias("n"))
        .join(counts, on=SPLIT, how="left")
        .with_columns(pl.col("count").fill_null(0), pl.col("left_out").fill_null(0))
        .filter(pl.col("n") > 0)
        .with_columns((pl.col("count") * factor / pl.col("n")).alias("value"))
    )


def _split(query: Query) -> pl.Expr:
    if query.by == "year":
        return pl.col("year").cast(pl.String).alias(SPLIT)
    return split_key(query)


_SPLITS = ("centre", "zone", "office", "year")
MEASURES = (
    Measure(
        id="grants-per-inhabitants",
        group="reach",
        title_en=_("Grants per 100,000 inhabitants and year"),
        population_en=_(
            "Inhabitants of the zones for which every year of the period was imported, each year counted; grants"
            " in other zones are left out and counted."
        ),
        source_en=_("Journal: decisions. Imported: inhabitants."),
        unit="grants per 100,000 inhabitants",
        compute=partial(_ratio, table="inhabitants", factor=100_000.0),
        splits=_SPLITS,
    ),
    Measure(
        id="grants-per-reports",
        group="reach",
        title_en=_("Grants per 100 reports of stalking"),
        population_en=_(
            "Reports of stalking in the zones for which every year of the period was imported; grants in other"
            " zones are left out and counted."
        ),
        source_en=_("Journal: decisions. Imported: reports of stalking."),
        unit="grants per 100 reports",
        compute=partial(_ratio, table="reports", factor=100.0),
        splits=_SPLITS,
    ),
)
