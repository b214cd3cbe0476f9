"""What a board hears, from where it goes on, and how its stream ends."""

import asyncio
import signal
import socket
from contextlib import suppress
from pathlib import Path
from typing import Any

from egide.alarm.events import NoteAdded
from egide.common import ticket as tickets
from egide.common.ticket import Ticket
from egide.journal.service import Entry
from tests.live.conftest import Live, NotLetIn
from tests.support.waiting import WITHIN_S, until_async

NOTE = NoteAdded(user="op", text="-")
ALL: dict[str, Any] = {"everything": True}


async def test_what_happens_is_heard_at_once_and_says_nothing_more_than_that_it_happened(live: Live) -> None:
    async with live.listening(**ALL) as reader:
        alarm = live.installation.open_alarm(live.installation.enrol())
        kinds = [await reader.news() for _ in range(3)]
        assert [kind for _, kind, _ in kinds] == ["KitIssued", "DeviceEnrolled", "PressReceived"]
        assert kinds[2] == (3, "PressReceived", f"alarm:{alarm}")


async def test_without_a_ticket_there_is_no_stream(live: Live) -> None:
    name = live.installation.config.cookie(tickets.COOKIE)
    for cookie in ("", f"{name}=", f"{name}=x.y", f"{name}=AAAA.AAAA", "a=b; c", "=;=;", "\xff"):
        assert await live.status({"Cookie": cookie}) == 401


async def test_a_forged_or_outdated_ticket_opens_no_stream(live: Live) -> None:
    ticket = Ticket("op", live.now_s() + 60, everything=True)
    forged = tickets.issue(ticket, b"x" * 32)
    assert await live.status({"Cookie": f"{live.installation.config.cookie(tickets.COOKIE)}={forged}"}) == 401
    assert await live.status(live.cookie(valid_s=-1, everything=True)) == 401
    assert await live.status(live.cookie(valid_s=0, everything=True)) == 401


async def test_only_our_own_pages_may_listen(live: Live) -> None:
    ours = live.installation.config.web_origins[0]
    strange = ("https://evil.example", "null", "", "http://[", f"{ours}.evil.example", f"{ours}0", "x:y:z")
    for origin in strange:
        assert await live.status(live.cookie(**ALL) | {"Origin": origin}) == 403
    async with live.listening(headers={"Origin": ours}, **ALL) as reader:
        assert reader.response.headers["Access-Control-Allow-Origin"] == ours
        assert reader.response.headers["Access-Control-Allow-Credentials"] == "true"
        assert reader.response.headers["Cache-Control"] == "no-store"
        assert reader.response.content_type == "text/event-stream"


async def test_other_addresses_and_methods(live: Live) -> None:
    assert await live.status({}, path="/") == 404
    assert await live.status(live.cookie(**ALL), method="POST") == 405
    assert await live.status({}, path="/v1/health") == 200


async def test_a_browser_that_comes_back_goes_on_after_its_last_event(live: Live) -> None:
    for _ in range(5):
        live.installation.append("system:s", NOTE)
    # A process that has not read as far as a browser says begins with what it has read: then it tells twice.
    async with live.listening(query="?after=0", **ALL) as reader:
        assert [(await reader.news())[0] for _ in range(5)] == [1, 2, 3, 4, 5]
    async with live.listening(headers={"Last-Event-ID": "2"}, **ALL) as reader:
        assert [(await reader.news())[0] for _ in range(3)] == [3, 4, 5]
    async with live.listening(query="?after=3", **ALL) as reader:
        assert [(await reader.news())[0] for _ in range(2)] == [4, 5]
    # A browser that comes back after a break sends both; what it heard last counts.
    async with live.listening(headers={"Last-Event-ID": "4"}, query="?after=1", **ALL) as reader:
        assert (await reader.news())[0] == 5


async def test_who_was_away_for_long_gets_everything_in_order(live: Live) -> None:
    for _ in range(5):
        live.installation.journal.append([Entry(stream="system:s", event=NOTE)] * 500)
    async with live.listening(query="?after=0", **ALL) as reader:
        live.installation.append("system:s", NOTE)
        assert [(await reader.news())[0] for _ in range(2501)] == list(range(1, 2502))


async def test_an_impossible_resume_point_begins_now(live: Live) -> None:
    for _ in range(10):
        live.installation.append("system:s", NOTE)
    async with live.listening(query="?after=0", **ALL) as reader:
        assert [(await reader.news())[0] for _ in range(10)] == list(range(1, 11))
    for seq, after in enumerate(("-1", "x", "", "٣", "9" * 30, "5000"), 11):
        async with live.listening(query=f"?after={after}", **ALL) as reader:
            live.installation.append("system:s", NOTE)
            assert (await reader.news())[0] == seq


async def test_a_silent_stream_pings_with_the_last_seq(live: Live) -> None:
    async with live.listening(**ALL) as reader:
        live.installation.append("system:s", NOTE)
        await reader.news()
        ping = await asyncio.wait_for(reader.next(), WITHIN_S)
        assert ping is not None
        assert (ping.type, ping.data, ping.id) == ("ping", "1", "1")


async def test_what_a_reader_may_not_see_still_moves_its_resume_point(live: Live) -> None:
    async with live.listening(centres=["mons"]) as reader:
        live.installation.append("system:s", NOTE, centres=["gent"])
        ping = await reader.next()
        assert ping is not None
        assert (ping.type, ping.id) == ("ping", "1")


async def test_a_stream_ends_with_its_ticket(live: Live) -> None:
    for valid_s in (4, 16, 64):
        # A machine that is busy may ask with a ticket that is over already.
        with suppress(NotLetIn):
            async with live.listening(valid_s=valid_s, **ALL) as reader:
                task = asyncio.create_task(reader.until_end())
                while not task.done():
                    live.installation.append("system:s", NOTE)
                    await asyncio.wait({task}, timeout=0.1)
                if task.result():
                    return
    raise AssertionError("it was never open")


async def test_sigterm_ends_open_streams_cleanly(live: Live) -> None:
    async with live.listening(**ALL) as one, live.listening(centres=["mons"]) as two:
        live.child.process.send_signal(signal.SIGTERM)
        for reader in (one, two):
            assert {happening.type for happening in await reader.until_end()} <= {"ping"}
        code = await asyncio.to_thread(live.child.process.wait, WITHIN_S)
        # The server hands the signal on when it has finished, so that a supervisor sees what ended it.
        assert code in (0, -signal.SIGTERM)
    assert list(live.installation.config.bells_dir.iterdir()) == []


async def test_live_killed_and_started_again_goes_on_at_the_same_address(live: Live) -> None:
    async with live.listening(**ALL) as reader:
        live.installation.append("system:s", NOTE)
        last = (await reader.news())[0]
        live.child.kill()
    live.installation.append("system:s", NOTE)
    live.child.start()
    # The connection waits in the listening socket until the new process takes it.
    async with live.listening(headers={"Last-Event-ID": str(last)}, **ALL) as reader:
        assert (await reader.news())[0] == last + 1


def held_connections(port: int) -> int:
    """Connections of this local port that a process holds: established (01), or closed by the other side only (08)."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(row[1].endswith(f":{port:04X}") and row[3] in ("01", "08") for row in rows)


async def test_the_server_notices_a_reader_that_left(live: Live) -> None:
    port = live.listener.getsockname()[1]
    cookie = live.cookie(**ALL)["Cookie"]
    reader = await asyncio.to_thread(socket.create_connection, ("127.0.0.1", port))
    reader.sendall(f"GET /v1/live HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\n\r\n".encode())
    assert b"200" in reader.recv(100)
    assert held_connections(port) == 1
    reader.close()
    # Nothing happens meanwhile: only the reader's leaving can end the stream.
    await until_async(lambda: not held_connections(port), "the stream is still open")


async def test_a_hundred_boards_hear_the_same(live: Live) -> None:
    async with asyncio.TaskGroup() as group:
        ready = asyncio.Semaphore(0)

        async def board() -> tuple[int, str, str]:
            async with live.listening(**ALL) as reader:
                ready.release()
                return await reader.news()

        boards = [group.create_task(board()) for _ in range(100)]
        for _ in boards:
            await ready.acquire()
        live.installation.append("system:s", NOTE)
    assert {task.result() for task in boards} == {(1, "NoteAdded", "system:s")}
