"""An edition as people and files read it: every table with its population, and what follows from two shown cells."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from egide.evaluation.measures.statistics import wilson
from egide.evaluation.pages.presenting import value_text, whole
from egide.evaluation.published.editions import Edition
from egide.evaluation.published.tables import (
    ELSEWHERE,
    MEDIANS,
    PERCENTILES,
    TABLES,
    WHOLE,
    Key,
    ShareColumn,
    Table,
)
from egide.rollout.service import places_of

HIDDEN, FEW, NOT_IMPORTED = "hidden", "few", "not-imported"
WHY_NOT = {
    HIDDEN: gettext_lazy("not shown"),
    FEW: gettext_lazy("too few"),
    NOT_IMPORTED: gettext_lazy("not known"),
}
_COUNT, _SHARE, _SECONDS, _DAYS, _RATE = "count", "share", "seconds", "days", "rate"


@dataclass(frozen=True)
class Figure:
    """One figure of a line; `value` is None where `why_not` says why."""

    column: str
    title: str
    unit: str
    value: float | None
    low: float | None = None
    high: float | None = None
    why_not: str = ""

    @property
    def text(self) -> str:
        if self.value is None:
            return str(WHY_NOT[self.why_not])
        return figure_text(self.unit, self.value)

    @property
    def interval(self) -> str:
        """Both bounds; only a share has some."""
        if self.low is None or self.high is None:
            return ""
        return f"{figure_text(self.unit, self.low)} – {figure_text(self.unit, self.high)}"


@dataclass(frozen=True)
class SheetRow:
    """One line of a table."""

    id: str
    title: str
    figures: tuple[Figure, ...]


@dataclass(frozen=True)
class Sheet:
    """A whole table."""

    table: Table
    title: str
    population: str
    row_head: str
    rows: tuple[SheetRow, ...]

    @property
    def heads(self) -> list[str]:
        return [figure.title for figure in self.rows[0].figures] if self.rows else []


def sheets(edition: Edition) -> list[Sheet]:
    """All tables of an edition, in their order, in the reader's language."""
    names = places_of("centre")
    return [_sheet(edition, table, names) for table in TABLES]


def as_csv(edition: Edition) -> str:
    """All figures as CSV (RFC 4180), one a line; a value that is not shown is empty and says why."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(
        ("year", "edition", "table", "row", "column", "unit", "value", "low", "high", "note", "invented")
    )
    for sheet in sheets(edition):
        for row in sheet.rows:
            for one in row.figures:
                value, low, high = (_plain(one.unit, number) for number in (one.value, one.low, one.high))
                place = (edition.year, edition.number, sheet.table.id, row.id, one.column, one.unit)
                writer.writerow(
                    (*place, value, low, high, one.why_not, "yes" if edition.is_invented else "no")
                )
    return written.getvalue()


def _plain(unit: str, value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.0f}" if unit in (_COUNT, _SECONDS, _DAYS) else f"{value:.4f}"


def figure_text(unit: str, value: float) -> str:
    """A value with its unit, as tables and plots show it."""
    if unit == _COUNT:
        return whole(value)
    return value_text("grants per 100,000 inhabitants" if unit == _RATE else unit, value)


def _sheet(edition: Edition, table: Table, names: dict[str, str]) -> Sheet:
    rows = edition.rows if table.by_province else tuple(table.rows)
    made = tuple(
        SheetRow(row, _row_title(table, row, names), tuple(_figures(edition, table, row))) for row in rows
    )
    head = _("province") if table.by_province else (_(table.row_head_en) if table.row_head_en else "")
    return Sheet(table, _(table.title_en), _(table.population_en), head, made)


def _row_title(table: Table, row: str, names: dict[str, str]) -> str:
    if row in table.rows:
        return _(table.rows[row])
    own = {WHOLE: _("the country"), ELSEWHERE: _("in no province")}
    return own.get(row) or names.get(row, row)


def _figures(edition: Edition, table: Table, row: str) -> Iterator[Figure]:
    for column, title in table.columns.items():
        value = edition.cell(table.id, row, column)
        yield Figure(column, _(title), _COUNT, value, why_not="" if value is not None else HIDDEN)
    for share in table.shares:
        yield _share(edition, table, row, share)
    if table.id == "decisions":
        granted = edition.cell("decisions", row, "granted")
        yield _rate(
            "per-inhabitants",
            _("granted per 100,000 inhabitants"),
            granted,
            edition.inhabitants.get(row),
            1e5,
        )
        yield _rate(
            "per-reports", _("granted per 100 reports of stalking"), granted, edition.reports.get(row), 1e2
        )
    if Key(table.id, row, "known") in MEDIANS:
        yield from _percentiles(edition, table, row)


def _share(edition: Edition, table: Table, row: str, share: ShareColumn) -> Figure:
    parts = [edition.cell(table.id, row, column) for column in (*share.of, *share.at_most)]
    n = edition.cell(table.id, row, share.n)
    known = [part for part in parts if part is not None]
    column, title = f"share-{share.id}", _(share.title_en)
    if n is None or len(known) < len(parts):
        return Figure(column, title, _SHARE, None, why_not=HIDDEN)
    count = sum(known[: len(share.of)])
    if share.at_most:
        return Figure(column, title, _SHARE, count / n, count / n, sum(known) / n)
    found = wilson(count, n)
    bounds = (found.low, found.high) if share.is_sample else (None, None)
    return Figure(column, title, _SHARE, found.value, *bounds)


def _rate(column: str, title: str, granted: int | None, of: int | None, scale: float) -> Figure:
    if granted is None or not of:
        return Figure(column, title, _RATE, None, why_not=HIDDEN if granted is None else NOT_IMPORTED)
    return Figure(column, title, _RATE, granted * scale / of)


def _percentiles(edition: Edition, table: Table, row: str) -> Iterator[Figure]:
    found = edition.percentiles.get(f"{table.id}/{row}")
    titles = {"p50": _("median"), "p90": _("nine in ten are below")}
    for name in PERCENTILES:
        value = (found or {}).get(name)
        why_not = "" if value is not None else HIDDEN if found is None else FEW
        yield Figure(name, titles[name], _SECONDS if table.id == "steps" else _DAYS, value, why_not=why_not)
