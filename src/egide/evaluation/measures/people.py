"""People under protection: how many, for how long, and who became a victim again."""

from datetime import timedelta
from functools import partial

import polars as pl
from django.utils.translation import gettext_noop as _

from egide.evaluation.measures.asking import (
    SPLIT,
    at_place,
    counted,
    moments,
    quantiles,
    rows_in,
    split_key,
    standing,
)
from egide.evaluation.records.shapes import BY_PLACE_AND_TIME, PLACES, Measure, Query, Records

# Six and twelve months in days, as the risk analysis counts them.
WINDOWS = {6: 183, 12: 365}


def _ever(records: Records, query: Query) -> pl.DataFrame:
    first = at_place(records["protections"], query).filter(pl.col("is_first"))
    split = split_key(query) if query.by in PLACES else None
    # Each day is counted by itself: all its rows at once would be all rows a hundred times.
    return pl.concat(
        counted(
            first.filter(pl.col("begins") <= day).with_columns(
                pl.lit(key).alias(SPLIT) if split is None else split
            )
        )
        for key, day in moments(query, records.about.until).items()
    )


def _new(records: Records, query: Query) -> pl.DataFrame:
    rows = rows_in(records, "protections", query, "begins").filter(pl.col("is_first"))
    return counted(rows.with_columns(split_key(query, "begins")))


def _now(records: Records, query: Query) -> pl.DataFrame:
    return counted(standing(records, "protections", query))


def _duration(records: Records, query: Query) -> pl.DataFrame:
    ended = rows_in(records, "protections", query, "ends").filter(pl.col("is_last"))
    return quantiles(ended.with_columns(split_key(query, "ends")), "days")


def _again(records: Records, query: Query, days: int) -> pl.DataFrame:
    rows = rows_in(records, "courses", query, "decided").with_columns(split_key(query, "decided"))
    is_over = pl.col("decided") + timedelta(days=days) <= records.about.until
    happened = pl.col("incident_days").is_not_null() & (pl.col("incident_days") <= days)
    unseen = happened.not_() & pl.col("left_days").is_not_null() & (pl.col("left_days") < days)
    judged = rows.with_columns(
        (is_over & happened).alias("yes"), (is_over & unseen).alias("unseen"), is_over.alias("is_over")
    )
    both = pl.concat([judged.with_columns(pl.lit("").alias("decision")), judged])
    n = pl.col("n").cast(pl.Float64)
    return (
        both.group_by(SPLIT, "decision")
        .agg(
            pl.col("yes").sum().alias("count"),
            pl.col("is_over").sum().alias("n"),
            pl.col("unseen").sum(),
            pl.col("is_over").not_().sum().alias("left_out"),
        )
        .with_columns(
            pl.when(n > 0).then(pl.col("count") / n).alias("value"),
            pl.when(n > 0).then(pl.col("count") / n).alias("low"),
            pl.when(n > 0).then((pl.col("count") + pl.col("unseen")) / n).alias("high"),
            pl.when(n > 0).then(pl.lit("")).otherwise(pl.lit("not-yet")).alias("unknown"),
        )
        .drop("unseen")
    )


_DECISIONS = {
    "granted": _("granted"),
    "refused": _("refused"),
    "dropped": _("request withdrawn, or died before"),
}
PERCENTILE_WORDS = {
    "p10": _("one in ten is below"),
    "p50": _("half are below (median)"),
    "p90": _("nine in ten are below"),
    "p95": _("nineteen in twenty are below"),
}
_AGAIN_POPULATION = _(
    "Every file with a first decision in the period whose {months} months are over on the last day of the"
    " records. Files"
    " that were refused, withdrawn or dropped stay in, and so do people who were killed, before a decision too. An"
    " incident is an alarm that ended with a founded outcome, a report that was added to the file, or a death behind"
    " which violence by the perpetrator is known or suspected: hers, of a child or a relative. No effect can be read"
    " from this: that would need a comparison with people who had no alarm."
)
_AGAIN_INTERVAL = _(
    "From what is on record to what it would be if everybody whose file was closed before the end of these months had"
    " become a victim again."
)
_AGAIN_SOURCE = _("Journal: decisions, reports added to files, outcomes of alarms, deaths, ends of files.")
_KIT_SOURCE = _("Journal: kits that left the house, came back or were lost.")

MEASURES = (
    Measure(
        id="protected-ever",
        group="people",
        title_en=_("People protected so far"),
        population_en=_(
            "Files whose first kit left the house on or before the last day. Somebody whose file was opened anew"
            " under"
            " another number counts twice: no name enters the records."
        ),
        source_en=_KIT_SOURCE,
        unit="people",
        compute=_ever,
        splits=BY_PLACE_AND_TIME,
        is_stock=True,
    ),
    Measure(
        id="protected-new",
        group="people",
        title_en=_("People newly protected"),
        population_en=_("Files whose first kit left the house in the period."),
        source_en=_KIT_SOURCE,
        unit="people",
        compute=_new,
        splits=BY_PLACE_AND_TIME,
    ),
    Measure(
        id="protected-now",
        group="people",
        title_en=_("People protected on the last day"),
        population_en=_("Files with at least one kit that is out on the last day."),
        source_en=_KIT_SOURCE,
        unit="people",
        compute=_now,
        splits=BY_PLACE_AND_TIME,
        is_stock=True,
    ),
    Measure(
        id="protection-days",
        group="people",
        title_en=_("Duration of protection"),
        population_en=_(
            "Files whose protection ended in the period; days with a kit out, from the first to the last. Those that"
            " still run are not among them, so that long ones appear late."
        ),
        source_en=_KIT_SOURCE,
        unit="days",
        compute=_duration,
        dims=("percentile",),
        headline=("p50",),
        splits=("centre", "zone", "office", "year"),
        words=PERCENTILE_WORDS,
    ),
    *(
        Measure(
            id=f"victim-again-{months}",
            group="people",
            title_en=_("Victim again within 6 months") if months == 6 else _("Victim again within 12 months"),
            population_en=_AGAIN_POPULATION,
            source_en=_AGAIN_SOURCE,
            unit="share",
            compute=partial(_again, days=days),
            dims=("decision",),
            splits=("centre", "zone", "office", "year"),
            words=_DECISIONS,
            interval_en=_AGAIN_INTERVAL,
            numbers={"months": months},
        )
        for months, days in WINDOWS.items()
    ),
)
