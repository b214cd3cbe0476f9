"""A task that keeps the link: what it hears is passed on, its failure is not silence, and it ends when asked to."""

import asyncio
from contextlib import aclosing

import pytest

from egide.companion.keeping import Arrived, is_set_within, said_while
from tests.support.waiting import WITHIN_S


async def test_what_the_task_hears_comes_on_in_order() -> None:
    async def keep(arrived: Arrived) -> None:
        for number in range(3):
            arrived.put_nowait(bytes([number]))
        await asyncio.Event().wait()

    async with aclosing(said_while(keep)) as said:
        assert [await anext(said) for _ in range(3)] == [b"\0", b"\1", b"\2"]


async def test_a_task_that_fails_is_heard_of_after_what_it_heard() -> None:
    async def keep(arrived: Arrived) -> None:
        arrived.put_nowait(b"press")
        raise KeyError("Address")

    async with aclosing(said_while(keep)) as said:
        assert await anext(said) == b"press"
        with pytest.raises(KeyError, match="Address"):
            await anext(said)


async def test_the_end_of_listening_ends_the_task() -> None:
    ended = asyncio.Event()

    async def keep(arrived: Arrived) -> None:
        arrived.put_nowait(b"press")
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async with aclosing(said_while(keep)) as said:
        await anext(said)
    assert ended.is_set()


@pytest.mark.parametrize("turns", range(5))
async def test_a_task_that_is_told_to_end_ends_although_the_event_comes_in_the_same_moment(
    turns: int,
) -> None:
    event = asyncio.Event()

    async def go_on() -> None:
        while True:
            event.clear()
            await is_set_within(event, 60.0)

    working = asyncio.create_task(go_on())
    for _ in range(5):
        await asyncio.sleep(0)
    event.set()
    for _ in range(turns):
        await asyncio.sleep(0)
    working.cancel()
    await asyncio.wait([working], timeout=WITHIN_S)
    assert working.cancelled()


async def test_an_event_and_a_pause_are_told_apart() -> None:
    event = asyncio.Event()
    assert not await is_set_within(event, 0.0)
    event.set()
    assert await is_set_within(event, 60.0)
