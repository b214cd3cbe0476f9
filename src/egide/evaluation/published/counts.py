"""The numbers behind the published tables, from the ordinary measures. Nothing here may be shown as it is."""

from collections.abc import Callable, Iterator

from egide.evaluation.measures.alarms import NUISANCE, OUTCOME_WORDS
from egide.evaluation.measures.answering import answers
from egide.evaluation.published.tables import (
    BY_ID,
    ELSEWHERE,
    MEDIANS,
    PERCENTILES,
    STEPS,
    UNCLEAR,
    UNCLEAR_OUTCOMES,
    WHOLE,
    Key,
)
from egide.evaluation.records.period import Period
from egide.evaluation.records.schemas import FOUNDED, VIOLENT
from egide.evaluation.records.shapes import COUNTRY, Cell, Query, Records, Result

_TENS_OF_SECONDS = 10


def provinces(records: Records) -> list[str]:
    """Codes of the provinces, in order."""
    return sorted(set(records["places"]["centre"]) - {""})


def counts(records: Records, year: int) -> dict[Key, int]:
    """Every listed cell of a year. The row of what lies in no province is listed when there is something in it."""
    found = {key: value for gather in _GATHERED for key, value in gather(_Asked(records, year))}
    has_elsewhere = any(value for key, value in found.items() if key.row == ELSEWHERE)
    return {key: value for key, value in found.items() if has_elsewhere or key.row != ELSEWHERE}


class _Asked:
    """Asks measures for one year, in the country and by province."""

    def __init__(self, records: Records, year: int) -> None:
        self.records = records
        self.year = year
        self.provinces = provinces(records)

    def result(self, measure: str, by: str = "", year: int = 0) -> Result:
        query = Query(Period.of_year(year or self.year), COUNTRY, by)
        return answers(self.records, query, (measure,))[measure]

    def spread(self, measure: str, *kinds: str) -> dict[str, int]:
        """How many there are in the country, in each province and elsewhere; of these kinds when some are named."""
        cells = {cell.keys: cell for cell in self.result(measure, "centre").cells}
        asked = self.result(measure)
        own = {cell.keys: cell for cell in asked.cells}
        if kinds:
            whole = sum(_number(own.get((kind,))) for kind in kinds)
            parts = {one: sum(_number(cells.get((one, kind))) for kind in kinds) for one in self.provinces}
        else:
            empty = ("",) * (len(asked.dims))
            whole = _number(asked.whole)
            parts = {one: _number(cells.get((one, *empty))) for one in self.provinces}
        return {WHOLE: whole, **parts, ELSEWHERE: whole - sum(parts.values())}


def _number(cell: Cell | None) -> int:
    """What a cell counts: of a share its `count`. Nobody is 0 here."""
    if cell is None or cell.value is None:
        return 0
    return round(cell.count if cell.count is not None else cell.value)


Gathered = Iterator[tuple[Key, int]]


def _spread(asked: _Asked) -> Gathered:
    columns: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
        ("people", "new", "protected-new", ()),
        ("people", "now", "protected-now", ()),
        ("people", "ever", "protected-ever", ()),
        ("decisions", "granted", "decisions", ("granted",)),
        ("decisions", "refused", "decisions", ("refused",)),
        ("decisions", "decided", "decisions", ("granted", "refused")),
        ("kits", "in-use", "kits-in-use", ()),
        ("alarms", "all", "alarms", ()),
        ("alarms", "went", "interventions", ()),
        ("alarms", "arrest", "arrests", ()),
        ("alarms", "nuisance", "outcomes", NUISANCE),
        ("alarms", "founded", "outcomes", FOUNDED),
        ("alarms", UNCLEAR, "outcomes", UNCLEAR_OUTCOMES),
    )
    for table, column, measure, kinds in columns:
        for row, value in asked.spread(measure, *kinds).items():
            yield Key(table, row, column), value


def _country(asked: _Asked) -> Gathered:
    trained, available = asked.result("zones-trained").whole, asked.result("zones-available").whole
    yield Key("country", WHOLE, "usable"), _number(asked.result("kits-usable").whole)
    yield Key("country", WHOLE, "zones"), trained.n or 0
    yield Key("country", WHOLE, "trained"), _number(trained)
    yield Key("country", WHOLE, "available"), _number(available)
    outcomes = {cell.keys: cell for cell in asked.result("outcomes").cells}
    for outcome in OUTCOME_WORDS:
        yield Key("outcomes", outcome, "alarms"), _number(outcomes.get((outcome,)))
    steps = {cell.keys: cell for cell in asked.result("steps").cells}
    for step in STEPS:
        found = steps.get((step, "p50"))
        yield Key("steps", step, "known"), (found.n or 0) if found else 0
    within10, within15 = asked.result("on-site-10").whole, asked.result("on-site-15").whole
    yield Key("arrival", WHOLE, "within10"), _number(within10)
    yield Key("arrival", WHOLE, "within15"), _number(within15) - _number(within10)
    yield Key("arrival", WHOLE, "later"), (within15.n or 0) - _number(within15)
    yield Key("arrival", WHOLE, "known"), within15.n or 0
    yield Key("durations", "decision", "known"), asked.result("decision-days").whole.n or 0
    yield Key("durations", "protection", "known"), asked.result("protection-days").whole.n or 0


def _again(asked: _Asked) -> Gathered:
    six, twelve = (asked.result(f"victim-again-{months}", year=asked.year - 1) for months in (6, 12))
    for row in BY_ID["again"].rows:
        keys = () if row == "all" else (row,)
        first = six.whole if row == "all" else _cell_of(six, keys)
        second = twelve.whole if row == "all" else _cell_of(twelve, keys)
        n, in6, in12 = second.n or 0, first.count or 0, second.count or 0
        # The upper bound counts all whose file was closed too early to know.
        left = round((second.high or 0.0) * n) - in12
        yield Key("again", row, "decided"), n
        yield Key("again", row, "in6"), in6
        yield Key("again", row, "in12"), in12 - in6
        yield Key("again", row, "left"), left
        yield Key("again", row, "none"), n - in12 - left


def _cell_of(result: Result, keys: tuple[str, ...]) -> Cell:
    return next((cell for cell in result.cells if cell.keys == keys), Cell())


def _surveys(asked: _Asked) -> Gathered:
    response = asked.result("survey-response")
    for row in BY_ID["survey"].rows:
        cell = _cell_of(response, (row,))
        yield Key("survey", row, "asked"), cell.n or 0
        # Answers beyond the invitations of a short period are left out of the share, and counted.
        yield Key("survey", row, "answered"), (cell.count or 0) + cell.left_out
    safer = asked.result("felt-safer").whole
    yield Key("safer", WHOLE, "clearly"), safer.count or 0
    yield Key("safer", WHOLE, "other"), (safer.n or 0) - (safer.count or 0)
    yield Key("safer", WHOLE, "answered"), safer.n or 0


# Rows and columns of the deaths: of whom, and what is known of violence.
_DIED = {"protected": ("protected",), "close": ("child", "relative")}
_VIOLENCE = {"violent": VIOLENT, "other": ("excluded",), "unclear": ("unknown",)}


def _deaths(asked: _Asked) -> Gathered:
    cells = {cell.keys: cell for cell in asked.result("deaths").cells}
    for row, who in _DIED.items():
        found = {
            column: sum(_number(cells.get((one, word))) for one in who for word in words)
            for column, words in _VIOLENCE.items()
        }
        for column, value in {"all": sum(found.values()), **found}.items():
            yield Key("deaths", row, column), value


_GATHERED: tuple[Callable[[_Asked], Gathered], ...] = (_spread, _country, _again, _deaths, _surveys)


def percentiles(records: Records, year: int) -> dict[Key, dict[str, float]]:
    """Percentiles of the country, by the cell that counts their population: to ten seconds, or to the day."""
    asked = _Asked(records, year)
    found: dict[Key, dict[str, float]] = {}
    for key, (measure, step) in MEDIANS.items():
        cells = {cell.keys: cell.value for cell in asked.result(measure).cells}
        named = {name: cells.get((step, name) if step else (name,)) for name in PERCENTILES}
        unit = _TENS_OF_SECONDS if key.table == "steps" else 1
        found[key] = {name: round(value / unit) * unit for name, value in named.items() if value is not None}
    return found
