"""The key of tickets is replaced: who listens goes on, who comes with an old ticket or a new one is let in."""

import asyncio
import os

from egide.common.clock import SystemClock
from egide.common.files import mark_of_key
from egide.common.ticket import KEY_FILE
from egide.journal.now.signs import Signs
from tests.live.conftest import Live
from tests.support.commands import Answer, run
from tests.support.waiting import until


async def told(live: Live, *words: str) -> Answer:
    """What the command says."""
    return await asyncio.to_thread(run, live.installation.config, *words)


async def rotate(live: Live, *more: str) -> Answer:
    return await told(live, "keys", "rotate", "ticket", *more)


async def begin_again(live: Live) -> None:
    await asyncio.to_thread(live.child.stop)
    live.child.start()
    await asyncio.to_thread(live.child.ready)


async def test_tickets_of_both_keys_are_good_while_one_follows_the_other(live: Live) -> None:
    config, old = live.installation.config, live.key
    early = await rotate(live, "--finish")
    assert early.returncode == 1 and "without --finish" in early.stderr
    before = live.cookie()
    begun = await rotate(live)
    assert begun.returncode == 0 and "restart egide-live" in begun.stdout
    path = config.data_dir / KEY_FILE
    new = path.read_bytes()[32:]
    assert path.read_bytes()[:32] == old and path.stat().st_mode & 0o077 == 0
    # A live that was not started again knows the old one alone: its boards would be turned away. It has said so once.
    signs = Signs(config, SystemClock())
    await asyncio.to_thread(until, lambda: "live" in str(signs.beats()), lambda: str(signs.beats()))
    refused = await rotate(live, "--finish")
    assert refused.returncode == 1 and "restart egide-live" in refused.stderr
    await begin_again(live)
    await asyncio.to_thread(until, lambda: mark_of_key(new) in str(signs.beats()), lambda: str(signs.beats()))
    live.key = new
    after = live.cookie()
    live.key = os.urandom(32)
    assert await live.status(live.cookie()) == 401
    live.key = old
    async with live.listening(everything=True) as reader:
        assert (await rotate(live, "--finish")).returncode == 0
        assert path.read_bytes() == new
        for ticket in (before, after):
            async with live.listening(ticket):
                pass
        live.installation.enrol()
        assert (await reader.news())[1] == "KitIssued"
    # Started again, live has forgotten the old one.
    await begin_again(live)
    assert await live.status(before) == 401
    async with live.listening(after):
        pass
