"""What boards hear of the chain itself: canaries that came through, and what watch found, worker or no worker."""

import asyncio
import json

from egide.common.clock import SystemClock
from egide.events.system import CanaryEnrolled, CanaryReceived, CanaryRouted
from egide.journal.bell import Ringer
from egide.journal.now.signs import ChainTrouble, Signs
from tests.live.conftest import Live

DEVICE = "00000000000000ca"


def let_a_canary_through(live: Live, counter: int) -> None:
    installation, stream = live.installation, f"canary:{DEVICE}"
    if counter == 1:
        installation.append(stream, CanaryEnrolled(device=DEVICE, public_key=bytes(32)))
    received = CanaryReceived(device=DEVICE, counter=counter, sent_at_s=0, digest="00")
    seq = installation.append(stream, received).seq
    installation.append(stream, CanaryRouted(device=DEVICE, counter=counter), cause=seq)


async def test_a_canary_reaches_boards_of_every_centre_and_zone_page(live: Live) -> None:
    async with (
        live.listening(centres=["mons"]) as mons,
        live.listening(centres=["gent"]) as gent,
        live.listening(zones=["5324"]) as zone,
    ):
        let_a_canary_through(live, 1)
        for reader in (mons, gent, zone):
            _, kind, stream = await asyncio.wait_for(reader.news(), 10)
            assert (kind, stream) == ("CanaryRouted", f"canary:{DEVICE}")


async def test_a_board_hears_at_once_what_watch_finds_and_that_it_is_over(live: Live) -> None:
    signs = Signs(live.installation.config, SystemClock())
    trouble = ChainTrouble("intake:127.0.0.1:1", "unanswered", 5_000_000)
    alarm = ChainTrouble("alarm:00000000000000aa-1-0", "unshown", 6_000_000)
    async with live.listening(centres=["mons"]) as board:
        signs.do_keep([trouble, alarm], [])
        Ringer(live.installation.journal.bells_dir).ring()
        told = await asyncio.wait_for(board.next(), 10)
        assert told is not None and told.type == "trouble"
        assert json.loads(told.data) == [["intake", 5000]], "neither addresses nor alarms"
        signs.do_keep([], [])
        Ringer(live.installation.journal.bells_dir).ring()
        told = await asyncio.wait_for(board.next(), 10)
        assert told is not None and (told.type, json.loads(told.data)) == ("trouble", [])


async def test_a_board_that_comes_back_learns_what_is_wrong_now(live: Live) -> None:
    signs = Signs(live.installation.config, SystemClock())
    signs.do_keep([ChainTrouble("worker", "silent", 7_000_000)], [])
    Ringer(live.installation.journal.bells_dir).ring()
    async with live.listening(centres=["mons"], query="?after=0") as board:
        told = await asyncio.wait_for(board.next(), 10)
        assert told is not None and told.type == "trouble"
        told = told if json.loads(told.data) else await asyncio.wait_for(board.next(), 10)
        assert told is not None and json.loads(told.data) == [["worker", 7000]]


async def test_health_says_how_far_live_is(live: Live) -> None:
    assert await live.status({}, path="/v1/health") == 200
