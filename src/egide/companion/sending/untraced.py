"""What is sent from memory alone: nothing on the disk says which code was entered, nor that anything was sent.

An alarm that a code under threat opened is followed here as long as the process lives. Its model is
`phone/src/engine/untraced.ts`.
"""

import asyncio
import random
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from egide.companion import rules
from egide.companion.keeping import is_set_within
from egide.companion.sending.sender import SendLimited
from egide.companion.store import Outgoing
from egide.protocol.envelope import Kind
from egide.protocol.receipt import Receipt


class Ways(Protocol):
    """How a message that is never kept is signed, sent and reported; the core has all of it."""

    def seal_untraced(self, kind: Kind, **fields: Any) -> Outgoing:
        """Raises sqlite3.Error when no counter was reserved, nor can be."""
        ...

    async def send_untraced(self, message: Outgoing, may_wait: bool) -> Receipt | None:
        """The receipt, or None when there is none yet, which the listener has heard.

        What `may_wait` raises SendLimited where a server limits this phone.
        """
        ...

    def has_position(self) -> bool: ...

    def on_untraced_closed(self) -> None: ...


class Untraced:
    """`interval_s`: between two positions of an alarm."""

    def __init__(self, ways: Ways, interval_s: Callable[[], float], chance: random.Random) -> None:
        self._ways = ways
        self._interval_s = interval_s
        self._chance = chance
        self._hurry = asyncio.Event()
        self._told = asyncio.Event()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._following: object | None = None

    @property
    def is_following(self) -> bool:
        """Whether an alarm is followed that the disk knows nothing of."""
        return self._following is not None

    async def say(self, kind: Kind, **fields: Any) -> bool:
        """Whether the server signed for it at once; else it is tried again until it does. Raises sqlite3.Error."""
        message = self._ways.seal_untraced(kind, **fields)
        if kind is Kind.PRESS:
            self.follow(message.counter)
        # An answer that was lost once is no missing network, and a limit passes; a press waits for none.
        if await self._attempt(message, kind is not Kind.PRESS) or await self._attempt(message):
            return True
        self._start(self._again(message))
        return False

    def tell(self, kind: Kind, **fields: Any) -> None:
        """Said once: what comes after it says it better. Raises sqlite3.Error."""
        self._start(self._attempt(self._ways.seal_untraced(kind, **fields)))

    def follow(self, press: int | None) -> None:
        """Tell where she is until the alarm is closed. `press`: the counter of the press that opened it, if known."""
        if self._following is None:
            self._following = object()
            self._start(self._keep_telling(self._following, press))

    def hurry(self) -> None:
        self._hurry.set()
        self._told.set()

    def stop(self) -> None:
        self._following = None
        for task in self._tasks:
            task.cancel()

    def _start(self, work: Coroutine[Any, Any, object]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _keep_telling(self, turn: object, press: int | None) -> None:
        state, told = "", 1
        while await self._is_due(turn, rules.tell_after_s(self._interval_s(), state, told)):
            told += 1
            kind = Kind.POSITION if self._ways.has_position() else Kind.HEARTBEAT
            receipt = await self._attempt(self._ways.seal_untraced(kind, press=press))
            state = receipt.state if receipt else state
            # Nothing that it could belong to is open any more.
            if receipt and not receipt.alarm:
                self._end()

    async def _is_due(self, turn: object, pause_s: float) -> bool:
        """False once this alarm is no longer followed."""
        self._told.clear()
        await is_set_within(self._told, pause_s)
        return self._following is turn

    async def _attempt(self, message: Outgoing, may_wait: bool = False) -> Receipt | None:
        try:
            receipt = await self._ways.send_untraced(message, may_wait)
        except SendLimited as limited:
            await asyncio.sleep(limited.wait_s)
            return None
        if receipt and receipt.state == "closed":
            self._end()
        return receipt

    def _end(self) -> None:
        if self._following is not None:
            self._following = None
            self._told.set()
            self._ways.on_untraced_closed()

    async def _again(self, message: Outgoing) -> None:
        failures = 1
        while True:
            self._hurry.clear()
            pause_s = rules.pause_s(failures, rules.LONGEST_PRESS_PAUSE_S, self._chance)
            await is_set_within(self._hurry, pause_s)
            if await self._attempt(message):
                return
            failures += 1
