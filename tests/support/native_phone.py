"""The native engine as a process, a page and a real Bluetooth stack at its ends: the app for Android without Android.

`Window` plays what lies between: what is asked for is granted but for what a test has refused, and the position is that
of the person.
"""

import asyncio
import json
import subprocess
import threading
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, Request, Route

from egide.button.store import ButtonStore
from egide.button.virtual import VirtualButton
from egide.common.clock import Clock
from egide.companion.ports import RadioError, Reporter
from egide.companion.radio.bumble import BumbleRadio, Link
from egide.companion.radio.bumble_device import until_lost
from egide.companion.radio.claim import NotOurs
from egide.companion.store import PhoneStore
from egide.protocol import gatt as ids
from tests.support.android_pages import ORIGIN, TYPES, policy
from tests.support.waiting import WITHIN_S
from tests.virtual import Air, Button, Steps, end, on_air, phone_store
from tools import android_core

PAGE_PHONE = "egide.core.phone.PagePhone"
PAIRING_S = 20.0
PERMISSIONS = ("button", "position", "position-unseen", "microphone", "texts", "battery")
# The window hands the port over once its page stands. What the engine says is fetched: nobody can push it in from here.
HAND_OVER = """addEventListener("load", () => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = ({ data }) => window.pageSays(data);
  setInterval(async () => { for (const words of await window.engineSaid()) port1.postMessage(words); }, 60);
  window.dispatchEvent(new MessageEvent("message", { data: "port", origin: "", ports: [port2] }));
});"""


class Engine:
    """The process. What it tells its page is in `told`; it is ended by kill -9, and begins again from its folder.

    `own`: the file of its app, whose place a newer one may take; it is looked for every `day_ms`. `handed`: the file
    that the platform was given to install; empty when it was taken back. `texted`: what it gave the network as binary
    text messages, in hexadecimal.
    """

    def __init__(self, folder: Path, own: Path | None = None, day_ms: int = 86_400_000) -> None:
        self._arguments = [str(folder)] if own is None else [str(folder), str(own), str(day_ms)]
        self.handed = ""
        self.texted: list[str] = []
        self.told: deque[str] = deque()
        self.state: dict[str, Any] = {}
        self._writing = threading.Lock()
        self.on_radio: Callable[[str, bytes], None] = lambda _word, _data: None

    def start(self) -> None:
        command = android_core.java(PAGE_PHONE, *self._arguments)
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._reading = threading.Thread(target=self._read, args=(self._process,))
        self._reading.start()

    def _read(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdout is not None
        for line in process.stdout:
            said = json.loads(line)
            if "tell" in said:
                self.state = json.loads(said["tell"]).get("state", self.state)
                self.told.append(said["tell"])
            elif "texts" in said:
                self.texted.append(said["texts"]["data"])
            elif "install" in said:
                self.handed = said["install"]
            elif "radio" in said:
                self.on_radio(said["radio"], bytes.fromhex(said["data"]))

    def say(self, **words: Any) -> None:
        assert self._process.stdin is not None
        # One that was ended hears nothing: closed pipes are ValueErrors.
        with self._writing, suppress(BrokenPipeError, ValueError):
            self._process.stdin.write(json.dumps(words) + "\n")
            self._process.stdin.flush()

    def close(self) -> None:
        self.kill()

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        self._reading.join()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            with suppress(BrokenPipeError):
                pipe.close()


class ProvenByEngine(BumbleRadio):
    """The companion's radio, whose claim the engine makes and checks."""

    def __init__(self, air: Air, store: PhoneStore, ask: Callable[[str, bytes], Awaitable[bytes]]) -> None:
        super().__init__(air.transport, store, bytes(16), Steps(), may_be_findable=False)
        self._ask = ask

    async def _prove(self, link: Link) -> None:
        characteristic, connection = link[ids.CLAIM], link.connection
        offered = bytes(await until_lost(connection, characteristic.read_value()))
        proof = await self._ask("offered", offered)
        await until_lost(connection, characteristic.write_value(proof, with_response=True))
        answer = bytes(await until_lost(connection, characteristic.read_value()))
        if await self._ask("answered", answer) != b"ours":
            raise NotOurs("the engine does not believe it")


class InRealTime(VirtualButton):
    """A button that is held for two true seconds: what is said less than a second after a test was armed is no test."""

    def __init__(
        self, button_id: str, key: bytes, store: ButtonStore, clock: Clock, report: Reporter, pause: object
    ) -> None:
        super().__init__(button_id, key, store, clock, report)


class Radio:
    """Button, air and the phone's radio in a thread of their own; the engine is at the other end of its words."""

    def __init__(self, engine: Engine, folder: Path, key: bytes) -> None:
        self._engine, self._folder, self._key = engine, folder, key
        self._ready = threading.Event()
        self._answers: asyncio.Queue[bytes]
        self._tasks: set[asyncio.Task[None]] = set()
        self._listening: asyncio.Task[None] | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._live()))

    def __enter__(self) -> "Radio":
        self._engine.on_radio = self._hear
        self._thread.start()
        assert self._ready.wait(WITHIN_S)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()

    async def _live(self) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        self._answers = asyncio.Queue()
        store = phone_store(self._folder / "radio.db")
        async with on_air() as air, self._made(air) as self._button:
            self._radio = ProvenByEngine(air, store, self._asked)
            self._radio.on_link = lambda: self._tell("link", {"is": self._radio.is_connected})
            self._radio.on_trouble = lambda notice: self._tell("trouble", {"notice": str(notice)})
            self._ready.set()
            await self._over.wait()
            for task in (*self._tasks, *filter(None, [self._listening])):
                await end(task)
        store.close()

    def _made(self, air: Air) -> Button:
        return Button(air, self._folder / "button.db", self._key, kind=InRealTime)

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _on_loop(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._loop.call_soon_threadsafe(lambda: self._run(work()))

    # -- what the person does ----------------------------------------------------------------------------------

    def open_pairing(self) -> None:
        """The button is held while it charges."""
        self._on_loop(lambda: self._button.virtual.open_pairing(PAIRING_S))

    def hold(self) -> None:
        """The button is held for two seconds."""
        self._on_loop(self._held)

    async def _held(self) -> None:
        await self._button.virtual.hold(2)

    # -- between engine and radio ------------------------------------------------------------------------------

    def _tell(self, word: str, facts: dict[str, Any]) -> None:
        self._engine.say(radio=word, **facts)

    async def _asked(self, word: str, data: bytes) -> bytes:
        self._tell(word, {"data": data.hex()})
        return await self._answers.get()

    def _hear(self, word: str, data: bytes) -> None:
        """From the thread that reads the engine's words."""
        self._loop.call_soon_threadsafe(self._take, word, data)

    def _take(self, word: str, data: bytes) -> None:
        match word:
            case "proof":
                self._answers.put_nowait(data)
            case "ours" | "not-ours":
                self._answers.put_nowait(word.encode())
            case "start":
                self._tell("paired", {"is": self._radio.is_paired})
                self._run(self._listen_anew())
            case "pair":
                self._run(self._pair())
            case "acknowledge":
                self._run(self._radio.acknowledge(data))
            case "hold":
                self._run(self._give_hold(data))
            case "battery":
                self._run(self._ask_battery())

    async def _listen_anew(self) -> None:
        """An earlier life of the engine takes its link with it."""
        if self._listening is not None:
            await end(self._listening)
        self._listening = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        async for frame in self._radio.said():
            self._tell("frame", {"data": frame.hex()})

    async def _pair(self) -> None:
        try:
            await self._radio.pair(PAIRING_S)
        except RadioError:
            self._tell("failed", {"word": "not-ours"})
        else:
            self._tell("linked", {})

    async def _give_hold(self, frame: bytes) -> None:
        self._tell("hold", {"is": await self._radio.set_hold(frame)})

    async def _ask_battery(self) -> None:
        percent = await self._radio.battery_pct()
        if percent is not None:
            self._tell("battery", {"pct": percent})


class Window:
    """The window of the app around one page: its assets, its policy, and its end of the port.

    `refuses`: permissions that the person refuses when the platform asks for them.
    """

    def __init__(self, context: BrowserContext, pages: Path, engine: Engine, person: dict[str, Any]) -> None:
        self._pages, self._engine, self._person = pages, engine, person
        self._said: list[str] = []
        # What was asked of the platform, in order.
        self.asked: list[str] = []
        self.refuses: set[str] = set()
        self._granted: set[str] = set()
        self.addresses: list[str] = []
        context.route("**/*", self._answer)
        context.expose_function("pageSays", self._page_says)
        context.expose_function("engineSaid", self._engine_said)
        context.add_init_script(HAND_OVER)

    def open(self, page: Page) -> None:
        page.goto(f"{ORIGIN}/native.html")

    def _answer(self, route: Route, request: Request) -> None:
        self.addresses.append(request.url)
        file = self._pages / request.url.removeprefix(f"{ORIGIN}/")
        if request.method != "GET" or not request.url.startswith(f"{ORIGIN}/") or not file.is_file():
            route.fulfill(status=404, body="")
            return
        headers = {"Content-Security-Policy": policy(), "Content-Type": TYPES[file.suffix]}
        route.fulfill(status=200, body=file.read_bytes(), headers=headers)

    def _page_says(self, words: str) -> None:
        if not words.startswith("platform "):
            self._engine.say(ask=words)
            return
        self.asked.append(words.removeprefix("platform "))
        what, _, permission = self.asked[-1].partition(" ")
        if what == "allow" and permission not in self.refuses:
            self._granted.add(permission)
        if what in ("allow", "grants"):
            self.tell_engine()
            self._said.append(json.dumps({"grants": {each: each in self._granted for each in PERMISSIONS}}))

    def withdraw(self, permission: str) -> None:
        """Taken back in the phone's settings."""
        self._granted.discard(permission)
        self.tell_engine()

    def tell_engine(self) -> None:
        """What the platform allows, as the app's own classes ask for it (android/app, `Grants`)."""
        self._engine.say(
            may_locate={"position", "position-unseen"} <= self._granted,
            may_listen="microphone" in self._granted,
            lat_e7=round(float(self._person["lat"]) * 1e7),
            lon_e7=round(float(self._person["lon"]) * 1e7),
            accuracy_m=12,
        )

    def _engine_said(self) -> list[str]:
        told = self._engine.told
        while told:
            self._said.append(told.popleft())
        said, self._said = self._said, []
        return said
