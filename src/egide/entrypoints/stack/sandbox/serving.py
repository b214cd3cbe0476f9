"""A sandbox as it runs: its servers, then front and console in a thread with a loop, then buttons and phones."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager

from aiohttp import web

from egide.common.clock import SystemClock
from egide.entrypoints.stack.sandbox import keys
from egide.entrypoints.stack.sandbox.acting import Acting
from egide.entrypoints.stack.sandbox.calls import Calls
from egide.entrypoints.stack.sandbox.console import Console
from egide.entrypoints.stack.sandbox.front import SMS, Behind, Front
from egide.entrypoints.stack.sandbox.house import House
from egide.entrypoints.stack.sandbox.showing import prepare
from egide.entrypoints.stack.sandbox.turned import ahead_us

_END_S = 1.0


class Doors:
    """Front and console, in a thread of their own: processes stay the main thread's, with whose end they end."""

    def __init__(self, house: House, receiver: str) -> None:
        self._house, self._receiver = house, receiver
        self._ready: Future[Console] = Future()
        self._thread = threading.Thread(target=self._run, name="front")

    def open(self) -> None:
        """Return once they serve. Raises what kept them from it."""
        self._thread.start()
        self._console = self._ready.result()

    def play(self, text: str) -> None:
        """Play this script from now on. Raises script.ScriptError."""
        asyncio.run_coroutine_threadsafe(self._play(text), self._loop).result()

    def close(self) -> None:
        """End them."""
        self._loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join()

    def _behind(self) -> Behind:
        house, clock = self._house, SystemClock()

        def ahead_s() -> int:
            return ahead_us(house.folder) // 1_000_000

        return Behind(
            house.intake_url,
            house.sms_url,
            house.pages_url,
            {
                keys.CALLED: house.keys.secret,
                keys.FETCHING: house.keys.feed_secret or house.keys.secret,
                SMS: house.keys.sms_secret,
            },
            ahead_s,
            lambda: clock.now_us() // 1_000_000 - ahead_s(),
        )

    async def _play(self, text: str) -> None:
        self._console.play(text)

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except (OSError, ValueError) as error:
            self._ready.set_exception(error)

    async def _serve(self) -> None:
        self._loop, self._stopped = asyncio.get_running_loop(), asyncio.Event()
        calls = Calls(SystemClock().now_us)
        front = Front(calls, self._behind())
        front.name_receiver(self._receiver)
        console = Console(self._house, front, Acting(self._house, calls))
        runner = web.AppRunner(console.application(), access_log=None, shutdown_timeout=_END_S)
        await runner.setup()
        try:
            await web.SockSite(runner, self._house.front_listener).start()
            self._ready.set_result(console)
            await self._stopped.wait()
        finally:
            await runner.cleanup()


@contextmanager
def running(house: House, receiver: str = "") -> Iterator[Doors]:
    """Start all of it; the block runs while it serves. Raises ValueError for a receiver elsewhere."""
    prepare()
    with house:
        house.start()
        doors = Doors(house, receiver)
        doors.open()
        try:
            house.start_people()
            yield doors
        finally:
            doors.close()
