"""An export for science gets lost; somebody who knows when a neighbour pressed looks for her row, and for her year."""

from collections.abc import Iterator
from datetime import date

import polars as pl
import pytest

from egide.evaluation.exports import exporting
from egide.evaluation.exports.coarsening import BODIES, EXPORTED
from egide.evaluation.exports.exporting import WantedExport
from egide.evaluation.records.period import Period
from egide.evaluation.records.schemas import SCHEMAS
from egide.evaluation.records.shapes import Records
from tests.evaluation.test_records import built, one_life
from tests.support.installation import Installation


@pytest.fixture
def records(installation: Installation) -> Records:
    """What one life leaves behind."""
    one_life(installation)
    return built(installation)


def exported(records: Records) -> Iterator[tuple[str, pl.DataFrame]]:
    first, last = records.about.since, records.about.until
    wanted = WantedExport(Period(date(first.year, 1, 1), date(last.year, 12, 31)))
    return ((name, exporting.rows_of(records, name, wanted)) for name in SCHEMAS)


def test_no_row_about_people_kits_or_alarms_tells_zone_day_hour_or_second(records: Records) -> None:
    told = 0
    for name, rows in exported(records):
        if name in BODIES:
            continue
        told += rows.height
        assert not {"zone", "office", "managing_zone"}.intersection(rows.columns), name
        for column, kind in EXPORTED[name].items():
            values = [value for value in rows[column].to_list() if value is not None]
            if kind == pl.Date:
                assert {day.day for day in values} <= {1}, (name, column)
            elif column == "hour":
                assert set(values) <= {0, 6, 12, 18}, name
            elif column.endswith("_s"):
                assert not [value for value in values if value % (10 if value <= 120 else 60)], (name, column)
            elif column == "days" or column.endswith("_days"):
                assert not [value for value in values if value % 7], (name, column)
    assert told > 5


def test_what_is_known_of_an_alarm_finds_no_row_by_itself(records: Records) -> None:
    (known,) = records["alarms"].head(1).rows(named=True)
    rows = dict(exported(records))["alarms"]
    assert rows.height == records["alarms"].height
    assert known["day"].day != 1, "else the day could be told and nobody would see it"
    assert known["day"] not in rows["day"].to_list()


def test_a_row_stands_nowhere_that_tells_its_order(records: Records) -> None:
    for name, rows in exported(records):
        if name not in BODIES:
            assert rows.equals(rows.sort(rows.columns, nulls_last=True)), name


def test_what_was_measured_of_fewer_than_five_is_not_told(records: Records) -> None:
    first, last = records.about.since, records.about.until
    wanted = WantedExport(Period(date(first.year, 1, 1), date(last.year, 12, 31)))
    measures = pl.concat(list(exporting.measure_rows(records, wanted)))
    assert not {"zone", "office", "hour"}.intersection(measures["split_by"].to_list())
    timed = measures.filter(pl.col("unit").is_in(["seconds", "days"]))
    assert timed.height and "few" in timed["unknown"].to_list()
    assert timed["value"].is_null().all(), "one life is fewer than five"
    assert measures.filter(pl.col("unit") == "alarms")["value"].is_not_null().any()
