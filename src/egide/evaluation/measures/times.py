"""From the reception of a press to people on the spot, and how that compares with ordinary urgent calls."""

from functools import partial

import numpy as np
import polars as pl
from django.utils.translation import gettext_noop as _

from egide.evaluation.measures.alarms import rows_of
from egide.evaluation.measures.asking import SPLIT, at_place, quantiles, shares
from egide.evaluation.measures.people import PERCENTILE_WORDS
from egide.evaluation.measures.statistics import bootstrap_gain
from egide.evaluation.records.shapes import Measure, Query, Records

STEPS = {
    "seen": "seen_s",
    "confirmed": "confirmed_s",
    "under-way": "under_way_s",
    "on-site": "on_site_s",
}
# Steps that only an alarm has for which a team went.
_OF_TEAMS = ("under-way", "on-site")
# Fewer on either side, and the interval would only look like one.
FEWEST = 5
ROUNDS, SEED = 1000, 2019


def _steps(records: Records, query: Query) -> pl.DataFrame:
    rows = rows_of(records, query)
    went = rows.filter("went")
    frames = [
        quantiles(went if step in _OF_TEAMS else rows, column).with_columns(pl.lit(step).alias("step"))
        for step, column in STEPS.items()
    ]
    return pl.concat(frames)


def _answered(records: Records, query: Query) -> pl.DataFrame:
    return quantiles(rows_of(records, query), "acknowledged_s")


def _within(records: Records, query: Query, minutes: int) -> pl.DataFrame:
    return shares(rows_of(records, query).filter("went"), pl.col("on_site_s") <= minutes * 60)


def _gained(records: Records, query: Query) -> pl.DataFrame | str:
    calls = at_place(records["calls"], query).filter(
        pl.col("day").is_between(query.period.first, query.period.last)
    )
    if not len(calls):
        return "not-imported"
    alarms = rows_of(records, query).filter(pl.col("went") & pl.col("on_site_s").is_not_null())
    if query.by:
        calls = calls.with_columns(
            pl.col("zone" if query.by == "zone" else query.by).cast(pl.String).alias(SPLIT)
        )
        if query.by == "hour":
            calls = calls.with_columns(pl.col(SPLIT).str.zfill(2))
    else:
        calls = calls.with_columns(pl.lit("").alias(SPLIT))
    found = [
        {SPLIT: split, **_gain(ours, calls.filter(pl.col(SPLIT) == split))}
        for (split,), ours in alarms.group_by(SPLIT)
    ]
    schema = {
        SPLIT: pl.String,
        "value": pl.Float64,
        "n": pl.Int64,
        "low": pl.Float64,
        "high": pl.Float64,
        "left_out": pl.Int64,
        "unknown": pl.String,
    }
    return pl.DataFrame(found, schema=schema)


def _gain(alarms: pl.DataFrame, calls: pl.DataFrame) -> dict[str, object]:
    """The gain over the strata (zone, hour) that have both alarms and ordinary calls."""
    strata = calls.select("zone", "hour").unique().sort("zone", "hour").with_row_index("stratum")
    ours = alarms.join(strata, on=["zone", "hour"])
    strata = strata.join(ours.select("stratum").unique(), on="stratum", how="semi")
    theirs = calls.join(strata, on=["zone", "hour"])
    left_out = len(alarms) - len(ours)
    if len(ours) < FEWEST or len(theirs) < FEWEST:
        return {"value": None, "n": len(ours), "left_out": left_out, "unknown": "too-few"}
    interval = bootstrap_gain(
        theirs["stratum"].to_numpy().astype(np.int64),
        theirs["on_site_s"].to_numpy().astype(np.float64),
        ours["stratum"].to_numpy().astype(np.int64),
        ours["on_site_s"].to_numpy().astype(np.float64),
        rounds=ROUNDS,
        seed=SEED,
    )
    return {
        "value": interval.value,
        "n": len(ours),
        "low": interval.low,
        "high": interval.high,
        "left_out": left_out,
        "unknown": "",
    }


_SPLITS = ("centre", "zone", "office", "hour", "month", "year")
_SOURCE = _("Journal: times at which boards, operators, zones and teams reported, on the server’s clock.")
MEASURES = (
    Measure(
        id="steps",
        group="times",
        title_en=_("From reception to people on the spot"),
        population_en=_(
            "Alarms of the period, each step from the moment of reception; “under way” and “on the spot” only"
            " where a team went. Alarms without the step are left out and counted."
        ),
        source_en=_SOURCE,
        unit="seconds",
        compute=_steps,
        dims=("step", "percentile"),
        headline=("on-site", "p50"),
        splits=_SPLITS,
        words={
            "seen": _("seen"),
            "confirmed": _("zone informed"),
            "under-way": _("team under way"),
            "on-site": _("team on the spot"),
            **PERCENTILE_WORDS,
        },
    ),
    Measure(
        id="answered",
        group="times",
        title_en=_("Until an operator answers"),
        population_en=_(
            "Alarms of the period, from the moment of reception until an operator of a centre first took it."
            " Alarms that nobody took are left out and counted."
        ),
        source_en=_SOURCE,
        unit="seconds",
        compute=_answered,
        dims=("percentile",),
        headline=("p50",),
        splits=_SPLITS,
        words=PERCENTILE_WORDS,
    ),
    *(
        Measure(
            id=f"on-site-{minutes}",
            group="times",
            title_en=_("On the spot within 10 minutes")
            if minutes == 10
            else _("On the spot within 15 minutes"),
            population_en=_(
                "Alarms of the period for which a team went and its arrival is known, counted from the reception."
            ),
            source_en=_SOURCE,
            unit="share",
            compute=partial(_within, minutes=minutes),
            splits=_SPLITS,
            interval_en=_("95 % interval (Wilson)."),
        )
        for minutes in (10, 15)
    ),
    Measure(
        id="time-gained",
        group="times",
        title_en=_("Time gained against ordinary urgent calls"),
        population_en=_(
            "Alarms of the period with a known arrival, in zones and hours of day for which ordinary urgent"
            " calls were imported: mean seconds of those calls less mean seconds of the alarms, zone by zone and"
            " hour by hour. The others are left out and counted. Calls differ from alarms in more than the"
            " button."
        ),
        source_en=_("Journal: arrivals of teams. Imported: call times of zones."),
        unit="seconds",
        compute=_gained,
        splits=("centre", "zone", "office", "hour"),
        interval_en=_("95 % interval (bootstrap within each zone and hour)."),
    ),
)
