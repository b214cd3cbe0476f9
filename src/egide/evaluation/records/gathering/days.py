"""Moments become days and hours of the authority, all at once; the moments themselves go no further."""

from datetime import UTC, date, datetime

import polars as pl

TIME_ZONE = "Europe/Brussels"
US_PER_DAY = 86_400_000_000


def day_us(day: date) -> int:
    """Midnight (UTC) of a day in microseconds."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1_000_000


def local(column: str) -> pl.Expr:
    """A column of microseconds as local time."""
    return (
        pl.from_epoch(pl.col(column), time_unit="us")
        .dt.replace_time_zone("UTC")
        .dt.convert_time_zone(TIME_ZONE)
    )


def as_day(column: str, name: str = "") -> pl.Expr:
    """A column of microseconds as the authority's day."""
    return local(column).dt.date().alias(name or column)


def midnight(day: pl.Expr) -> pl.Expr:
    """The beginning of a day in local time."""
    return day.cast(pl.Datetime("us")).dt.replace_time_zone(TIME_ZONE)
