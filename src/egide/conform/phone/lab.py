"""The phone that is examined: what it is asked to do, and what came of it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from egide.conform.phone.pretended import Came, Plan, Pretended, Reply
from egide.conform.points import Deviates, Untried

Found = TypeVar("Found")

# What whoever has the phone is asked to do with it; END is answered only once it is done.
ENROL, ENROL_AGAIN, PRESS, END, START = "enrol", "enrol again", "press", "end the app", "start the app"
Ask = Callable[[str], Awaitable[None]]


class PhoneLab:
    """`patience_s`: how long is waited for what the phone does by itself; `hands_s`: for what a person does with it."""

    def __init__(self, server: Pretended, ask: Ask, patience_s: float = 60.0, hands_s: float = 600.0) -> None:
        self.server, self.ask = server, ask
        self.patience_s, self.hands_s = patience_s, hands_s

    async def until(self, find: Callable[[], Found], within_s: float, otherwise: str) -> Found:
        """What is found, looked for whenever something came. Raises Deviates."""
        server = self.server
        try:
            async with asyncio.timeout(within_s), server.changed:
                while not (found := find()):
                    await server.changed.wait()
        except TimeoutError as error:
            raise Deviates(f"{otherwise} within {within_s:g} s") from error
        return found

    async def pressed(
        self, *plans: Plan, others: Plan | None = None, every_press: Plan | None = None
    ) -> Came:
        """Ask for a press. Its bytes are answered by these plans in turn, and by a receipt from then on; `every_press`:
        what all presses are answered, earlier ones too.
        """
        self.check_enrolled()
        known = {one.data for one in self.server.came if one.is_press}

        def plan(came: Came) -> Reply:
            before = self.server.times(came.data) - 1
            is_meant = came.data not in known and before < len(plans)
            return plans[before](came) if is_meant else self.server.receipt(came)

        self.server.press_plan, self.server.other_plan = every_press or plan, others
        await self.ask(PRESS)

        def new() -> Came | None:
            return next((one for one in self.server.came if one.is_press and one.data not in known), None)

        found = await self.until(new, self.hands_s, "no press came")
        assert found is not None
        return found

    async def again(self, came: Came, since: int = 0, number: int = 2) -> str:
        """Until the same bytes came so often. Raises Deviates."""
        server = self.server
        await self.until(
            lambda: server.times(came.data, since) >= number,
            self.patience_s,
            "the same bytes did not come again",
        )
        first, *_rest, last = [one.at_us for one in server.came if one.data == came.data]
        return f"the same bytes again, after {(last - first) / 1_000_000:.1f} s"

    def check_enrolled(self) -> None:
        """Raises Untried."""
        if not self.server.device_key:
            raise Untried("no phone was enrolled")

    def messages(self) -> Sequence[Came]:
        """What came. Raises Untried where nothing did."""
        if not self.server.came:
            raise Untried("no message came")
        return self.server.came
