"""The three files that figures are compared with: ordinary urgent calls, inhabitants, reports of stalking, by zone.

Each replaces what was imported before for the same zone and year (calls: and month), and nothing else. No line names a
person.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date

import polars as pl
from django.utils.translation import gettext as _

from egide.evaluation.records.schemas import SCHEMAS
from egide.evaluation.records.store import store
from egide.events.figures import NumbersImported
from egide.imports.checks import check_day, check_number, check_year
from egide.imports.reading import CsvLine, Fault
from egide.imports.service import Importer
from egide.outbox.days import today
from egide.outbox.service import offer
from egide.rollout.service import zone_names

# From the call to people on the spot; what takes longer was no urgent call.
MOST_SECONDS = 4 * 3600
MOST_INHABITANTS = 5_000_000
MOST_REPORTS = 1_000_000
# What is replaced as a whole.
_UNIT = ("zone", "unit")
_YEARLY = ("zone", "year")
# The faults of one line, on this day.
Check = Callable[[CsvLine, date], Iterator[Fault]]


# Faults


def _call_faults(line: CsvLine, today: date) -> Iterator[Fault]:
    yield from check_day(line, "day", today)
    yield from check_number(line, "hour", 0, 23)
    yield from check_number(line, "seconds", 1, MOST_SECONDS)


def _yearly(column: str, least: int, most: int) -> Check:
    def faults(line: CsvLine, today: date) -> Iterator[Fault]:
        yield from check_year(line, "year", today)
        yield from check_number(line, column, least, most)

    return faults


# Rows


def _calls(lines: Sequence[CsvLine]) -> pl.DataFrame:
    columns: dict[str, Sequence[object]] = {
        "zone": [line["zone"] for line in lines],
        "day": [date.fromisoformat(line["day"]) for line in lines],
        "hour": [int(line["hour"]) for line in lines],
        "on_site_s": [int(line["seconds"]) for line in lines],
    }
    return _as_kept("calls", columns)


def _by_year(name: str) -> Callable[[Sequence[CsvLine]], pl.DataFrame]:
    def rows(lines: Sequence[CsvLine]) -> pl.DataFrame:
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
    check: Check,
    rows: Callable[[Sequence[CsvLine]], pl.DataFrame],
) -> Importer:
    def faults(lines: Sequence[CsvLine]) -> Iterator[Fault]:
        zones, now = zone_names(), today()
        for line in lines:
            if line["zone"] not in zones:
                text = _("There is no zone “%(zone)s”. Use its number as on the page of the roll-out.")
                yield line.fault("zone", text % {"zone": line["zone"]})
            yield from check(line, now)

    def verbs(lines: Sequence[CsvLine]) -> list[str]:
        return _verbs(name, rows(lines))

    def do(lines: Sequence[CsvLine], by: str) -> int:
        new = rows(lines)
        store().keep_imported(name, _with_new(name, new))
        offer(NumbersImported(table=name, lines=len(new), by=by), f"imported:{name}")
        return len(new)

    return Importer(name, columns, faults, verbs, do, unique=unique)


def _with_new(name: str, new: pl.DataFrame) -> pl.DataFrame:
    """What was imported, with these rows in the place of those of the same zones and years (calls: and months)."""
    kept = _by_unit(store().imported(name))
    kept = kept.join(_by_unit(new).select(_UNIT).unique(), on=_UNIT, how="anti").select(new.columns)
    return pl.concat([kept, new]).sort(new.columns)


def calls_with(lines: Sequence[CsvLine]) -> pl.DataFrame:
    """All calls as they would be with those of a file; nothing is imported."""
    return _with_new("calls", _calls(lines))


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
    "inhabitants",
    (*_YEARLY, "inhabitants"),
    _YEARLY,
    _yearly("inhabitants", 1, MOST_INHABITANTS),
    _by_year("inhabitants"),
)
REPORTS = _importer(
    "reports", (*_YEARLY, "reports"), _YEARLY, _yearly("reports", 0, MOST_REPORTS), _by_year("reports")
)

# Invented rows of a year before any alarm: somebody who imports an example as it is changes no figure.
_EXAMPLE_YEAR = 2000
_EXAMPLES: dict[str, tuple[tuple[object, ...], ...]] = {
    "calls": (
        (f"{_EXAMPLE_YEAR}-01-03", 2, 1015),
        (f"{_EXAMPLE_YEAR}-01-08", 14, 845),
        (f"{_EXAMPLE_YEAR}-01-08", 22, 512),
        (f"{_EXAMPLE_YEAR}-01-21", 22, 730),
    ),
    "inhabitants": ((_EXAMPLE_YEAR, 95_642), (_EXAMPLE_YEAR - 1, 95_108)),
    "reports": ((_EXAMPLE_YEAR, 118), (_EXAMPLE_YEAR - 1, 97)),
}
_EXAMPLE_ZONES = 3


def example_of(importer: Importer) -> str:
    """An invented file of this kind that can be imported as it is, for zones that there are."""
    zones = sorted(zone_names())[:_EXAMPLE_ZONES]
    rows = [importer.columns, *((zone, *row) for zone in zones for row in _EXAMPLES[importer.kind])]
    return "".join(";".join(map(str, row)) + "\r\n" for row in rows)
