"""Silent listening in: pieces that add up, and when nobody may listen."""

from pathlib import Path

import pytest

from egide.companion import listening
from egide.protocol import cbor
from egide.protocol.enrolment import Settings
from egide.protocol.envelope import Kind
from egide.protocol.link import LinkFlag, Notice
from egide.protocol.receipt import Pending
from tests.companion.alone import SLOW, one, without_button
from tests.companion.phones import ScriptedServer, scripted
from tests.support.waiting import until_async
from tests.virtual import KEY

SOUND = bytes(range(256)) * 40


@pytest.fixture
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second of sound takes a hundredth of one."""
    monkeypatch.setattr(listening, "PIECE_S", 0.01)


def pieces(server: ScriptedServer) -> list[tuple[int, bytes]]:
    bodies = [message.body for message in server.messages(Kind.AUDIO)]
    decoded = [cbor.decode(body or b"") for body in bodies]
    return [(piece[0], piece[1]) for piece in decoded]  # type: ignore[index,misc]


@pytest.mark.usefixtures("no_waiting")
async def test_sound_goes_in_numbered_pieces_that_add_up_to_the_recording(tmp_path: Path) -> None:
    async with scripted(KEY, SLOW) as server, without_button(tmp_path / "p.db", server, SOUND) as her:
        her.app.press_on_screen()
        count = -(-len(SOUND) // listening.PIECE_BYTES)
        await one(server, Kind.AUDIO, count + 1)
        first, second = pieces(server)[:count], pieces(server)[count]
        assert [number for number, _ in first] == list(range(count))
        assert b"".join(piece for _, piece in first) == SOUND
        # The file begins anew, as a recording of its own.
        assert second[0] == 0
        assert server.messages(Kind.AUDIO)[0].press == server.messages(Kind.PRESS)[0].counter


@pytest.mark.usefixtures("no_waiting")
async def test_a_gap_in_the_network_is_no_gap_in_the_record(tmp_path: Path) -> None:
    """Every second answer gets lost; each piece is repeated, the same bytes, until it is stored."""
    async with scripted(KEY, SLOW) as server, without_button(tmp_path / "p.db", server, SOUND) as her:
        server.lose_every_other(Kind.AUDIO)
        her.app.press_on_screen()
        count = -(-len(SOUND) // listening.PIECE_BYTES)
        await until_async(
            lambda: her.app.core.hurry() or len(set(server.got_of(Kind.AUDIO))) >= count, "every piece"
        )
        await until_async(
            lambda: her.app.core.hurry() or len(server.got_of(Kind.AUDIO)) > count,
            "what was lost comes again",
        )
        order = list(dict.fromkeys(pieces(server)))
        assert b"".join(piece for _, piece in order[:count]) == SOUND


@pytest.mark.usefixtures("no_waiting")
async def test_rule_18_nobody_listens_in_unless_she_chose_it(tmp_path: Path) -> None:
    async with scripted(KEY, SLOW) as server, without_button(tmp_path / "p.db", server, SOUND) as her:
        her.app.choose(listens=False)
        her.app.press_on_screen()
        await her.receipt()
        # Where she listens in, pieces come between these.
        await until_async(
            lambda: her.app.core.hurry() or len(server.messages(Kind.POSITION)) > 2, "positions"
        )
        assert server.messages(Kind.AUDIO) == []


@pytest.mark.usefixtures("no_waiting")
async def test_rule_18_listening_ends_at_once_when_she_chooses_so_in_an_alarm(tmp_path: Path) -> None:
    async with scripted(KEY, SLOW) as server, without_button(tmp_path / "p.db", server, SOUND) as her:
        her.app.press_on_screen()
        await one(server, Kind.AUDIO)
        her.app.choose(listens=False)
        assert not her.app.is_listening


@pytest.mark.usefixtures("no_waiting")
async def test_rule_23_listening_ends_when_the_operator_switches_it_off_also_over_a_restart(
    tmp_path: Path,
) -> None:
    async with scripted(KEY, Settings(position_interval_s=1)) as server:
        async with without_button(tmp_path / "p.db", server, SOUND) as her:
            her.app.press_on_screen()
            await one(server, Kind.AUDIO)
            server.pending = (Pending("listen-off"),)
            await server.until(lambda: her.store.choices().listen_off)
            assert not her.app.is_listening
        async with without_button(tmp_path / "p.db", server, SOUND) as her:
            await one(server, Kind.POSITION, len(server.messages(Kind.POSITION)) + 1)
            assert not her.app.is_listening
            server.state, server.pending = "closed", (Pending("closed"),)
            await server.until(lambda: her.store.open_press() is None)
            assert not her.store.choices().listen_off


@pytest.mark.usefixtures("no_waiting")
async def test_a_microphone_that_is_refused_in_an_alarm_is_told_and_taken_up_again(tmp_path: Path) -> None:
    async with (
        scripted(KEY, Settings(position_interval_s=1)) as server,
        without_button(tmp_path / "p.db", server, SOUND) as her,
    ):
        her.app.permit_microphone(False)
        her.app.press_on_screen()
        press = await one(server, Kind.PRESS)
        assert LinkFlag(press.link or 0) & LinkFlag.MICROPHONE_REFUSED
        await server.until(lambda: her.store.open_press() is not None and server.messages(Kind.NOTICE))
        assert server.messages(Kind.NOTICE)[0].body == Notice.MICROPHONE_REFUSED.encode()
        assert server.messages(Kind.AUDIO) == []
        her.app.permit_microphone(True)
        await one(server, Kind.AUDIO)
        assert not LinkFlag(server.messages(Kind.AUDIO)[0].link or 0) & LinkFlag.MICROPHONE_REFUSED
