"""A server that takes no more of a phone for now: what waits keeps its turn, a press never waits, nothing is lost."""

from pathlib import Path

import pytest
from aiohttp import web

from egide.companion import rules
from egide.companion.app import Answer
from egide.companion.rules import LONGEST_PRESS_PAUSE_S, wait_s
from egide.companion.sending.sender import Sender, SendKept, SendLimited, SendRefused
from egide.protocol.envelope import Kind, Message, decode, encode
from egide.protocol.keys import SigningKey
from tests.companion.alone import PIN, SLOW, one, shown, without_button
from tests.companion.phones import ScriptedServer, scripted
from tests.virtual import KEY


def limited(retry_after: str = "1") -> web.Response:
    return web.Response(
        status=429, text='{"reason": "too-many-messages"}', headers={"retry-after": retry_after}
    )


def limits(server: ScriptedServer, kind: Kind, times: int) -> None:
    """So many messages of this kind are too many; all else gets its receipt."""
    left = [kind] * times

    async def script(data: bytes) -> web.Response | None:
        is_limited = left and decode(data).message.kind is kind
        return limited() if is_limited and left.pop() else None

    server.script = script


def notices(server: ScriptedServer) -> list[bytes | None]:
    return [message.body for message in server.messages(Kind.NOTICE)]


@pytest.mark.parametrize(
    ("said", "expected"),
    [("1", 1), ("3", 3), ("15", 15), ("16", 15), ("3600", 15), ("0", 1), ("999999999", 15)]
    + [(odd, 1) for odd in ("", "-1", "1.5", "soon", "9999999999", "٣", "Sun, 06 Nov 1994 08:49:37 GMT")],
)
def test_what_a_server_says_of_the_time_has_bounds(said: str, expected: float) -> None:
    assert wait_s(said) == expected <= LONGEST_PRESS_PAUSE_S


async def test_what_was_limited_goes_next_and_nothing_says_that_it_was_refused(tmp_path: Path) -> None:
    async with scripted(KEY, SLOW) as server, without_button(tmp_path / "p.db", server) as her:
        await her.steps.wait_for("phone.shows", text="Connected.")
        limits(server, Kind.NOTICE, 1)
        for word in ("first", "second", "third"):
            her.companion.note(word)
        assert (await her.steps.wait_for("phone.limited"))["wait_s"] == 1
        await one(server, Kind.NOTICE, 4)
        assert notices(server) == [b"first", b"first", b"second", b"third"]
        assert her.steps.named("phone.refused") == [] and shown(her) == ["Connected."]


async def test_a_press_is_not_held_up_by_the_limit_and_what_a_person_does_meanwhile_goes_first(
    tmp_path: Path,
) -> None:
    async with scripted(KEY, SLOW) as server, without_button(tmp_path / "p.db", server) as her:
        await her.steps.wait_for("phone.shows", text="Connected.")
        limits(server, Kind.NOTICE, 1)
        her.companion.note("first")
        await her.steps.wait_for("phone.limited")
        her.app.press_on_screen()
        her.app.answer("weapon")
        await her.receipt()
        assert len(notices(server)) == 1
        await one(server, Kind.NOTICE, 2)
        kinds = [message.kind for message in server.messages()]
        told = [kind for kind in kinds if kind in (Kind.NOTICE, Kind.PRESS, Kind.TEXT)]
        assert told == [Kind.NOTICE, Kind.PRESS, Kind.TEXT, Kind.NOTICE]


async def test_told_so_again_after_it_waited_long_a_phone_takes_it_for_a_refusal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What limits for ever is no limit: it is shown, and does not hold up what others would take."""
    monkeypatch.setattr(rules, "LIMITED_FOR_S", 2.0)
    monkeypatch.setattr(rules, "LONGEST_WAIT_S", 2.0)
    async with scripted(KEY, SLOW) as server, without_button(tmp_path / "p.db", server) as her:
        await her.steps.wait_for("phone.shows", text="Connected.")
        limits(server, Kind.NOTICE, 3)
        her.companion.note("first")
        her.companion.note("second")
        refused = await her.steps.wait_for("phone.refused")
        assert (refused["status"], refused["reason"]) == (429, "too-many-messages")
        await one(server, Kind.NOTICE, 5)
        assert len(her.steps.named("phone.limited")) == 2
        assert notices(server) == [b"first", b"first", b"first", b"second", b"first"]
        assert "Not accepted yet. The phone goes on trying. Dial 112 if you can." in shown(her)


async def test_a_code_opens_the_phone_although_its_sign_of_life_was_limited_once(tmp_path: Path) -> None:
    async with scripted(KEY, SLOW) as server, without_button(tmp_path / "p.db", server) as her:
        her.app.press_on_screen()
        await her.receipt()
        limits(server, Kind.HEARTBEAT, 1)
        assert await her.app.unlock(PIN) is Answer.OPEN
        assert len(her.steps.named("phone.limited")) == 1 and her.steps.named("phone.refused") == []


async def failure(*answers: web.Response) -> SendRefused:
    """What becomes of a message where each server answers so."""
    key = SigningKey.generate()
    servers = [ScriptedServer(KEY) for _ in answers]
    for server, answer in zip(servers, answers, strict=True):
        await server.start()

        async def script(_data: bytes, answer: web.Response = answer) -> web.Response:
            return answer

        server.script = script
    async with Sender(tuple(server.url for server in servers)) as sender:
        with pytest.raises(SendRefused) as raised:
            await sender.send(encode(Message(kind=Kind.PRESS, counter=1, sent_at_s=1), key))
    assert [len(server.got) for server in servers] == [1] * len(servers)
    for server in servers:
        await server.stop()
    return raised.value


async def test_every_address_is_asked_at_once_and_the_limit_that_passes_first_counts() -> None:
    found = await failure(limited("7"), web.Response(status=404), limited("3"), limited("5"))
    assert isinstance(found, SendLimited) and found.wait_s == 3
    found = await failure(web.Response(status=404), web.Response(status=401))
    assert not isinstance(found, SendLimited | SendKept) and found.status == 401
