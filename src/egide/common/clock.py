"""The only place that reads the wall clock; everything else is handed one, so that tests choose the time."""

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """A source of wall-clock time."""

    def now_us(self) -> int:
        """Microseconds since 1970-01-01T00:00:00Z."""
        ...

    def steady_us(self) -> int:
        """Microseconds from an arbitrary start, which nobody can set forward or back."""
        ...


class SystemClock:
    """The machine's clock."""

    def now_us(self) -> int:
        return time.time_ns() // 1000

    def steady_us(self) -> int:
        return time.monotonic_ns() // 1000


class SetClock:
    """A clock that stands where it was set: for tests and for replaying."""

    def __init__(self, now_us: int) -> None:
        self._now_us = now_us
        self._steady_us = 0

    def now_us(self) -> int:
        return self._now_us

    def steady_us(self) -> int:
        return self._steady_us

    def advance_s(self, seconds: float) -> None:
        """Let `seconds` pass."""
        self._now_us += round(seconds * 1_000_000)
        self._steady_us += round(seconds * 1_000_000)

    def jump_s(self, seconds: float) -> None:
        """Set the wall clock forward or back, without any time passing."""
        self._now_us += round(seconds * 1_000_000)


def utc(at_us: int) -> datetime:
    """An aware datetime in UTC for `at_us` microseconds since 1970."""
    return datetime.fromtimestamp(at_us / 1_000_000, tz=UTC)
