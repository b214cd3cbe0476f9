"""Our own phones under the kit: each is a person's hands for what the kit asks."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from egide.common.clock import SystemClock
from egide.conform.phone.pretended import Pretended
from egide.conform.phone.serving import serving
from egide.protocol.enrolment import Settings
from tests.android.phone import JavaPhone
from tests.companion.phones import Phone, phone
from tests.virtual import Air, on_air

# Shorter than a contract allows: what is waited for is the same.
QUICK = Settings(position_interval_s=1, heartbeat_interval_s=300)


@asynccontextmanager
async def pretending(settings: Settings = QUICK) -> AsyncIterator[Pretended]:
    server = Pretended(SystemClock(), settings)
    async with serving(server, "127.0.0.1", (0, 0)):
        yield server


class Companion:
    """The phone in Python, without a button."""

    def __init__(self, server: Pretended, air: Air, path: Path) -> None:
        self._server, self._air, self._path = server, air, path
        self._life: AsyncExitStack | None = None
        self._her: Phone | None = None
        self._starting: asyncio.Task[None] | None = None

    async def ask(self, what: str) -> None:
        match what:
            case "enrol" | "start the app":
                self._starting = asyncio.create_task(self._start())
            case "press":
                assert self._starting is not None
                await self._starting
                assert self._her is not None
                self._her.app.press_on_screen()
            case "end the app":
                await self.end()

    async def _start(self) -> None:
        async with AsyncExitStack() as stack:
            self._her = await stack.enter_async_context(
                phone(self._air, self._path, self._server.addresses, self._server.code, answer_timeout_s=0.5)
            )
            self._life = stack.pop_all()

    async def end(self) -> None:
        if self._starting is not None:
            await self._starting
        if self._life is not None:
            await self._life.aclose()
            self._life = None


@asynccontextmanager
async def companion(server: Pretended, path: Path) -> AsyncIterator[Companion]:
    async with on_air() as air:
        made = Companion(server, air, path)
        try:
            yield made
        finally:
            await made.end()


class Core:
    """The core in Java, as a process: it asks once to be enrolled, and again when it is started again."""

    def __init__(self, server: Pretended, path: Path) -> None:
        self._server, self._path = server, path
        self._her: JavaPhone | None = None

    async def ask(self, what: str) -> None:
        match what:
            case "enrol" | "start the app":
                self.start()
            case "enrol again":
                self.end()
                self.start()
            case "press":
                assert self._her is not None
                await asyncio.to_thread(self._her.ready)
                self._her.tell(press_on_screen=True)
            case "end the app":
                self.end()

    def start(self) -> None:
        self._her = JavaPhone(self._path, self._server.addresses, self._server.code)

    def end(self) -> None:
        if self._her is not None:
            self._her.kill()
            self._her = None
