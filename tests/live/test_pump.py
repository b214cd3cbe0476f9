"""Live while its database says nothing: whoever listens hears what else there is to tell."""

import asyncio
import signal
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from egide.common.clock import SystemClock
from egide.entrypoints.streams.pump import Pump
from egide.entrypoints.streams.rows import Boards
from egide.entrypoints.watch.telling import Troubles
from egide.journal.chain import Clear
from egide.journal.now.signs import Signs
from tests.support.installation import Installation
from tests.support.postgres import JOURNAL, Server
from tests.support.waiting import until_async


def somebody_waits(postgres: Server) -> bool:
    """Whether a question is held up just now."""
    with postgres.asked(JOURNAL) as owner:
        return owner.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone() != (0,)


async def test_streams_go_on_while_their_reader_waits_for_the_database(
    tmp_path: Path, postgres: Server
) -> None:
    with Installation(tmp_path, SystemClock(), address=postgres.emptied()) as installation:
        config, clock = installation.config, installation.clock
        pump = Pump(config, installation.journal, clock, Troubles(Signs(config, clock)), Boards(config))
        running = asyncio.create_task(pump.run())
        await until_async(lambda: pump.is_healthy, "it reads")
        with psycopg.connect(postgres.address(JOURNAL)) as owner:
            owner.execute("LOCK TABLE egide_journal.event IN ACCESS EXCLUSIVE MODE")
            # Could not be looked at from here if all that runs beside it waited too.
            await until_async(lambda: somebody_waits(postgres), "it waits")
            await until_async(lambda: not pump.is_healthy, "it found out that nobody answers")
        await until_async(lambda: pump.is_healthy, "it reads again")
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


class Unforeseen(Boards):
    def note(self, row: Clear) -> None:
        raise RuntimeError("unforeseen")


async def test_a_reader_that_ends_takes_its_process_along(tmp_path: Path) -> None:
    asked: list[int] = []
    former = signal.signal(signal.SIGTERM, lambda number, _frame: asked.append(number))
    try:
        with Installation(tmp_path, SystemClock()) as installation:
            config, clock = installation.config, installation.clock
            pump = Pump(
                config, installation.journal, clock, Troubles(Signs(config, clock)), Unforeseen(config)
            )
            await pump.try_begin()
            installation.issue_kit()
            with pytest.raises(RuntimeError, match="unforeseen"):
                await pump.run()
            assert asked == [signal.SIGTERM] and not pump.is_healthy
    finally:
        signal.signal(signal.SIGTERM, former)
