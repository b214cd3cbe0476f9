"""Signing out, an administrator's word and a change of posts end the stream; hidden files are never heard of."""

from egide.alarm.events import NoteAdded
from egide.common import ticket as tickets
from egide.common.ticket import Ticket
from egide.entrypoints.processes.live import may_see
from egide.entrypoints.streams.ending_streams import Ended
from egide.events.accounts import SessionsEnded, SignedIn, SignedOut
from egide.journal.service import Clear
from tests.live.conftest import Live

NOTE = NoteAdded(user="op", text="-")


def cookie(live: Live, ticket: Ticket) -> dict[str, str]:
    return {"Cookie": f"{live.installation.config.cookie(tickets.COOKIE)}={tickets.issue(ticket, live.key)}"}


async def test_ending_an_accounts_sessions_ends_its_stream_and_refuses_its_old_ticket(live: Live) -> None:
    async with live.listening(centres=["mons"]) as reader:
        old = Ticket("op", live.now_s() + tickets.LIFETIME_S, centres=("mons",))
        live.installation.append(tickets.account_stream("op"), SessionsEnded(user="op", by="admin"))
        assert {happening.type for happening in await reader.until_end()} <= {"ping"}
    assert await live.status(cookie(live, old)) == 401
    other = Ticket("op-2", live.now_s() + tickets.LIFETIME_S, centres=("mons",))
    assert await live.status(cookie(live, other)) == 200


async def test_signing_out_ends_the_streams_of_this_session_alone(live: Live) -> None:
    until_s = live.now_s() + tickets.LIFETIME_S
    here = Ticket("op", until_s, centres=("mons",), session=tickets.mark_of("here"))
    there = Ticket("op", until_s, centres=("mons",), session=tickets.mark_of("there"))
    async with live.listening(centres=["mons"], session=here.session) as reader:
        live.installation.append(tickets.session_stream("here"), SignedOut(user="op"))
        assert {happening.type for happening in await reader.until_end()} <= {"ping"}
    assert await live.status(cookie(live, here)) == 401
    assert await live.status(cookie(live, there)) == 200


async def test_endings_are_known_after_a_restart(live: Live) -> None:
    old = Ticket("op", live.now_s() + tickets.LIFETIME_S, centres=("mons",))
    live.installation.append(tickets.account_stream("op"), SessionsEnded(user="op", by="admin"))
    live.child.kill()
    live.child.start()
    live.child.ready()
    assert await live.status(cookie(live, old)) == 401


def test_a_ticket_from_after_the_end_counts_again_and_signing_in_ends_nothing() -> None:
    ended = Ended()
    stream = tickets.account_stream("op")
    ended.note(Clear(1, SessionsEnded.__name__, stream, 1_000_400_000, "", "", ""))
    ended.note(Clear(2, SignedIn.__name__, tickets.account_stream("op-2"), 1_000_400_000, "", "", ""))
    assert ended.has(Ticket("op", 1000 + tickets.LIFETIME_S))
    assert not ended.has(Ticket("op", 1001 + tickets.LIFETIME_S))
    assert not ended.has(Ticket("op-2", 900 + tickets.LIFETIME_S))


def test_rule_27_a_barred_reader_hears_nothing_that_is_sealed_under_the_files_key() -> None:
    ticket = Ticket("op", 0, centres=("mons",), supervisor=True, hidden=("ca5e",))
    for stream in ("alarm:00aa-1", "alarm:00aa-27", "case:ca5e", "test:00aa-3", "device:00aa", "kit:00bb"):
        assert not may_see(ticket, Clear(1, "PressReceived", stream, 0, "mons", "", "ca5e"), 0)
        assert not may_see(ticket, Clear(1, "PressReceived", stream, 0, "", "", "ca5e"), 10**12)
    assert may_see(ticket, Clear(1, "PressReceived", "alarm:00ab-1", 0, "mons", "", "ca5e2"), 0)


def test_rule_27_when_a_file_bars_somebody_every_older_ticket_must_be_asked_for_again() -> None:
    ended = Ended()
    ended.note(Clear(1, "ReadersBarred", "case:ca5e", 1_000_400_000, "", "", ""))
    assert ended.has(Ticket("op", 1000 + tickets.LIFETIME_S))
    assert not ended.has(Ticket("op", 1001 + tickets.LIFETIME_S))
