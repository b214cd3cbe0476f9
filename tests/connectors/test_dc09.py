"""Alarm devices that are no part of Egide dial in: what is acknowledged is kept, and nobody holds anybody up."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from my_dc09_spt.dc09_spt import dc09_spt
from siadc09.message import parse_frame

from egide.common.clock import SystemClock
from egide.common.config import Config
from egide.connectors.dc09 import listener as listening
from egide.connectors.dc09.checks import problems
from egide.connectors.dc09.listener import MOST_OPEN, WRONG_BURST, Listener
from egide.entrypoints.stack.children import Child
from egide.journal.now.outcomes import TAKEN, Outcomes, outcomes
from egide.journal.now.signs import Signs
from egide.protocol.dc09 import frames as dc09
from tests.intake.test_process import Running
from tests.support.alarm_device import KEY, AlarmDevice, enrol_device
from tests.support.dc09 import dialler
from tests.support.installation import Installation
from tests.support.waiting import WITHIN_S, until

SECRET = "device" * 8


@pytest.fixture
def running(tmp_path: Path, journal_address: str) -> Iterator[Running]:
    secret = tmp_path / "secret"
    secret.write_text(SECRET, encoding="utf-8")
    secret.chmod(0o640)
    with Installation(tmp_path / "data", SystemClock(), address=journal_address) as installation:
        installation.config = replace(
            installation.config, dc09_secret=str(secret), dc09_listen="127.0.0.1:0", dc09_udp=True
        )
        made = Running(installation)
        yield made
        made.child.kill()
        made.listener.close()


@contextmanager
def listening_at(config: Config, server: str, secret: str = SECRET) -> Iterator[tuple[Listener, int]]:
    """Somebody who listens, by TCP and UDP at one port, until the end of the block."""
    loop, found = asyncio.new_event_loop(), []

    async def serve(is_ready: threading.Event, stopped: asyncio.Event) -> None:
        async with (
            Listener(
                config, [server], secret, SystemClock(), Outcomes(Signs(config, SystemClock()), SystemClock())
            ) as listener,
            await asyncio.start_server(
                listener.serve, "127.0.0.1", 0, limit=dc09.MAX_FRAME_BYTES, backlog=1024
            ) as tcp,
        ):
            port = tcp.sockets[0].getsockname()[1]
            udp, _protocol = await loop.create_datagram_endpoint(
                listener.datagrams, local_addr=("127.0.0.1", port)
            )
            found.append((listener, port))
            is_ready.set()
            await stopped.wait()
            udp.close()

    is_ready, stopped = threading.Event(), asyncio.Event()
    thread = threading.Thread(target=lambda: loop.run_until_complete(serve(is_ready, stopped)))
    thread.start()
    try:
        assert is_ready.wait(WITHIN_S)
        yield found[0]
    finally:
        loop.call_soon_threadsafe(stopped.set)
        thread.join(WITHIN_S)
        loop.close()


@pytest.fixture
def heard(running: Running) -> Iterator[tuple[Listener, int]]:
    url = running.url.removesuffix("/v1/messages")
    with listening_at(running.installation.config, url) as found:
        yield found


_accounts = iter(range(0x1000, 0xFFFF))


def enrolled(running: Running, **more: Any) -> AlarmDevice:
    """A device of an account of its own: the installation is one for all."""
    return enrol_device(running.installation, account=f"{next(_accounts):04X}", **more)


def presses(running: Running, device: AlarmDevice) -> int:
    journal = running.installation.journal
    states = [journal.alarm(alarm) for alarm in journal.open_alarms() if alarm.startswith(device.source)]
    return sum(state.press.presses for state in states if state)


def sent(spt: dc09_spt, road: str, said: dict[str, Any]) -> bool:
    spt.send_msg(road, said)
    return spt.notSent() == 0


def say(port: int, *frames: bytes) -> bytes:
    """What is answered to these on one connection, until it ends or says nothing more."""
    with socket.create_connection(("127.0.0.1", port), timeout=WITHIN_S) as one:
        one.sendall(b"".join(frames))
        one.shutdown(socket.SHUT_WR)
        found = b""
        while data := one.recv(4096):
            found += data
    return found


def test_a_dialler_of_others_presses_and_takes_our_answer(
    running: Running, heard: tuple[Listener, int]
) -> None:
    for road, key in product(("TCP", "UDP"), (KEY, b"K" * 32, b"")):
        check_dialled(running, heard, road, enrolled(running, key=key))


def check_dialled(running: Running, heard: tuple[Listener, int], road: str, device: AlarmDevice) -> None:
    spt = dialler(device.account, device.key, heard[1], road)
    assert sent(spt, "SIA-DCS", {"account": device.account, "code": "RP"})
    assert presses(running, device) == 0
    place = {"lat": "50.4542", "lon": "3.9523"}
    assert sent(spt, "SIA-DCS", {"account": device.account, "code": "HA", "zone": 1, **place})
    assert presses(running, device) == 1
    assert sent(spt, "ADM-CID", {"account": device.account, "code": 122, "q": 1, "area": 1, "zone": 1})
    assert presses(running, device) == 2
    (alarm,) = [one for one in running.installation.journal.open_alarms() if one.startswith(device.source)]
    state = running.installation.journal.alarm(alarm)
    assert state is not None
    place_of_first = state.press.source_presses[0].position
    assert place_of_first is not None and place_of_first.lat_e7 == 504_542_000


def test_a_second_decoder_reads_our_answers(running: Running, heard: tuple[Listener, int]) -> None:
    device = enrolled(running)
    answer = parse_frame(say(heard[1], device.poll()), device.key)
    assert (answer.idtoken, answer.seq, answer.encrypted) == ("ACK", 1, True)
    # As the standard writes it, which this decoder does not read.
    assert b'"NAK"0000R0L0A0[]_' in say(heard[1], device.frame(late_s=600))
    assert parse_frame(say(heard[1], device.frame("hello", sequence=9))).idtoken == "DUH"
    broken = bytearray(device.frame())
    broken[-2] ^= 1
    assert b'"NAK"' in say(heard[1], bytes(broken))


def test_several_frames_on_one_connection_are_answered_in_their_order(
    running: Running, heard: tuple[Listener, int]
) -> None:
    device = enrolled(running)
    answers = say(heard[1], b"noise", device.poll(), device.frame(), device.poll()).split(b"\r")
    numbers = [parse_frame(one + b"\r", device.key).seq for one in answers if one]
    assert numbers == [1, 2, 3] and presses(running, device) == 1


def test_strangers_hear_nothing_and_a_thousand_wrong_frames_are_hardly_looked_at(
    running: Running, heard: tuple[Listener, int]
) -> None:
    listener, port = heard
    device = enrolled(running)
    stranger = replace(device, account="FFFF")
    assert say(port, stranger.frame()) == b""
    assert say(port, device.frame(key=bytes(16))) == b""
    junk = [device.frame(key=bytes(16)) for _ in range(50)]
    for _ in range(20):
        say_nothing(port, junk)
    until(lambda: listener.counts["flood"] >= 1, lambda: listener.counts)
    assert listener.counts["wrong-key"] <= WRONG_BURST + 2
    assert presses(running, device) == 0


def say_nothing(port: int, frames: list[bytes]) -> None:
    """All at once; whoever hangs up before the end is right."""
    try:
        say(port, *frames)
    except OSError:
        return


def test_many_idle_connections_keep_nobody_out(
    running: Running, heard: tuple[Listener, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "MOST_OPEN", 50)
    listener, port = heard
    device = enrolled(running)
    with ExitStack() as stack:
        idle = [stack.enter_context(socket.create_connection(("127.0.0.1", port))) for _ in range(120)]
        idle[-1].sendall(b"\n00")
        assert b"*ACK" in say(port, device.frame())
        assert presses(running, device) == 1
        assert listener.counts["closed-for-room"] >= 70
    assert MOST_OPEN < 1000


def test_a_frame_without_end_is_cut_off_and_keeps_nobody_out(
    running: Running, heard: tuple[Listener, int]
) -> None:
    listener, port = heard
    say_nothing(port, [b"\n" + b"x" * (dc09.MAX_FRAME_BYTES * 4)])
    until(lambda: listener.counts["cut-off"] == 1, lambda: listener.counts)
    device = enrolled(running)
    assert b"*ACK" in say(port, device.frame()) and presses(running, device) == 1


def test_what_intake_has_not_is_not_acknowledged(running: Running) -> None:
    device = enrolled(running)
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        with listening_at(running.installation.config, url) as (listener, port):
            assert say(port, device.frame()) == b""
            assert not listener.is_heard and listener.counts == {"unheard": 1}


def test_a_wrong_secret_is_our_fault_and_shows_and_no_device_is_taken_for_a_stranger(
    running: Running,
) -> None:
    device, url = enrolled(running), running.url.removesuffix("/v1/messages")
    with listening_at(running.installation.config, url, "w" * 40) as (listener, port):
        for _ in range(int(WRONG_BURST) + 5):
            assert say(port, device.frame()) == b""
        assert not listener.is_heard
        assert not listener.counts["flood"] and listener.counts["unheard"] == WRONG_BURST + 5
    assert presses(running, device) == 0
    # The device tries on, and is taken once the secret is right.
    with listening_at(running.installation.config, url) as (listener, port):
        assert parse_frame(say(port, device.frame()), device.key).idtoken == "ACK"
        assert listener.is_heard
    assert presses(running, device) == 1


def test_in_the_clear_only_where_the_settings_let_it(running: Running) -> None:
    device = enrolled(running, key=b"")
    config = replace(running.installation.config, dc09_listen="0.0.0.0:7700")
    url = running.url.removesuffix("/v1/messages")
    with listening_at(config, url) as (listener, port):
        assert say(port, device.frame()) == b"" and listener.counts == {"clear": 1}
    with listening_at(replace(config, dc09_clear=True), url) as (_listener, port):
        assert b'"ACK"' in say(port, device.frame())


def test_the_process_listens_and_ends_when_it_is_told(running: Running) -> None:
    device = enrolled(running)
    config = replace(running.installation.config, intake_urls=(running.url.removesuffix("/v1/messages"),))
    child = Child("egide.entrypoints.dc09", [], config.environment(), None)
    try:
        port = child.ready()["port"]
        assert b"*ACK" in say(port, device.frame())
        assert child.stop() == 0
        assert outcomes(Signs(config, SystemClock()))["dc09"]["in"].word == TAKEN
    finally:
        child.kill()


def test_the_settings_say_what_is_wrong(tmp_path: Path) -> None:
    wrong = tmp_path / "secret"
    wrong.write_text(SECRET, encoding="utf-8")
    wrong.chmod(0o640)
    config = Config(tmp_path, dc09_listen="127.0.0.1:7700", dc09_secret=str(wrong))
    assert problems(config) == [] and problems(replace(config, dc09_listen="", dc09_secret="")) == []
    for place in ("7700", "0.0.0.0", "0.0.0.0:99999", "a b:1"):
        assert "EGIDE_DC09_LISTEN" in " ".join(problems(replace(config, dc09_listen=place)))
    assert "EGIDE_DC09_SECRET" in " ".join(problems(replace(config, dc09_secret="")))
    wrong.write_text("short", encoding="utf-8")
    assert "32 to 128" in " ".join(problems(replace(config, dc09_secret=str(wrong))))
    wrong.write_text(SECRET, encoding="utf-8")
    wrong.chmod(0o644)
    assert "others can read" in " ".join(problems(replace(config, dc09_secret=str(wrong))))
    wrong.chmod(0o640)
    assert problems(replace(config, dc09_listen="[::]:7700")) == []
