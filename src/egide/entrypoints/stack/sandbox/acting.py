"""What a sandbox does by button or by script: presses, the steps of an operator and of an officer, the clock."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any

import aiohttp

from egide.common.text import _
from egide.entrypoints.stack.operator import Operator, OperatorError
from egide.entrypoints.stack.sandbox import script
from egide.entrypoints.stack.sandbox.calls import Calls
from egide.entrypoints.stack.sandbox.house import House
from egide.entrypoints.stack.sandbox.turned import do_turn

# What each step says, where a form asks for more than the step.
_FIELDS: dict[str, dict[str, str]] = {
    script.ZONE: {"reference": "sandbox"},
    script.TEAM: {"call_sign": "Sandbox 1"},
    script.CLOSE: {"outcome": "test", "reason": "sandbox"},
}


# For how long a step of a script waits for its alarm.
_LOOKS, _LOOK_S = 100, 0.2


class StepFailed(Exception):
    """The step could not be done; the sentence says why."""


class Acting:
    """Steps on the newest open alarm, over the same pages as people's. Use within its loop; `end` signs out."""

    def __init__(self, house: House, calls: Calls) -> None:
        self._house, self._calls = house, calls
        self._signed_in: dict[str, Operator] = {}
        self._opened = AsyncExitStack()
        # Two steps at once would sign the same person in twice.
        self._turn = asyncio.Lock()
        self._playing: asyncio.Task[None] | None = None

    async def do(self, what: str, number: int = 0) -> str:
        """Do one step and note it; "" or why it could not be done."""
        line = {script.PRESS: f"press {number}", script.CLOCK: f"clock +{number} s"}.get(what, what)
        failed = ""
        try:
            async with self._turn:
                await self._do(what, number)
        except (StepFailed, OperatorError) as error:
            failed = str(error)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            failed = f"{type(error).__name__}: {error}"
        self._calls.note_step(line, failed)
        return failed

    def play(self, played: script.Script, after: Callable[[float], Any] = asyncio.sleep) -> None:
        """Do the steps of this script at their times from now on; those of an earlier script are left."""
        if self._playing is not None:
            self._playing.cancel()
        self._playing = asyncio.get_running_loop().create_task(self._play(played, after))

    async def _play(self, played: script.Script, after: Callable[[float], Any]) -> None:
        passed_s = 0
        for step in played.steps:
            await after(step.at_s - passed_s)
            passed_s = step.at_s
            if step.what in script.STEPS:
                await self._for_alarm()
            await self.do(step.what, step.number)

    async def _for_alarm(self) -> None:
        """Return once there is an alarm to act on, or nothing more can come of a press: on a busy machine the one of
        this script may still be on its way."""
        for _look in range(_LOOKS):
            try:
                await asyncio.to_thread(self._newest)
            except StepFailed:
                await asyncio.sleep(_LOOK_S)
            else:
                return

    async def end(self) -> None:
        """Nobody is signed in any more."""
        if self._playing is not None:
            self._playing.cancel()
        await self._opened.aclose()

    async def _do(self, what: str, number: int) -> None:
        if what == script.PRESS:
            kits = self._house.demo["kits"][:-1]
            if not 1 <= number <= len(kits):
                raise StepFailed(_("There are buttons 1 to {most}.").format(most=len(kits)))
            self._house.press(kits[number - 1])
        elif what == script.CLOCK:
            do_turn(self._house.folder, number)
        else:
            await self._step(what)

    async def _step(self, what: str) -> None:
        alarm, centre, zone = await asyncio.to_thread(self._newest)
        board, _text = script.STEPS[what]
        of_zone = board == "zone"
        person = (
            await self._person("zone-officer", zone) if of_zone else await self._person("operator", centre)
        )
        fields = _FIELDS.get(what, {}) | ({"zone": zone} if what == script.ZONE else {})
        if what == script.ACKNOWLEDGE:
            # A key counts once the alarm was painted (safety rule 3).
            await person.do(alarm, "shown")
        await person.do(alarm, what, board=board, **fields)

    def _newest(self) -> tuple[str, str, str]:
        """The newest open alarm, its centre and zone. Raises StepFailed."""
        journal = self._house.journal()
        try:
            states = journal.last_known_alarms(journal.open_alarms())
        finally:
            journal.close()
        routed = [state for state in states if state.lead.route is not None]
        if not routed:
            raise StepFailed(_("there is no open alarm: press first."))
        newest = max(routed, key=lambda state: state.opened_at_us)
        route = newest.lead.route
        assert route is not None
        return newest.alarm, route.centre, route.zone

    async def _person(self, role: str, place: str) -> Operator:
        """Somebody of this role there, signed in, and at the board from then on."""
        field = "zone" if role == "zone-officer" else "centre"
        account = next(
            (one for one in self._house.demo["users"] if (one["role"], one[field]) == (role, place)), None
        )
        if account is None:
            raise StepFailed(_("nobody of the sandbox works at {place}.").format(place=place))
        name = account["name"]
        if name not in self._signed_in:
            live = f"http://127.0.0.1:{self._house.ports['live']}/v1/live"
            person = Operator(self._house.pages_url, live, name, account["password"])
            self._signed_in[name] = await self._opened.enter_async_context(person)
            if role == "operator":
                await self._opened.enter_async_context(person.at_board())
        return self._signed_in[name]
