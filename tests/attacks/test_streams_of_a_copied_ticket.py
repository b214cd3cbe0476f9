"""Somebody copied a live ticket off a screen or a disk and opens streams with it until nobody hears anything more."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from egide.common import ticket as tickets
from egide.common.clock import SystemClock
from egide.entrypoints.processes.measuring import Metrics
from egide.entrypoints.serving.connections import COUNTED
from egide.entrypoints.streams.ending_streams import MOST_STREAMS, TOO_MANY, OpenStreams
from egide.journal.now.signs import Signs
from tests.live.conftest import Live, Reader, live
from tests.support.waiting import until_async

__all__ = ["live"]

STREAMS = 120
HERS: dict[str, Any] = {"centres": ["HAI"], "session": tickets.mark_of("hers")}


class Crowd:
    """Streams that were opened with one ticket, and which of them have ended."""

    def __init__(self, readers: list[Reader]) -> None:
        self._reading = [asyncio.create_task(reader.until_end()) for reader in readers]

    @property
    def ended(self) -> list[bool]:
        return [one.done() for one in self._reading]

    async def until_ended(self, least: int) -> None:
        await until_async(lambda: sum(self.ended) >= least, lambda: f"{sum(self.ended)} have ended")

    async def close(self) -> None:
        for one in self._reading:
            one.cancel()
        await asyncio.gather(*self._reading, return_exceptions=True)


@asynccontextmanager
async def crowd(live: Live, cookie: dict[str, str]) -> AsyncIterator[Crowd]:
    """Streams of one ticket, opened one after the other."""
    async with AsyncExitStack() as stack:
        readers = [await stack.enter_async_context(live.listening(cookie)) for _ in range(STREAMS)]
        made = Crowd(readers)
        stack.push_async_callback(made.close)
        yield made


async def test_a_copy_keeps_as_many_streams_as_a_browser_needs_and_her_pages_go_on(live: Live) -> None:
    copied = live.cookie(valid_s=60, **HERS)
    async with (
        live.listening(valid_s=200, **HERS) as board,
        live.listening(valid_s=100, **HERS) as overview,
        crowd(live, copied) as thiefs,
    ):
        await thiefs.until_ended(STREAMS - (MOST_STREAMS - 2))
        assert sum(thiefs.ended) == STREAMS - (MOST_STREAMS - 2)
        assert thiefs.ended == sorted(thiefs.ended, reverse=True), "the oldest end first"
        alarm = live.installation.open_alarm(live.installation.enrol())
        live.installation.route(alarm, centre="HAI")
        for page in (board, overview):
            assert (await page.news())[2] == f"alarm:{alarm}"


async def test_a_page_whose_very_ticket_was_copied_comes_back_and_hears_what_it_missed(live: Live) -> None:
    cookie, before = live.cookie(valid_s=60, **HERS), live.installation.journal.head()
    async with live.listening(cookie) as board, crowd(live, cookie) as thiefs:
        await board.until_end()
        alarm = live.installation.open_alarm(live.installation.enrol())
        routed = live.installation.route(alarm, centre="HAI")
        async with live.listening(cookie, query=f"?after={before}") as again:
            assert await again.news() == (routed.seq, "AlarmRouted", f"alarm:{alarm}")
            await thiefs.until_ended(STREAMS - (MOST_STREAMS - 1))
            assert not again.response.content.at_eof()


async def test_administrators_read_how_many_streams_had_to_make_room(live: Live) -> None:
    signs = Signs(live.installation.config, live.installation.clock)
    measured = Metrics(live.installation.config, live.installation.journal, SystemClock(), lambda: ({}, {}))
    async with live.listening(**HERS), crowd(live, live.cookie(valid_s=60, **HERS)):
        counted = f"{COUNTED}live {TOO_MANY}"
        await until_async(
            lambda: signs.counts(counted).get(counted) == STREAMS + 1 - MOST_STREAMS,
            lambda: f"counted: {signs.counts(COUNTED)}",
        )
    (family,) = [one for one in measured.collect() if one.name == "egide_connections_ended"]
    (sample,) = family.samples
    assert sample.labels == {"process": "live", "reason": TOO_MANY}
    assert sample.value == STREAMS + 1 - MOST_STREAMS


async def test_streams_of_other_sessions_and_teams_are_not_touched(live: Live) -> None:
    async with (
        live.listening(user="op-2", centres=["HAI"], session=tickets.mark_of("another")) as colleague,
        live.listening(user="team:M 12", alarms=["00aa-1"]) as team,
        live.listening(everything=True) as monitor,
        crowd(live, live.cookie(valid_s=60, **HERS)),
    ):
        alarm = live.installation.open_alarm(live.installation.enrol())
        live.installation.route(alarm, centre="HAI")
        assert (await colleague.news())[2] == f"alarm:{alarm}"
        assert not team.response.content.at_eof() and (await monitor.news())[1] == "KitIssued"


def test_who_left_takes_no_place() -> None:
    streams = OpenStreams()
    ticket = tickets.Ticket("op", 1_000, session="hers")
    for _ in range(3 * MOST_STREAMS):
        one = streams.take(ticket)
        streams.leave(one)
    last = [streams.take(ticket) for _ in range(MOST_STREAMS)]
    assert not any(one.over.is_set() for one in last)
    streams.take(ticket)
    assert [one.over.is_set() for one in last] == [True] + [False] * (MOST_STREAMS - 1)
