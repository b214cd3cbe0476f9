"""Which cells of a new edition may be shown beside all that has left the service: the sums that everybody knows.

Pure. Ties within a year come from `tables`; over the years people add up, and files that were decided come back a
year later. Where two editions of a year say the same of a cell, it is one cell: somebody who compares them takes it for
unchanged.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from egide.evaluation.published.suppression import SMALL, Problem, Sum, hide
from egide.evaluation.published.tables import REST, WHOLE, Key, sums_of

# What hiding a cell costs: the country's figures are missed most.
_LOSS, _LOSS_OF_COUNTRY = 1.0, 6.0
Name = tuple[int, int]


class At(NamedTuple):
    """A cell of one edition."""

    year: int
    number: int
    key: Key


@dataclass(frozen=True)
class EditionCells:
    """The true cells of an edition, and which of them it shows."""

    truth: Mapping[Key, int]
    shown: frozenset[Key] = frozenset()

    @property
    def rows(self) -> list[str]:
        """The rows of its tables by province."""
        return list(dict.fromkeys(key.row for key in self.truth if key.table == "people"))


Editions = Mapping[Name, EditionCells]


class Betrayed(Exception):
    """What has left the service already gives a few people away: nothing that is hidden now can mend that."""


def may_show(told: Editions, new: Name, truth: Mapping[Key, int]) -> frozenset[Key]:
    """The cells of the new edition `new` (year, number) that may be shown beside all of `told`. Raises Betrayed."""
    every = {**told, new: EditionCells(truth)}
    problem = problem_of(every, new)
    answer = hide(problem)
    if answer.unsafe:
        # Nothing beyond what is out already.
        answer = hide(Problem(problem.values, problem.sums, {}, problem.public, problem.reach))
        if answer.unsafe:
            raise Betrayed(", ".join(map(str, sorted(answer.unsafe))))
        return frozenset(key for key in truth if _at(every, new, key) in problem.public)
    visible = problem.public | (problem.open_to.keys() - answer.hidden)
    return frozenset(key for key in truth if _at(every, new, key) in visible)


def problem_of(told: Editions, new: Name) -> Problem[At]:
    """All that anybody can set up from these editions; every cell of `new` that is not out may still be hidden."""
    values: dict[At, int] = {}
    public: set[At] = set()
    for name, edition in sorted(told.items()):
        values |= {_at(told, name, key): value for key, value in edition.truth.items()}
        public |= {_at(told, name, key) for key in edition.shown}
    reach = {at: SMALL for at, value in values.items() if value < SMALL and at not in public}
    sums: dict[Sum[At], None] = {}
    for tie in _ties(told):
        total, parts = tie.total, tie.parts
        left = values[total] - sum(values[part] for part in parts)
        if left == 0 and (tie.mostly_nobody or not tie.rest):
            sums[Sum(total, parts)] = None
        elif tie.rest and left >= 0:
            at = At(total.year, total.number, Key(REST, str(total), str(parts)))
            values[at] = left
            sums[Sum(total, (*parts, at))] = None
            # A rest that counts nobody gives nobody away.
            if tie.protects and 0 < left < SMALL:
                reach[at] = SMALL
    open_to = _open(told, new, public)
    reach |= _changed_by_few(told, new, open_to)
    return Problem(values, tuple(sums), open_to, frozenset(public), reach)


def _open(told: Editions, new: Name, public: set[At]) -> dict[At, float]:
    """What can still be shown or hidden; what an edition before has hidden stays hidden."""
    before = told.get((new[0], new[1] - 1))
    kept = {key for key in before.truth if key not in before.shown} if before else set()
    found = {}
    for key in told[new].truth:
        at = _at(told, new, key)
        if at not in public and key not in kept:
            found[at] = _LOSS_OF_COUNTRY if key.row == WHOLE else _LOSS
    return found


def _changed_by_few(told: Editions, new: Name, open_to: Mapping[At, float]) -> dict[At, int]:
    """Cells that a correction changes by one to four: a difference of a few is a few people. They are hidden."""
    before = told.get((new[0], new[1] - 1))
    found = {}
    for key in before.shown if before else ():
        was, now = before.truth[key] if before else 0, told[new].truth.get(key)
        at = _at(told, new, key)
        if now is not None and at in open_to and abs(now - was) < SMALL:
            found[at] = max(was, now) + SMALL
    return found


def _at(told: Editions, name: Name, key: Key) -> At:
    """The cell, named by the first of the editions in a row that say the same of it."""
    year, number = name
    truth = told[name].truth
    while (year, number - 1) in told and told[year, number - 1].truth.get(key) == truth.get(key):
        number -= 1
    return At(year, number, key)


class Tie(NamedTuple):
    """A sum of published.Sums between cells of editions."""

    total: At
    parts: tuple[At, ...]
    rest: bool = False
    protects: bool = False
    mostly_nobody: bool = False


def _ties(told: Editions) -> Iterator[Tie]:
    """Every sum that ties cells of these editions, within a year and over the years."""
    for name, edition in told.items():
        for one in sums_of(edition.rows):
            # An edition that went out before there was a table knows nothing of it.
            if not edition.truth.keys() >= {one.total, *one.parts}:
                continue
            parts = tuple(_at(told, name, part) for part in one.parts)
            yield Tie(_at(told, name, one.total), parts, one.rest, one.protects, one.mostly_nobody)
        for before in told:
            if before[0] == name[0] - 1:
                yield from _over_years(told, before, name)


def _over_years(told: Editions, before: Name, name: Name) -> Iterator[Tie]:
    for row in told[name].rows:
        ever, new = Key("people", row, "ever"), Key("people", row, "new")
        if ever in told[before].truth:
            yield Tie(_at(told, name, ever), (_at(told, before, ever), _at(told, name, new)))
    for decision in ("granted", "refused"):
        total = _at(told, before, Key("decisions", WHOLE, decision))
        parts = (_at(told, name, Key("again", decision, "decided")),)
        yield Tie(total, parts, rest=True, mostly_nobody=True)
