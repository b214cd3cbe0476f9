"""Requests, decisions and how long they take, reviews that are overdue."""

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
from egide.evaluation.measures.people import PERCENTILE_WORDS
from egide.evaluation.records.shapes import BY_PLACE_AND_TIME, PLACES, Measure, Query, Records


def _requests(records: Records, query: Query) -> pl.DataFrame:
    return counted(
        rows_in(records, "requests", query, "requested").with_columns(split_key(query, "requested"))
    )


def _decided(records: Records, query: Query) -> pl.DataFrame:
    """What the prosecutor decided: a request that the person took back is settled, and no decision."""
    rows = rows_in(records, "requests", query, "decided").filter(
        pl.col("decision").is_in(["granted", "refused"])
    )
    return rows.with_columns(split_key(query, "decided"))


def _decisions(records: Records, query: Query) -> pl.DataFrame:
    rows = _decided(records, query)
    return counted(pl.concat([rows.with_columns(pl.lit("").alias("decision")), rows]), "decision")


def _decision_days(records: Records, query: Query) -> pl.DataFrame:
    waited = (pl.col("decided") - pl.col("requested")).dt.total_days().alias("waited")
    return quantiles(_decided(records, query).with_columns(waited), "waited")


def _waiting(records: Records, query: Query) -> pl.DataFrame:
    return counted(standing(records, "requests", query, "requested", "decided"))


def _overdue(records: Records, query: Query) -> pl.DataFrame:
    places = [query.by] if query.by in PLACES else []
    rows = at_place(records["reviews"], query).select("set", "due", "settled", *places)
    frames = [
        rows.filter(
            (pl.col("set") <= day) & (pl.col("settled").is_null() | (pl.col("settled") > day))
        ).with_columns(pl.lit(key).alias(SPLIT), (pl.col("due") < day).alias("late"))
        for key, day in moments(query, records.about.until).items()
    ]
    found = pl.concat(frames)
    if query.by in PLACES:
        found = found.with_columns(split_key(query))
    return found.group_by(SPLIT).agg(
        pl.col("late").sum().cast(pl.Float64).alias("value"),
        pl.col("late").sum().alias("count"),
        pl.len().alias("n"),
    )


_SOURCE = _("Journal: requests and decisions of files.")
MEASURES = (
    Measure(
        id="requests",
        group="files",
        title_en=_("Requests for an alarm"),
        population_en=_(
            "Requests that a zone sent to its prosecutor’s office in the period; a new one after a refusal"
            " counts anew."
        ),
        source_en=_SOURCE,
        unit="files",
        compute=_requests,
        splits=BY_PLACE_AND_TIME,
    ),
    Measure(
        id="decisions",
        group="files",
        title_en=_("Decisions"),
        population_en=_(
            "Requests that were granted or refused in the period; “more was asked” is not a decision."
        ),
        source_en=_SOURCE,
        unit="files",
        compute=_decisions,
        dims=("decision",),
        splits=BY_PLACE_AND_TIME,
        words={"granted": _("granted"), "refused": _("refused")},
    ),
    Measure(
        id="decision-days",
        group="files",
        title_en=_("Days to decide"),
        population_en=_(
            "Requests that were granted or refused in the period: days from the request to the decision."
        ),
        source_en=_SOURCE,
        unit="days",
        compute=_decision_days,
        dims=("percentile",),
        headline=("p50",),
        splits=BY_PLACE_AND_TIME,
        words=PERCENTILE_WORDS,
    ),
    Measure(
        id="requests-waiting",
        group="files",
        title_en=_("Requests without a decision"),
        population_en=_("Requests that were sent on or before the last day and not decided by then."),
        source_en=_SOURCE,
        unit="files",
        compute=_waiting,
        splits=BY_PLACE_AND_TIME,
        is_stock=True,
    ),
    Measure(
        id="reviews-overdue",
        group="files",
        title_en=_("Reviews overdue"),
        population_en=_(
            "Reviews that are set and not held on the last day; overdue when the day by which they were due has"
            " passed."
        ),
        source_en=_("Journal: decisions, reviews, changes in life, ends of files."),
        unit="files",
        compute=_overdue,
        splits=BY_PLACE_AND_TIME,
        is_stock=True,
    ),
)
