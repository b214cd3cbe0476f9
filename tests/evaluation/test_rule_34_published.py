"""Safety rule 34: what leaves the service locates nobody. Somebody with every published table tries to find more."""

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from egide.common.config import Config
from egide.evaluation.measures import REGISTRY
from egide.evaluation.published import counts as counting
from egide.evaluation.published.protecting import EditionCells, may_show
from egide.evaluation.published.tables import TABLES, WHOLE, Key
from egide.evaluation.records.period import Period
from egide.evaluation.records.shapes import Records
from egide.evaluation.records.store import RecordStore
from egide.evaluation.service import COUNTRY, Query
from tests.evaluation.differencing import Cells, intervals
from tests.support.examples import examples

SMALL = 5
Truth = dict[Key, int]
PROVINCES = ("AAA", "BBB", "CCC")


def published(truths: dict[tuple[int, int], Truth]) -> dict[tuple[int, int], EditionCells]:
    """One edition after the other, each beside all before it, as they would have left the service."""
    told: dict[tuple[int, int], EditionCells] = {}
    for name, truth in sorted(truths.items(), key=lambda one: (one[0][1], one[0][0])):
        told[name] = EditionCells(truth, may_show(told, name, truth))
    return told


def try_to_recover(told: dict[tuple[int, int], EditionCells]) -> list[str]:
    """What comes out of all published tables together although it is hidden and small."""
    true: dict[tuple[int, int], Cells] = {
        name: {"/".join(key): value for key, value in one.truth.items()} for name, one in told.items()
    }
    shown: dict[tuple[int, int], Cells] = {
        name: {"/".join(key): value if key in one.shown else None for key, value in one.truth.items()}
        for name, one in told.items()
    }
    found = []
    for name, (low, high) in intervals(shown, true).items():
        year, number, cell = name
        value = true[year, number].get(cell)
        if value is not None and value < SMALL and high is not None and (high < SMALL or low == high):
            found.append(f"{name} lies between {low} and {high}")
    return found


def small_ones_shown(told: dict[tuple[int, int], EditionCells]) -> list[Key]:
    return [key for one in told.values() for key in one.shown if one.truth[key] < SMALL]


@pytest.fixture(scope="session")
def records(data: Path) -> Records:
    return RecordStore(Config(data_dir=data)).load()


def test_rule_34_nobody_recovers_a_small_cell_from_the_national_history(records: Records) -> None:
    told = published({(year, 1): counting.counts(records, year) for year in range(2019, 2024)})
    assert small_ones_shown(told) == []
    assert try_to_recover(told) == []
    # It is no proof to show nothing: the whole country is told where it can be.
    last = told[2023, 1]
    for table, column, value in (
        ("people", "ever", 120),
        ("people", "now", 79),
        ("country", "usable", 1000),
        ("country", "available", 176),
        ("safer", "clearly", 43),
    ):
        assert last.truth[Key(table, WHOLE, column)] == value
        assert Key(table, WHOLE, column) in last.shown


def test_the_attack_finds_what_is_not_protected(records: Records) -> None:
    """Were small cells alone left out, the same attack would find many of them."""
    truth = counting.counts(records, 2023)
    careless = {
        (2023, 1): EditionCells(truth, frozenset(key for key, value in truth.items() if value >= SMALL))
    }
    assert len(try_to_recover(careless)) > 10


@settings(max_examples=examples(15))
@given(st.integers(0, 2**32), st.sampled_from([3, 12, 60]), st.integers(1, 3))
def test_rule_34_nobody_recovers_a_small_cell_over_all_tables_years_and_corrections(
    seed: int, usual: int, years: int
) -> None:
    chance = random.Random(seed)
    truths = a_country(chance, usual, years)
    corrected = truths[2019, 1] | changed(chance, truths[2019, 1])
    told = published(truths | {(2019, 2): corrected})
    assert small_ones_shown(told) == []
    assert try_to_recover(told) == []
    first, second = told[2019, 1], told[2019, 2]
    assert second.shown <= first.shown, "what was hidden once stays hidden"
    for key in second.shown:
        difference = abs(second.truth[key] - first.truth[key])
        assert difference == 0 or difference >= SMALL, (key, "a change of a few is a few people")


def test_rule_34_an_edition_that_went_out_before_there_was_a_table_is_held_against_a_new_one() -> None:
    chance = random.Random(13)
    first = {key: value for key, value in a_country(chance, 12, 1)[2019, 1].items() if key.table != "deaths"}
    deaths = {"all": 9, "violent": 3, "other": 6, "unclear": 0}
    told = published(
        {
            (2019, 1): first,
            (2019, 2): first | {Key("deaths", "close", column): value for column, value in deaths.items()},
        }
    )
    assert small_ones_shown(told) == [] and try_to_recover(told) == []
    # One of the two large ones is told, and not both: a few people are what lies between them.
    shown = {key.column for key in told[2019, 2].shown if key.table == "deaths"}
    assert len(shown) == 1 and shown < {"all", "other"}


def a_country(chance: random.Random, usual: int, years: int) -> dict[tuple[int, int], Truth]:
    """Invented numbers that add up as real ones do, with about `usual` in a cell."""
    found: dict[tuple[int, int], Truth] = {}
    ever = dict.fromkeys(PROVINCES, 0)
    for year in range(2019, 2019 + years):
        truth: Truth = {}
        for row in PROVINCES:
            _province(truth, row, chance, usual, ever)
        for key in [key for key in truth if key.row == PROVINCES[0]]:
            total = sum(truth[Key(key.table, row, key.column)] for row in PROVINCES)
            truth[Key(key.table, WHOLE, key.column)] = total
        _country(truth, chance, usual)
        order = [key for key in truth if key.row == WHOLE] + [key for key in truth if key.row != WHOLE]
        found[year, 1] = {key: truth[key] for key in order}
    return found


def _draw(chance: random.Random, usual: int) -> int:
    return chance.choice((0, chance.randint(0, 4), chance.randint(0, 2 * usual)))


def _province(truth: Truth, row: str, chance: random.Random, usual: int, ever: dict[str, int]) -> None:
    new = _draw(chance, usual)
    ever[row] += new
    now = chance.randint(ever[row] // 2, ever[row])
    kinds = {kind: _draw(chance, usual) for kind in ("nuisance", "founded", "unclear")}
    went = chance.randint(0, sum(kinds.values()))
    granted, refused = _draw(chance, usual), _draw(chance, usual)
    for table, columns in {
        "people": {"new": new, "now": now, "ever": ever[row]},
        "decisions": {"granted": granted, "refused": refused, "decided": granted + refused},
        "kits": {"in-use": now + chance.choice((0, 0, 1, 7))},
        "alarms": {"all": sum(kinds.values()), "went": went, "arrest": chance.randint(0, went), **kinds},
    }.items():
        truth.update({Key(table, row, column): value for column, value in columns.items()})


def _country(truth: Truth, chance: random.Random, usual: int) -> None:
    for kind, words in (
        ("nuisance", ("handling-error", "test", "technical")),
        (
            "founded",
            ("arrest", "perpetrator-gone", "nobody-seen-but-fear-founded", "help-refused", "injured"),
        ),
        ("unclear", ("person-not-found", "open")),
    ):
        left = truth[Key("alarms", WHOLE, kind)]
        for word in words[1:]:
            part = chance.randint(0, left)
            truth[Key("outcomes", word, "alarms")] = part
            left -= part
        truth[Key("outcomes", words[0], "alarms")] = left
    for word in ("killed", "child-taken"):
        truth[Key("outcomes", word, "alarms")] = 0
    for step, of in (("seen", "all"), ("confirmed", "all"), ("under-way", "went"), ("on-site", "went")):
        truth[Key("steps", step, "known")] = max(
            0, truth[Key("alarms", WHOLE, of)] - chance.choice((0, 2, 6))
        )
    known = truth[Key("steps", "on-site", "known")]
    ten = chance.randint(0, known)
    fifteen = chance.randint(ten, known)
    truth |= {
        Key("arrival", WHOLE, "within10"): ten,
        Key("arrival", WHOLE, "within15"): fifteen - ten,
        Key("arrival", WHOLE, "later"): known - fifteen,
        Key("arrival", WHOLE, "known"): known,
        Key("durations", "decision", "known"): truth[Key("decisions", WHOLE, "decided")],
        Key("durations", "protection", "known"): _draw(chance, usual),
    }
    for row in ("granted", "refused", "dropped"):
        parts = {column: _draw(chance, usual) for column in ("in6", "in12", "left", "none")}
        truth |= {Key("again", row, column): value for column, value in parts.items()}
        truth[Key("again", row, "decided")] = sum(parts.values())
    for column in ("decided", "in6", "in12", "left", "none"):
        rows = ("granted", "refused", "dropped")
        truth[Key("again", "all", column)] = sum(truth[Key("again", row, column)] for row in rows)
    for row in ("protected", "close"):
        kinds = {column: _draw(chance, usual) for column in ("violent", "other", "unclear")}
        truth |= {Key("deaths", row, column): value for column, value in kinds.items()}
        truth[Key("deaths", row, "all")] = sum(kinds.values())
    answered, clearly, other = _draw(chance, usual), _draw(chance, usual), _draw(chance, usual)
    truth |= {
        Key("survey", "beneficiary", "answered"): clearly + other + chance.choice((0, 2)),
        Key("survey", "beneficiary", "asked"): clearly + other + usual,
        Key("survey", "officer", "answered"): answered,
        Key("survey", "officer", "asked"): answered + usual,
        Key("safer", WHOLE, "clearly"): clearly,
        Key("safer", WHOLE, "other"): other,
        Key("safer", WHOLE, "answered"): clearly + other,
    }


def changed(chance: random.Random, truth: Truth) -> Truth:
    """Alarms that were found later: some more in one province, with all that follows from it."""
    row, more = chance.choice(PROVINCES), chance.choice((1, 3, 6, 40))
    found = {Key("outcomes", "test", "alarms"): truth[Key("outcomes", "test", "alarms")] + more}
    for place in (row, WHOLE):
        for column in ("all", "nuisance"):
            found[Key("alarms", place, column)] = truth[Key("alarms", place, column)] + more
    return found


# The rule, half sentence by half sentence


def test_rule_34_tables_are_fixed_and_their_lists_are_written_in_one_place(records: Records) -> None:
    listed = {(table.id, column) for table in TABLES for column in table.columns}
    for year in (2021, 2023):
        cells = counting.counts(records, year)
        assert {(key.table, key.column) for key in cells} == listed
    assert len({table.id for table in TABLES}) == len(TABLES)


def test_rule_34_public_figures_are_yearly_of_the_country_or_a_province(records: Records) -> None:
    provinces = set(records["places"]["centre"])
    for table in TABLES:
        rows = {key.row for key in counting.counts(records, 2023) if key.table == table.id}
        if table.by_province:
            assert rows <= {WHOLE, *provinces}
        else:
            assert not rows & provinces
    zones = set(records["places"]["zone"])
    assert not {key.row for key in counting.counts(records, 2023)} & zones


def test_rule_34_no_hour_zone_or_map_of_slow_help_leaves_the_service() -> None:
    by_province = {table.id for table in TABLES if table.by_province}
    assert not by_province & {"steps", "arrival", "durations"}
    every = " ".join(
        [*(table.id for table in TABLES), *(column for table in TABLES for column in table.columns)]
    )
    assert not any(word in every.split() for word in ("hour", "month", "zone", "office", "operator", "user"))


def test_rule_34_no_effect_is_claimed_without_a_comparison() -> None:
    again = next(table for table in TABLES if table.id == "again")
    assert "No effect can be read from this" in again.population_en
    assert "comparison" in again.population_en


def test_rule_34_victims_again_counts_deaths_refusals_and_withdrawals(records: Records) -> None:
    again = next(table for table in TABLES if table.id == "again")
    assert set(again.rows) == {"all", "granted", "refused", "dropped"}
    assert "people who were killed" in again.population_en
    cells = counting.counts(records, 2022)
    # By a count of its own over the rows: every file with a first decision in 2021, whatever it was.
    courses = records["courses"]
    for row in ("granted", "refused", "dropped"):
        expected = sum(
            day.year == 2021 and decision == row
            for day, decision in zip(courses["decided"].to_list(), courses["decision"].to_list(), strict=True)
        )
        assert cells[Key("again", row, "decided")] == expected
    measure = REGISTRY["victim-again-12"]
    ordinary = measure.compute(records, Query(Period.of_year(2021), COUNTRY))
    assert not isinstance(ordinary, str)
    assert cells[Key("again", "all", "decided")] == ordinary.filter(ordinary["decision"] == "")["n"][0]
