"""What a person does with one of the phones, as commands: those of `egide.entrypoints.companion`.

One JSON object a line on stdin, with the number of the phone under "phone" (1 when it is left out):
{"press_on_screen": true} · {"arm_test": true} · {"arm_test": false} · {"set_pins": ["1234", "9876"]} ·
{"unlock": "9876"} · {"cancel": "1234"} · {"answer": "yes"} · {"vibrates": true} · {"listens": true} ·
{"position": [50.45, 3.95]} or null · {"allow_position": false} · {"allow_microphone": false} · {"phone_pct": 40}.
"""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from egide.companion.app import Answer, App
from egide.companion.ports import Reporter
from egide.companion.positions import NoFix, StandingStill
from egide.companion.sending.sender import SendRefused, Unreachable
from egide.entrypoints.serving.lines import CommandError

ACCURACY_M = 20
# How a code that opens nothing is answered.
SHUT = {
    Answer.WRONG: "phone.pin_wrong",
    Answer.OFFLINE: "phone.code_offline",
    Answer.OFTEN: "phone.code_too_often",
}


def check_place(lat: float, lon: float) -> tuple[float, float]:
    """A place on earth in degrees. Raises ValueError."""
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise ValueError(f"place {lat},{lon}: latitude from -90 to 90, longitude from -180 to 180")
    return lat, lon


class Commands:
    """The phones of this process by number, once each is enrolled."""

    def __init__(self) -> None:
        self.apps: dict[int, tuple[App, Reporter]] = {}
        self._entering: set[asyncio.Task[None]] = set()

    async def do_command(self, command: dict[str, Any]) -> None:
        """Carry out one command. Raises CommandError, or ValueError for what the phone refuses."""
        number = command.pop("phone", 1)
        if number not in self.apps:
            raise CommandError(
                f"no phone {number!r} here: {', '.join(map(str, self.apps)) or 'none is enrolled'}"
            )
        app, report = self.apps[number]
        for name, value in command.items():
            if name not in {**COMMANDS, **CODES}:
                raise CommandError(f"unknown command {name!r}: {', '.join([*COMMANDS, *CODES])}")
            if name in CODES:
                self._enter(CODES[name](app, report, value))
            else:
                await COMMANDS[name](app, report, value)

    def _enter(self, work: Coroutine[Any, Any, None]) -> None:
        """A code waits for the network; what comes after it, a press above all, does not."""
        task = asyncio.create_task(work)
        self._entering.add(task)
        task.add_done_callback(self._entering.discard)


async def _press_on_screen(app: App, _report: Reporter, _value: Any) -> None:
    app.press_on_screen()


async def _arm_test(app: App, _report: Reporter, value: Any) -> None:
    if value:
        app.arm_test()
    else:
        app.disarm_test()


async def _set_pins(app: App, report: Reporter, value: Any) -> None:
    own, duress = value
    try:
        await app.choose_pins(own, duress)
    except (Unreachable, SendRefused, sqlite3.Error) as error:
        raise CommandError(f"the codes were not set, those of before hold: {error}; try again") from error
    report("phone.pins_set")


async def _unlock(app: App, report: Reporter, value: Any) -> None:
    report(SHUT.get(await app.unlock(str(value)), "phone.unlocked"))


async def _cancel(app: App, report: Reporter, value: Any) -> None:
    report(SHUT.get(await app.cancel(str(value)), "phone.cancelled"))


async def _answer(app: App, _report: Reporter, value: Any) -> None:
    app.answer(value)


async def _vibrates(app: App, _report: Reporter, value: Any) -> None:
    app.choose(vibrates=bool(value))


async def _listens(app: App, _report: Reporter, value: Any) -> None:
    app.choose(listens=bool(value))


async def _position(app: App, _report: Reporter, value: Any) -> None:
    app.around.positions = NoFix() if value is None else StandingStill(*check_place(*value), ACCURACY_M)


async def _allow_position(app: App, _report: Reporter, value: Any) -> None:
    app.around.permit_position(bool(value))


async def _allow_microphone(app: App, _report: Reporter, value: Any) -> None:
    app.permit_microphone(bool(value))


async def _phone_pct(app: App, _report: Reporter, value: Any) -> None:
    if value is not None and not 0 <= int(value) <= 100:
        raise CommandError(f"phone_pct {value!r}: 0 to 100, or null")
    app.around.phone_pct = None if value is None else int(value)


COMMANDS: dict[str, Callable[[App, Reporter, Any], Awaitable[None]]] = {
    "press_on_screen": _press_on_screen,
    "arm_test": _arm_test,
    "set_pins": _set_pins,
    "answer": _answer,
    "vibrates": _vibrates,
    "listens": _listens,
    "position": _position,
    "allow_position": _allow_position,
    "allow_microphone": _allow_microphone,
    "phone_pct": _phone_pct,
}

CODES: dict[str, Callable[[App, Reporter, Any], Coroutine[Any, Any, None]]] = {
    "unlock": _unlock,
    "cancel": _cancel,
}
