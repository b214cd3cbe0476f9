"""Listens to alarm devices over SIA DC-09 and gives their frames to intake: a device is told "acknowledged" once intake
has its frame, by an answer that intake made. Nothing here has a key (decision 0108)."""

import asyncio
import contextlib
import logging
from collections import Counter, OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus
from typing import cast

import aiohttp
import msgspec

from egide.common.callers import neighbourhood
from egide.common.clock import Clock
from egide.common.config import Config
from egide.connectors.dc09.checks import is_clear_allowed
from egide.intake.rules import Bucket
from egide.journal.now.outcomes import Outcomes
from egide.protocol.dc09.frames import MAX_FRAME_BYTES, Dc09Error, Frame, not_understood, read_frame, refused
from egide.protocol.sources import Framed

log = logging.getLogger("egide.dc09")

# So many connections are open at once: the one that said nothing for longest makes room for the next.
MOST_OPEN = 400
# A frame that was begun is ended within this time.
FRAME_S = 10.0
DEADLINE_S = 5.0
# So many are on their way to intake at once, and wait for their turn.
HANDS, MOST_WAITING = 16, 200
# Frames that are no device's: of one neighbourhood so many at once, then one in ten seconds. Beyond that they are not
# looked at, and a connection that brings them ends.
WRONG_BURST, WRONG_PER_S = 20.0, 0.1
_MOST_REMEMBERED = 4096
# To these the answer is our time: the device sets its clock, or says it whole, and tries again.
_TRIED_AGAIN = frozenset({"bad-crc", "bad-length", "old-time"})
_NOT_UNDERSTOOD = frozenset({"not-understood"})
# Intake does not know this process: a wrong secret here, and no word about the device.
_NOT_KNOWN = "unknown-service"
_LF, _CR = b"\n", b"\r"


class Listener:
    """Takes frames by TCP, and by UDP where the settings say so. `counts`: what became of them."""

    def __init__(
        self, config: Config, servers: Sequence[str], secret: str, clock: Clock, outcomes: Outcomes
    ) -> None:
        self._urls = [f"{server}/v1/reports/dc09" for server in servers]
        self._headers = {"Content-Type": "application/json", "Authorization": f"Bearer {secret}"}
        self._is_clear_allowed = is_clear_allowed(config)
        self._clock = clock
        self._outcomes = outcomes
        self._wrong: OrderedDict[str, Bucket] = OrderedDict()
        # Open connections, by when they last brought a frame.
        self._open: OrderedDict[asyncio.StreamWriter, None] = OrderedDict()
        self._hands = asyncio.Semaphore(HANDS)
        self._waiting = 0
        self._unheard = 0
        self._session: aiohttp.ClientSession
        self.counts: Counter[str] = Counter()

    async def __aenter__(self) -> "Listener":
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=DEADLINE_S),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=True,
        )
        return self

    async def __aexit__(self, *_error: object) -> None:
        for writer in list(self._open):
            writer.close()
        await self._session.close()

    @property
    def is_heard(self) -> bool:
        """Whether intake answered the last frame that was given to it."""
        return not self._unheard

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until it ends: frames one after the other, each with its answer."""
        peer = neighbourhood(str(writer.get_extra_info("peername")[0]))
        self._make_room(writer)
        try:
            while (data := await _next_frame(reader)) and self._may(peer):
                self._open.move_to_end(writer)
                answer = await self.take(data, peer)
                if answer:
                    writer.write(answer)
                    await writer.drain()
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError):
            self.counts["cut-off"] += 1
        finally:
            self._open.pop(writer, None)
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    def _make_room(self, writer: asyncio.StreamWriter) -> None:
        while len(self._open) >= MOST_OPEN:
            oldest, _none = self._open.popitem(last=False)
            self.counts["closed-for-room"] += 1
            oldest.transport.abort()
        self._open[writer] = None

    async def take(self, data: bytes, peer: str) -> bytes:
        """The answer to one frame; empty for none: nobody learns which accounts there are."""
        try:
            frame = read_frame(data)
        except Dc09Error as error:
            self._note_wrong(peer, error.reason)
            return self._again() if error.reason in _TRIED_AGAIN else b""
        if not frame.is_encrypted and not self._is_clear_allowed:
            self._note_wrong(peer, "clear")
            return b""
        if self._waiting >= MOST_WAITING:
            self._note("too-many")
            return b""
        self._waiting += 1
        try:
            async with self._hands:
                return await self._given(frame, data, peer)
        finally:
            self._waiting -= 1

    async def _given(self, frame: Frame, data: bytes, peer: str) -> bytes:
        """From the first server that can take it. None of what is not durable is acknowledged: the device says it
        again."""
        body = msgspec.json.encode(Framed(frame.account, data.hex()))
        for url in self._urls:
            try:
                async with self._session.post(
                    url, data=body, headers=self._headers, allow_redirects=False
                ) as reply:
                    status, said = reply.status, await reply.content.read(16 * 1024)
            except (aiohttp.ClientError, OSError) as error:
                log.warning("intake did not answer: %s", type(error).__name__)
                continue
            told = _read(said)
            if status < HTTPStatus.INTERNAL_SERVER_ERROR and told is not None and told.reason != _NOT_KNOWN:
                self._unheard = 0
                return self._answered(status, told, frame, peer)
            log.warning("intake took nothing: %s", status)
        self._unheard += 1
        self._note("unheard")
        return b""

    def _answered(self, status: int, told: "_Said", frame: Frame, peer: str) -> bytes:
        if status == HTTPStatus.OK:
            self.counts["taken"] += 1
            self._outcomes.worked("dc09", "in")
            return bytes.fromhex(told.answer)
        if told.reason in _NOT_UNDERSTOOD:
            self._note(told.reason)
            return not_understood(frame)
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            self._note(told.reason)
            return b""
        self._note_wrong(peer, told.reason)
        return self._again() if told.reason in _TRIED_AGAIN else b""

    def _again(self) -> bytes:
        return refused(self._clock.now_us() // 1_000_000)

    def _may(self, peer: str) -> bool:
        bucket = self._wrong.get(peer)
        if bucket is None or bucket.has(WRONG_BURST, WRONG_PER_S, self._clock.steady_us()):
            return True
        self.counts["flood"] += 1
        return False

    def _note(self, reason: str) -> None:
        self.counts[reason] += 1
        self._outcomes.failed("dc09", "in", reason)

    def _note_wrong(self, peer: str, reason: str) -> None:
        self._note(reason)
        now_us = self._clock.steady_us()
        bucket = self._wrong.setdefault(peer, Bucket(WRONG_BURST, now_us))
        self._wrong.move_to_end(peer)
        bucket.take(WRONG_BURST, WRONG_PER_S, now_us)
        if len(self._wrong) > _MOST_REMEMBERED:
            self._wrong.popitem(last=False)

    def datagrams(self) -> "Datagrams":
        """The same by UDP."""
        return Datagrams(self._taken_by_udp)

    async def _taken_by_udp(self, data: bytes, address: str) -> bytes:
        # Apart from what comes by TCP: over UDP anybody can write in another's name.
        peer = f"udp {neighbourhood(address)}"
        return await self.take(data, peer) if self._may(peer) else b""


class _Said(msgspec.Struct, frozen=True):
    answer: str = ""
    reason: str = ""


def _read(said: bytes) -> _Said | None:
    """What intake said; None where somebody else answered, such as a proxy before it."""
    try:
        told = msgspec.json.decode(said, type=_Said)
        is_ours = bool(bytes.fromhex(told.answer) or told.reason)
    except (msgspec.MsgspecError, ValueError):
        return None
    return told if is_ours else None


class Datagrams(asyncio.DatagramProtocol):
    """One frame in each packet, and its answer in another."""

    def __init__(self, take: Callable[[bytes, str], Awaitable[bytes]]) -> None:
        self._take = take
        self._tasks: set[asyncio.Task[None]] = set()
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        if len(data) > MAX_FRAME_BYTES or len(self._tasks) >= MOST_WAITING:
            return
        task = asyncio.get_running_loop().create_task(self._answer(data, address))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, data: bytes, address: tuple[str, int]) -> None:
        answer = await self._take(data[data.find(_LF) :], address[0])
        if answer and self._transport is not None:
            self._transport.sendto(answer, address)


async def _next_frame(reader: asyncio.StreamReader) -> bytes:
    """From the line feed to the carriage return; empty at the end. A device may be silent for as long as there is room,
    but ends a frame that it began. Raises OSError, IncompleteReadError, LimitOverrunError, TimeoutError."""
    first = await reader.read(1)
    if not first:
        return b""
    async with asyncio.timeout(FRAME_S):
        data = first + await reader.readuntil(_CR)
    return data[data.find(_LF) :] if _LF in data else data
