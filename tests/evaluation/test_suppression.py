"""Hiding cells, against somebody who tries every table that agrees with what is shown."""

from collections.abc import Iterator, Mapping

from hypothesis import given, settings
from hypothesis import strategies as st

from egide.evaluation.published.suppression import SMALL, Problem, Sum, hide, is_witness
from tests.support.examples import examples

Cell = tuple[str, ...]
MOST = 14


def grid(values: list[list[int]]) -> tuple[dict[Cell, int], tuple[Sum[Cell], ...]]:
    """A table with its totals by row, by column and of all."""
    rows, columns = [f"r{n}" for n in range(len(values))], [f"c{n}" for n in range(len(values[0]))]
    cells: dict[Cell, int] = {
        (row, column): values[i][j] for i, row in enumerate(rows) for j, column in enumerate(columns)
    }
    for row in rows:
        cells[row, "all"] = sum(cells[row, column] for column in columns)
    for column in (*columns, "all"):
        cells["all", column] = sum(cells[row, column] for row in rows)
    sums = [Sum((row, "all"), tuple((row, column) for column in columns)) for row in (*rows, "all")]
    sums += [Sum(("all", column), tuple((row, column) for row in rows)) for column in (*columns, "all")]
    return cells, tuple(sums)


def possible(
    cells: Mapping[Cell, int], sums: tuple[Sum[Cell], ...], hidden: set[Cell], least: Mapping[Cell, int]
) -> Iterator[dict[Cell, int]]:
    """Every way to fill the hidden cells, from `least` on, so that all sums are right: one number after the other."""
    order = sorted(hidden)

    def fill(at: int, filled: dict[Cell, int]) -> Iterator[dict[Cell, int]]:
        values = {**cells, **filled}
        waiting = set(order[at:])
        for one in sums:
            parts = sum(values[part] for part in one.parts if part not in waiting)
            is_open = any(part in waiting for part in one.parts)
            if one.total not in waiting and (
                parts > values[one.total] or (not is_open and parts != values[one.total])
            ):
                return
        if at == len(order):
            yield filled
            return
        for value in range(least.get(order[at], 0), MOST + 1):
            yield from fill(at + 1, {**filled, order[at]: value})

    return fill(0, {})


@settings(max_examples=examples(40))
@given(
    st.lists(st.lists(st.integers(0, 9), min_size=2, max_size=3), min_size=2, max_size=3).filter(
        lambda rows: len({len(row) for row in rows}) == 1
    )
)
def test_every_small_cell_could_be_five_or_more_whatever_is_tried(values: list[list[int]]) -> None:
    cells, sums = grid(values)
    losses = {cell: 6.0 if "all" in cell else 1.0 for cell in cells}
    small = {cell: SMALL for cell, value in cells.items() if value < SMALL}
    problem = Problem(cells, sums, losses, frozenset(), small)
    answer = hide(problem)
    assert not answer.unsafe and small.keys() <= answer.hidden
    for cell in small:
        assert is_witness(problem, answer.hidden, cell, answer.witnesses[cell])
        # Rows of totals only move what they total: a few hidden cells are tried out one by one.
        if len(answer.hidden) <= 6:
            biggest = max(MOST, *cells.values())
            assert biggest > MOST or next(possible(cells, sums, answer.hidden, {cell: SMALL}), None), cell


def test_a_table_without_a_small_cell_is_shown_whole() -> None:
    cells, sums = grid([[7, 8], [9, 5]])
    assert hide(Problem(cells, sums, dict.fromkeys(cells, 1.0), frozenset(), {})).hidden == set()


def test_one_small_cell_takes_three_more_with_it() -> None:
    cells, sums = grid([[3, 20, 30], [20, 30, 40], [30, 40, 50]])
    losses = {cell: 6.0 if "all" in cell else 1.0 for cell in cells}
    hidden = hide(Problem(cells, sums, losses, frozenset(), {("r0", "c0"): SMALL})).hidden
    assert len(hidden) == 4 and not any("all" in cell for cell in hidden)


def test_what_is_out_already_and_betrays_a_cell_is_told() -> None:
    cells, sums = grid([[3, 20], [20, 30]])
    public = frozenset(cells) - {("r0", "c0")}
    answer = hide(Problem(cells, sums, {}, public, {("r0", "c0"): SMALL}))
    assert answer.unsafe == {("r0", "c0")}


def test_a_witness_that_changes_what_is_shown_or_breaks_a_sum_is_none() -> None:
    cells, sums = grid([[3, 20], [20, 30]])
    problem = Problem(cells, sums, dict.fromkeys(cells, 1.0), frozenset(), {("r0", "c0"): SMALL})
    moved = {("r0", "c0"): 5, ("r0", "c1"): 18, ("r1", "c0"): 18, ("r1", "c1"): 32}
    assert is_witness(problem, moved, ("r0", "c0"), moved)
    assert not is_witness(problem, set(moved) - {("r1", "c1")}, ("r0", "c0"), moved)
    assert not is_witness(problem, moved, ("r0", "c0"), moved | {("r1", "c1"): 33})
    assert not is_witness(problem, moved, ("r0", "c0"), {cell: value - 1 for cell, value in moved.items()})
