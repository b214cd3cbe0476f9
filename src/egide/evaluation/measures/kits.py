"""Kits: how many could be used, how many are, and for how many hours nothing was heard of them."""

from dataclasses import replace
from datetime import date, timedelta

import polars as pl
from django.utils.translation import gettext_noop as _

from egide.evaluation.measures.asking import SPLIT, at_place, counted, rows_in, split_key, standing
from egide.evaluation.records.shapes import BY_PLACE_AND_TIME, Measure, Query, Records

USABLE = ("stock", "zone", "prepared", "issued")
MONTH_DAYS = 30


def _usable(records: Records, query: Query) -> pl.DataFrame:
    rows = standing(records, "items", query)
    return counted(rows.filter((pl.col("what") == "button") & pl.col("state").is_in(USABLE)))


def _in_use(records: Records, query: Query) -> pl.DataFrame:
    return counted(standing(records, "kits", query))


def kit_days(records: Records, query: Query) -> pl.DataFrame:
    """Days on which kits were out in the period, `kit_days` for each split."""
    last = min(query.period.last, records.about.until)
    rows = at_place(records["kits"], query)
    if query.by not in ("month", "year"):
        return rows.group_by(split_key(query)).agg(_days_between(query.period.first, last))
    parts = query.period.months() if query.by == "month" else query.period.years()
    form = "%Y-%m" if query.by == "month" else "%Y"
    # Month by month: every kit beside every month would be all rows a hundred times.
    return pl.concat(
        rows.group_by(pl.lit(f"{part.first:{form}}").alias(SPLIT)).agg(
            _days_between(part.first, min(part.last, last))
        )
        for part in parts
        if part.first <= last
    )


def _days_between(first: date, last: date) -> pl.Expr:
    """The days of all kits from `first` to `last`, both included."""
    after = pl.lit(last + timedelta(days=1))
    until = pl.min_horizontal(pl.coalesce(pl.col("ends"), after), after)
    days = (until - pl.max_horizontal(pl.col("begins"), pl.lit(first))).dt.total_days()
    return days.clip(lower_bound=0).sum().alias("kit_days")


def _silent(records: Records, query: Query) -> pl.DataFrame | str:
    since = records.about.silence_since
    if since is None or query.period.last < since:
        return "not-recorded"
    # Before that day a kit without a silence is not known to have had none.
    query = replace(query, period=replace(query.period, first=max(query.period.first, since)))
    silent = rows_in(records, "silences", query, "day").with_columns(split_key(query, "day"))
    hours = silent.group_by(SPLIT).agg(pl.col("hours").cast(pl.Float64).sum())
    return (
        kit_days(records, query)
        .filter(pl.col("kit_days") > 0)
        .join(hours, on=SPLIT, how="left")
        .select(
            SPLIT,
            (pl.col("hours").fill_null(0.0) / pl.col("kit_days") * MONTH_DAYS).alias("value"),
            pl.col("kit_days").alias("n"),
        )
    )


MEASURES = (
    Measure(
        id="kits-usable",
        group="kits",
        title_en=_("Kits usable"),
        population_en=_(
            "Buttons of the authority that are in stock, in a zone, being made ready or out on the last day; not"
            " those in repair, lost or retired."
        ),
        source_en=_("Journal: moves of the stock."),
        unit="kits",
        compute=_usable,
        splits=BY_PLACE_AND_TIME,
        is_stock=True,
    ),
    Measure(
        id="kits-in-use",
        group="kits",
        title_en=_("Kits in use"),
        population_en=_("Kits that are out with somebody on the last day."),
        source_en=_("Journal: kits that left the house, came back or were lost."),
        unit="kits",
        compute=_in_use,
        splits=BY_PLACE_AND_TIME,
        is_stock=True,
    ),
    Measure(
        id="silent-hours",
        group="kits",
        title_en=_("Silent hours"),
        population_en=_(
            "Days on which a kit was out in the period, from the first day on which supervision told of anything;"
            " hours in which nothing was heard of it, for each kit and 30 days. Silences that ended before the person"
            " was told (20 to 60 minutes, by the level of danger) are not among them."
        ),
        source_en=_("Journal: kits that fell silent and were heard again."),
        unit="hours per kit and 30 days",
        compute=_silent,
        splits=BY_PLACE_AND_TIME,
    ),
)
