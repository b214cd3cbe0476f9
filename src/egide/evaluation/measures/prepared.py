"""Answers to what is asked most, computed when the records are built: the country in each year, so far, and in all.

A page of ten years is then read instead of computed. What needs imported numbers is left out: they change without a
build.
"""

from collections.abc import Iterator

import msgspec

from egide.common.encoding import decoder_of
from egide.evaluation.measures import REGISTRY
from egide.evaluation.measures.answering import answers
from egide.evaluation.records.period import Period
from egide.evaluation.records.shapes import COUNTRY, About, Query, Records, Result

FROM_IMPORTED = ("time-gained", "grants-per-inhabitants", "grants-per-reports")
Prepared = dict[str, dict[str, Result]]


def prepare(records: Records) -> bytes:
    """JSON of the prepared answers, by period and measure."""
    ids = tuple(name for name in REGISTRY if name not in FROM_IMPORTED)
    found = {str(period): answers(records, Query(period, COUNTRY), ids) for period in _periods(records.about)}
    return msgspec.json.encode(found)


def read(content: bytes) -> Prepared:
    """What `prepare` wrote."""
    return decoder_of(Prepared).decode(content)


def _periods(about: About) -> Iterator[Period]:
    # A clock that was wrong once may have dated the first event after today.
    first, last = min(about.since, about.until).year, about.until.year
    for year in range(first, last + 1):
        yield Period.of_year(year)
    yield Period.parse(f"{first}-01..{last}-12")
    # What the dashboard shows when nothing is asked, and the same over all years.
    yield Period.parse(f"{last}-01..{about.until:%Y-%m}")
    yield Period.parse(f"{first}-01..{about.until:%Y-%m}")
