"""Intervals and percentiles, vectorised where a measure has many cells."""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt
import polars as pl

CONFIDENCE = 0.95
# Values of both samples together, beyond which the bootstrap needs no drawing.
LARGE = 20_000
_Z = NormalDist().inv_cdf(0.5 + CONFIDENCE / 2)


@dataclass(frozen=True)
class Share:
    """A share with its population and interval; `value` is None for an empty population."""

    count: int
    n: int
    value: float | None
    low: float | None
    high: float | None


def wilson(count: int, n: int) -> Share:
    """`count` of `n` with the 95 % interval of Wilson (1927). Raises ValueError for what cannot be a share."""
    if not 0 <= count <= n:
        raise ValueError(f"{count} of {n} is no share")
    if n == 0:
        return Share(0, 0, None, None, None)
    row = pl.DataFrame({"count": [count], "n": [n]}).select(*wilson_columns()).row(0)
    return Share(count, n, *row)


def wilson_columns() -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    """`value`, `low`, `high` from columns `count` and `n`; null where `n` is 0."""
    n = pl.when(pl.col("n") > 0).then(pl.col("n").cast(pl.Float64))
    share = pl.col("count") / n
    middle = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z / (1 + _Z**2 / n) * (share * (1 - share) / n + _Z**2 / (4 * n**2)).sqrt()
    # Exact at the ends, where rounding would leave 1e-17.
    low = pl.when(pl.col("count") == 0).then(0.0).otherwise(middle - half)
    high = pl.when(pl.col("count") == pl.col("n")).then(1.0).otherwise(middle + half)
    return (
        share.alias("value"),
        pl.when(n > 0).then(low).alias("low"),
        pl.when(n > 0).then(high).alias("high"),
    )


@dataclass(frozen=True)
class Interval:
    """A mean with its interval."""

    value: float
    low: float
    high: float


def bootstrap_gain(
    stratum: npt.NDArray[np.int64],
    ordinary_s: npt.NDArray[np.float64],
    stratum_of_alarm: npt.NDArray[np.int64],
    alarm_s: npt.NDArray[np.float64],
    *,
    rounds: int,
    seed: int,
) -> Interval:
    """Mean seconds gained: of each alarm the mean of the ordinary calls of its stratum less its own seconds.

    Alarms are taken anew from all of them and calls within their stratum, `rounds` times (Efron's percentile method).
    Alarms within their stratum would not do: most are the only one of their zone and hour, so that each would be drawn
    for itself and how much alarms differ would never show. Of a mean the variance over all samples that could be drawn
    is known (the ideal bootstrap: Efron and Tibshirani 1993, section 6.2); with more than LARGE values it is used as it
    is, for the mean of so many is normal and a thousand rounds would only add noise.
    """
    strata = int(max(stratum.max(), stratum_of_alarm.max())) + 1
    number = len(alarm_s)
    weights = np.bincount(stratum_of_alarm, minlength=strata) / number
    gained = _means(stratum, ordinary_s, strata)[stratum_of_alarm] - alarm_s
    value = float(gained.mean())
    if len(ordinary_s) + number > LARGE:
        theirs = _variances(stratum, ordinary_s, strata)
        among = float(gained.var() + weights @ theirs - weights**2 @ theirs)
        half = _Z * float(np.sqrt(among / number + weights**2 @ theirs))
        return Interval(value, value - half, value + half)
    random = np.random.default_rng(seed)
    means = _resampled(stratum, ordinary_s, strata, rounds, random)
    drawn = np.empty(rounds)
    for one in range(rounds):
        picked = random.integers(0, number, number)
        drawn[one] = (means[one, stratum_of_alarm[picked]] - alarm_s[picked]).mean()
    low, high = np.quantile(drawn, [0.5 - CONFIDENCE / 2, 0.5 + CONFIDENCE / 2])
    return Interval(value, float(low), float(high))


def _means(
    stratum: npt.NDArray[np.int64], seconds: npt.NDArray[np.float64], strata: int
) -> npt.NDArray[np.float64]:
    counts = np.bincount(stratum, minlength=strata)
    return np.bincount(stratum, weights=seconds, minlength=strata) / np.maximum(counts, 1)


def _variances(
    stratum: npt.NDArray[np.int64], seconds: npt.NDArray[np.float64], strata: int
) -> npt.NDArray[np.float64]:
    """Variance of the mean of each stratum over all samples drawn from it with replacement."""
    counts = np.maximum(np.bincount(stratum, minlength=strata), 1)
    apart = seconds - _means(stratum, seconds, strata)[stratum]
    variances: npt.NDArray[np.float64] = np.bincount(stratum, weights=apart**2, minlength=strata) / counts**2
    return variances


def _resampled(
    stratum: npt.NDArray[np.int64],
    seconds: npt.NDArray[np.float64],
    strata: int,
    rounds: int,
    random: np.random.Generator,
) -> npt.NDArray[np.float64]:
    """Means of each stratum in `rounds` samples drawn with replacement inside it: shape (rounds, strata)."""
    order = np.argsort(stratum, kind="stable")
    seconds, stratum = seconds[order], stratum[order]
    counts = np.bincount(stratum, minlength=strata)
    begins = np.concatenate(([0], np.cumsum(counts)[:-1]))[stratum]
    sizes = counts[stratum].astype(np.float64)
    means = np.empty((rounds, strata))
    for number in range(rounds):
        picked = begins + (random.random(len(seconds)) * sizes).astype(np.int64)
        means[number] = np.bincount(stratum, weights=seconds[picked], minlength=strata)
    return means / np.maximum(counts, 1)
