"""Waiting for a state: looked at again and again until it is so. Only a wait that is lost ends by time."""

import asyncio
import time
from collections.abc import Callable

# One core may have to do for everything, and others may use it too.
WITHIN_S = 300.0
EVERY_S = 0.02


def until(
    is_true: Callable[[], object],
    what: str | Callable[[], object] = "",
    within_s: float = WITHIN_S,
    every_s: float = EVERY_S,
) -> None:
    """Look until it is so. Raises AssertionError with `what` (a text, or what there is instead)."""
    deadline = time.monotonic() + within_s
    while not is_true():
        assert time.monotonic() < deadline, what() if callable(what) else what
        time.sleep(every_s)


async def until_async(is_true: Callable[[], object], what: str | Callable[[], object] = "") -> None:
    """The same while other tasks go on."""
    deadline = time.monotonic() + WITHIN_S
    while not is_true():
        assert time.monotonic() < deadline, what() if callable(what) else what
        await asyncio.sleep(EVERY_S)
