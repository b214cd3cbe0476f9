"""Servers that can take nothing now: what waits keeps its order, and nothing is held up that one of them would take."""

from pathlib import Path

import pytest
from aiohttp import web

from egide.companion import rules
from egide.companion.sending.away import MEANT_AFTER, Away
from egide.companion.sending.sender import AWAY, SendAway, SendKept, SendLimited
from egide.companion.store import Outgoing
from egide.protocol.envelope import Kind, decode
from tests.companion.alone import SLOW, one, shown, without_button
from tests.companion.phones import Phone, ScriptedServer, phone, scripted
from tests.companion.test_limits import failure, limited, notices
from tests.support.waiting import until_async
from tests.virtual import KEY, on_air

NOT_YET = "Not accepted yet. The phone goes on trying. Dial 112 if you can."


def away(status: int = 503, retry_after: str = "1") -> web.Response:
    return web.Response(status=status, headers={"retry-after": retry_after})


def is_away(server: ScriptedServer, *kinds: Kind) -> None:
    """For all messages of these kinds, until another script is set."""

    async def script(data: bytes) -> web.Response | None:
        return away() if decode(data).message.kind in kinds else None

    server.script = script


def is_noted(her: Phone) -> bool:
    """Whether the store remembers of what is next that it was refused."""
    waiting = her.store.next_other()
    assert waiting is not None
    return waiting.refused != 0


@pytest.mark.parametrize("status", AWAY)
async def test_all_goes_in_its_order_once_servers_are_back(tmp_path: Path, status: int) -> None:
    async with scripted(KEY, SLOW) as server, without_button(tmp_path / "p.db", server) as her:
        await her.steps.wait_for("phone.shows", text="Connected.")

        async def script(_data: bytes) -> web.Response | None:
            return away(status)

        server.script = script
        for word in ("first", "second", "third"):
            her.companion.note(word)
        said = await her.steps.wait_for("phone.away", 2)
        assert (said["status"], said["wait_s"]) == (status, 1)
        assert (is_noted(her), her.steps.named("phone.refused")) == (False, [])
        # The person reads that nothing gets through, as of any refusal.
        assert shown(her)[-1] == NOT_YET
        server.script = None
        before = len(notices(server))
        await one(server, Kind.NOTICE, before + 3)
        assert set(notices(server)[:before]) == {b"first"}
        assert notices(server)[before:] == [b"first", b"second", b"third"]


async def test_what_a_server_would_take_does_not_wait_for_what_it_would_not(tmp_path: Path) -> None:
    """An intake whose journal is away keeps the words of somebody in danger, and refuses notices (decision 0063)."""
    async with scripted(KEY, SLOW) as server, without_button(tmp_path / "p.db", server) as her:
        await her.steps.wait_for("phone.shows", text="Connected.")
        is_away(server, Kind.NOTICE)
        her.companion.note("first")
        her.companion.note("second")
        await her.steps.wait_for("phone.away")
        her.app.press_on_screen()
        await her.receipt()
        her.app.answer("weapon")
        assert (await one(server, Kind.TEXT)).body == b"weapon"
        assert set(notices(server)) == {b"first"} and not is_noted(her)
        server.script = None
        await until_async(lambda: notices(server)[-1] == b"second")


async def test_a_press_is_tried_as_before_and_what_waits_for_servers_is_tried_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What waits would do so for longer than this test.
    monkeypatch.setattr(rules, "pause_s", lambda _failures, longest_s, _chance: longest_s / 15)
    async with scripted(KEY, SLOW) as server, without_button(tmp_path / "p.db", server) as her:
        await her.steps.wait_for("phone.shows", text="Connected.")
        is_away(server, Kind.NOTICE, Kind.PRESS)
        her.companion.note("first")
        await her.steps.wait_for("phone.away")
        her.app.press_on_screen()
        refused = await her.steps.wait_for("phone.refused")
        assert (refused["status"], decode(server.got[-1]).message.kind) == (503, Kind.PRESS)
        # The press is a reason to try everything again at once.
        await one(server, Kind.NOTICE, 2)
        server.script = None
        await her.receipt()
        await one(server, Kind.NOTICE, 3)


async def test_another_address_that_would_take_it_is_asked_at_once(tmp_path: Path) -> None:
    """Neither a press nor anything else waits for a server that is away beside one that is not."""
    async with scripted(KEY, SLOW) as near, scripted(KEY, SLOW) as far:
        far.key = near.key

        async def script(_data: bytes) -> web.Response | None:
            return away(retry_after="15")

        near.script = script
        async with on_air() as air, phone(air, tmp_path / "p.db", (near.url, far.url)) as her:
            await her.steps.wait_for("phone.shows", text="Connected.")
            asked = len(near.got)
            her.app.press_on_screen()
            await her.receipt()
            her.app.answer("weapon")
            await one(far, Kind.TEXT)
            # Who took the last one is asked first.
            assert (len(near.got), her.steps.named("phone.away")) == (asked, [])


async def test_the_word_that_passes_first_counts_and_one_that_keeps_before_all() -> None:
    found = await failure(web.Response(status=401), away(502, "7"), away(507, "3"), web.Response(status=409))
    assert (type(found), found.status, found.wait_s) == (SendAway, 507, 3)
    found = await failure(away(), limited("9"), away())
    assert (type(found), found.wait_s) == (SendLimited, 9)
    assert not isinstance(found, SendKept)


async def test_a_server_that_takes_others_and_never_this_one_means_the_message() -> None:
    ended: list[str] = []
    waiting = Away(lambda: ended.append("again"))
    message, other = Outgoing(1, Kind.NOTICE, b""), Outgoing(2, Kind.POSITION, b"")
    # However often: nothing says that there is a server at all.
    assert not any(waiting.means(message) for _ in range(MEANT_AFTER * 2))
    for _ in range(MEANT_AFTER - 2):
        waiting.note_taken()
        assert not waiting.means(message) and not waiting.means(other)
    waiting.note_taken()
    assert waiting.means(message)
    # From the beginning, should it be asked once more.
    assert not waiting.means(message)
    assert ended == []


async def test_what_is_asked_only_behind_another_kind_that_waits_is_never_meant() -> None:
    waiting = Away(lambda: None)
    for _ in range(MEANT_AFTER * 2):
        waiting.wait(Kind.POSITION, 3600)
        assert not waiting.means(Outgoing(1, Kind.NOTICE, b""))
        waiting.end()
        waiting.note_taken()


async def test_a_kind_waits_no_longer_than_a_second_behind_something_that_was_taken() -> None:
    ended: list[str] = []
    waiting = Away(lambda: ended.append("again"))
    waiting.wait(Kind.NOTICE, 3600)
    waiting.wait(Kind.TEXT, 3600)
    assert waiting.kinds == {Kind.NOTICE, Kind.TEXT}
    waiting.note_taken()
    waiting.note_taken()
    await until_async(lambda: ended)
    assert (waiting.kinds, ended) == (set(), ["again"])
    waiting.end()
    assert ended == ["again"]
