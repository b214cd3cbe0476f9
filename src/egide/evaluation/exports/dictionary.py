"""The data dictionary: every record table with its columns, and every measure, in the reader's language.

Made from the schemas and the measures themselves, so that it cannot describe what does not exist.
`tools.data_dictionary` writes the English one into docs/, and every export carries one in the language of the person
who took it.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, pgettext

from egide.evaluation.exports.coarsening import BODIES, EXPORTED
from egide.evaluation.exports.table_texts import TABLES
from egide.evaluation.measures import REGISTRY
from egide.evaluation.records.schemas import COLUMNS, SCHEMAS
from egide.evaluation.records.shapes import SPLITS, UNKNOWN, Measure, dim_word

_UNITS = {
    "seconds": gettext_noop("seconds"),
    "days": gettext_noop("days"),
    "hours": gettext_noop("hours"),
    "hour": gettext_noop("hour of day"),
    "year": gettext_noop("year"),
    "people": gettext_noop("people"),
    "times": gettext_noop("number of times"),
    "reports": gettext_noop("reports"),
}
# The unit of a column, where neither its type nor the end of its name says so.
_UNIT_OF = {
    "hour": "hour",
    "hours": "hours",
    "year": "year",
    "period": "year",
    "days": "days",
    "inhabitants": "people",
    "presses": "times",
    "more_asked": "times",
    "reports": "reports",
}
# What the file of measures holds; the figure itself and what belongs to it.
MEASURE_COLUMNS: dict[str, tuple[pl.DataType | type[pl.DataType], str]] = {
    "measure": (pl.String, gettext_noop("Which measure; its definition is in the list of measures.")),
    "unit": (pl.String, gettext_noop("What the figure counts in; a share lies between 0 and 1.")),
    "split_by": (pl.String, gettext_noop("By what it is split; empty for the whole.")),
    "split": (pl.String, gettext_noop("Which part: a code of a place, an hour, a month or a year.")),
    "dim_1": (pl.String, gettext_noop("The measure’s own kind of parts, such as “outcome”.")),
    "key_1": (pl.String, gettext_noop("Which of these parts; empty for all of them together.")),
    "dim_2": (pl.String, gettext_noop("A second kind of parts of the measure’s own.")),
    "key_2": (pl.String, gettext_noop("Which of these parts; empty for all of them together.")),
    "value": (pl.Float64, gettext_noop("The figure; empty where it is not known, never 0 instead.")),
    "count": (pl.Int64, gettext_noop("Of a share: how many of “n”.")),
    "n": (pl.Int64, gettext_noop("How many the population holds.")),
    "low": (pl.Float64, gettext_noop("Lower bound; the measure says of which interval.")),
    "high": (pl.Float64, gettext_noop("Upper bound.")),
    "left_out": (pl.Int64, gettext_noop("Members of the population of which it is not known.")),
    "unknown": (pl.String, gettext_noop("Why there is no figure: a word of the list of reasons.")),
    "on": (pl.Date, gettext_noop("The day, where the figure holds on one day.")),
}


COARSE = gettext_noop(
    "What is handed out is coarser than what the service counts with. The place is the dispatch centre: zone and"
    " office are left out of every row about people, kits and alarms. Days are months; hours are parts of the day that"
    " begin at 0, 6, 12 and 18; seconds are rounded up to ten below two minutes and to sixty above; days between two"
    " events are rounded up to weeks. Measures are counted from the exact records, without zone, office and hour; what"
    " was measured of fewer than five is left out."
)


@dataclass(frozen=True)
class Column:
    """One column of a table; `unit` is empty where it counts in nothing."""

    name: str
    type: str
    unit: str
    meaning: str


@dataclass(frozen=True)
class TableEntry:
    """One table of the records: what a row is, where it comes from, and which rule limits it."""

    name: str
    row: str
    source: str
    rule: str
    columns: tuple[Column, ...]


@dataclass(frozen=True)
class MeasureEntry:
    """One measure, as the reader of a file needs it."""

    id: str
    title: str
    unit: str
    population: str
    source: str
    interval: str
    parts: str
    splits: str


def tables() -> list[TableEntry]:
    """Every record table."""
    return [
        TableEntry(name, _(TABLES[name].row), _(TABLES[name].source), _(TABLES[name].rule), _columns(name))
        for name in SCHEMAS
    ]


def measure_columns() -> list[Column]:
    """The columns of the file of measures."""
    return [
        Column(name, type_word(kind), "", _(meaning)) for name, (kind, meaning) in MEASURE_COLUMNS.items()
    ]


def measures() -> list[MeasureEntry]:
    """Every measure."""
    return [
        MeasureEntry(
            one.id,
            one.title,
            one.unit_text,
            one.population,
            one.source,
            one.interval,
            "; ".join(_parts(one)),
            ", ".join(_(SPLITS[split]) for split in one.splits),
        )
        for one in REGISTRY.values()
    ]


def reasons() -> list[tuple[str, str]]:
    """The words that stand where there is no figure, and what each says."""
    return [(word, _(text)) for word, text in UNKNOWN.items()]


def _columns(table: str) -> tuple[Column, ...]:
    return tuple(
        Column(name, _month_or(table, kind), _unit(name), _(COLUMNS[name]))
        for name, kind in EXPORTED[table].items()
    )


def _month_or(table: str, kind: pl.DataType | type[pl.DataType]) -> str:
    return _("month, as its first day") if kind == pl.Date and table not in BODIES else type_word(kind)


def type_word(kind: pl.DataType | type[pl.DataType]) -> str:
    """A column's type in a word."""
    if kind == pl.Date:
        return _("day")
    if kind == pl.Boolean:
        return _("yes or no")
    if kind == pl.String:
        return _("code or mark")
    return _("whole number") if kind.is_integer() else _("number")


def _unit(column: str) -> str:
    if column.endswith("_s"):
        return _(_UNITS["seconds"])
    if column.endswith("_days"):
        return _(_UNITS["days"])
    return _(_UNITS[_UNIT_OF[column]]) if column in _UNIT_OF else ""


def _parts(measure: Measure) -> Iterator[str]:
    """ "outcome: arrest, perpetrator gone, …", where a measure has parts of its own."""
    if measure.dims:
        words = ", ".join(f"{key} ({measure.word(key)})" for key in measure.words)
        yield f"{' × '.join(dim_word(dim) for dim in measure.dims)}: {words}"


# Written out


def as_csv() -> str:
    """Everything in one table for machines: kind, table, name, type, unit, meaning, population, source, rule."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(["kind", "table", "name", "type", "unit", "meaning", "population", "source", "rule"])
    for table in tables():
        rows.writerow(["table", table.name, table.name, "", "", table.row, "", table.source, table.rule])
        for one in table.columns:
            rows.writerow(["column", table.name, one.name, one.type, one.unit, one.meaning, "", "", ""])
    for one in measure_columns():
        rows.writerow(["column", "measures", one.name, one.type, one.unit, one.meaning, "", "", ""])
    for each in measures():
        rule = " ".join(filter(None, (each.interval, each.parts)))
        rows.writerow(
            ["measure", "measures", each.id, "", each.unit, each.title, each.population, each.source, rule]
        )
    for word, meaning in reasons():
        rows.writerow(["reason", "measures", word, "", "", meaning, "", "", ""])
    return out.getvalue()


def as_markdown(level: int = 2) -> str:
    """The same for people, as Markdown whose headings begin at `level`."""
    mark, below = "#" * level, "#" * (level + 1)
    parts = [f"{mark} {pgettext('figures', 'Measures')}", ""]
    for one in measures():
        parts += [f"{below} {one.title}", "", *_facts(one), ""]
    parts += [f"{mark} {_('The file of measures')}", "", *_grid(measure_columns()), ""]
    parts += [f"{mark} {_('Why there is no figure')}", ""]
    parts += [*(f"- `{word}`: {text}" for word, text in reasons()), ""]
    parts += [f"{mark} {_('Tables of the records')}", "", _(COARSE), ""]
    for table in tables():
        parts += [f"{below} {table.name}", "", table.row, ""]
        parts += [f"- {_('Source')}: {table.source}", f"- {_('Rule')}: {table.rule}", ""]
        parts += [*_grid(table.columns), ""]
    return "\n".join(parts)


def _facts(one: MeasureEntry) -> Iterator[str]:
    yield f"- {_('Name in files')}: `{one.id}`"
    told = {
        _("Unit"): one.unit,
        _("Population"): one.population,
        _("Source"): one.source,
        _("Interval"): one.interval,
        _("Parts"): one.parts,
        _("Can be split by"): one.splits,
    }
    yield from (f"- {name}: {text}" for name, text in told.items() if text)


def _grid(columns: Sequence[Column]) -> Iterator[str]:
    yield f"| {_('Column')} | {_('Type')} | {_('Unit')} | {_('Meaning')} |"
    yield "|---|---|---|---|"
    for one in columns:
        yield f"| `{one.name}` | {one.type} | {one.unit or '–'} | {one.meaning} |"
