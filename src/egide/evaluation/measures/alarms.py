"""Alarms by what set them off and how they ended; the nuisance share; interventions and arrests."""

import polars as pl
from django.utils.translation import gettext_noop as _

from egide.alarm.events.outcomes import OUTCOMES
from egide.evaluation.measures.asking import SPLIT, counted, rows_in, shares, split_key
from egide.evaluation.records.shapes import Measure, Query, Records

# What turned out to need nobody. "Nobody seen but fear founded" and "person not found" are not among them.
NUISANCE = ("handling-error", "test", "technical")
OPEN = "open"


def rows_of(records: Records, query: Query) -> pl.DataFrame:
    """The alarms of the period and place, with their split."""
    return rows_in(records, "alarms", query, "day").with_columns(split_key(query, "day"))


def _with_whole(rows: pl.DataFrame, dim: str) -> pl.DataFrame:
    """The split and this dimension of each row, once more for the whole; the other columns would only take time."""
    rows = rows.select(SPLIT, dim)
    return pl.concat([rows.with_columns(pl.lit("").alias(dim)), rows])


def _alarms(records: Records, query: Query) -> pl.DataFrame:
    return counted(_with_whole(rows_of(records, query), "trigger"), "trigger")


def _outcomes(records: Records, query: Query) -> pl.DataFrame:
    rows = rows_of(records, query).with_columns(pl.col("outcome").fill_null(OPEN))
    return counted(_with_whole(rows, "outcome"), "outcome")


def _nuisance(records: Records, query: Query) -> pl.DataFrame:
    """Among those that are closed: all that needed nobody, and each cause by itself."""
    rows, outcome = rows_of(records, query), pl.col("outcome")
    parts = [("", outcome.is_in(NUISANCE)), *((cause, outcome == cause) for cause in NUISANCE)]
    frames = [shares(rows, yes).with_columns(pl.lit(cause).alias("cause")) for cause, yes in parts]
    return pl.concat([frames[0], *(frame.filter(pl.col("n") > 0) for frame in frames[1:])])


def _interventions(records: Records, query: Query) -> pl.DataFrame:
    return counted(rows_of(records, query).filter("went"))


def _arrests(records: Records, query: Query) -> pl.DataFrame:
    return counted(rows_of(records, query).filter("arrest"))


def _without(records: Records, query: Query) -> pl.DataFrame:
    rows = rows_of(records, query).filter(pl.col("went").not_())
    return counted(
        _with_whole(rows.with_columns(pl.col("outcome").fill_null(OPEN).alias("cause")), "cause"), "cause"
    )


OUTCOME_WORDS = {
    "arrest": _("arrest"),
    "perpetrator-gone": _("perpetrator gone"),
    "person-not-found": _("person not found"),
    "nobody-seen-but-fear-founded": _("nobody seen, fear founded"),
    "help-refused": _("help refused"),
    "injured": _("injured"),
    "killed": _("killed"),
    "child-taken": _("child taken"),
    "handling-error": _("handling error"),
    "test": _("test"),
    "technical": _("technical"),
    OPEN: _("not closed yet"),
}
if set(OUTCOME_WORDS) - {OPEN} != set(OUTCOMES):
    raise AssertionError("every outcome has a word here")
_SPLITS = ("centre", "zone", "office", "hour", "month", "year")
_SOURCE = _("Journal: presses, closings and reports of teams. Tests and control presses are no alarms.")
MEASURES = (
    Measure(
        id="alarms",
        group="alarms",
        title_en=_("Alarms"),
        population_en=_(
            "Alarms that were received in the period; presses that joined an open alarm are part of it."
        ),
        source_en=_SOURCE,
        unit="alarms",
        compute=_alarms,
        dims=("trigger",),
        splits=_SPLITS,
        words={
            "button": _("button"),
            "screen": _("screen of the phone"),
            "duress": _("code under threat"),
            "unknown": _("not known"),
        },
    ),
    Measure(
        id="outcomes",
        group="alarms",
        title_en=_("How alarms ended"),
        population_en=_(
            "Alarms that were received in the period, by the outcome with which they were closed last."
        ),
        source_en=_SOURCE,
        unit="alarms",
        compute=_outcomes,
        dims=("outcome",),
        splits=_SPLITS,
        words=OUTCOME_WORDS,
    ),
    Measure(
        id="nuisance-share",
        group="alarms",
        title_en=_("Share of alarms that needed nobody"),
        population_en=_(
            "Closed alarms of the period; those that ended as handling error, test or technical fault. Open ones"
            " are left out."
        ),
        source_en=_SOURCE,
        unit="share",
        compute=_nuisance,
        dims=("cause",),
        words=OUTCOME_WORDS,
        splits=_SPLITS,
        interval_en=_("95 % interval (Wilson)."),
    ),
    Measure(
        id="interventions",
        group="alarms",
        title_en=_("Interventions"),
        population_en=_(
            "Alarms of the period for which a team went: it was under way, on the spot, or wrote a report."
        ),
        source_en=_SOURCE,
        unit="alarms",
        compute=_interventions,
        splits=_SPLITS,
    ),
    Measure(
        id="arrests",
        group="alarms",
        title_en=_("Arrests"),
        population_en=_("Alarms of the period with an arrest, by the closing or by the team’s report."),
        source_en=_SOURCE,
        unit="alarms",
        compute=_arrests,
        splits=_SPLITS,
    ),
    Measure(
        id="without-intervention",
        group="alarms",
        title_en=_("Alarms without an intervention, by cause"),
        population_en=_(
            "Alarms of the period for which no team went, by the outcome with which they were closed. They are"
            " never counted by person."
        ),
        source_en=_SOURCE,
        unit="alarms",
        compute=_without,
        dims=("cause",),
        splits=("centre", "office", "hour", "month", "year"),
        words=OUTCOME_WORDS,
    ),
)
