"""A phone without a button: its screen is pressed, its server says what the test wants."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from egide.common.clock import SetClock
from egide.protocol.enrolment import Settings
from egide.protocol.envelope import Kind, Message
from tests.companion.phones import Phone, ScriptedServer, phone
from tests.virtual import Steps, on_air

PIN, DURESS = "1357", "2468"
SLOW = Settings(position_interval_s=3600, heartbeat_interval_s=3600)


@asynccontextmanager
async def without_button(
    path: Path, server: ScriptedServer, sound: bytes = b"", clock: SetClock | None = None
) -> AsyncIterator[Phone]:
    """A phone whose screen is pressed, with both codes set."""
    async with on_air() as air, phone(air, path, (server.url,), sound=sound, clock=clock) as her:
        if her.store.codes() is None:
            await her.app.choose_pins(PIN, DURESS)
        her.app.choose(vibrates=True, listens=True)
        yield her


def shown(her: Phone) -> list[str]:
    return [str(step["text"]) for step in her.steps.named("phone.shows")]


async def one(server: ScriptedServer, kind: Kind, count: int = 1) -> Message:
    await server.until(lambda: len(server.messages(kind)) >= count)
    return server.messages(kind)[count - 1]


def seen_of(steps: Steps) -> list[dict[str, object]]:
    """What somebody who holds the phone would see, feel or be told."""
    names = ("phone.shows", "phone.vibrates", "phone.asks", "phone.told")
    return [step for step in steps.all if step["step"] in names]
