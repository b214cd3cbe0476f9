"""Phones for the tests: the real core on a real radio and a real store, with the server of the test."""

import asyncio
import hashlib
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
from aiohttp import web

from egide.common.clock import Clock, SystemClock
from egide.common.encoding import from_base64url, to_base64url
from egide.companion.app import App
from egide.companion.enrol import enrol
from egide.companion.ports import Positions, Radio
from egide.companion.positions import StandingStill
from egide.companion.sending.sender import Sender
from egide.companion.store import PhoneStore
from egide.companion.surroundings import Surroundings
from egide.protocol.enrolment import EnrolmentReply, Settings
from egide.protocol.envelope import Kind, Message, decode
from egide.protocol.keys import SigningKey
from egide.protocol.opening import OpeningReply, OpeningRequest, check_opening, part_of
from egide.protocol.receipt import Pending, Receipt, sign_receipt
from egide.protocol.receipt_key import ReceiptKeys
from tests.virtual import KEY, SOON_S, Air, Button, Steps, end, on_air, pair, phone_radio, phone_store

MONS = StandingStill(50.4542, 3.9523, 12)
QUICK = Settings(position_interval_s=1)
RadioOf = Callable[[PhoneStore, Steps, bytes], Radio]


class Phone:
    """A phone that runs, and what it reported."""

    def __init__(self, store: PhoneStore, radio: Radio, steps: Steps, app: App) -> None:
        self.store = store
        self.radio = radio
        self.steps = steps
        self.app = app
        self.companion = app.core
        self.life = asyncio.create_task(app.run())

    async def stored(self, count: int = 1) -> str:
        """The alarm of the `count`-th press."""
        return str((await self.steps.wait_for("phone.stored", count))["alarm"])

    async def receipt(self, count: int = 1) -> str:
        return str((await self.steps.wait_for("phone.receipt", count))["alarm"])


@asynccontextmanager
async def phone(
    air: Air,
    path: Path,
    servers: tuple[str, ...],
    code: str = "",
    positions: Positions = MONS,
    clock: Clock | None = None,
    button: Button | None = None,
    steps: Steps | None = None,
    answer_timeout_s: float = SOON_S,
    sound: bytes = b"",
    phone_pct: int | None = None,
    version: str = "",
    radio_of: RadioOf | None = None,
) -> AsyncIterator[Phone]:
    """A phone that enrols if it must, and pairs with `button` when that is given."""
    store, steps = phone_store(path), steps or Steps()
    chance = random.Random(1)
    async with Sender(servers, answer_timeout_s) as sender:
        enrolment = store.enrolment() or await enrol(store, sender, code, chance, steps)
        sender.trust(enrolment, store.key_ahead(), store.do_pin)
        key = from_base64url(enrolment.button_key)
        radio = radio_of(store, steps, key) if radio_of else phone_radio(air, store, steps, key)
        if button is not None:
            await pair(button, radio)
        around = Surroundings(positions, phone_pct)
        now = clock or SystemClock()
        app = App(enrolment, store, radio, sender, around, now, steps, chance, sound, version)
        running = Phone(store, radio, steps, app)
        try:
            yield running
        finally:
            await end(running.life)
            store.close()
    if not running.life.cancelled():
        running.life.result()


Answer = Callable[[bytes], Awaitable[web.Response | None]]


class ScriptedServer:
    """A server over real HTTP that enrols one button key, and answers messages as the test says.

    `script` gives the answer to a message, or None for a proper receipt. `got` holds every message, in order.
    """

    def __init__(self, button_key: bytes, settings: Settings = QUICK) -> None:
        self.key = SigningKey.generate()
        self.script: Answer | None = None
        self.state = "received"
        self.next_counter = 0
        self.pending: tuple[Pending, ...] = ()
        self.links: tuple[str, ...] = ()
        self.asked_links = 0
        self.got: list[bytes] = []
        self.arrived = asyncio.Event()
        self.tags: list[bytes] = []
        self.opening_status = 201
        self.alarm_at_rest = ""
        self._button_key = button_key
        self._settings = settings

    async def start(self) -> None:
        app = web.Application()
        app.router.add_post("/v1/messages", self._on_message)
        app.router.add_post("/v1/enrolments", self._on_enrolment)
        app.router.add_post("/v1/openings", self._on_opening)
        app.router.add_get("/v1/receipt-keys", self._on_receipt_keys)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        await self._runner.cleanup()

    def messages(self, kind: Kind | None = None) -> list[Message]:
        decoded = [decode(data).message for data in self.got]
        return [message for message in decoded if kind is None or message.kind is kind]

    def got_of(self, kind: Kind) -> list[bytes]:
        return [data for data in self.got if decode(data).message.kind is kind]

    def lose_every_other(self, kind: Kind) -> None:
        """Every second message of a kind is kept, and its answer is lost."""

        async def script(data: bytes) -> web.Response | None:
            is_lost = decode(data).message.kind is kind and len(self.got_of(kind)) % 2
            return web.Response(status=503) if is_lost else None

        self.script = script

    async def until(self, is_true: Callable[[], object]) -> None:
        """Wait until something that arrived makes it true."""
        async with asyncio.timeout(SOON_S):
            while not is_true():
                self.arrived.clear()
                await self.arrived.wait()

    def receipt(self, data: bytes, key: SigningKey | None = None) -> web.Response:
        """A proper receipt, unless `key` is another one."""
        envelope = decode(data)
        message = envelope.message
        press = message.counter if message.kind is Kind.PRESS else message.press
        receipt = Receipt(
            seq=len(self.got),
            alarm=f"{envelope.kid.hex()}-{press}" if press else self.alarm_at_rest,
            received_at=1000,
            state=self.state if press or self.alarm_at_rest else "noted",
            next_counter=max(self.next_counter, message.counter + 1),
            pending=self.pending if press or self.alarm_at_rest else (),
        )
        receipt = sign_receipt(key or self.key, hashlib.sha256(data).digest(), receipt)
        return web.Response(status=201, body=msgspec.json.encode(receipt))

    async def _on_message(self, request: web.Request) -> web.Response:
        data = await request.read()
        self.got.append(data)
        self.arrived.set()
        answer = await self.script(data) if self.script is not None else None
        return answer if answer is not None else self.receipt(data)

    async def _on_opening(self, request: web.Request) -> web.Response:
        tag, _signature = check_opening(msgspec.json.decode(await request.read(), type=OpeningRequest))
        self.tags.append(tag)
        reply = OpeningReply(to_base64url(part_of(bytes(32), tag)))
        return web.Response(status=self.opening_status, body=msgspec.json.encode(reply))

    async def _on_receipt_keys(self, _request: web.Request) -> web.Response:
        self.asked_links += 1
        return web.Response(body=msgspec.json.encode(ReceiptKeys(self.links)))

    async def _on_enrolment(self, request: web.Request) -> web.Response:
        reply = EnrolmentReply(
            kid="",
            kit="k",
            button_id="b1",
            button_key=to_base64url(self._button_key),
            server_key=to_base64url(bytes(self.key.verify_key)),
            servers=(self.url,),
            settings=self._settings,
        )
        return web.Response(status=201, body=msgspec.json.encode(reply))


@asynccontextmanager
async def scripted(button_key: bytes, settings: Settings = QUICK) -> AsyncIterator[ScriptedServer]:
    server = ScriptedServer(button_key, settings)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


@asynccontextmanager
async def carried(
    folder: Path, settings: Settings = QUICK
) -> AsyncIterator[tuple[Button, ScriptedServer, Phone]]:
    """A button and the phone that it is paired with, on an air of their own, and a server that gives receipts."""
    async with (
        on_air() as air,
        Button(air, folder / "b.db") as button,
        scripted(KEY, settings) as server,
        phone(air, folder / "p.db", (server.url,), button=button) as her,
    ):
        yield button, server, her
