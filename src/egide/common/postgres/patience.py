"""For how long a thread waits for a database on another machine, which may hang and break nothing off."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from egide.common.clock import SystemClock

_CLOCK = SystemClock()
_END_US: ContextVar[int | None] = ContextVar("end_us", default=None)


class _Process:
    """This one."""

    usual_s: float | None = None


@contextmanager
def answered_within(seconds: float) -> Iterator[None]:
    """Meanwhile this thread gives a database up that has not answered all of it when the time is over."""
    token = _END_US.set(_CLOCK.steady_us() + round(seconds * 1e6))
    try:
        yield
    finally:
        _END_US.reset(token)


def expect_answers_within(seconds: float) -> None:
    """From now on all threads of this process wait so long for each answer, but where `answered_within` says it."""
    _Process.usual_s = seconds


def left_s() -> float | None:
    """What is left to wait in seconds, 0 when nothing is; None where it does not matter how long it takes."""
    end_us = _END_US.get()
    return _Process.usual_s if end_us is None else max(0.0, (end_us - _CLOCK.steady_us()) / 1e6)
