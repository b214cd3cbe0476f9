"""The smallest phone that keeps the contracts, and bad ones with one fault each, by the point that finds it.

It calls the pretended server without HTTP, and waits a hundredth of what a phone waits.
"""

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec

from egide.common.clock import SystemClock
from egide.common.encoding import NotJson, from_base64url, from_json
from egide.conform.calls import Answer
from egide.conform.phone.pretended import ENROLMENTS, KEYS, MESSAGES, Pretended, Reply
from egide.protocol.enrolment import NATIVE, Client, EnrolmentReply, EnrolmentRequest, make_request
from egide.protocol.envelope import Kind, Message, Trigger, encode
from egide.protocol.keys import SigningKey
from egide.protocol.receipt import Receipt
from egide.protocol.receipt_key import Pinned, ReceiptKeys

PAUSE_S = 0.005


class Tiny:
    """A phone without radio, place or disk: what it keeps is kept while its app is away."""

    media = "application/cose"

    def __init__(self, server: Pretended) -> None:
        self.server = server
        self.key = SigningKey.generate()
        self.counter = 0
        self.last = 0
        self.unsent: list[bytes] = []
        self.press: int | None = None
        self.pinned = Pinned(b"")
        self.limited_until_us = 0
        self.clock = SystemClock()
        self._tasks: set[asyncio.Task[None]] = set()

    async def ask(self, what: str) -> None:
        match what:
            case "enrol":
                self._run(self._enrol())
            case "press":
                self.do_press()
            case "end the app":
                await self.end()
            case "start the app":
                self.start()

    def _run(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def end(self) -> None:
        """By force."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def start(self) -> None:
        for data in self.unsent:
            self._run(self._deliver(data))
        self._run(self._tell())

    # -- enrolling -----------------------------------------------------------------------------------------------

    def request(self) -> EnrolmentRequest:
        return make_request(self.server.code, self.key, Client(NATIVE, "tiny-1"))

    async def _enrol(self) -> None:
        while True:
            body = msgspec.json.encode(self.request())
            reply = await self.post(0, ENROLMENTS, self.json_media, body)
            if isinstance(reply, Answer) and reply.status == 201:
                told = from_json(reply.body, EnrolmentReply)
                self.pinned = Pinned(from_base64url(told.server_key))
                self.start()
                return
            await asyncio.sleep(PAUSE_S)

    json_media = "application/json"

    # -- sending -------------------------------------------------------------------------------------------------

    async def post(self, address: int, path: str, media: str, body: bytes) -> Reply:
        return await self.server.handle(address, "POST", path, {"content-type": media}, body)

    def signed(self, kind: Kind, **fields: Any) -> bytes:
        self.counter += 1
        now_s = self.clock.now_us() // 1_000_000
        return encode(Message(kind=kind, counter=self.counter, sent_at_s=now_s, **fields), self.key)

    def do_press(self) -> None:
        data = self.signed(Kind.PRESS, trigger=Trigger.SCREEN)
        self.press = self.counter
        self.unsent.append(data)
        self._run(self._deliver(data))

    def addresses(self) -> list[int]:
        return [self.last, 1 - self.last]

    async def _deliver(self, data: bytes) -> None:
        while data in self.unsent:
            if await self.try_all(data) or await self.gives_up(data):
                self.is_done(data)
                return
            await asyncio.sleep(PAUSE_S)

    def is_done(self, data: bytes) -> None:
        if data in self.unsent:
            self.unsent.remove(data)

    async def gives_up(self, _data: bytes) -> bool:
        return False

    async def try_all(self, data: bytes) -> bool:
        """Whether an address took it."""
        self.replies: list[Reply] = []
        for address in self.addresses():
            reply = await self.post(address, MESSAGES, self.media, data)
            self.replies.append(reply)
            if isinstance(reply, Answer) and await self.takes(reply, data):
                self.last = address
                return True
        return False

    async def takes(self, answer: Answer, data: bytes) -> bool:
        """Whether this is a true receipt."""
        return answer.status == 201 and await self.believes(answer, data)

    async def believes(self, answer: Answer, data: bytes) -> bool:
        try:
            receipt = from_json(answer.body, Receipt)
        except NotJson:
            return False
        pinned = self.pinned.after(receipt, data) or self.pinned.along(await self.links(), receipt, data)
        if pinned is None:
            return False
        self.pinned = pinned
        self.counter = max(self.counter, receipt.next_counter - 1)
        return True

    async def links(self) -> tuple[str, ...]:
        reply = await self.server.handle(self.last, "GET", KEYS, {}, b"")
        assert isinstance(reply, Answer)
        return from_json(reply.body, ReceiptKeys).keys

    # -- what is no press ----------------------------------------------------------------------------------------

    def position(self) -> bytes:
        return self.signed(Kind.POSITION, press=self.press)

    async def _tell(self) -> None:
        """A position after the other, each until it is taken."""
        while True:
            await asyncio.sleep(PAUSE_S)
            if self.press is None:
                continue
            data = self.position()
            while not await self.try_all(data):
                await self.wait_limited(self.replies[-1])

    async def wait_limited(self, reply: Reply) -> None:
        is_limited = isinstance(reply, Answer) and reply.status == 429
        await asyncio.sleep(1.0 if is_limited else PAUSE_S)


# -- bad ones ----------------------------------------------------------------------------------------------------


def giving_up(is_enough: Callable[[Reply], bool]) -> type[Tiny]:
    """One that drops a press after such an answer."""

    class GivesUp(Tiny):
        async def gives_up(self, _data: bytes) -> bool:
            return any(is_enough(reply) for reply in self.replies)

        def addresses(self) -> list[int]:
            return [self.last]

    return GivesUp


def after(status: int) -> type[Tiny]:
    return giving_up(lambda reply: isinstance(reply, Answer) and reply.status == status)


class Mislabels(Tiny):
    json_media = "text/plain"


class ForgedEnrolment(Tiny):
    def request(self) -> EnrolmentRequest:
        other = make_request(self.server.code, SigningKey.generate(), Client(NATIVE, "tiny-1"))
        return msgspec.structs.replace(super().request(), signature=other.signature)


class NewKeyEachTime(Tiny):
    def request(self) -> EnrolmentRequest:
        self.key = SigningKey.generate()
        return super().request()


class NeverPresses(Tiny):
    def do_press(self) -> None:
        self.press = 1


class TakesAnything(Tiny):
    async def believes(self, answer: Answer, data: bytes) -> bool:
        await super().believes(answer, data)
        return True


class TakesKept(Tiny):
    async def takes(self, answer: Answer, data: bytes) -> bool:
        return answer.status in (201, 202) and await self.believes(answer, data)


class Follows(Tiny):
    async def takes(self, answer: Answer, data: bytes) -> bool:
        if answer.status == 307:
            await self.post(0, answer.headers["location"], self.media, data)
        return await super().takes(answer, data)


class OneAddress(Tiny):
    def addresses(self) -> list[int]:
        return [self.last]


class Forgets(Tiny):
    async def end(self) -> None:
        await super().end()
        self.unsent.clear()


class NewestOnly(Tiny):
    def do_press(self) -> None:
        self.unsent.clear()
        super().do_press()


class Nowhere(Tiny):
    def position(self) -> bytes:
        return self.signed(Kind.HEARTBEAT)


class Impatient(Tiny):
    async def wait_limited(self, reply: Reply) -> None:
        await asyncio.sleep(PAUSE_S)


class PressesWait(Tiny):
    """A limit of one message holds up everything."""

    def __init__(self, server: Pretended) -> None:
        super().__init__(server)
        self._may = asyncio.Event()
        self._may.set()

    async def wait_limited(self, reply: Reply) -> None:
        self._may.clear()
        await super().wait_limited(reply)

    async def _deliver(self, data: bytes) -> None:
        await self._may.wait()
        await super()._deliver(data)


class OwnCounter(Tiny):
    async def believes(self, answer: Answer, data: bytes) -> bool:
        own = self.counter
        believed = await super().believes(answer, data)
        self.counter = own
        return believed


class OneKeyForEver(Tiny):
    async def believes(self, answer: Answer, data: bytes) -> bool:
        pinned = self.pinned
        believed = await super().believes(answer, data)
        self.pinned = Pinned(pinned.key)
        return believed


class NoLinks(Tiny):
    async def links(self) -> tuple[str, ...]:
        return ()


class NeverEnds(Tiny):
    def is_done(self, data: bytes) -> None:
        self._run(self._deliver(data))


class Babbles(Tiny):
    def position(self) -> bytes:
        return super().position()[:-1]


class SignsOtherwise(Tiny):
    def position(self) -> bytes:
        own, self.key = self.key, SigningKey.generate()
        data = super().position()
        self.key = own
        return data


class CountsTwice(Tiny):
    def position(self) -> bytes:
        self.counter -= 1
        return self.signed(Kind.HEARTBEAT)


class OtherMedia(Tiny):
    media = "application/octet-stream"


BAD: dict[str, type[Tiny]] = {
    "enrolment": Mislabels,
    "possession": ForgedEnrolment,
    "enrolment-again": NewKeyEachTime,
    "press": NeverPresses,
    "broken": giving_up(lambda reply: not isinstance(reply, Answer)),
    "silence": giving_up(lambda reply: not isinstance(reply, Answer)),
    "away": after(503),
    "full": after(507),
    "unknown": after(401),
    "malformed": after(400),
    "conflict": after(409),
    "proxy": after(404),
    "no-receipt": TakesAnything,
    "redirect": Follows,
    "receipt-of-another-key": TakesAnything,
    "receipt-for-other-bytes": TakesAnything,
    "receipt-changed": TakesAnything,
    "kept": TakesKept,
    "press-limited": after(429),
    "other-address": OneAddress,
    "kept-on-the-disk": Forgets,
    "two-presses": NewestOnly,
    "positions": Nowhere,
    "limit-waits": Impatient,
    "limit-holds-no-press": PressesWait,
    "next-counter": OwnCounter,
    "key-handed-on": OneKeyForEver,
    "key-chain": NoLinks,
    "no-press-after-its-receipt": NeverEnds,
    "grammar": Babbles,
    "signatures": SignsOtherwise,
    "counters": CountsTwice,
    "media": OtherMedia,
}
