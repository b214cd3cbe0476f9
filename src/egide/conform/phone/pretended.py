"""A pretended server: it enrols one phone, writes down what comes, and answers as a kit's points say.

It keeps nothing and routes nothing. Its receipts are true ones unless a point asks for others.
"""

import asyncio
import hashlib
import secrets
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from egide.common.clock import Clock
from egide.common.encoding import NotJson, from_json, to_base64url
from egide.conform.calls import Answer
from egide.protocol.enrolment import (
    EnrolmentReply,
    EnrolmentRequest,
    Settings,
    check_request,
    code_hash,
)
from egide.protocol.envelope import Envelope, EnvelopeError, Kind, Message, decode
from egide.protocol.keys import SigningKey, kid_of
from egide.protocol.opening import OpeningReply, OpeningRequest, check_opening, part_of
from egide.protocol.receipt import Pending, Receipt, sign_receipt

ENROLMENTS, MESSAGES, OPENINGS, KEYS = "/v1/enrolments", "/v1/messages", "/v1/openings", "/v1/receipt-keys"
# What intake says to pages of any origin.
_HEADERS = {
    "access-control-allow-origin": "*",
    "access-control-allow-methods": "POST",
    "access-control-allow-headers": "content-type",
    "access-control-expose-headers": "retry-after",
    "cache-control": "no-store",
}


class Came(msgspec.Struct, frozen=True):
    """One call with a message. `address`: which of the server's addresses it came to. `reason`: of bytes that are no
    envelope, else empty. `at_us` is by the clock that nobody sets.
    """

    data: bytes
    media: str
    address: int
    at_us: int
    envelope: Envelope | None
    reason: str

    @property
    def message(self) -> Message | None:
        return self.envelope.message if self.envelope else None

    @property
    def is_press(self) -> bool:
        return self.message is not None and self.message.kind is Kind.PRESS


class Enrolling(msgspec.Struct, frozen=True):
    """One call that was to enrol; `key` (32 bytes) is empty where the request does not prove it."""

    body: bytes
    media: str
    request: EnrolmentRequest | None
    key: bytes


class Silence:
    """No answer, while the caller waits for one."""


class Broken:
    """The connection ends without an answer."""


Reply = Answer | Silence | Broken
Plan = Callable[[Came], Reply]


class Pretended:
    """`addresses` are set by whoever serves it, before the first call."""

    def __init__(self, clock: Clock, settings: Settings) -> None:
        self._clock, self._settings = clock, settings
        self.code = "-".join(secrets.token_hex(2).upper() for _ in range(2))
        # The key that signs now, and the two that follow it.
        self.keys = [SigningKey.generate() for _ in range(3)]
        self.key = self.keys[0]
        self.addresses: tuple[str, ...] = ()
        self.came: list[Came] = []
        self.enrollings: list[Enrolling] = []
        self.enrol_plan: Callable[[], Reply | None] = lambda: None
        # What a press is answered, and everything else; None for a receipt.
        self.press_plan: Plan | None = None
        self.other_plan: Plan | None = None
        self.links: tuple[str, ...] = ()
        self.asked_links = 0
        # Paths that nobody should ask for.
        self.strays: list[str] = []
        # When the first true receipt for these bytes left, by the number of calls before it.
        self.receipted: dict[bytes, int] = {}
        self.changed = asyncio.Condition()
        self._opening = secrets.token_bytes(32)
        self._button_key = secrets.token_bytes(16)
        self._highest = 0

    @property
    def device_key(self) -> bytes:
        """The key that was enrolled (32 bytes), empty before."""
        return next((one.key for one in reversed(self.enrollings) if one.key), b"")

    def times(self, data: bytes, since: int = 0) -> int:
        return sum(one.data == data for one in self.came[since:])

    async def handle(
        self, address: int, method: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> Reply:
        """The answer to one call; what came is known to who waits, before it leaves."""
        reply = self._answer(address, method, path, headers.get("content-type", ""), body)
        async with self.changed:
            self.changed.notify_all()
        return reply

    def _answer(self, address: int, method: str, path: str, media: str, body: bytes) -> Reply:
        match method, path:
            case "OPTIONS", _:
                return Answer(204, _HEADERS, b"")
            case "POST", "/v1/enrolments":
                return self._enrol(media, body)
            case "POST", "/v1/messages":
                return self._take(address, media, body)
            case "POST", "/v1/openings":
                return self._open(body)
            case "GET", "/v1/receipt-keys":
                self.asked_links += 1
                return said(200, {"keys": self.links})
        self.strays.append(f"{method} {path}")
        return refusal(404, "no-such-address")

    def _enrol(self, media: str, body: bytes) -> Reply:
        try:
            request = from_json(body, EnrolmentRequest)
            key = check_request(request)
        except NotJson:
            self.enrollings.append(Enrolling(body, media, None, b""))
            return refusal(400, "bad-enrolment")
        except ValueError:
            self.enrollings.append(Enrolling(body, media, request, b""))
            return refusal(400, "bad-enrolment")
        if code_hash(request.code) != code_hash(self.code) or self.device_key not in (b"", key):
            self.enrollings.append(Enrolling(body, media, request, b""))
            return refusal(404, "unknown-code")
        self.enrollings.append(Enrolling(body, media, request, key))
        return self.enrol_plan() or said(201, self._enrolled(key))

    def _enrolled(self, key: bytes) -> EnrolmentReply:
        return EnrolmentReply(
            kid=kid_of(key).hex(),
            kit="conformance",
            button_id="none",
            button_key=to_base64url(self._button_key),
            server_key=to_base64url(bytes(self.keys[0].verify_key)),
            servers=self.addresses,
            settings=self._settings,
        )

    def _open(self, body: bytes) -> Reply:
        try:
            tag, _signature = check_opening(from_json(body, OpeningRequest))
        except ValueError:
            return refusal(400, "bad-opening")
        return said(201, OpeningReply(to_base64url(part_of(self._opening, tag))))

    def _take(self, address: int, media: str, body: bytes) -> Reply:
        envelope, reason = None, ""
        try:
            envelope = decode(body)
        except EnvelopeError as error:
            reason = error.reason
        came = Came(body, media, address, self._clock.steady_us(), envelope, reason)
        self.came.append(came)
        if came.message is None:
            return refusal(400, reason)
        self._highest = max(self._highest, came.message.counter)
        plan = self.press_plan if came.is_press else self.other_plan
        return self.receipt(came) if plan is None else plan(came)

    def receipt(self, came: Came, **fields: Any) -> Answer:
        """A true receipt; `fields` of it may be set before it is signed."""
        self.receipted.setdefault(came.data, len(self.came))
        return said(201, self.signed(came, self.key, **fields))

    def signed(self, came: Came, key: SigningKey, **fields: Any) -> Receipt:
        """What a receipt for these bytes says, signed by `key`."""
        assert came.message is not None and came.envelope is not None
        press = came.message.counter if came.is_press else came.message.press
        first = next(index for index, one in enumerate(self.came, 1) if one.data == came.data)
        told = Receipt(
            seq=first,
            alarm=f"{came.envelope.kid.hex()}-{press}" if press else "",
            received_at=self._clock.now_us() // 1000,
            state="received" if press else "noted",
            next_counter=self._highest + 1,
            pending=(),
        )
        told = msgspec.structs.replace(told, **fields)
        return sign_receipt(key, hashlib.sha256(came.data).digest(), told)


def said(status: int, what: Any, **headers: str) -> Answer:
    """An answer in JSON."""
    more = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, _HEADERS | {"content-type": "application/json"} | more, msgspec.json.encode(what))


def refusal(status: int, reason: str, **headers: str) -> Answer:
    return said(status, {"error": str(status), "reason": reason}, **headers)


def key_pending(link: str) -> tuple[Pending, ...]:
    return (Pending("key", link),)
