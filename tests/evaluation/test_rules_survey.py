"""Percentages with their population and interval."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egide.evaluation.measures.statistics import wilson as share
from egide.evaluation.surveys.rules import is_due


def test_the_published_share_of_the_pilot_has_a_wide_interval() -> None:
    found = share(43, 48)
    assert found.value == pytest.approx(0.8958, abs=1e-4)
    # By hand from Wilson's formula with z = 1.96.
    assert (found.low, found.high) == (pytest.approx(0.7783, abs=2e-4), pytest.approx(0.9547, abs=2e-4))


def test_nobody_asked_is_unknown_and_not_zero() -> None:
    found = share(0, 0)
    assert (found.value, found.low, found.high) == (None, None, None)


def test_more_than_all_is_refused() -> None:
    with pytest.raises(ValueError, match="5 of 4"):
        share(5, 4)


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_holds_exactly_the_shares_that_a_test_at_95_percent_would_not_reject(
    pair: tuple[int, int],
) -> None:
    number, of = pair
    found = share(number, of)
    assert found.low is not None and found.high is not None and found.value is not None
    assert 0 <= found.low <= found.value <= found.high <= 1
    # The bounds are where the score test turns (the definition of the interval), seen from the other side.
    for bound in (found.low, found.high):
        if 0 < bound < 1:
            score = abs(found.value - bound) / math.sqrt(bound * (1 - bound) / of)
            assert score == pytest.approx(1.959964, abs=1e-3)


@pytest.mark.parametrize(
    ("out_since", "asked_on", "expected"),
    [(100, None, False), (70, None, True), (0, 60, False), (0, None, True)],
)
def test_a_month_after_the_kit_left_and_half_a_year_after_the_last_time(
    out_since: int, asked_on: int | None, expected: bool
) -> None:
    assert is_due(100, out_since, asked_on) is expected
