"""Silent listening in, from a file instead of a microphone.

Sound goes in short numbered pieces, each a signed message of its own: a gap in the network is none in the record.
"""

import asyncio
from collections.abc import Awaitable, Callable

from egide.protocol import cbor

# The size of a second of Opus at 24 kbit/s.
PIECE_BYTES = 3000
PIECE_S = 1.0


class Listening:
    """`sound`: what the microphone would hear, empty for a phone without one. `keep` takes the body of each piece."""

    def __init__(
        self,
        sound: bytes,
        keep: Callable[[bytes], None],
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._sound = sound
        self._keep = keep
        self._pause = pause
        self._recording: asyncio.Task[None] | None = None

    @property
    def is_on(self) -> bool:
        return self._recording is not None

    def start(self) -> None:
        """Begin a recording, unless one runs."""
        if self._recording is None and self._sound:
            self._recording = asyncio.create_task(self._record())

    def stop(self) -> None:
        if self._recording is not None:
            self._recording.cancel()
            self._recording = None

    async def _record(self) -> None:
        """Each recording numbers its pieces from 0; the file begins anew when it ends."""
        while True:
            for number, at in enumerate(range(0, len(self._sound), PIECE_BYTES)):
                await self._pause(PIECE_S)
                self._keep(cbor.encode([number, self._sound[at : at + PIECE_BYTES]]))
