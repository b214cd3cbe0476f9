"""A button that links with a phone, over a radio of this machine. Loaded for that alone: it needs the part `radio`."""

from collections.abc import Awaitable, Callable

from bumble.transport import open_transport

from egide.conform.button.linked import KIT, LinkLab, radio
from egide.conform.points import Finding, Report
from egide.entrypoints.cli.refusing import CommandRefused

HANDS_S = 120.0


async def examine_link(
    name: str, key: bytes, ask: Callable[[str], Awaitable[None]], tell: Callable[[Finding], None]
) -> Report:
    """`name`: a transport as bumble writes it, such as `usb:0` or `tcp-client:127.0.0.1:9000`."""
    try:
        transport = await open_transport(name)
    except Exception as error:
        # Each kind of radio has errors of its own.
        raise CommandRefused(f"--radio {name}: {error or type(error).__name__}") from error
    async with radio(transport) as device:
        return await KIT.examine(LinkLab(device, key, ask, HANDS_S), name, tell=tell)
