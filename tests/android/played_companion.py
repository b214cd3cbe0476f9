"""The companion with time, network, button and person of a test: what PlayedPhone.java is for the core in Java."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from egide.common.encoding import from_base64url
from egide.companion import codes, listening
from egide.companion.app import App
from egide.companion.ports import RadioError
from egide.companion.sending.sender import SendAway, Sender, SendLimited, SendRefused, Unreachable, refused
from egide.companion.store import PhoneStore, RadioIdentity
from egide.companion.surroundings import Surroundings
from egide.protocol import bthome, opening
from egide.protocol.bthome import Advertised
from egide.protocol.enrolment import NATIVE, Client, EnrolmentReply, make_request
from egide.protocol.envelope import Position, Source
from egide.protocol.link import Notice
from egide.protocol.receipt_key import ReceiptKeys
from tests.android.played_loop import Drawn, PlayedClock, PlayedLoop, drawn

Did = list[Any]
# What may happen to a phone that has no kit yet.
WITHOUT_KIT = ("pass", "answer", "silence", "jump", "restart", "enrol")
# What the person reads, by the name that the core in Java has for it.
LINES = {
    "Alarm stored. Sending.": "SENDING",
    "The phone's memory is full: dial 112.": "NOT_STORED",
    "No connection. The phone goes on trying. Dial 112 if you can.": "UNREACHABLE",
    "Not connected: dial 112.": "UNKNOWN_HERE",
    "Kept by a server, not yet with the police. Dial 112 if you can.": "KEPT",
    "Not accepted yet. The phone goes on trying. Dial 112 if you can.": "REFUSED",
    "The dispatch centre has the alarm.": "RECEIVED",
    "An operator has seen the alarm.": "ACKNOWLEDGED",
    "Alarm closed.": "CLOSED",
    "Connected.": "CONNECTED",
    "Connected. Something of phone or button needs a look.": "NEEDS_A_LOOK",
    "The operator knows that you say you are safe.": "SAFE_TOLD",
}


class PlayedRadio:
    """Every state of it is a test's."""

    def __init__(self, did: Callable[..., None]) -> None:
        self.on_trouble: Callable[[Notice], None] = lambda _notice: None
        self.on_link: Callable[[], None] = lambda: None
        self.is_paired = self.is_connected = self.takes_hold = True
        self.pct: int | None = 80
        self.heard: asyncio.Queue[bytes | Advertised] = asyncio.Queue()
        self._did = did

    async def pair(self, within_s: float) -> None:
        raise RadioError(f"no button is near that could be paired within {within_s} s")

    async def said(self) -> AsyncGenerator[bytes | Advertised, None]:
        while True:
            yield await self.heard.get()

    async def acknowledge(self, ack: bytes) -> None:
        self._did("radio", ack.hex())

    async def set_hold(self, frame: bytes) -> bool:
        self._did("radio", frame.hex())
        return self.takes_hold

    async def battery_pct(self) -> int | None:
        return self.pct


class PlayedSender(Sender):
    def __init__(
        self, servers: tuple[str, ...], ask: Callable[[str, bytes], Awaitable[tuple[int, bytes, str]]]
    ) -> None:
        super().__init__(servers)
        self._ask = ask

    async def _post(self, url: str, body: bytes, _content_type: str, statuses: tuple[int, ...]) -> bytes:
        status, answer, retry_after = await self._ask(url, body)
        if status not in statuses:
            raise refused(status, answer, retry_after)
        return answer

    async def _links(self, url: str) -> tuple[str, ...]:
        try:
            _, answer, _ = await self._ask(f"{url}/v1/receipt-keys", b"")
            return msgspec.json.decode(answer, type=ReceiptKeys).keys
        except (OSError, msgspec.MsgspecError):
            return ()


class Endless(bytes):
    """What a microphone hears that nobody ends; the same as PlayedPhone.java's, piece by piece."""

    def __len__(self) -> int:
        return 10**12

    def __getitem__(self, part: Any) -> Any:
        return f"sound {part.start // listening.PIECE_BYTES}".encode()


class FixedPlace:
    def __init__(self) -> None:
        self.position: Position | None = None

    def current(self) -> Position | None:
        return self.position


class PlayedCompanion:
    """`play` says what happens, and gives what the phone did; see PlayedPhone.java for the words."""

    name = "companion"

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._loop = PlayedLoop()
        self._did: list[Did] = []
        monkeypatch.setitem(opening._SCRYPT, "n", 1 << 10)
        # Hours of sound in pieces of a second would be most of a history; and nothing else is due at these moments.
        monkeypatch.setattr(listening, "PIECE_S", 61.371)
        fresh = SimpleNamespace(token_bytes=lambda size: drawn("fresh", self._loop)[:size])
        monkeypatch.setattr(codes, "secrets", fresh)

    def __enter__(self) -> "PlayedCompanion":
        return self

    def __exit__(self, *_: object) -> None:
        self._end()
        self._loop.close()

    def begin(self, begin: dict[str, Any]) -> list[Did]:
        self._end()
        self._loop.close()
        self._loop = PlayedLoop()
        self._clock = PlayedClock(self._loop, begin["now_us"])
        self._path = Path(begin["path"])
        for path in self._path.parent.glob(f"{self._path.name}*"):
            path.unlink()
        self._begin = begin
        self._place = FixedPlace()
        self._permitted = {"may_locate": True, "may_listen": True}
        self._phone_pct: int | None = None
        self._radio = PlayedRadio(self._do)
        self._asked = 0
        self._live()
        return self._settled()

    _store: PhoneStore | None = None
    _app: App | None = None

    def _do(self, *what: Any) -> None:
        self._did.append(list(what))

    def _report(self, step: str, **facts: Any) -> None:
        if step == "phone.shows":
            facts = {"line": LINES[facts["text"]]}
        self._do("report", step, facts)

    def _live(self) -> None:
        self._store = PhoneStore(
            self._path, bytes.fromhex(self._begin["seed"]), RadioIdentity("C0:00:00:00:00:01", bytes(16))
        )
        self._app, self._tasks = None, []
        self._waiting: dict[int, asyncio.Future[tuple[int, bytes, str]]] = {}
        sender = PlayedSender(tuple(self._begin["servers"]), self._ask)
        reply = self._store.enrolment()
        if reply is None and self._begin["is_enrolled"]:
            reply = msgspec.json.decode(self._begin["enrolment"], type=EnrolmentReply)
            self._store.do_enrol(reply)
        if reply is not None:
            self._work(sender, reply)

    def _work(self, sender: Sender, reply: EnrolmentReply) -> None:
        """A phone that has a kit."""
        assert self._store is not None
        former, self._radio = self._radio, PlayedRadio(self._do)
        for name in ("is_paired", "is_connected", "takes_hold", "pct"):
            setattr(self._radio, name, getattr(former, name))
        sender.trust(reply, self._store.key_ahead(), self._store.do_pin)
        around = Surroundings(self._place, self._phone_pct)
        around.permit_position(self._permitted["may_locate"])
        around.permit_microphone(self._permitted["may_listen"])
        chance, version = Drawn(self._loop), self._begin["version"]
        sound = Endless() if self._begin["hears"] else b""
        self._app = App(
            reply, self._store, self._radio, sender, around, self._clock, self._report, chance, sound, version
        )
        self._tasks.append(self._loop.create_task(self._app.run()))

    def _end(self) -> None:
        if self._store is not None:
            for task in self._tasks:
                task.cancel()
            self._loop.settle()
            self._store.close()

    async def _ask(self, url: str, body: bytes) -> tuple[int, bytes, str]:
        number, self._asked = self._asked, self._asked + 1
        self._waiting[number] = self._loop.create_future()
        self._do("ask", number, url, body.hex())
        return await self._waiting[number]

    def _settled(self) -> list[Did]:
        self._loop.settle()
        did, self._did = self._did, []
        for task in self._tasks:
            if task.done() and not task.cancelled():
                task.result()
        return did

    @property
    def next_us(self) -> int:
        return self._loop.next_us()

    def play(self, do: str, **command: Any) -> list[Did]:
        if self._app is None and do not in WITHOUT_KIT:
            return self._settled()
        getattr(self, f"_play_{do}")(**command)
        return self._settled()

    def _play_pass(self, until_us: int) -> None:
        self._loop.pass_until(until_us)

    def _play_answer(self, id: int, status: int, body: str, retry_after: str) -> None:
        waiting = self._waiting.pop(id, None)
        if waiting is not None and not waiting.done():
            waiting.set_result((status, body.encode(), retry_after))

    def _play_silence(self, id: int) -> None:
        waiting = self._waiting.pop(id, None)
        if waiting is not None and not waiting.done():
            waiting.set_exception(OSError("nobody answers"))

    def _play_jump(self, us: int) -> None:
        self._clock.ahead_us += us

    def _play_restart(self) -> None:
        self._end()
        self._live()

    def _play_enrol(self, code: str) -> None:
        if self._app is not None:
            self._do("enrol", "REFUSED")
            return
        self._start(self._enrol(code))

    async def _enrol(self, code: str) -> None:
        assert self._store is not None
        sender = PlayedSender(tuple(self._begin["servers"]), self._ask)
        request = make_request(code, self._store.key, Client(NATIVE, self._begin["version"]))
        try:
            reply = await sender.enrol(request)
        except (Unreachable, SendLimited, SendAway):
            self._do("enrol", "OFFLINE")
        except SendRefused:
            self._do("enrol", "REFUSED")
        else:
            self._do("enrol", "ENROLLED")
            if self._app is None:
                self._store.do_enrol(reply)
                self._work(sender, reply)

    def _play_frame(self, data: str) -> None:
        self._radio.heard.put_nowait(bytes.fromhex(data))

    def _play_broadcast(self, address: str, data: str) -> None:
        key = from_base64url(msgspec.json.decode(self._begin["enrolment"])["button_key"])
        self._radio.heard.put_nowait(bthome.decode(bytes.fromhex(data), bytes.fromhex(address), key))

    def _play_link(self, is_: bool) -> None:
        if self._radio.is_connected is not is_:
            self._radio.is_connected = is_
            self._radio.on_link()

    def _play_paired(self, is_: bool) -> None:
        self._radio.is_paired = is_

    def _play_trouble(self, notice: str) -> None:
        self._radio.on_trouble(Notice(notice))

    def _play_button_pct(self, pct: int) -> None:
        self._radio.pct = pct

    def _play_phone_pct(self, pct: int) -> None:
        self._phone_pct = self._app.around.phone_pct = pct

    def _play_takes_hold(self, is_: bool) -> None:
        self._radio.takes_hold = is_

    def _play_place(self, lat_e7: int, lon_e7: int, accuracy_m: int) -> None:
        self._place.position = Position(lat_e7, lon_e7, accuracy_m, 0, Source.SATELLITE)

    def _play_no_place(self) -> None:
        self._place.position = None

    def _play_may_locate(self, is_: bool) -> None:
        self._permitted["may_locate"] = is_
        self._app.around.permit_position(is_)

    def _play_may_listen(self, is_: bool) -> None:
        self._permitted["may_listen"] = is_
        self._call(self._app.permit_microphone, is_)

    def _play_press_on_screen(self) -> None:
        self._call(self._app.press_on_screen)

    def _play_arm_test(self) -> None:
        self._app.arm_test()

    def _play_disarm_test(self) -> None:
        self._app.disarm_test()

    def _play_answer_question(self, word: str) -> None:
        self._call(self._app.answer, word)

    def _play_vibrates(self, is_: bool) -> None:
        self._app.choose(vibrates=is_)

    def _play_listens(self, is_: bool) -> None:
        self._app.choose(listens=is_)

    def _play_hurry(self) -> None:
        self._app.core.hurry()

    def _play_unlock(self, code: str) -> None:
        self._start(self._enter("unlock", self._app.unlock(code)))

    def _play_cancel(self, code: str) -> None:
        self._start(self._enter("cancel", self._app.cancel(code)))

    def _play_set_pins(self, own: str, threat: str) -> None:
        self._start(self._set_pins(own, threat))

    def _call(self, function: Callable[..., None], *arguments: Any) -> None:
        """Within the loop, where tasks can be made."""
        self._loop.call_soon(function, *arguments)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        self._tasks.append(self._loop.create_task(work))

    async def _enter(self, what: str, answer: Awaitable[Any]) -> None:
        self._do(what, (await answer).name)

    async def _set_pins(self, own: str, threat: str) -> None:
        try:
            await self._app.choose_pins(own, threat)
        except ValueError:
            self._do("set_pins", "REFUSED")
        except (Unreachable, SendRefused):
            self._do("set_pins", "FAILED")
        else:
            self._do("set_pins", "CHOSEN")
