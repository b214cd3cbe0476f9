"""What whoever drives the phones can make a person do with one of them: the commands of `egide.entrypoints.companion`.

One JSON object a line on stdin, with the number of the phone under "phone" (1 when it is left out):
{"press_on_screen": true} · {"arm_test": true} · {"arm_test": false} · {"set_pins": ["1234", "9876"]} ·
{"unlock": "9876"} · {"cancel": "1234"} · {"answer": "yes"} · {"vibrates": true} · {"listens": true} ·
{"position": [50.45, 3.95]} or null · {"allow_position": false} · {"allow_microphone": false} · {"phone_pct": 40}.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from egide.companion.app import App
from egide.companion.ports import Report
from egide.companion.positions import NoFix, Standing
from egide.entrypoints.lines import CommandError

ACCURACY_M = 20


def check_place(lat: float, lon: float) -> tuple[float, float]:
    """A place on earth in degrees. Raises ValueError."""
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise ValueError(f"place {lat},{lon}: latitude from -90 to 90, longitude from -180 to 180")
    return lat, lon


class Commands:
    """The phones of this process by number, once each is enrolled."""

    def __init__(self) -> None:
        self.apps: dict[int, tuple[App, Report]] = {}

    async def do_command(self, command: dict[str, Any]) -> None:
        """Carry out one command. Raises CommandError, or ValueError for what the phone refuses."""
        number = command.pop("phone", 1)
        if number not in self.apps:
            raise CommandError(
                f"no phone {number!r} here: {', '.join(map(str, self.apps)) or 'none is enrolled'}"
            )
        app, report = self.apps[number]
        for name, value in command.items():
            if name not in COMMANDS:
                raise CommandError(f"unknown command {name!r}: {', '.join(COMMANDS)}")
            await COMMANDS[name](app, report, value)


async def _press_on_screen(app: App, _report: Report, _value: Any) -> None:
    app.press_on_screen()


async def _arm_test(app: App, _report: Report, value: Any) -> None:
    if value:
        app.arm_test()
    else:
        app.disarm_test()


async def _set_pins(app: App, report: Report, value: Any) -> None:
    own, duress = value
    await app.choose_pins(own, duress)
    report("phone.pins_set")


async def _unlock(app: App, report: Report, value: Any) -> None:
    report("phone.unlocked" if await app.unlock(str(value)) else "phone.pin_wrong")


async def _cancel(app: App, report: Report, value: Any) -> None:
    report("phone.cancelled" if await app.cancel(str(value)) else "phone.pin_wrong")


async def _answer(app: App, _report: Report, value: Any) -> None:
    app.answer(value)


async def _vibrates(app: App, _report: Report, value: Any) -> None:
    app.choose(vibrates=bool(value))


async def _listens(app: App, _report: Report, value: Any) -> None:
    app.choose(listens=bool(value))


async def _position(app: App, _report: Report, value: Any) -> None:
    app.around.positions = NoFix() if value is None else Standing(*check_place(*value), ACCURACY_M)


async def _allow_position(app: App, _report: Report, value: Any) -> None:
    app.around.permit_position(bool(value))


async def _allow_microphone(app: App, _report: Report, value: Any) -> None:
    app.permit_microphone(bool(value))


async def _phone_pct(app: App, _report: Report, value: Any) -> None:
    if value is not None and not 0 <= int(value) <= 100:
        raise CommandError(f"phone_pct {value!r}: 0 to 100, or null")
    app.around.phone_pct = None if value is None else int(value)


COMMANDS: dict[str, Callable[[App, Report, Any], Awaitable[None]]] = {
    "press_on_screen": _press_on_screen,
    "arm_test": _arm_test,
    "set_pins": _set_pins,
    "unlock": _unlock,
    "cancel": _cancel,
    "answer": _answer,
    "vibrates": _vibrates,
    "listens": _listens,
    "position": _position,
    "allow_position": _allow_position,
    "allow_microphone": _allow_microphone,
    "phone_pct": _phone_pct,
}
