"""Everything but presses on its way to the server: one after the other, and only while no press is on its way."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from functools import partial

from egide.companion import rules
from egide.companion.keeping import one_is_set_within
from egide.companion.sending.away import Away
from egide.companion.sending.sender import SendAway, SendLimited, SendRefused
from egide.companion.store import Outgoing, PhoneStore
from egide.protocol.receipt import Receipt

# The receipt, None when there is none yet; what shall wait instead of being taken for a refusal is raised.
Attempt = Callable[[Outgoing, Callable[[SendRefused], bool]], Awaitable[Receipt | None]]


class Others:
    """`clear` is set while no press is on its way."""

    def __init__(
        self, store: PhoneStore, clear: asyncio.Event, attempt: Attempt, chance: random.Random
    ) -> None:
        self._store = store
        self._clear = clear
        self._attempt = attempt
        self._chance = chance
        self._added = asyncio.Event()
        self._hurry = asyncio.Event()
        self._away = Away(self._added.set)
        self._failures = 0
        # How long limits were waited for, one after the other.
        self._waited_s = 0.0

    def go(self) -> None:
        """There may be something to send."""
        self._added.set()

    def hurry(self) -> None:
        """Try again now instead of after the pause."""
        self._away.end()
        self._hurry.set()

    def stop(self) -> None:
        self._away.stop()

    async def run(self) -> None:
        while True:
            self._added.clear()
            waiting = self._store.next_other(self._away.kinds)
            if waiting is None:
                await self._added.wait()
                continue
            await asyncio.sleep(0)  # Presses that were hurried at once go first.
            await self._clear.wait()
            try:
                receipt = await self._attempt(waiting, partial(self._waits, waiting))
            except SendLimited as limited:
                # Whose turn it is then goes next: what was limited, or what a person did meanwhile.
                self._waited_s += limited.wait_s
                await asyncio.sleep(limited.wait_s)
            except SendAway as away:
                self._waited_s = 0.0
                self._wait(waiting, away)
            else:
                self._waited_s = 0.0
                await self._go_on(waiting, receipt)

    def _waits(self, message: Outgoing, refused: SendRefused) -> bool:
        """Whether this says nothing of the message. What was refused before waits for no server that is away: it may be
        refused for good, and must not hold up what was never tried.
        """
        if isinstance(refused, SendLimited):
            return self._waited_s < rules.LIMITED_FOR_S
        return isinstance(refused, SendAway) and not message.refused and not self._away.means(message)

    def _wait(self, message: Outgoing, away: SendAway) -> None:
        if not self._away.kinds:
            self._failures += 1
        pause_s = rules.pause_s(self._failures, self._longest_s(), self._chance)
        self._away.wait(message.kind, max(away.wait_s, pause_s))

    async def _go_on(self, message: Outgoing, receipt: Receipt | None) -> None:
        if receipt:
            self._failures = 0
            self._away.note_taken()
            return
        self._failures += 1
        following = self._store.next_other(self._away.kinds)
        if following is not None and following.counter != message.counter and not following.refused:
            return
        # What was refused before, perhaps for good, does not hold up what was never tried.
        reasons = [self._hurry, *([self._added] if message.refused else [])]
        self._hurry.clear()
        await one_is_set_within(reasons, rules.pause_s(self._failures, self._longest_s(), self._chance))

    def _longest_s(self) -> float:
        return rules.LONGEST_PRESS_PAUSE_S if self._store.open_press() else rules.LONGEST_PAUSE_S
