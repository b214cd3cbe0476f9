"""Every measure against a slow and obvious computation, straight from the events, over random histories."""

import random
import tempfile
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from egide.evaluation.measures import REGISTRY
from egide.evaluation.measures.answering import answers
from egide.evaluation.measures.gained import compared
from egide.evaluation.records.period import Period
from egide.evaluation.records.schemas import SCHEMAS
from egide.evaluation.records.shapes import COUNTED, SPLITS, Cell, Places, Query, Records, Result
from tests.evaluation.slow.alarms import arrivals
from tests.evaluation.slow.asking import Answer, Asked, Figure
from tests.evaluation.slow.histories import Player
from tests.evaluation.slow.measures import SLOW, slowly
from tests.evaluation.slow.others import what_is_compared
from tests.evaluation.slow.reading import Past
from tests.evaluation.slow.steps import PLACES, Step, histories, imports
from tests.support.examples import examples
from tests.support.installation import Installation

Imports = tuple[list[tuple[str, int, int]], list[tuple[str, int, int]], list[tuple[str, date, int, int]]]

_months = st.builds(lambda number: divmod(number, 12), st.integers(2026 * 12, 2029 * 12 + 11))
_periods = st.one_of(
    st.tuples(_months, _months).map(
        lambda pair: "..".join(f"{year}-{month + 1:02}" for year, month in sorted(pair))
    ),
    st.integers(2026, 2029).map(str),
    st.sampled_from(("2027", "2027-01..2028-12", "2027-01..2029-06")),
)
_places = st.sampled_from(
    [
        Places(),
        Places(),
        Places(),
        Places("zone", ("z1",)),
        Places("zone", ("z2", "z3")),
        Places("centre", ("A",)),
        Places("centre", ("A", "B")),
        Places("office", ("q",)),
    ]
)
_queries = st.builds(Query, _periods.map(Period.parse), _places, st.sampled_from(("", "", *SPLITS)))


def with_imports(records: Records, given_: Imports) -> Records:
    """The records as if these files had been imported."""
    inhabitants, reports, calls = given_
    rows: dict[str, list[Any]] = {
        "inhabitants": [(zone, *PLACES[zone], year, number) for zone, year, number in inhabitants],
        "reports": [(zone, *PLACES[zone], year, number) for zone, year, number in reports],
        "calls": [(zone, *PLACES[zone], day, hour, seconds) for zone, day, hour, seconds in calls],
    }
    tables = {name: pl.DataFrame(some, schema=SCHEMAS[name], orient="row") for name, some in rows.items()}
    return Records(records.about, records.tables | tables)


def figure(cell: Cell) -> Figure:
    """What a cell says, without an interval that chance has drawn."""
    return Figure(cell.value, cell.n, cell.count, cell.low, cell.high, cell.left_out, cell.unknown)


def quick(result: Result) -> Answer:
    return Answer(figure(result.whole), {cell.keys: figure(cell) for cell in result.cells})


def differences(measure: str, found: Answer, wanted: Answer) -> list[str]:
    """Where the two answers say something else."""
    said = []
    for keys in ("whole", *sorted({*found.cells, *wanted.cells})):
        one = found.whole if keys == "whole" else found.cells.get(keys)  # type: ignore[call-overload]
        other = wanted.whole if keys == "whole" else wanted.cells.get(keys)  # type: ignore[call-overload]
        if one and measure == "time-gained":
            one = replace(one, low=None, high=None)
        if one is None or other is None or not is_same(one, other):
            said.append(f"{measure} {keys}: quick {one}, slow {other}")
    return said


def is_same(one: Figure, other: Figure) -> bool:
    pairs = zip(asdict(one).values(), asdict(other).values(), strict=True)
    return all(
        a == b if None in (a, b) or isinstance(a, str) else a == pytest.approx(b, rel=1e-6, abs=1e-7)
        for a, b in pairs
    )


def played(steps: list[Step], given_: Imports) -> tuple[Records, Past]:
    """The quick records and the slow past of one history."""
    with tempfile.TemporaryDirectory() as folder, Installation(Path(folder)) as installation:
        player = Player(installation)
        player.play(steps)
        past, records = player.past(), with_imports(player.build(), given_)
    past.inhabitants, past.reports, past.calls = given_
    return records, past


def compare(records: Records, past: Past, query: Query) -> list[str]:
    asked = Asked(query.period.first, query.period.last, query.places.kind, query.places.codes, query.by)
    return [
        line
        for name, result in answers(records, query).items()
        for line in differences(name, quick(result), slowly(name, past, asked))
    ]


def test_every_measure_has_a_slow_counterpart() -> None:
    assert set(SLOW) == set(REGISTRY)


@settings(max_examples=examples(8), suppress_health_check=list(HealthCheck))
@given(histories, imports, st.lists(_queries, min_size=3, max_size=3))
def test_every_measure_says_the_same_slowly(steps: list[Step], given_: Imports, queries: list[Query]) -> None:
    records, past = played(steps, given_)
    for query in queries:
        found = compare(records, past, query)
        assert found == [], (query, "\n".join(found))
        asked = Asked(query.period.first, query.period.last, query.places.kind, query.places.codes)
        assert asdict(compared(records, query)) == pytest.approx(what_is_compared(past, asked)), query


def test_a_kit_that_moves_in_the_moment_of_its_handover_went_out_where_it_came_from() -> None:
    """Found by chance: the stretch that still lasts was sorted before the one that ended at once."""
    steps = [
        Step("kit", 1, 0, 30_600.0, 0),
        Step("kit", 1, 0, 83_400.0, 4),
        Step("move", 1, 0, 83_400.0, 0),
        Step("kit", 1, 0, 79_201.0, 11),
    ]
    records, past = played(steps, ([], [], []))
    for zone in PLACES:
        assert compare(records, past, Query(Period.parse("2027"), Places("zone", (zone,)))) == []


def test_a_file_that_moves_behind_a_death_waits_for_no_review() -> None:
    """Found by chance: its review stood until the move, and from then on in the new zone."""
    steps = [
        Step("life", 0, 7, 30_600.0, 2),
        Step("life", 0, 30, 30_600.0, 4),
        Step("death", 0, 0, 30_600.0, 0),
        Step("move", 0, 20, 30_600.0, 0),
    ]
    records, past = played(steps, ([], [], []))
    assert {"DeathNoted", "FileMoved"} <= {one.kind for one in past.told}
    query = Query(Period.parse("2027-01..2027-12"), by="month")
    assert compare(records, past, query) == []
    assert answers(records, query, ("reviews-overdue",))["reviews-overdue"].whole.n == 0


def day_by_day(first: float, then: float) -> list[Step]:
    """A kit that goes out, and two alarms with a team, each so many seconds on its way."""
    life = [Step("life", 0, 0, 30_600.0, 2), Step("life", 0, 1, 30_600.0, 2)]
    kit = [Step("kit", 0, 0, 32_399.5, 8), Step("kit", 0, 0, 32_399.5, 8)]
    return (
        life
        + kit
        + [
            Step("alarm", 0, 1, 30_600.0, 1, (("routed", 1.0, 0), ("zone", 1.0, 0), ("site", seconds, 0)))
            for seconds in (first, then)
        ]
    )


def test_tests_and_control_presses_are_no_alarms_anywhere() -> None:
    life = day_by_day(300.0, 400.0)
    tests, waiting = ([Step(what, 0, 0, 30_600.0, way) for way in range(12)] for what in ("test", "wait"))
    waiting = [replace(step, way=0) for step in waiting]
    without, _past = played([*life, *waiting], ([], [], []))
    with_tests, past = played([*life, *tests], ([], [], []))
    assert {"TestReceived", "CanaryReceived"} <= {one.kind for one in past.told}
    assert without["alarms"].height == with_tests["alarms"].height == 2
    query = Query(Period.parse("2027-01..2027-12"))
    assert answers(without, query) == answers(with_tests, query)


@pytest.mark.parametrize("places", [Places(), Places("zone", ("z1",))])
def test_of_an_empty_population_there_is_no_share_no_median_and_no_ratio(places: Places) -> None:
    records, _past = played([], ([], [], []))
    for name, result in answers(records, Query(Period.parse("2027-01"), places)).items():
        whole, measure = result.whole, REGISTRY[name]
        if measure.group == "training":
            # The zones are there, and none is trained: that is known.
            assert whole.value == 0 and whole.n, name
        elif measure.unit in COUNTED:
            assert (whole.value, whole.unknown) == (0, ""), name
        else:
            assert whole.value is None and whole.unknown, name


def test_the_interval_of_the_time_gained_is_that_of_a_plain_bootstrap() -> None:
    chance = random.Random(7)
    steps = day_by_day(301.0, 402.5)
    steps += [
        Step("alarm", 0, 1, 30_600.0, 1, (("routed", 1.0, 0), ("site", chance.uniform(100, 900), 0)))
        for _number in range(30)
    ]
    calls = [("z1", date(2027, 2, 1), 9, chance.randint(300, 1500)) for _number in range(60)]
    records, past = played(steps, ([], [], calls))
    cell = answers(records, Query(Period.parse("2027")), ("time-gained",))["time-gained"].whole
    ours = [one.number for one in arrivals(past) if one.where.zone == "z1" and one.hour == 9]
    theirs = [seconds for *_where, seconds in calls]
    assert len(ours) == cell.n and cell.n > 25
    means = sorted(
        sum(chance.choices(theirs, k=len(theirs))) / len(theirs)
        - sum(chance.choices(ours, k=len(ours))) / len(ours)  # type: ignore[arg-type]
        for _round in range(4000)
    )
    assert cell.low == pytest.approx(means[100], abs=20) and cell.high == pytest.approx(means[3900], abs=20)
    assert cell.low is not None and cell.high is not None and cell.high - cell.low > 100


def test_a_silence_that_began_before_the_file_moved_counts_from_its_beginning() -> None:
    steps = day_by_day(300.0, 300.0)[:4]
    steps += [
        Step("move", 0, 9, 30_600.0, 2),
        Step("silence", 0, 0, 32_399.5, 9),
        Step("silence", 0, 1, 32_399.5, 1),
    ]
    records, past = played(steps, ([], [], []))
    query = Query(Period.parse("2027-01"), by="zone")
    assert compare(records, past, query) == []
    # Nine hours before anybody was told, and the day until it was heard again.
    cell = answers(records, query, ("silent-hours",))["silent-hours"].whole
    assert cell.value is not None and cell.n and cell.value * cell.n / 30 == pytest.approx(33, abs=0.01)
