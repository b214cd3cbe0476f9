"""While the journal is away, boards of a machine are shown what its intake keeps, and no page is told that it lives."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, AsyncExitStack, contextmanager
from pathlib import Path
from signal import SIGQUIT
from typing import Any

import msgspec
import pytest

from egide.common.clock import SystemClock
from egide.events.accounts import SignedOut
from egide.journal.now import known
from egide.protocol.envelope import Kind, Trigger
from tests.intake.test_process import Running
from tests.intake.test_process_keeping import away
from tests.live.conftest import Happening, Live, Reader
from tests.support.installation import HERE, HOME_CENTRE, MANAGING_ZONE, Installation
from tests.support.postgres import Server
from tests.support.waiting import until


@contextmanager
def machine(folder: Path, postgres: Server) -> Iterator[tuple[Installation, Running, Live]]:
    """Intake and live beside a journal in PostgreSQL."""
    with Installation(folder, SystemClock(), address=postgres.emptied()) as installation:
        intake, live = Running(installation), Live(installation)
        try:
            yield installation, intake, live
        finally:
            for one in (intake, live):
                one.child.kill()
                one.listener.close()


async def kept(reader: Reader, until: Any) -> list[dict[str, Any]]:
    """The lines of the first word on what is kept for which `until` is true; nothing else comes before it."""
    while (happening := await reader.next()) is not None:
        if happening.type == "kept":
            told = msgspec.json.decode(happening.data)
            if until(told):
                return list(told["alarms"])
        elif is_sign_of_life(happening):
            continue
    raise AssertionError("the stream ended")


def is_sign_of_life(happening: Happening) -> bool:
    return happening.type in ("ping", "trouble", "message")


@pytest.mark.parametrize("lost", [away, Server.hanging])
async def test_a_kept_press_is_on_the_boards_of_its_machine_and_leaves_them_when_the_journal_has_it(
    tmp_path: Path, postgres: Server, lost: Callable[[Server], AbstractContextManager[None]]
) -> None:
    with machine(tmp_path, postgres) as (installation, intake, live):
        phone = installation.enrol()
        intake.deliver(phone.envelope(Kind.TEST))
        async with AsyncExitStack() as stack:
            desk = await stack.enter_async_context(live.listening(centres=[HOME_CENTRE]))
            elsewhere = await stack.enter_async_context(
                live.listening(centres=["BE-LIE"], zones=[MANAGING_ZONE])
            )
            barred = await stack.enter_async_context(
                live.listening(centres=[HOME_CENTRE], supervisor=True, hidden=[phone.case])
            )
            with lost(postgres):
                assert await kept(desk, lambda told: told["away"]) == []
                assert intake.send(phone.press()) == 202
                assert intake.send(phone.press(trigger=Trigger.DURESS)) == 202
                (line,) = await kept(desk, lambda told: told["alarms"] and told["alarms"][0]["presses"] == 2)
                assert (line["kit"], line["zone"], line["duress"]) == (phone.kit, MANAGING_ZONE, True)
                place = [HERE.lat_e7 / 1e7, HERE.lon_e7 / 1e7, HERE.accuracy_m]
                assert line["place"] == place and line["at"] > 0
                # They are told that the journal is away, and nothing of this press.
                for other in (elsewhere, barred):
                    assert await kept(other, lambda told: told["away"]) == []
                # Who comes now hears it too; there is no ping by which the page would take itself for alive.
                async with live.opened(supervisor=True) as late:
                    first = await late.next()
                    assert first is not None and first.type == "kept"
                    assert msgspec.json.decode(first.data)["alarms"] == [line]
            assert await kept(desk, lambda told: not told["away"] and not told["alarms"]) == []
            assert installation.kinds(f"alarm:{phone.alarm(2)}")[:2] == ["PressReceived", "PressedAgain"]
            for other in (elsewhere, barred):
                assert await kept(other, lambda told: not told["away"]) == []


async def test_a_press_that_a_database_without_its_standby_cannot_keep_is_on_boards_that_hear_all_else(
    tmp_path: Path, postgres: Server
) -> None:
    with machine(tmp_path, postgres) as (installation, intake, live):
        phone = installation.enrol()
        intake.deliver(phone.envelope(Kind.TEST))
        async with live.listening(centres=[HOME_CENTRE]) as desk:
            with postgres.without_standby():
                assert intake.send(phone.press()) == 202
                (line,) = await kept(desk, lambda told: told["alarms"] and not told["away"])
                assert (line["kit"], line["presses"]) == (phone.kit, 1)
            assert await kept(desk, lambda told: not told["alarms"]) == []


async def heard(live: Live) -> None:
    """Until a board hears of the alarm. One that came before live began to read is hung up on, and comes again."""
    while True:
        async with live.opened(centres=[HOME_CENTRE], query="?after=0") as desk:
            while (told := await desk.next()) is not None:
                if told.type == "message":
                    return


async def test_live_and_intake_that_begin_without_a_journal_show_a_press_and_nothing_to_who_has_left(
    tmp_path: Path, postgres: Server
) -> None:
    with machine(tmp_path, postgres) as (installation, intake, live):
        phone = installation.enrol()
        installation.append("session:left", SignedOut(user="gone"))
        now_us = installation.clock.now_us()
        until(lambda: known.facts(installation.config).at_us > now_us, "the journal was looked at")
        postgres.stop(SIGQUIT)
        try:
            for one in (intake, live):
                one.child.kill()
                one.child.start()
            assert intake.send(phone.press()) == 202
            async with live.opened(centres=[HOME_CENTRE]) as desk:
                (line,) = await kept(desk, lambda told: told["alarms"])
                assert (line["kit"], line["zone"], line["old"]) == (phone.kit, MANAGING_ZONE, False)
                assert 0 < line["known"] <= line["first"]
                scope = {"centres": [HOME_CENTRE], "supervisor": True}
                async with live.opened(hidden=[phone.case], **scope) as barred:
                    assert await kept(barred, lambda told: told["away"]) == []
                assert await live.status(live.cookie(session="left", **scope)) == 401
        finally:
            postgres.start()
        until(
            lambda: installation.kinds(f"alarm:{phone.alarm()}") == ["PressReceived"], "it is in the journal"
        )
        await heard(live)
