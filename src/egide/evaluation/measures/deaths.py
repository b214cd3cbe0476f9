"""Deaths outside of an alarm, as zones and magistrates entered them: who died, and what is known of violence."""

import polars as pl
from django.utils.translation import gettext_noop as _

from egide.evaluation.measures.asking import SPLIT, counted, rows_in, split_key
from egide.evaluation.records.schemas import VICTIMS
from egide.evaluation.records.shapes import Measure, Query, Records

PERPETRATOR = "perpetrator"
_DIMS = ("died", "violence")


def _outside(records: Records, query: Query) -> pl.DataFrame:
    """Those of the period that no alarm was closed with: these are counted with its outcome."""
    rows = rows_in(records, "deaths", query, "day").filter(pl.col("in_alarm").not_())
    return rows.with_columns(split_key(query, "day"))


def _deaths(records: Records, query: Query) -> pl.DataFrame:
    rows = _outside(records, query).filter(pl.col("died").is_in(VICTIMS)).select(SPLIT, *_DIMS)
    whole = rows.with_columns(pl.lit("").alias(dim) for dim in _DIMS)
    return counted(pl.concat([whole, rows]), *_DIMS)


def _perpetrators(records: Records, query: Query) -> pl.DataFrame:
    return counted(_outside(records, query).filter(pl.col("died") == PERPETRATOR))


VIOLENCE_WORDS = {
    "known": _("violence known"),
    "suspected": _("violence suspected"),
    "excluded": _("violence excluded"),
    "unknown": _("not known yet"),
}
_SOURCE = _("Journal: deaths that zones and magistrates entered, corrected and took back.")
_SPLITS = ("centre", "zone", "office", "year")
MEASURES = (
    Measure(
        id="deaths",
        group="people",
        title_en=_("Deaths outside of an alarm"),
        population_en=_(
            "Protected people, their children and relatives whose death was entered in a file, by its day; also before"
            " a decision and after the end. Those of an alarm are counted with its outcome. Violence as it is known by"
            " now: no judgement, and no count of feminicides (law of 13 July 2023)."
        ),
        source_en=_SOURCE,
        unit="people",
        compute=_deaths,
        dims=_DIMS,
        splits=_SPLITS,
        words={
            "protected": _("protected person"),
            "child": _("child"),
            "relative": _("relative, or somebody close"),
            **VIOLENCE_WORDS,
        },
    ),
    Measure(
        id="perpetrators-died",
        group="people",
        title_en=_("Perpetrators who died"),
        population_en=_(
            "Perpetrators whose death was entered in a file, by the day of the death, outside of an alarm. Where one"
            " stands in several files, each counts."
        ),
        source_en=_SOURCE,
        unit="people",
        compute=_perpetrators,
        splits=_SPLITS,
    ),
)
