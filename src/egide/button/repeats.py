"""Saying a press again and again until the phone has it, in growing pauses, and anew after each return."""

import asyncio
from collections.abc import Awaitable, Callable

from egide.button import rules
from egide.button.store import ButtonStore
from egide.common.clock import Clock
from egide.protocol.frame import encode_frame

Send = Callable[[bytes], Awaitable[None]]


class Repeater:
    """Sends every pending press through `send`; `wake` makes it begin anew, with the shortest pauses."""

    def __init__(self, store: ButtonStore, key: bytes, clock: Clock, send: Send) -> None:
        self._store = store
        self._key = key
        self._clock = clock
        self._send = send
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Something changed: a new press, or a phone that listens."""
        self._woken.set()

    async def run(self) -> None:
        """Until cancelled."""
        copies = 0
        while True:
            self._woken.clear()
            pending = self._store.pending()
            for press in pending:
                await self._send(self.encode(press))
            copies += 1
            pause_s = rules.repeat_after_s(copies) if pending else None
            if await self._is_woken_within(pause_s):
                copies = 0

    def encode(self, press: rules.Pending) -> bytes:
        """The frame that says `press` now."""
        frame = rules.frame_for(press, self._clock.now_us(), self._store.battery_pct())
        return encode_frame(frame, self._key)

    async def _is_woken_within(self, seconds: float | None) -> bool:
        # `asyncio.wait_for` of Python 3.11 forgets that it was cancelled when the event comes in the same moment.
        try:
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        except TimeoutError:
            return False
        return True
