"""What beneficiaries and officers answered: always with the number of answers, the response rate and an interval."""

import polars as pl
from django.utils.translation import gettext_noop as _

from egide.evaluation.measures.asking import rows_in, shares, split_key
from egide.evaluation.shapes import Measure, Query, Records
from egide.evaluation.statistics import wilson_columns

BENEFICIARY, OFFICER = "beneficiary", "officer"
# The question and the choice behind "feels clearly safer"; the questionnaire has them under these codes.
SAFER, CLEARLY = "safer", "clearly"


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


def _response(records: Records, query: Query) -> pl.DataFrame:
    rows = rows_in(records, "surveys", query, "invited").with_columns(split_key(query, "invited"))
    both = pl.concat([rows.with_columns(pl.lit("").alias("role")), rows])
    return shares(both, pl.col("answered").is_not_null(), "role")


def _safer(records: Records, query: Query) -> pl.DataFrame:
    rows = rows_in(records, "answers", query, "answered").filter(
        (pl.col("role") == BENEFICIARY) & (pl.col("question") == SAFER)
    )
    return shares(rows.with_columns(split_key(query, "answered")), pl.col("choice") == CLEARLY)


_SPLITS = ("centre", "zone", "office", "year")
_WILSON = _("95 % interval (Wilson).")
MEASURES = (
    Measure(
        id="survey-response",
        group="surveys",
        title_en=_("Response to surveys"),
        population_en=_(
            "Invitations to a survey that were sent in the period; those that were answered by the last day of"
            " the records."
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
