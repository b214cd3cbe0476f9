"""A phone with a button that only broadcasts, and somebody who says things in that button's name."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path

from egide.button.broadcaster import BroadcastingButton
from egide.button.store import ButtonStore, Identity
from egide.button.virtual import fresh_identity
from egide.common.clock import SystemClock
from egide.companion.radio import bumble as radio_bumble
from egide.companion.radio.broadcast import BroadcastRadio
from egide.companion.store import PhoneStore
from egide.protocol.bthome import Advertised, Event, address_bytes, encode
from tests.companion.phones import Phone, ScriptedServer, phone, scripted
from tests.virtual import KEY, SOON_S, Air, Steps, end, on_air, phone_store, quick

FIRST = 5000
# A radio that gets no processor for a second says nothing in it.
TRIES = 5


@asynccontextmanager
async def broadcaster(
    air: Air, path: Path, identity: Identity | None = None, key: bytes = KEY, counter: int = FIRST - 1
) -> AsyncIterator[BroadcastingButton]:
    """A button whose last counter was `counter`; a forger is one with the identity of another."""
    store, steps = ButtonStore(path, identity or fresh_identity()), Steps()
    store._db.execute("update button set counter = ?", (counter,))
    button = BroadcastingButton("b1", key, store, SystemClock(), steps, quick)
    life = asyncio.create_task(button.serve(await air.transport()))
    try:
        await steps.wait_for("button.on")
        yield button
    finally:
        await end(life)
        store.close()


class Scene:
    """The button, its imitator, and the phone's memory."""

    server: ScriptedServer

    def __init__(self, air: Air, path: Path, button: BroadcastingButton, forger: BroadcastingButton) -> None:
        self._air = air
        self._path = path
        self.button = button
        self._forger = forger

    def radio(
        self, store: PhoneStore, steps: Steps, key: bytes = KEY, may_be_findable: bool = True
    ) -> BroadcastRadio:
        listen = partial(radio_bumble.broadcasts, self._air.transport, store)
        return BroadcastRadio(listen, store, self.button.address, key, steps, may_be_findable)

    async def link(self) -> None:
        """One short press tells the phone which button it is: the one before FIRST."""
        store = phone_store(self._path)
        pairing = asyncio.create_task(self.radio(store, Steps()).pair(SOON_S))
        while not pairing.done():
            self.button._store._db.execute("update button set counter = ?", (FIRST - 2,))
            await self.button.hold(0.1)
        await pairing
        store.close()

    @asynccontextmanager
    async def phone(self, server: ScriptedServer) -> AsyncIterator[Phone]:
        async with phone(self._air, self._path, (server.url,), radio_of=self.radio) as her:
            await her.steps.wait_for("phone.connected")
            yield her

    def data(
        self,
        counter: int,
        event: Event = Event.LONG_PRESS,
        key: bytes = KEY,
        address: str = "",
        packet: int = 1,
    ) -> bytes:
        """What the button would say, or somebody in its name."""
        of = address_bytes(address or self.button.address)
        return encode(Advertised(counter, (event,), 100, packet), of, key)

    async def forge(self, data: bytes) -> None:
        """Say this in the button's name."""
        await self._forger.say(data)

    async def refused(self, her: Phone, data: bytes, reason: str) -> None:
        """Say this in the button's name, as often as the air loses it, and see it refused for this reason."""
        before = len(her.steps.named("phone.frame_refused"))

        def is_refused() -> bool:
            new = her.steps.named("phone.frame_refused")[before:]
            return any(step["reason"] == reason for step in new)

        for _ in range(TRIES):
            await self.forge(data)
            with suppress(TimeoutError):
                await her.steps.until(is_refused, SOON_S / TRIES)
                return
        raise AssertionError(f"not refused as {reason}: {her.steps.all}")


async def press(scene: Scene, her: Phone) -> int:
    """A genuine long press: its counter, once it is kept; pressed again where the air lost it."""
    for _ in range(TRIES):
        counter = await scene.button.hold(2)
        with suppress(TimeoutError):
            await her.steps.until(lambda counter=counter: counter in kept(her), SOON_S / TRIES)  # type: ignore[misc]
            return counter
    raise AssertionError(f"not kept: {her.steps.all}")


def kept(her: Phone) -> list[int]:
    """The button's counters of all presses that were kept."""
    return [step["counter"] for step in her.steps.named("phone.stored")]


@asynccontextmanager
async def scene(air: Air, folder: Path) -> AsyncIterator[Scene]:
    """A linked button and a forger."""
    async with broadcaster(air, folder / "button.db") as button:
        identity = button._store.identity()
        async with broadcaster(air, folder / "forger.db", identity) as forger:
            found = Scene(air, folder / "p.db", button, forger)
            await found.link()
            yield found


@asynccontextmanager
async def linked(folder: Path) -> AsyncIterator[tuple[Scene, Phone]]:
    """The scene on an air of its own, with a phone that knows the button and a server that gives receipts."""
    async with (
        on_air() as air,
        scripted(KEY) as server,
        scene(air, folder) as here,
        here.phone(server) as her,
    ):
        here.server = server
        yield here, her
