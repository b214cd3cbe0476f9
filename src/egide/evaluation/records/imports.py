"""The three files that figures are compared with: ordinary urgent calls, inhabitants, reports of stalking, by zone.

Each replaces what was imported before for the same zone and year (calls: and month), and nothing else. No line names a
person.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date

import polars as pl
from django.db import transaction
from django.utils.translation import gettext as _

from egide.common.clock import utc
from egide.evaluation.records.schemas import SCHEMAS
from egide.evaluation.records.store import store
from egide.events.figures import NumbersImported
from egide.outbox.service import clock, offer
from egide.rollout.importing.table_file import CsvLine, Fault, Table, read_table, repeated
from egide.rollout.service import Change, Importer, Plan, zone_names

FIRST_YEAR = 1990
# From the call to people on the spot; what takes longer was no urgent call.
MOST_SECONDS = 4 * 3600
MOST_INHABITANTS = 5_000_000
MOST_REPORTS = 1_000_000
# What is replaced as a whole.
_UNIT = ("zone", "unit")
_YEARLY = ("zone", "year")


def whole_number(text: str) -> int | None:
    """A number of digits alone; None for anything else ("1.5", "-3", "12 000", "²")."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


# Faults


def _zone(line: CsvLine, zones: dict[str, str]) -> Iterator[Fault]:
    if line["zone"] not in zones:
        text = _("There is no zone “%(zone)s”. Use its number as on the page of the roll-out.")
        yield line.fault("zone", text % {"zone": line["zone"]})


def _number(line: CsvLine, column: str, least: int, most: int) -> Iterator[Fault]:
    number = whole_number(line[column])
    if number is None or not least <= number <= most:
        text = _("“%(value)s” is no whole number from %(least)s to %(most)s.")
        yield line.fault(column, text % {"value": line[column], "least": least, "most": most})


def _year(line: CsvLine, today: date) -> Iterator[Fault]:
    number = whole_number(line["year"])
    if number is None or not FIRST_YEAR <= number <= today.year:
        text = _("“%(value)s” is no year from %(first)s to %(last)s.")
        yield line.fault("year", text % {"value": line["year"], "first": FIRST_YEAR, "last": today.year})


def _day(line: CsvLine, today: date) -> Iterator[Fault]:
    try:
        day = date.fromisoformat(line["day"])
    except ValueError:
        text = _("“%(value)s” is not a date such as 2026-11-25.")
        yield line.fault("day", text % {"value": line["day"]})
        return
    if day > today:
        yield line.fault("day", _("This day is still to come."))
    elif day.year < FIRST_YEAR:
        yield line.fault("day", _("This day lies before %(year)s.") % {"year": FIRST_YEAR})


def _call_faults(line: CsvLine, zones: dict[str, str], today: date) -> Iterator[Fault]:
    yield from _zone(line, zones)
    yield from _day(line, today)
    yield from _number(line, "hour", 0, 23)
    yield from _number(line, "seconds", 1, MOST_SECONDS)


def _inhabitant_faults(line: CsvLine, zones: dict[str, str], today: date) -> Iterator[Fault]:
    yield from _zone(line, zones)
    yield from _year(line, today)
    yield from _number(line, "inhabitants", 1, MOST_INHABITANTS)


def _report_faults(line: CsvLine, zones: dict[str, str], today: date) -> Iterator[Fault]:
    yield from _zone(line, zones)
    yield from _year(line, today)
    yield from _number(line, "reports", 0, MOST_REPORTS)


# Rows


def _calls(lines: list[CsvLine]) -> pl.DataFrame:
    columns: dict[str, Sequence[object]] = {
        "zone": [line["zone"] for line in lines],
        "day": [date.fromisoformat(line["day"]) for line in lines],
        "hour": [int(line["hour"]) for line in lines],
        "on_site_s": [int(line["seconds"]) for line in lines],
    }
    return _as_kept("calls", columns)


def _by_year(name: str) -> Callable[[list[CsvLine]], pl.DataFrame]:
    def rows(lines: list[CsvLine]) -> pl.DataFrame:
        columns: dict[str, Sequence[object]] = {
            "zone": [line["zone"] for line in lines],
            "year": [int(line["year"]) for line in lines],
            name: [int(line[name]) for line in lines],
        }
        return _as_kept(name, columns)

    return rows


def _as_kept(name: str, columns: Mapping[str, Sequence[object]]) -> pl.DataFrame:
    """The columns in the shape of the table; centre and office are those of the map when the records are read."""
    schema = SCHEMAS[name]
    return pl.DataFrame(columns).select(
        (pl.col(column) if column in columns else pl.lit("").alias(column)).cast(kind)
        for column, kind in schema.items()
    )


def _by_unit(rows: pl.DataFrame) -> pl.DataFrame:
    """With the month of a day, or the year, as `unit`."""
    month = pl.col("day").dt.strftime("%Y-%m") if "day" in rows.columns else pl.col("year").cast(pl.String)
    return rows.with_columns(month.alias("unit"))


def _importer(
    name: str,
    columns: tuple[str, ...],
    unique: tuple[str, ...],
    faults: Callable[[CsvLine, dict[str, str], date], Iterator[Fault]],
    rows: Callable[[list[CsvLine]], pl.DataFrame],
) -> Importer:
    def read(data: bytes) -> Table:
        table = read_table(data, columns)
        if unique:
            table.faults += repeated(table.lines, *unique)
        return table

    def plan(table: Table) -> Plan:
        made = Plan(headings=columns)
        zones, today = zone_names(), utc(clock().now_us()).date()
        for line in table.lines:
            made.faults += faults(line, zones, today)
        if not made.faults and not table.faults:
            verbs = _verbs(name, rows(table.lines))
            texts = (tuple(line[column] for column in columns) for line in table.lines)
            made.changes = [Change(verb, text) for verb, text in zip(verbs, texts, strict=True)]
        return made

    @transaction.atomic
    def do(table: Table, by: str) -> int:
        new = rows(table.lines)
        kept = _by_unit(store().imported(name))
        kept = kept.join(_by_unit(new).select(_UNIT).unique(), on=_UNIT, how="anti").select(new.columns)
        store().keep_imported(name, pl.concat([kept, new]).sort(new.columns))
        offer(NumbersImported(table=name, lines=len(new), by=by), f"imported:{name}")
        return len(new)

    return Importer(name, columns, read, plan, do)


def _verbs(name: str, new: pl.DataFrame) -> list[str]:
    """What becomes of each line: a zone's month or year is replaced as a whole, unless nothing differs."""
    kept = _by_unit(store().imported(name))
    known = {key: part.select(new.columns).sort(new.columns) for key, part in kept.group_by(_UNIT)}
    verbs = {}
    for key, part in _by_unit(new).group_by(_UNIT):
        before = known.get(key)
        is_same = before is not None and before.equals(part.select(new.columns).sort(new.columns))
        verbs[key] = "new" if before is None else "same" if is_same else "changed"
    return [verbs[key] for key in _by_unit(new).select(_UNIT).iter_rows()]


CALLS = _importer("calls", ("zone", "day", "hour", "seconds"), (), _call_faults, _calls)
INHABITANTS = _importer(
    "inhabitants", ("zone", "year", "inhabitants"), _YEARLY, _inhabitant_faults, _by_year("inhabitants")
)
REPORTS = _importer("reports", ("zone", "year", "reports"), _YEARLY, _report_faults, _by_year("reports"))
