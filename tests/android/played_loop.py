"""Time that a test moves, and chance that is the same for all phones of a history."""

import asyncio
import hashlib
import random
from collections.abc import Callable
from typing import Any


class PlayedLoop(asyncio.SelectorEventLoop):
    """Time that stands still until a test moves it. What threads would do is done at once."""

    def __init__(self) -> None:
        super().__init__()
        self.now_us = 0

    def time(self) -> float:
        return self.now_us / 1e6

    def run_in_executor(self, executor: object, func: Callable[..., Any], *args: Any) -> asyncio.Future[Any]:  # type: ignore[override]
        done = self.create_future()
        done.set_result(func(*args))
        return done

    def settle(self) -> None:
        """Run whatever is due now."""
        inner: Any = self
        while inner._ready or 0 <= self.next_us() <= self.now_us:
            self.call_soon(self.stop)
            self.run_forever()

    def next_us(self) -> int:
        """When something is due next; -1 for never."""
        inner: Any = self
        return min((round(one.when() * 1e6) for one in inner._scheduled if not one.cancelled()), default=-1)

    def pass_until(self, until_us: int) -> None:
        self.settle()
        while 0 <= self.next_us() <= until_us:
            self.now_us = max(self.now_us, self.next_us())
            self.settle()
        self.now_us = max(self.now_us, until_us)


class PlayedClock:
    def __init__(self, loop: PlayedLoop, now_us: int) -> None:
        self.loop = loop
        self.ahead_us = now_us

    def now_us(self) -> int:
        return self.loop.now_us + self.ahead_us

    def steady_us(self) -> int:
        return self.loop.now_us


class Drawn(random.Random):
    """The same for both phones, and at each moment another."""

    def __init__(self, loop: PlayedLoop) -> None:
        super().__init__(0)
        self.loop = loop

    def random(self) -> float:
        return int.from_bytes(drawn("chance", self.loop)[:4], "big") % 1000 / 1000


def drawn(what: str, loop: PlayedLoop) -> bytes:
    return hashlib.sha256(f"{what} {loop.now_us}".encode()).digest()
