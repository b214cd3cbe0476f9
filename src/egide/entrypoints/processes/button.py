"""Virtual buttons in one process, on the virtual air; one JSON command a line on stdin presses them.

Commands: {"press": "<button id>", "hold_s": 2.0} · {"open_pairing": "<button id>", "seconds": 60} ·
{"set_hold_ms": 3000, "button": "<button id>"} · {"set_battery_pct": 40, "button": "<button id>"}.
The same commands are taken on the Unix socket `control.sock` in the state directory. With --broadcasting they are of
the kind that only broadcasts (BTHome), and the first line names the address of each.
"""

import argparse
import asyncio
import json
import logging
import sys
from pathlib import Path
from typing import Any

from bumble.transport.tcp_client import open_tcp_client_transport

from egide.button.broadcaster import BroadcastingButton
from egide.button.rules import check_hold_ms
from egide.button.store import CONTROL_SOCKET, ButtonStore
from egide.button.virtual import VirtualButton, fresh_identity
from egide.common.clock import SystemClock
from egide.common.encoding import from_base64url
from egide.entrypoints.serving.lines import (
    CommandError,
    obey,
    obey_stdin,
    prepare,
    quiet_stack,
    say,
    until_told_to_end,
)
from egide.protocol.frame import KEY_BYTES

log = logging.getLogger(__name__)

RETRY_RADIO_S = 0.5
DEFAULT_WINDOW_S = 60.0


AnyButton = VirtualButton | BroadcastingButton


class Buttons:
    """The buttons of this process, by id."""

    def __init__(self, keys: dict[str, bytes], state: Path, is_broadcasting: bool) -> None:
        kind = BroadcastingButton if is_broadcasting else VirtualButton
        self._stores = {name: ButtonStore(state / f"{name}.db", fresh_identity()) for name in keys}
        self._buttons = {
            name: kind(name, key, self._stores[name], SystemClock(), report) for name, key in keys.items()
        }
        self._holds: set[asyncio.Task[int | None]] = set()

    async def keep_on_air(self, name: str, air: str) -> None:
        """Serve one button, and connect to the air again whenever it is lost."""
        while True:
            try:
                await self._buttons[name].serve(await open_tcp_client_transport(air))
            except Exception as error:
                log.warning("button %s: no radio: %s", name, error)
            await asyncio.sleep(RETRY_RADIO_S)

    def names(self) -> list[str]:
        return list(self._buttons)

    def addresses(self) -> dict[str, str]:
        """Printed addresses of those that only broadcast."""
        every = self._buttons.items()
        return {name: button.address for name, button in every if isinstance(button, BroadcastingButton)}

    async def do_command(self, command: dict[str, Any]) -> None:
        """Carry out one command. Raises CommandError."""
        if "press" in command:
            self._start_hold(self._find(command["press"]), float(command.get("hold_s", 2.0)))
        elif "open_pairing" in command:
            seconds = float(command.get("seconds", DEFAULT_WINDOW_S))
            button = self._find(command["open_pairing"])
            if isinstance(button, BroadcastingButton):
                raise CommandError("this button only broadcasts: press it, that links it")
            await button.open_pairing(seconds)
        elif "set_hold_ms" in command:
            self._store(command).do_set_hold_ms(check_hold_ms(int(command["set_hold_ms"])))
        elif "set_battery_pct" in command:
            self._store(command).do_set_battery_pct(int(command["set_battery_pct"]))
        else:
            raise CommandError(f"unknown command {sorted(command)}: press, open_pairing or set_…")

    def _start_hold(self, button: AnyButton, held_s: float) -> None:
        hold = asyncio.create_task(button.hold(held_s))
        self._holds.add(hold)
        hold.add_done_callback(self._holds.discard)

    def _find(self, name: str) -> AnyButton:
        if name not in self._buttons:
            raise CommandError(f"no button {name!r} here: {', '.join(self._buttons)}")
        return self._buttons[name]

    def _store(self, command: dict[str, Any]) -> ButtonStore:
        self._find(command.get("button", ""))
        return self._stores[command["button"]]


def report(step: str, **facts: object) -> None:
    say(step=step, **facts)


def read_keys(path: Path) -> dict[str, bytes]:
    """Button ids and their keys: a JSON object of base64url values. Raises ValueError naming the entry."""
    entries = json.loads(path.read_text())
    return {name: from_base64url(key, KEY_BYTES) for name, key in entries.items()}


async def run(options: argparse.Namespace) -> None:
    buttons = Buttons(read_keys(options.key_file), options.state, options.broadcasting)
    control = options.state / CONTROL_SOCKET

    async def on_client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await obey(reader, buttons.do_command)
        writer.close()

    try:
        # Replaces the socket that an earlier life left behind.
        server = await asyncio.start_unix_server(on_client, control)
    except OSError as error:
        sys.exit(f"{control}: {error}. Choose a --state directory with a shorter path.")
    work = [asyncio.create_task(buttons.keep_on_air(name, options.air)) for name in buttons.names()]
    work.append(asyncio.create_task(obey_stdin(buttons.do_command)))
    say(ready="button", control=str(control), buttons=buttons.names(), addresses=buttons.addresses())
    await until_told_to_end()
    server.close()
    for task in work:
        task.cancel()
    await asyncio.gather(*work, return_exceptions=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="egide-button", description="Virtual alarm buttons.")
    parser.add_argument("--air", required=True, help="host:port of the virtual air")
    parser.add_argument("--state", required=True, type=Path, help="directory of the buttons' memory")
    parser.add_argument(
        "--key-file", required=True, type=Path, help='JSON: {"<button id>": "<key, base64url>"}'
    )
    parser.add_argument("--broadcasting", action="store_true", help="buttons that only broadcast (BTHome)")
    options = parser.parse_args()
    prepare()
    quiet_stack()
    options.state.mkdir(parents=True, exist_ok=True)
    asyncio.run(run(options))


if __name__ == "__main__":
    main()
