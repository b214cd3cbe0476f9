"""Who is trained, and where the alarm is available."""

from datetime import date

import polars as pl
from django.utils.translation import gettext_noop as _

from egide.evaluation.measures.asking import SPLIT, at_place, moments, shares, split_key
from egide.evaluation.records.period import Period
from egide.evaluation.records.shapes import BY_PLACE_AND_TIME, PLACES, Measure, Places, Query, Records
from egide.rollout.rules import OFFICE, TRAINED_NEEDED, ZONE


def _holding(rows: pl.DataFrame, day: date) -> pl.DataFrame:
    return rows.filter((pl.col("begins") <= day) & (pl.col("ends").is_null() | (pl.col("ends") > day)))


def _ready_on(records: Records, day: date) -> pl.DataFrame:
    """Zones and offices with `trained` and `ready` (trained and signed off) on a day, by `subject`."""
    trained = _holding(records["certificates"], day).group_by("subject").agg(pl.len().alias("people"))
    signed = _holding(records["sign_offs"], day).select(pl.col("subject").unique())
    needed = pl.when(pl.col("subject").str.starts_with(f"{OFFICE}:")).then(TRAINED_NEEDED[OFFICE])
    return trained.with_columns(
        (pl.col("people") >= needed.otherwise(TRAINED_NEEDED[ZONE])).alias("trained")
    ).with_columns((pl.col("trained") & pl.col("subject").is_in(signed["subject"].implode())).alias("ready"))


def _zones_on(records: Records, query: Query, key: str, day: date) -> pl.DataFrame:
    """Every zone of the place with `trained` and `available` on a day."""
    found = _ready_on(records, day)
    zones = at_place(records["places"], query).with_columns(
        (pl.lit(f"{ZONE}:") + pl.col("zone")).alias("subject"),
        (pl.lit(f"{OFFICE}:") + pl.col("office")).alias("of_office"),
    )
    zones = zones.join(found.select("subject", "trained", "ready"), on="subject", how="left")
    offices = found.select(pl.col("subject").alias("of_office"), pl.col("ready").alias("office_ready"))
    zones = zones.join(offices, on="of_office", how="left")
    ready = (
        pl.col("ready").fill_null(False) & pl.col("office_ready").fill_null(False) & (pl.col("centre") != "")
    )
    return zones.with_columns(
        pl.lit(key).alias(SPLIT), pl.col("trained").fill_null(False), ready.alias("available")
    )


def stages_on(records: Records, places: Places, day: date) -> list[tuple[str, str, str, str]]:
    """Every zone of the place with its centre, its office and how far it was: "ready", "begun" or "none".

    Begun is a zone of which somebody is trained or that has signed, while something is missing.
    """
    zones = _zones_on(records, Query(Period(day, day), places), "", day)
    known = [_holding(records[table], day)["subject"] for table in ("certificates", "sign_offs")]
    has_begun = pl.col("subject").is_in(pl.concat(known).unique().implode())
    stage = pl.when("available").then(pl.lit("ready")).when(has_begun).then(pl.lit("begun"))
    rows = zones.with_columns(stage.otherwise(pl.lit("none")).alias("stage"))
    return rows.select("zone", "centre", "office", "stage").rows()


def _share(records: Records, query: Query, column: str) -> pl.DataFrame:
    frames = [_zones_on(records, query, key, day) for key, day in moments(query, records.about.until).items()]
    rows = pl.concat(frames)
    if query.by in PLACES:
        rows = rows.with_columns(split_key(query))
    # The zones are all there are: no sample, no interval.
    return shares(rows, pl.col(column)).drop("low", "high")


def _trained(records: Records, query: Query) -> pl.DataFrame:
    return _share(records, query, "trained")


def _available(records: Records, query: Query) -> pl.DataFrame:
    return _share(records, query, "available")


MEASURES = (
    Measure(
        id="zones-trained",
        group="training",
        title_en=_("Zones with trained officers"),
        population_en=_(
            "Police zones; those with two officers or more whose certificate is good on the last day."
        ),
        source_en=_("Journal: trainings. Map of zones."),
        unit="share",
        compute=_trained,
        splits=BY_PLACE_AND_TIME,
        is_stock=True,
    ),
    Measure(
        id="zones-available",
        group="training",
        title_en=_("Zones in which the alarm is available"),
        population_en=_(
            "Police zones; those that are trained and signed off on the last day, and whose prosecutor’s office is."
        ),
        source_en=_("Journal: trainings and sign-offs. Map of zones."),
        unit="share",
        compute=_available,
        splits=BY_PLACE_AND_TIME,
        is_stock=True,
    ),
)
