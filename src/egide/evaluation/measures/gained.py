"""How much sooner people are on the spot than after ordinary urgent calls, and what that is counted from.

Only like is compared with like: an alarm with the calls of its own zone and hour of day. What has no such counterpart
is left out and counted, so that nobody takes a figure of a few for one of all.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from django.utils.translation import gettext_noop as _

from egide.evaluation.measures.alarms import rows_of
from egide.evaluation.measures.asking import SPLIT, at_place
from egide.evaluation.measures.statistics import bootstrap_gain
from egide.evaluation.measures.times import ARRIVED
from egide.evaluation.records.shapes import Measure, Query, Records

# Fewer on either side, and the interval would only look like one.
FEWEST = 5
ROUNDS, SEED = 1000, 2019
# An alarm is compared with the calls that are alike in these.
ALIKE = ("zone", "hour")


@dataclass(frozen=True)
class Compared:
    """What is compared and what is not. The means (seconds) are those of what is compared, None where nothing is;
    a call counts in its mean as often as alarms lie beside it, so that their difference is the time gained."""

    alarms: int
    without_team: int
    without_arrival: int
    without_calls: int
    compared: int
    calls: int
    calls_apart: int
    calls_compared: int
    alarm_s: float | None
    call_s: float | None


def compare(alarms: pl.DataFrame, calls: pl.DataFrame) -> Compared:
    """What of these rows of both tables is compared with what."""
    went = alarms.filter("went")
    arrived = went.filter(pl.col(ARRIVED).is_not_null())
    ours, theirs = arrived.join(calls, on=ALIKE, how="semi"), calls.join(arrived, on=ALIKE, how="semi")
    means = theirs.group_by(ALIKE).agg(pl.col(ARRIVED).mean().alias("call_s"))
    beside = ours.join(means, on=ALIKE)
    (alarm_s, call_s) = beside.select(pl.col(ARRIVED).mean(), pl.col("call_s").mean()).row(0)
    return Compared(
        alarms=len(alarms),
        without_team=len(alarms) - len(went),
        without_arrival=len(went) - len(arrived),
        without_calls=len(arrived) - len(ours),
        compared=len(ours),
        calls=len(calls),
        calls_apart=len(calls) - len(theirs),
        calls_compared=len(theirs),
        alarm_s=alarm_s,
        call_s=call_s,
    )


def compared(records: Records, query: Query) -> Compared:
    """What the time gained of a period and place is counted from."""
    return compare(rows_of(records, query), _calls(records, query))


def _calls(records: Records, query: Query) -> pl.DataFrame:
    return at_place(records["calls"], query).filter(
        pl.col("day").is_between(query.period.first, query.period.last)
    )


def _gained(records: Records, query: Query) -> pl.DataFrame | str:
    calls = _calls(records, query)
    if not len(calls):
        return "not-imported"
    alarms = rows_of(records, query).filter(pl.col("went") & pl.col(ARRIVED).is_not_null())
    if query.by:
        calls = calls.with_columns(pl.col(query.by).cast(pl.String).alias(SPLIT))
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
    strata = calls.select(ALIKE).unique().sort(ALIKE).with_row_index("stratum")
    # In an order of their own: rows are sorted by marks, and another key must not draw another interval.
    ours = alarms.join(strata, on=ALIKE).sort("stratum", ARRIVED)
    strata = strata.join(ours.select("stratum").unique(), on="stratum", how="semi")
    theirs = calls.join(strata, on=ALIKE).sort("stratum", ARRIVED)
    left_out = len(alarms) - len(ours)
    if len(ours) < FEWEST or len(theirs) < FEWEST:
        return {"value": None, "n": len(ours), "left_out": left_out, "unknown": "too-few"}
    interval = bootstrap_gain(
        theirs["stratum"].to_numpy().astype(np.int64),
        theirs[ARRIVED].to_numpy().astype(np.float64),
        ours["stratum"].to_numpy().astype(np.int64),
        ours[ARRIVED].to_numpy().astype(np.float64),
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


MEASURES = (
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
        interval_en=_("95 % interval (bootstrap of the alarms, and of the calls within each zone and hour)."),
    ),
)
