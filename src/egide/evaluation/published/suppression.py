"""Which cells of published tables must be hidden, so that nobody can compute a small one from all that is shown.

Cells are whole numbers of zero and more, tied by sums. A small cell is safe when another set of tables, which agrees
with everything that is shown and with every sum, has this cell at its `reach` or above: such a set of tables is its
witness. A solver proposes witnesses; they are checked here in whole numbers, so that a fault of the solver hides too
much, never too little. Where there is none, the solver says which further cells to hide at the least loss (after
Fischetti and Salazar, Management Science 47, 2001).
"""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Generic, TypeVar

import highspy
import numpy as np

C = TypeVar("C", bound=Hashable)
# Fewer than this many are not shown.
SMALL = 5
# How far a cell of a witness may lie above the truth: far enough for every sum, near enough for exact arithmetic.
_FARTHEST = 500


@dataclass(frozen=True)
class Sum(Generic[C]):
    """`total` is the sum of `parts`, and everybody knows it."""

    total: C
    parts: tuple[C, ...]

    def holds(self, values: Mapping[C, int]) -> bool:
        return values[self.total] == sum(values[part] for part in self.parts)


@dataclass(frozen=True)
class Problem(Generic[C]):
    """What is true and what is known. `values` holds every cell of every table, shown, hidden or never listed.

    `open_to` can be shown or hidden, at a loss each; `public` is shown already; every other cell is hidden. `reach`
    names the cells to protect, and the value that must remain possible for each.
    """

    values: Mapping[C, int]
    sums: tuple[Sum[C], ...]
    open_to: Mapping[C, float]
    public: frozenset[C]
    reach: Mapping[C, int]

    @cached_property
    def is_sound(self) -> bool:
        """Whether every sum holds of what is true."""
        return all(one.holds(self.values) for one in self.sums)

    @cached_property
    def sums_with(self) -> dict[C, list[int]]:
        """Which of the sums a cell stands in, for each that stands in any."""
        found: dict[C, list[int]] = {}
        for number, one in enumerate(self.sums):
            for cell in (one.total, *one.parts):
                found.setdefault(cell, []).append(number)
        return found


@dataclass
class Answer(Generic[C]):
    """`hidden` of `open_to`; a witness for each cell to protect; `unsafe` are those that could not be protected."""

    hidden: set[C] = field(default_factory=set)
    witnesses: dict[C, dict[C, int]] = field(default_factory=dict)
    unsafe: set[C] = field(default_factory=set)


def hide(problem: Problem[C]) -> Answer[C]:
    """The cells of `open_to` to hide. `unsafe` is empty unless what is public already tells too much."""
    answer: Answer[C] = Answer({cell for cell in problem.open_to if cell in problem.reach})
    search = _Search(problem)
    # The smallest first: what hides it often hides the others too.
    for cell in sorted(problem.reach, key=lambda one: problem.values[one]):
        if cell in answer.witnesses:
            continue
        moved = search.witness(cell, answer.hidden)
        if moved is None:
            answer.unsafe.add(cell)
            continue
        answer.hidden |= {one for one in moved if one in problem.open_to}
        found = {one: problem.values[one] + step for one, step in moved.items()}
        answer.witnesses[cell] = found
        for other, value in found.items():
            if other in problem.reach and value >= problem.reach[other]:
                answer.witnesses.setdefault(other, found)
    return answer


def is_witness(problem: Problem[C], hidden: Iterable[C], cell: C, witness: Mapping[C, int]) -> bool:
    """Whether these values agree with all that is shown and put `cell` at its reach; exact.

    `witness` may leave out what stays as it is: a sum in which nothing moves holds because it holds of the truth.
    """
    hidden = set(hidden)
    values = {**problem.values, **witness}
    moved = [one for one, value in witness.items() if value != problem.values[one]]
    sums = {number for one in moved for number in problem.sums_with.get(one, ())}
    return (
        problem.is_sound
        and values[cell] >= problem.reach[cell]
        and not any(one in problem.public or (one in problem.open_to and one not in hidden) for one in moved)
        and all(values[one] >= 0 for one in moved)
        and all(problem.sums[number].holds(values) for number in sums)
    )


class _Search(Generic[C]):
    """The solver, set up once: two columns for each cell that can move, up and down from the truth.

    It answers in real numbers first, since most answers are whole by themselves and come at once; where one is not, it
    is asked again for whole numbers.
    """

    def __init__(self, problem: Problem[C]) -> None:
        self._problem = problem
        cells = [cell for cell in problem.values if cell not in problem.public]
        self._cells = cells
        self._number = {cell: 2 * index for index, cell in enumerate(cells)}
        self._free: set[C] = set()
        self._solver = _quiet_solver()
        for cell in cells:
            for most in (_FARTHEST, problem.values[cell]):
                self._solver.addVar(0, most)
                self._solver.changeColCost(self._solver.getNumCol() - 1, problem.open_to.get(cell, 0.0))
        for one in problem.sums:
            self._add(one)

    def _add(self, one: Sum[C]) -> None:
        weights: dict[int, float] = {}
        for cell, weight in ((one.total, 1.0), *((part, -1.0) for part in one.parts)):
            up = self._number.get(cell)
            if up is not None:
                weights[up] = weights.get(up, 0.0) + weight
                weights[up + 1] = weights.get(up + 1, 0.0) - weight
        if weights:
            columns = np.array(list(weights), dtype=np.int32)
            self._solver.addRow(0, 0, len(weights), columns, np.array(list(weights.values())))

    def witness(self, cell: C, hidden: set[C]) -> dict[C, int] | None:
        """The cells that move, and by how much, so that `cell` comes to its reach; None where nothing can."""
        for one in hidden - self._free:
            self._solver.changeColCost(self._number[one], 0.0)
            self._solver.changeColCost(self._number[one] + 1, 0.0)
        self._free |= hidden
        up = self._number[cell]
        least = max(0, self._problem.reach[cell] - self._problem.values[cell])
        self._solver.changeColBounds(up, least, least + _FARTHEST)
        self._solver.changeColBounds(up + 1, 0, 0)
        found = self._solve(cell, hidden, highspy.HighsVarType.kContinuous)
        if found is None:
            found = self._solve(cell, hidden, highspy.HighsVarType.kInteger)
        self._solver.changeColBounds(up, 0, _FARTHEST)
        self._solver.changeColBounds(up + 1, 0, self._problem.values[cell])
        return found

    def _solve(self, cell: C, hidden: set[C], kind: Any) -> dict[C, int] | None:
        number = self._solver.getNumCol()
        is_whole = kind == highspy.HighsVarType.kInteger
        if is_whole:
            self._solver.changeColsIntegrality(
                number, np.arange(number, dtype=np.int32), np.array([kind] * number)
            )
        self._solver.run()
        is_solved = self._solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
        steps = np.zeros(len(self._cells), dtype=np.int64)
        if is_solved:
            ways = np.rint(self._solver.getSolution().col_value).astype(np.int64)
            steps = ways[0::2] - ways[1::2]
        if is_whole:
            kinds = np.array([highspy.HighsVarType.kContinuous] * number)
            self._solver.changeColsIntegrality(number, np.arange(number, dtype=np.int32), kinds)
        moved = {self._cells[at]: int(steps[at]) for at in np.flatnonzero(steps)}
        found = {one: self._problem.values[one] + step for one, step in moved.items()}
        further = {one for one in moved if one in self._problem.open_to}
        return moved if is_witness(self._problem, hidden | further, cell, found) else None


def _quiet_solver() -> Any:
    make: Any = highspy.Highs
    solver = make()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    return solver
