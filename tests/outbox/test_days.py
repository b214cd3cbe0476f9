"""A day begins where the authority is, not where UTC is."""

from datetime import date

import pytest

from egide.outbox.days import day_of, end_of_us, today
from tests.support.pages import Pages

# Half past midnight on 27 July in Brussels, still 26 July in UTC.
AFTER_MIDNIGHT_US = 1_785_105_000_000_000


@pytest.mark.usefixtures("migrated")
def test_after_midnight_it_is_the_next_day(pages: Pages) -> None:
    pages.clock.advance_s((AFTER_MIDNIGHT_US - pages.clock.now_us()) / 1_000_000)
    assert today() == day_of(AFTER_MIDNIGHT_US) == date(2026, 7, 27)


@pytest.mark.parametrize("day", [date(2026, 7, 27), date(2026, 3, 29), date(2026, 10, 25)])
def test_a_day_ends_where_the_next_begins(day: date) -> None:
    end_us = end_of_us(day)
    assert day_of(end_us) == day
    assert day_of(end_us + 1) == date.fromordinal(day.toordinal() + 1)
