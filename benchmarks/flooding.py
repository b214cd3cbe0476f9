"""Those who attack in the benchmarks: each a process of its own, at a low priority, since they run elsewhere."""

import asyncio
import http.client
import multiprocessing
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing.sharedctypes import Synchronized
from typing import Any

from tests.support.attacks import Guesser

_LINES = 8
_TICK_S = 0.002
_NICE = 5
_FIRST_S = 10.0


def post(path: str, content_type: str, body: bytes) -> bytes:
    """A whole request."""
    head = ("POST {} HTTP/1.1", "Host: localhost", "Content-Type: {}", "Content-Length: {}", "", "")
    return "\r\n".join(head).format(path, content_type, len(body)).encode() + body


class _Line(asyncio.Protocol):
    """One connection that counts answers with the status that is expected."""

    def __init__(self, status: int, told: "Synchronized[int]") -> None:
        self._status = b"HTTP/1.1 %d " % status
        self._told = told

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self._told.value += data.count(self._status)


@contextmanager
def attacking(process: multiprocessing.Process, told: "Synchronized[int]") -> Iterator[Callable[[], float]]:
    """While this process attacks; yields how many a second were answered since the first was."""
    process.start()
    deadline_s = time.monotonic() + _FIRST_S
    while not told.value and time.monotonic() < deadline_s:
        time.sleep(_TICK_S)
    before, begin_s = told.value, time.monotonic()
    yield lambda: (told.value - before) / (time.monotonic() - begin_s)
    process.terminate()
    process.join()


class Flood:
    """The same request again and again, so many a second, over kept-open connections."""

    def __init__(self, port: int, request: bytes, per_s: float, status: int) -> None:
        self._port = port
        self._request = request
        self._per_s = per_s
        self._status = status

    @contextmanager
    def running(self) -> Iterator[Callable[[], float]]:
        """While it runs; yields how many a second were answered as expected so far."""
        told = multiprocessing.Value("L", 0)
        process = multiprocessing.Process(target=self._run, args=(told,), daemon=True)
        with attacking(process, told) as reached:
            yield reached

    def _run(self, told: "Synchronized[int]") -> None:
        os.nice(_NICE)
        asyncio.run(self._send(told))

    async def _send(self, told: "Synchronized[int]") -> None:
        loop = asyncio.get_running_loop()
        lines = [
            (await loop.create_connection(lambda: _Line(self._status, told), "127.0.0.1", self._port))[1]
            for _ in range(_LINES)
        ]
        sent, begin_s = 0, loop.time()
        # What a late tick missed does not come as one lump, as from many places it would not.
        at_once = max(1, round(2 * self._per_s * _TICK_S))
        while True:
            now = min(int((loop.time() - begin_s) * self._per_s), sent + at_once)
            for number in range(sent, now):
                transport = lines[number % _LINES].transport
                if not transport.is_closing():
                    transport.write(self._request)
            sent = now
            await asyncio.sleep(_TICK_S)


def guess(port: int, count: int, told: "Synchronized[int]") -> None:
    """Try passwords on `count` connections, each from an address of its own, without end."""
    os.nice(_NICE)

    def guess_on(number: int) -> None:
        connection = http.client.HTTPConnection(
            "127.0.0.1", port, source_address=(f"127.0.1.{number + 1}", 0)
        )
        guesser = Guesser(connection, number)
        while True:
            guesser.ask()
            guesser.answer()
            with told.get_lock():
                told.value += 1

    with ThreadPoolExecutor(count) as people:
        list(people.map(guess_on, range(count)))
