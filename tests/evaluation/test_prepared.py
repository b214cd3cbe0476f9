"""Figures that are there at once: prepared answers say what would be computed, large samples need no drawing."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from egide.common.config import Config
from egide.evaluation.measures import REGISTRY, statistics
from egide.evaluation.measures.answering import answers
from egide.evaluation.measures.asking import rows_in
from egide.evaluation.measures.prepared import FROM_IMPORTED, prepare, read
from egide.evaluation.records.period import Period
from egide.evaluation.records.schemas import IMPORTED, empty
from egide.evaluation.records.shapes import COUNTRY, Places, Query, Records
from egide.evaluation.records.store import RecordStore


@pytest.fixture(scope="module")
def records(data: Path) -> Records:
    return RecordStore(Config(data_dir=data)).load()


def test_what_is_prepared_is_what_would_be_computed(data: Path, records: Records) -> None:
    # As the rebuild of the command has left it on the disk.
    prepared = read(RecordStore(Config(data_dir=data)).prepared())
    years = {str(Period.of_year(year)) for year in range(2019, 2024)}
    assert set(prepared) == years | {"2019-01..2023-12", "2023-01..2023-10", "2019-01..2023-10"}
    for period, results in prepared.items():
        fresh = answers(records, Query(Period.parse(period), COUNTRY))
        assert results == {name: fresh[name] for name in results}
        assert set(results) == set(REGISTRY) - set(FROM_IMPORTED)


def test_what_needs_imported_numbers_is_never_prepared(records: Records) -> None:
    year = Query(Period.of_year(2022), COUNTRY)
    zones = records["places"]
    tables = records.tables | {name: empty(name) for name in IMPORTED}
    before = answers(Records(records.about, dict(tables)), year)
    tables["inhabitants"] = zones.with_columns(year=2022, inhabitants=1000).cast(
        dict(records["inhabitants"].schema)
    )
    tables["reports"] = zones.with_columns(year=2022, reports=10).cast(dict(records["reports"].schema))
    calls = zones.join(pl.DataFrame({"hour": list(range(24))}), how="cross")
    calls = calls.with_columns(day=pl.date(2022, 5, 1), on_site_s=900).select(records["calls"].columns)
    tables["calls"] = pl.concat([calls] * 3).cast(dict(records["calls"].schema))
    after = answers(Records(records.about, tables), year)
    assert {name for name in after if after[name] != before[name]} == set(FROM_IMPORTED)
    assert prepare(records) == prepare(Records(records.about, tables))


def test_rows_that_are_kept_for_the_next_measure_are_those_that_were_asked_for(records: Records) -> None:
    year, other = Query(Period.of_year(2022), COUNTRY), Query(Period.of_year(2021), COUNTRY)
    place = Query(Period.of_year(2022), Places("centre", ("WVL",)))
    for query in (year, other, place, year, place):
        found = rows_in(records, "alarms", query, "day")
        alone = rows_in(Records(records.about, records.tables), "alarms", query, "day")
        assert found.equals(alone)
    assert len(records.taken) == 1


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_bootstrap_of_a_large_sample_is_that_of_many_draws(
    monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    chance = np.random.default_rng(seed)
    stratum, of_alarm = chance.integers(0, 40, 3000), chance.integers(0, 40, 2000)
    calls, alarms = chance.lognormal(6.5, 0.4, 3000), chance.lognormal(6.2, 0.5, 2000)
    drawn = statistics.bootstrap_gain(stratum, calls, of_alarm, alarms, rounds=4000, seed=seed)
    monkeypatch.setattr(statistics, "LARGE", 0)
    known = statistics.bootstrap_gain(stratum, calls, of_alarm, alarms, rounds=4000, seed=seed)
    assert known.value == drawn.value
    width = drawn.high - drawn.low
    assert abs(known.low - drawn.low) < 0.06 * width and abs(known.high - drawn.high) < 0.06 * width
