"""A period is whole months, the smallest stretch of time that figures are asked for."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

_MONTH = re.compile(r"(\d{4})-(\d{2})")
FIRST_YEAR, LAST_YEAR = 1900, 9998


class ImpossiblePeriod(ValueError):
    """A text that names no period. `why` is "form", "month" or "backwards"."""

    def __init__(self, text: str, why: str) -> None:
        super().__init__(f"{text!r}: {why}")
        self.text = text
        self.why = why


@dataclass(frozen=True, order=True)
class Period:
    """From the first day of a month to the last day of the same or a later one, both included."""

    first: date
    last: date

    @classmethod
    def parse(cls, text: str) -> "Period":
        """The period behind "2019-01..2023-10", "2023-10" or "2023". Raises ImpossiblePeriod."""
        begin, dots, end = text.strip().partition("..")
        if not dots and re.fullmatch(r"\d{4}", begin):
            begin, end = f"{begin}-01", f"{begin}-12"
        first, last = _month(text, begin), _month(text, end or begin)
        if last < first:
            raise ImpossiblePeriod(text, "backwards")
        return cls(first, _next_month(last) - timedelta(days=1))

    @classmethod
    def of_year(cls, year: int) -> "Period":
        """One calendar year. Raises ImpossiblePeriod."""
        return cls.parse(str(year).zfill(4))

    def __str__(self) -> str:
        first, last = f"{self.first:%Y-%m}", f"{self.last:%Y-%m}"
        return first if first == last else f"{first}..{last}"

    def months(self) -> list["Period"]:
        """Each month by itself."""
        found, first = [], self.first
        while first <= self.last:
            following = _next_month(first)
            found.append(Period(first, following - timedelta(days=1)))
            first = following
        return found

    def years(self) -> list["Period"]:
        """Each calendar year by itself; the first and the last may be parts of one."""
        years = range(self.first.year, self.last.year + 1)
        return [
            Period(max(self.first, date(year, 1, 1)), min(self.last, date(year, 12, 31))) for year in years
        ]

    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1


def _month(whole: str, text: str) -> date:
    found = _MONTH.fullmatch(text.strip())
    if found is None:
        raise ImpossiblePeriod(whole, "form")
    year, month = int(found[1]), int(found[2])
    if not (FIRST_YEAR <= year <= LAST_YEAR and 1 <= month <= 12):
        raise ImpossiblePeriod(whole, "month")
    return date(year, month, 1)


def _next_month(first: date) -> date:
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)
