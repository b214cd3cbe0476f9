"""The crowd of `deploy.machines.crowd` while everything goes wrong: alarms begin all the time, people at boards answer
them late or early, leave and come back, and phones say again what was acknowledged already."""

import asyncio
import contextlib
import itertools
import json
import secrets
import time
from typing import Any

import aiohttp

from deploy.machines.crowd import AGAIN_S, TAKEN, Carrier, Crowd, Host
from deploy.machines.machine import wall_s

# So many phones press by turns, until each has pressed this often; then the next ones do.
WIDTH, PRESSES_OF_EACH = 10, 50
# After how many of a thousand presses a phone is switched off before it noted the receipt, and how many of a thousand
# alarms wait too long.
SWITCHED_OFF, NEGLECTED = 100, 150
TAKES_S, NEGLECTED_S = (0.5, 4.0), (22.0, 40.0)
HERE_S, AGAIN_WITHIN_S, LONGEST_AGAIN_S = 5.0, 120.0, 2.0
STILL_S = 1.0
# So many people are at the boards: each does one thing at a time.
HANDS = 4


class Public(Crowd):
    """Phones, and an operator with a board at each machine that has pages."""

    def __init__(self, *words: Any, **named: Any) -> None:
        super().__init__(*words, **named)
        self._known: dict[str, float] = {}
        self._acting: set[asyncio.Task[None]] = set()
        # By how much the clock that dated the latest receipt of a machine was ahead of this host's.
        self.ahead_s = dict.fromkeys((host.label for host in self._hosts), 0.0)
        # Alarms that somebody has taken.
        self.acknowledged = 0

    async def _run(self) -> None:
        self._loop, self._there = asyncio.get_running_loop(), asyncio.Event()
        self._hands = asyncio.Semaphore(HANDS)
        self._there.set()
        minding = asyncio.create_task(self._mind_the_host())
        await super()._run()
        minding.cancel()

    async def _mind_the_host(self) -> None:
        """Write down when this host itself stood still: what waited then waited for nothing that is tried here."""
        while True:
            began_s = time.monotonic()
            await asyncio.sleep(AGAIN_S)
            if (late_s := time.monotonic() - began_s - AGAIN_S) > STILL_S:
                self._seen.write("stood still", for_s=late_s)

    # People at boards, as a fault sees them

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._there.clear)

    def open(self) -> None:
        self._loop.call_soon_threadsafe(self._there.set)

    # Phones

    def _whose(self, number: int) -> int:
        group, place = divmod(number, WIDTH * PRESSES_OF_EACH)
        return (group * WIDTH + place % WIDTH) % len(self._phones)

    async def _try(self, carrier: Carrier, envelope: bytes) -> bool:
        is_taken = await super()._try(carrier, envelope)
        if is_taken and self._chance.randrange(1000) < SWITCHED_OFF:
            # It says all of it again.
            carrier.begin_anew()
            await super()._try(carrier, envelope)
        return is_taken

    async def post(self, host: Host, envelope: bytes) -> tuple[int, bytes]:
        status, body = await super().post(host, envelope)
        if status == TAKEN:
            self.ahead_s[host.label] = json.loads(body)["received_at"] / 1000 - wall_s()
        return status, body

    # Boards

    async def _listen(self, session: aiohttp.ClientSession, host: Host) -> None:
        telling = asyncio.create_task(self._be_here(session, host))
        after = ""
        try:
            while await self._there.wait():
                with contextlib.suppress(TimeoutError, aiohttp.ClientError, OSError):
                    async with contextlib.aclosing(self._stream(session, host, after)) as stream:
                        async for name, number, data in stream:
                            after = number or after
                            self._hear(session, host, name, data)
                            if not self._there.is_set():
                                break
                # As a page does whose ticket ran out, or that was away for too long.
                await self._post_form(session, host, "/live-ticket")
                self._seen.write("lost" if self._there.is_set() else "left", host=host.label)
                await asyncio.sleep(AGAIN_S)
        finally:
            telling.cancel()

    def _hear(self, session: aiohttp.ClientSession, host: Host, name: str, data: str) -> None:
        self._note(host, name, data)
        if name == "trouble":
            self._seen.write("trouble", host=host.label, parts=[part for part, _since in json.loads(data)])
        elif not name and data:
            _seq, kind, stream = json.loads(data)
            if not stream.startswith("alarm:"):
                return
            is_new = stream not in self._known
            first_s = self._known.setdefault(stream, time.monotonic())
            # Whose board was away for too long has it no more: it rings for everybody.
            if is_new or (kind == "OperatorLeft" and time.monotonic() - first_s < AGAIN_WITHIN_S):
                task = asyncio.create_task(self._answer(session, stream.removeprefix("alarm:")))
                self._acting.add(task)
                task.add_done_callback(self._acting.discard)

    async def _answer(self, session: aiohttp.ClientSession, alarm: str) -> None:
        """See it and take it; now and then too late. At one board and then the other, until a page has answered."""
        is_neglected = self._chance.randrange(1000) < NEGLECTED
        await asyncio.sleep(self._chance.uniform(*(NEGLECTED_S if is_neglected else TAKES_S)))
        for action in ("shown", "acknowledge"):
            status, tries, boards = 0, 0, itertools.cycle(self._hosts)
            while not 0 < status < 500:
                # As a person does who sees that nothing comes.
                await asyncio.sleep(min(AGAIN_S * tries, LONGEST_AGAIN_S))
                tries += 1
                host = next(boards)
                # Nobody does anything at a board that is closed.
                await self._there.wait()
                async with self._hands:
                    self._seen.write("asked", host=host.label, action=action, alarm=alarm)
                    status = await self._post_form(session, host, f"/desk/alarms/{alarm}/{action}")
                self._seen.write("acted", host=host.label, action=action, alarm=alarm, status=status)
            self.acknowledged += action == "acknowledge" and status < 400
            await asyncio.sleep(AGAIN_S)

    async def _be_here(self, session: aiohttp.ClientSession, host: Host) -> None:
        """A page that is open says so every five seconds, and that a hand was moved."""
        board = secrets.token_hex(8)
        while await self._there.wait():
            await self._post_form(session, host, "/desk/here", board=board, idle_ms="0")
            await asyncio.sleep(HERE_S)
