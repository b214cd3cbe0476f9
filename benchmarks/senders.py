"""What both sides of the comparison share: senders in a closed loop, each waits for its answer, and what was seen."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from benchmarks.machine import percentile_ms

# A sender hands over one prepared message and returns when it is acknowledged.
Send = Callable[[bytes], Awaitable[None]]
Prepared = tuple[bytes, bytes]

SEEN_WAIT_S = 5.0


def as_request(envelope: bytes) -> bytes:
    """The message as a phone sends it over a connection that stays open."""
    head = (
        "POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/cose\r\n"
        f"Content-Length: {len(envelope)}\r\n\r\n"
    )
    return head.encode() + envelope


@dataclass
class Seen:
    """When the subscriber saw each message, by name."""

    at_s: dict[bytes, float] = field(default_factory=dict)
    _awaited: dict[bytes, asyncio.Future[float]] = field(default_factory=dict)

    def note(self, name: bytes) -> None:
        """The subscriber saw `name` now."""
        now_s = time.perf_counter()
        self.at_s.setdefault(name, now_s)
        waiting = self._awaited.pop(name, None)
        if waiting is not None and not waiting.done():
            waiting.set_result(now_s)

    async def wait_for(self, name: bytes) -> float:
        """When it is seen. Raises TimeoutError."""
        if name in self.at_s:
            return self.at_s[name]
        future = self._awaited[name] = asyncio.get_running_loop().create_future()
        return await asyncio.wait_for(future, SEEN_WAIT_S)


@dataclass
class Measured:
    """One round. Times are in milliseconds, from the moment a message was sent."""

    per_s: float
    acked_p50_ms: float
    acked_p99_ms: float
    seen_p50_ms: float
    seen_p99_ms: float
    sent: int
    seen: int


async def one_after_the_other(send: Send, seen: Seen, messages: Sequence[Prepared]) -> Measured:
    """Each message only when the one before was acknowledged and seen."""
    acked_s, seen_s = [], []
    begin = time.perf_counter()
    for data, name in messages:
        start = time.perf_counter()
        await send(data)
        acked_s.append(time.perf_counter() - start)
        seen_s.append(await seen.wait_for(name) - start)
        await asyncio.sleep(0.002)
    return _measured(acked_s, seen_s, time.perf_counter() - begin)


async def many_senders(
    sends: Sequence[Send], seen: Seen, messages: Sequence[Prepared], seconds: float
) -> Measured:
    """All senders for `seconds`, each with one message under way; stops early when the messages run out."""
    started_s: dict[bytes, float] = {}
    acked_s: list[float] = []
    waiting = iter(messages)
    begin = time.perf_counter()

    async def run(send: Send) -> None:
        for data, name in waiting:
            start = started_s[name] = time.perf_counter()
            await send(data)
            done = time.perf_counter()
            acked_s.append(done - start)
            if done - begin > seconds:
                return

    await asyncio.gather(*(run(send) for send in sends))
    taken_s = time.perf_counter() - begin
    for name in list(started_s)[-len(sends) :]:
        await seen.wait_for(name)
    seen_s = [seen.at_s[name] - start for name, start in started_s.items() if name in seen.at_s]
    return _measured(acked_s, seen_s, taken_s)


def _measured(acked_s: Sequence[float], seen_s: Sequence[float], taken_s: float) -> Measured:
    return Measured(
        per_s=len(acked_s) / taken_s,
        acked_p50_ms=percentile_ms(acked_s, 0.5),
        acked_p99_ms=percentile_ms(acked_s, 0.99),
        seen_p50_ms=percentile_ms(seen_s, 0.5),
        seen_p99_ms=percentile_ms(seen_s, 0.99),
        sent=len(acked_s),
        seen=len(seen_s),
    )
