"""The published table as a test case: an invented national history through the real code, by the ordinary measures."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from egide.common.config import Config
from egide.demo.history import country
from egide.entrypoints.stack.migrated import copy_migrated
from egide.evaluation.measures.prepared import FROM_IMPORTED
from egide.evaluation.records.store import RecordStore
from egide.evaluation.surveys.questions import BENEFICIARIES, EDITION, read_survey
from egide.evaluation.surveys.rules import TOGETHER
from tests.evaluation.history import write_history
from tests.support.commands import run

FIRST_MONTHS = "2019-01..2019-07"


def measured(history: Config, *arguments: str) -> dict[str, Any]:
    done = run(history, "evaluate", "--json", *arguments)
    assert done.returncode == 0, done.stderr[-2000:]
    content: dict[str, Any] = json.loads(done.stdout)
    return content


def test_the_published_figures_of_october_2023_come_out(history: Config) -> None:
    content = measured(history, "--keep", "--period", "2019-01..2023-10")
    assert content["invented"] is True
    whole = {measure["id"]: measure["whole"] for measure in content["measures"]}
    assert whole["protected-ever"]["value"] == 120
    assert whole["kits-in-use"]["value"] == 79
    assert whole["kits-usable"]["value"] == 1000
    assert whole["interventions"]["value"] == 40
    assert whole["arrests"]["value"] == 10
    safer = whole["felt-safer"]
    assert (safer["count"], safer["n"], round(safer["value"], 3)) == (43, 48, 0.896)
    assert safer["low"] < 0.79 and safer["high"] > 0.95
    notes = {measure["id"]: measure["notes"] for measure in content["measures"]}
    assert [name for name in notes if notes[name]] == ["felt-safer"]
    assert "43 of 48 is an assumption" in notes["felt-safer"][0]
    deaths = next(one for one in content["measures"] if one["id"] == "deaths")
    assert {tuple(cell["keys"]): cell["value"] for cell in deaths["cells"]} == country.DEATHS
    assert whole["deaths"]["value"] == 2 and whole["perpetrators-died"]["value"] == 1
    available = whole["zones-available"]
    assert available["value"] == 1 and available["count"] == available["n"] > 170
    assert all(measure["population"] and measure["source"] for measure in content["measures"])


def test_the_survey_was_answered_by_links_of_which_none_leads_to_its_answer(data: Path) -> None:
    records = RecordStore(Config(data_dir=data)).load()
    asked, answers = records["surveys"], records["answers"]
    assert asked.height == country.INVITED and asked["answered"].null_count() == country.INVITED
    told = answers["invitation"].unique()
    assert len(told) == country.ANSWERED and not set(told) & set(asked["invitation"])
    # As a questionnaire of this edition is, and not as an event that somebody made up.
    survey = read_survey(BENEFICIARIES)
    for table in (asked, answers):
        assert set(table["questionnaire"]) == {BENEFICIARIES}
        assert set(table["version"]) == {int(EDITION.replace("-", ""))}
    assert set(answers["question"]) == {one.id for one in survey.question}
    assert answers.filter(answers["question"] == "safer").height == country.OF_SAFETY
    # Five at a time: whoever answers goes into the journal with four others.
    per_day = answers.group_by("answered").agg(pl.col("invitation").n_unique().alias("n"))
    assert not [n for n in per_day["n"] if n % TOGETHER]


def test_one_province_had_84_calls_of_which_3_were_real(history: Config) -> None:
    content = measured(
        history,
        "--keep",
        "--period",
        "2022-10..2023-03",
        "--place",
        "office:west-vlaanderen",
        "--measure",
        "nuisance-share",
    )
    share = content["measures"][0]["whole"]
    assert (share["count"], share["n"]) == (81, 84)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--period", "2023-13"), "there is no such month"),
        (("--period", "2023-10..2019-01"), "it ends before it begins"),
        (("--period", "autumn"), "write it as"),
        (("--period", "2023-10..soon"), "write it as"),
        (("--period", ""), "Name a period"),
        (("--period", "0001-01"), "there is no such month"),
        (("--period", "2023", "--place", "zone:0000"), "There is no zone '0000'"),
        (("--period", "2023", "--place", "zone:5324,0000"), "There is no zone '0000'"),
        (("--period", "2023", "--place", "zone"), "There is no zone ''"),
        (("--period", "2023", "--place", "planet:mars"), "There is no planet"),
        (("--period", "2023", "--by", "person"), "cannot be asked"),
        (("--period", "2023", "--measure", "without-intervention", "--by", "zone"), "cannot be asked"),
        (("--period", "2023", "--measure", "fear"), "cannot be asked"),
        (("--period", "2023", "--measure", "kits-in-use", "--by", "hour"), "cannot be asked"),
    ],
)
def test_what_cannot_be_asked_is_told(history: Config, arguments: tuple[str, ...], said: str) -> None:
    done = run(history, "evaluate", "--keep", *arguments)
    assert done.returncode == 2
    assert said in done.stderr


def test_a_period_of_which_nothing_is_recorded_has_no_figure_and_no_zero(history: Config) -> None:
    content = measured(history, "--keep", "--period", "2031")
    assert {measure["whole"].get("unknown") for measure in content["measures"]} == {"no-records"}
    assert not any("value" in measure["whole"] for measure in content["measures"])


def test_people_read_the_figure_with_its_interval_its_assumption_and_that_it_is_invented(
    history: Config,
) -> None:
    done = run(history, "evaluate", "--keep", "--period", "2019-01..2023-10", "--measure", "felt-safer")
    assert done.returncode == 0, done.stderr[-2000:]
    assert "Invented data: nobody and nothing in it is real." in done.stdout
    assert "Feel clearly safer: 0.8958 (43 / 48) [0.778" in done.stdout
    assert "43 of 48 is an assumption" in done.stdout


def test_it_is_written_as_it_was_and_only_into_an_empty_directory(
    history: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its first months, which the whole of it begins with."""
    monkeypatch.setattr(country, "ENDS", date(2019, 9, 1))
    fresh = Config(tmp_path)
    copy_migrated(fresh.app_db)

    def told(config: Config, *more: str) -> dict[str, Any]:
        """Everything but whether somebody became a victim again, and what was imported: both are known later."""
        found = measured(config, *more, "--period", FIRST_MONTHS)["measures"]
        later = ("victim-again-6", "victim-again-12", *FROM_IMPORTED)
        return {one["id"]: one["whole"] for one in found if one["id"] not in later}

    written = told(fresh, "--history")
    assert written["interventions"]["value"] > 1
    assert written == told(history, "--keep"), "python -m tests.evaluation.history"
    again = run(fresh, "evaluate", "--history", "--period", "2019")
    assert again.returncode == 2 and "name an empty one" in again.stderr


@pytest.mark.full(
    "tests/evaluation/test_published_history.py::test_it_is_written_as_it_was_and_only_into_an_empty_directory"
)
def test_the_whole_of_it_is_written_as_it_was(history: Config, tmp_path: Path) -> None:
    write_history(tmp_path)
    for period in ("2019-01..2023-10", "2022-10..2023-03"):
        for by in ("", "centre", "zone", "office", "month"):
            asked = ("--keep", "--period", period, "--by", by)
            assert measured(Config(tmp_path), *asked) == measured(history, *asked), (
                "python -m tests.evaluation.history"
            )
