"""What files of several subjects ask of a cell. Each check yields the fault, or nothing."""

from collections.abc import Collection, Iterator
from datetime import date

from django.utils.translation import gettext as _

from egide.imports.reading import CsvLine, Fault

FIRST_YEAR = 1990


def whole_number(text: str) -> int | None:
    """A number of digits alone; None for anything else ("1.5", "-3", "12 000", "²")."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def check_number(line: CsvLine, column: str, least: int, most: int) -> Iterator[Fault]:
    number = whole_number(line[column])
    if number is None or not least <= number <= most:
        text = _("“%(value)s” is no whole number from %(least)s to %(most)s.")
        yield line.fault(column, text % {"value": line[column], "least": least, "most": most})


def check_year(line: CsvLine, column: str, today: date) -> Iterator[Fault]:
    number = whole_number(line[column])
    if number is None or not FIRST_YEAR <= number <= today.year:
        text = _("“%(value)s” is no year from %(first)s to %(last)s.")
        yield line.fault(column, text % {"value": line[column], "first": FIRST_YEAR, "last": today.year})


def check_day(line: CsvLine, column: str, today: date) -> Iterator[Fault]:
    try:
        day = date.fromisoformat(line[column])
    except ValueError:
        text = _("“%(value)s” is not a date such as 2026-11-25.")
        yield line.fault(column, text % {"value": line[column]})
        return
    if day > today:
        yield line.fault(column, _("This day is still to come."))
    elif day.year < FIRST_YEAR:
        yield line.fault(column, _("This day lies before %(year)s.") % {"year": FIRST_YEAR})


def check_one_of(line: CsvLine, column: str, known: Collection[str]) -> Iterator[Fault]:
    if line[column] not in known:
        text = _("“%(value)s” is not known. Use one of: %(known)s.")
        yield line.fault(column, text % {"value": line[column], "known": ", ".join(sorted(known))})


def check_length(line: CsvLine, column: str, most: int) -> Iterator[Fault]:
    if len(line[column]) > most:
        yield line.fault(column, _("At most %(most)s characters.") % {"most": most})
