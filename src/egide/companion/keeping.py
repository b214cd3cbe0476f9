"""Waiting that ends when it should: on a task that keeps the link to the button, and on an event."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence

Arrived = asyncio.Queue[bytes]


async def said_while(keep: Callable[[Arrived], Awaitable[None]]) -> AsyncGenerator[bytes, None]:
    """Everything that `keep` puts into its queue; `keep` never ends by itself. Raises whatever ended it.

    The core fails with it then, and its caller begins anew: a press must not wait for a dead task.
    """
    arrived: Arrived = asyncio.Queue()
    keeper = asyncio.ensure_future(keep(arrived))
    waiting = asyncio.ensure_future(arrived.get())
    try:
        while True:
            await asyncio.wait((waiting, keeper), return_when=asyncio.FIRST_COMPLETED)
            if not waiting.done():
                keeper.result()
                return
            data, waiting = waiting.result(), asyncio.ensure_future(arrived.get())
            yield data
    finally:
        for task in (waiting, keeper):
            task.cancel()
        await asyncio.gather(waiting, keeper, return_exceptions=True)


async def is_set_within(event: asyncio.Event, seconds: float) -> bool:
    """Whether it is set within `seconds`.

    `asyncio.wait_for` of Python 3.11 forgets that it was cancelled when the event comes in the same moment.
    """
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True


async def one_is_set_within(events: Sequence[asyncio.Event], seconds: float) -> None:
    """Until one of them is set, or `seconds` have passed."""
    waiting = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in waiting:
            each.cancel()
