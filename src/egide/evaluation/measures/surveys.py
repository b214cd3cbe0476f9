"""What beneficiaries and officers answered: always with the number of answers, the response rate and an interval."""

import polars as pl
from django.utils.translation import gettext_noop as _

from egide.evaluation.measures.asking import SPLIT, rows_in, shares, split_key
from egide.evaluation.measures.statistics import wilson_columns
from egide.evaluation.records.shapes import Measure, Query, Records

BENEFICIARY, OFFICER = "beneficiary", "officer"
# The question and the choice behind "feels clearly safer"; the questionnaire has them under these codes.
SAFER, CLEARLY = "safer", "clearly"
# Invitations and answers carry no place (decision 0020): of one place nothing is known.
NO_PLACE = "no-place"


def choices(records: Records, query: Query, questionnaire: str) -> pl.DataFrame:
    """Every question and choice of a questionnaire, in all its versions: `count` of `n` answers with interval."""
    rows = rows_in(records, "answers", query, "answered").filter(pl.col("questionnaire") == questionnaire)
    n = rows.group_by("question").agg(pl.len().alias("n"))
    return (
        rows.group_by("question", "choice")
        .agg(pl.len().alias("count"))
        .join(n, on="question")
        .with_columns(*wilson_columns())
        .sort("question", "choice")
    )


def _response(records: Records, query: Query) -> pl.DataFrame | str:
    """A count over a count: nothing says which invitation an answer belongs to (decision 0020)."""
    if query.places.kind:
        return NO_PLACE
    counts = [
        _by_role(rows_in(records, table, query, day).with_columns(split_key(query, day)), name)
        for table, day, name in (("surveys", "invited", "n"), ("answers", "answered", "answered"))
    ]
    both = (
        counts[0]
        .join(counts[1], on=[SPLIT, "role"], how="left")
        .with_columns(pl.col("answered").fill_null(0))
    )
    # Answers to invitations of before may outnumber those of a short period.
    return (
        both.with_columns(pl.min_horizontal("answered", "n").alias("count"))
        .with_columns((pl.col("answered") - pl.col("count")).alias("left_out"))
        .drop("answered")
        .with_columns(*wilson_columns())
    )


def _by_role(rows: pl.DataFrame, name: str) -> pl.DataFrame:
    rows = rows.unique("invitation")
    both = pl.concat([rows.with_columns(pl.lit("").alias("role")), rows])
    return both.group_by(SPLIT, "role").agg(pl.len().cast(pl.Int64).alias(name))


def _safer(records: Records, query: Query) -> pl.DataFrame | str:
    if query.places.kind:
        return NO_PLACE
    rows = rows_in(records, "answers", query, "answered").filter(
        (pl.col("role") == BENEFICIARY) & (pl.col("question") == SAFER)
    )
    return shares(rows.with_columns(split_key(query, "answered")), pl.col("choice") == CLEARLY)


# Answers carry no place.
_SPLITS = ("year",)
_WILSON = _("95 % interval (Wilson).")
MEASURES = (
    Measure(
        id="survey-response",
        group="surveys",
        title_en=_("Response to surveys"),
        population_en=_(
            "Invitations to a survey that were handed over in the period, and answers that came in it. Answers are"
            " counted once five are there; more answers than invitations are left out and counted."
        ),
        source_en=_("Journal: invitations and answers, under random marks that lead to nobody."),
        unit="share",
        compute=_response,
        dims=("role",),
        splits=_SPLITS,
        words={BENEFICIARY: _("beneficiaries"), OFFICER: _("officers")},
        interval_en=_WILSON,
    ),
    Measure(
        id="felt-safer",
        group="surveys",
        title_en=_("Feel clearly safer"),
        population_en=_(
            "Beneficiaries who answered this question of the survey in the period. Whoever did not answer is not"
            " among them: read it with the response."
        ),
        source_en=_("Journal: answers to the survey, under random marks that lead to nobody."),
        unit="share",
        compute=_safer,
        splits=_SPLITS,
        interval_en=_WILSON,
    ),
)
