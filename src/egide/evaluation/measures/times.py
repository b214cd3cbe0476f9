"""From the reception of a press to people on the spot."""

from functools import partial

import polars as pl
from django.utils.translation import gettext_noop as _

from egide.evaluation.measures.alarms import rows_of
from egide.evaluation.measures.asking import quantiles, shares
from egide.evaluation.measures.people import PERCENTILE_WORDS
from egide.evaluation.records.shapes import Measure, Query, Records

STEPS = {
    "seen": "seen_s",
    "confirmed": "confirmed_s",
    "under-way": "under_way_s",
    "on-site": "on_site_s",
}
# The column of when people were on the spot.
ARRIVED = STEPS["on-site"]
# Steps that only an alarm has for which a team went.
_OF_TEAMS = ("under-way", "on-site")


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
)
