"""An operator without a browser hears the journal, and takes nothing else of the stream for it."""

import asyncio
from contextlib import aclosing

from egide.entrypoints.stack.operator import Operator
from egide.journal.now.signs import ChainTrouble, Signs
from tests.live.conftest import Live
from tests.support.waiting import WITHIN_S


async def test_what_watch_finds_wrong_is_no_event_of_the_journal(live: Live) -> None:
    installation = live.installation
    phone = installation.enrol()
    Signs(installation.config, installation.clock).do_keep([ChainTrouble("boards", "none", 1)], [])
    async with live.listening(centres=["mons"]) as reader:
        while (told := await reader.next()) is not None and told.type in ("ping", "message"):
            pass
        assert told is not None and told.data.startswith("[")
    operator = Operator("http://localhost", live.url, "op", "")
    operator._session.headers.update(live.cookie(centres=["mons"]))
    listening = asyncio.Event()
    async with operator._session, aclosing(operator.events(listening)) as events:
        first = asyncio.ensure_future(anext(events))
        await asyncio.wait_for(listening.wait(), WITHIN_S)
        alarm = installation.open_alarm(phone)
        installation.route(alarm, zone="5324", centre="mons")
        _seq, kind, stream = await asyncio.wait_for(first, WITHIN_S)
    assert (kind, stream) == ("AlarmRouted", f"alarm:{alarm}")
