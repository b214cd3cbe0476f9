"""For how long a thread waits for a database on another machine, whatever it asks of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from egide.common.clock import SystemClock

_CLOCK = SystemClock()
_END_US: ContextVar[int | None] = ContextVar("end_us", default=None)


@contextmanager
def answered_within(seconds: float) -> Iterator[None]:
    """Meanwhile this thread gives a database up that has not answered all of it when the time is over."""
    token = _END_US.set(_CLOCK.steady_us() + round(seconds * 1e6))
    try:
        yield
    finally:
        _END_US.reset(token)


def left_s() -> float | None:
    """What is left of that time in seconds, 0 when nothing is; None where it does not matter how long it takes."""
    end_us = _END_US.get()
    return None if end_us is None else max(0.0, (end_us - _CLOCK.steady_us()) / 1e6)
