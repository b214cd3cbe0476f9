"""Somebody who has every published table and tries to find out what is hidden; written apart from what hides it.

What they know is written down here once more, from what the tables say of themselves. They take one table from another
in exact fractions (Gauss), and narrow every hidden number as far as sums of numbers that are never negative allow.
"""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

Name = tuple[int, int, str]
Equation = dict[Name, int]
Cells = Mapping[str, int | None]
Editions = Mapping[tuple[int, int], Cells]
_OUTCOMES = {
    "nuisance": ("handling-error", "test", "technical"),
    "founded": (
        "arrest",
        "perpetrator-gone",
        "nobody-seen-but-fear-founded",
        "help-refused",
        "injured",
        "killed",
        "child-taken",
    ),
    "unclear": ("person-not-found", "open"),
}
_PROVINCIAL = ("people", "decisions", "kits", "alarms")


def equations_of_a_year(cells: Cells, rows: Sequence[str]) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """(total, parts, rest): `rest` names what is left over and listed nowhere, "" where nothing is."""
    columns: dict[str, list[str]] = {}
    for name in cells:
        table, row, column = name.split("/")
        if row == "country":
            columns.setdefault(table, []).append(column)
    for table in _PROVINCIAL:
        for column in columns[table]:
            parts = tuple(f"{table}/{row}/{column}" for row in rows if row != "country")
            yield f"{table}/country/{column}", parts, ""
    for row in rows:
        yield f"decisions/{row}/decided", (f"decisions/{row}/granted", f"decisions/{row}/refused"), ""
        kinds = tuple(f"alarms/{row}/{kind}" for kind in _OUTCOMES)
        yield f"alarms/{row}/all", kinds, ""
        yield f"alarms/{row}/all", (f"alarms/{row}/went",), f"no team {row}"
        yield f"alarms/{row}/went", (f"alarms/{row}/arrest",), f"team without arrest {row}"
        yield f"people/{row}/ever", (f"people/{row}/now",), f"no longer {row}"
        yield f"people/{row}/ever", (f"people/{row}/new",), f"earlier {row}"
        yield f"kits/{row}/in-use", (f"people/{row}/now",), f"second kits {row}"
    for kind, outcomes in _OUTCOMES.items():
        yield f"alarms/country/{kind}", tuple(f"outcomes/{outcome}/alarms" for outcome in outcomes), ""
    for step, of in (("seen", "all"), ("confirmed", "all"), ("under-way", "went"), ("on-site", "went")):
        yield f"alarms/country/{of}", (f"steps/{step}/known",), f"{step} unknown"
    yield "steps/on-site/known", ("arrival/country/known",), ""
    within = tuple(f"arrival/country/{column}" for column in ("within10", "within15", "later"))
    yield "arrival/country/known", within, ""
    yield "decisions/country/decided", ("durations/decision/known",), ""
    for row in ("all", "granted", "refused", "dropped"):
        parts = tuple(f"again/{row}/{column}" for column in ("in6", "in12", "left", "none"))
        yield f"again/{row}/decided", parts, ""
    for column in ("decided", "in6", "in12", "left", "none"):
        parts = tuple(f"again/{row}/{column}" for row in ("granted", "refused", "dropped"))
        yield f"again/all/{column}", parts, ""
    for row in ("protected", "close"):
        if f"deaths/{row}/all" in cells:
            kinds = tuple(f"deaths/{row}/{column}" for column in ("violent", "other", "unclear"))
            yield f"deaths/{row}/all", kinds, ""
    yield "survey/beneficiary/answered", ("safer/country/answered",), "skipped the question"
    yield "safer/country/answered", ("safer/country/clearly", "safer/country/other"), ""


def rows_in(cells: Cells) -> list[str]:
    """The country and its provinces, as the table of people lists them."""
    return list(dict.fromkeys(name.split("/")[1] for name in cells if name.startswith("people/")))


def is_true(editions: Editions, total: Name, parts: Sequence[Name], rest: str) -> bool:
    """Whether the sum holds of the true numbers: nobody gets anywhere with one that does not."""
    left = _value(editions, total) - sum(_value(editions, part) for part in parts)
    return left >= 0 if rest else left == 0


def _value(editions: Editions, name: Name) -> int:
    value = editions[name[0], name[1]][name[2]]
    assert value is not None
    return value


def equations(true: Editions) -> list[tuple[Equation, list[Name]]]:
    """Every sum over every edition as weights that add up to nothing, with the names of its unlisted rests."""
    found = []

    def add(total: Name, parts: Sequence[Name], rest: str) -> None:
        if is_true(true, total, parts, rest):
            # Of these rests they guess that it is nobody; where that is right it tells them as much as a sum.
            guessed = rest.endswith("unknown") or rest.startswith(("second kits", "skipped", "not a first"))
            is_nobody = guessed and is_true(true, total, parts, "")
            rests = [(total[0], total[1], f"rest {rest} of {total}")] if rest and not is_nobody else []
            found.append(({total: 1} | dict.fromkeys([*parts, *rests], -1), rests))

    for (year, number), cells in true.items():
        for total, parts, rest in equations_of_a_year(cells, rows_in(cells)):
            add((year, number, total), [(year, number, part) for part in parts], rest)
        for before in [edition for edition in true if edition[0] == year - 1]:
            for row in rows_in(cells):
                if f"people/{row}/ever" in true[before]:
                    ever, new = f"people/{row}/ever", f"people/{row}/new"
                    add((year, number, ever), [(*before, ever), (year, number, new)], "")
            for decision in ("granted", "refused"):
                parts = [(year, number, f"again/{decision}/decided")]
                add((*before, f"decisions/country/{decision}"), parts, f"not a first {decision}")
    return found


def intervals(shown: Editions, true: Editions) -> dict[Name, tuple[Fraction, Fraction | None]]:
    """Between what every hidden number must lie; None for no upper bound. Hidden numbers that a correction left alone
    are taken for the same, as a reader would.
    """
    same = {
        (year, number, name): (year, number - 1, name)
        for (year, number), cells in true.items()
        for name in cells
        if true.get((year, number - 1), {}).get(name) == cells[name]
    }

    def first(name: Name) -> Name:
        while name in same:
            name = same[name]
        return name

    known = {
        first((*edition, name)): Fraction(value)
        for edition, cells in shown.items()
        for name, value in cells.items()
        if value is not None
    }
    rows = []
    for equation, _rests in equations(true):
        row: dict[Name, Fraction] = {}
        constant = Fraction(0)
        for name, weight in equation.items():
            at = first(name)
            if at in known:
                constant += weight * known[at]
            else:
                row[at] = row.get(at, Fraction(0)) + weight
        row = {name: weight for name, weight in row.items() if weight}
        if row:
            rows.append((row, constant))
    reduced = _gauss(rows)
    return _narrowed([*rows, *reduced])


Row = tuple[dict[Name, Fraction], Fraction]


def _gauss(rows: Sequence[Row]) -> list[Row]:
    """The reduced row echelon form: what follows by adding and taking away."""
    pivots: dict[Name, Row] = {}
    for weights, constant in rows:
        row, left = dict(weights), constant
        for name in [name for name in row if name in pivots]:
            row, left = _minus(row, left, pivots[name], row[name])
        if not row:
            continue
        pivot = next(iter(row))
        scale = row[pivot]
        made: Row = ({name: weight / scale for name, weight in row.items()}, left / scale)
        for name, other in list(pivots.items()):
            if pivot in other[0]:
                pivots[name] = _minus(*other, made, other[0][pivot])
        pivots[pivot] = made
    return list(pivots.values())


def _minus(row: dict[Name, Fraction], constant: Fraction, other: Row, times: Fraction) -> Row:
    found = dict(row)
    for name, weight in other[0].items():
        found[name] = found.get(name, Fraction(0)) - times * weight
    return {name: weight for name, weight in found.items() if weight}, constant - times * other[1]


def _narrowed(rows: Sequence[Row]) -> dict[Name, tuple[Fraction, Fraction | None]]:
    """Bounds that follow from each row by itself and from bounds found before, until nothing moves any more."""
    low = {name: Fraction(0) for weights, _constant in rows for name in weights}
    high: dict[Name, Fraction | None] = dict.fromkeys(low)
    moved = set(low)
    while moved:
        before, moved = moved, set()
        for weights, constant in rows:
            if before.isdisjoint(weights) and moved.isdisjoint(weights):
                continue
            # weight * x = -constant - the others: what each of them can bring to the right side, at least and at most.
            bring = {name: _times(-weight, low[name], high[name]) for name, weight in weights.items()}
            least = _Total(-constant, [at_least for at_least, _most in bring.values()])
            most = _Total(-constant, [at_most for _least, at_most in bring.values()])
            for name, weight in weights.items():
                ends = (least.without(bring[name][0]), most.without(bring[name][1]))
                bottom, top = ends if weight > 0 else ends[::-1]
                if bottom is not None and bottom / weight > low[name]:
                    low[name] = bottom / weight
                    moved.add(name)
                above = high[name]
                if top is not None and (above is None or top / weight < above):
                    high[name] = top / weight
                    moved.add(name)
    return {name: (low[name], high[name]) for name in low}


def _times(weight: Fraction, low: Fraction, high: Fraction | None) -> tuple[Fraction | None, Fraction | None]:
    """The least and the most of `weight` times a number within these bounds; None for no bound."""
    ends = (weight * low, None if high is None else weight * high)
    return ends if weight > 0 else ends[::-1]


class _Total:
    """A sum of bounds, some of which may be None: there is no bound then."""

    def __init__(self, start: Fraction, bounds: Sequence[Fraction | None]) -> None:
        self._sum = sum((one for one in bounds if one is not None), start)
        self._unbounded = sum(one is None for one in bounds)

    def without(self, one: Fraction | None) -> Fraction | None:
        """The sum of all the others."""
        if self._unbounded > (one is None):
            return None
        return self._sum if one is None else self._sum - one
