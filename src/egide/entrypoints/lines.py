"""How the small processes (air, button, companion) speak on stdout, one JSON object a line, and how they end."""

import asyncio
import json
import signal


def say(**line: object) -> None:
    """One JSON line on stdout, at once."""
    print(json.dumps(line), flush=True)


async def until_told_to_end() -> None:
    """Wait for SIGTERM or SIGINT."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    await told.wait()
