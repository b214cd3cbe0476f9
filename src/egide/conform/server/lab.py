"""One phone of the kit and the server that it talks to: keys, counters, what was sent and what came."""

from collections.abc import Mapping
from typing import Any

import msgspec

from egide.common.clock import Clock
from egide.common.encoding import from_base64url
from egide.conform.calls import Answer, Caller, read_as
from egide.conform.points import Deviates, Untried, expect
from egide.conform.server.shapes import EnrolmentReply, Problem, Receipt
from egide.protocol import receipt as receipts
from egide.protocol.envelope import Kind, Message, encode
from egide.protocol.keys import SigningKey

COSE, JSON = "application/cose", "application/json"
CONTRACT = "contracts/intake.openapi.yaml"


class Sent(msgspec.Struct, frozen=True):
    """A message that was taken: its bytes, its counter, its receipt."""

    envelope: bytes
    counter: int
    receipt: Receipt


class ServerLab:
    """`code`: a one-time code of a kit that is there to be tried."""

    def __init__(self, caller: Caller, clock: Clock, code: str) -> None:
        self._caller, self._clock = caller, clock
        self.code = code
        self.key = SigningKey.generate()
        self.stranger = SigningKey.generate()
        self.enrolled: EnrolmentReply | None = None
        self.counter = 0
        self.press: Sent | None = None
        self.note: Sent | None = None
        self.answered = 0
        # Answers that a proxy may store, by the call that they came to.
        self.stored: list[str] = []

    async def call(self, method: str, path: str, media: str = "", body: bytes = b"") -> Answer:
        """Raises OSError."""
        headers: Mapping[str, str] = {"content-type": media} if media else {}
        answer = await self._caller.call(method, path, headers, body)
        self.answered += 1
        if answer.headers.get("cache-control") != "no-store":
            self.stored.append(f"{method} {path}")
        return answer

    async def refusal(self, reason: str, status: int, answer: Answer) -> str:
        """What came, where it is this refusal. Raises Deviates."""
        problem = read_as(answer, Problem, status)
        expect(problem.reason == reason, str(answer))
        return f"{status} {problem.reason}"

    def message(self, kind: Kind, **fields: Any) -> bytes:
        """The next message of the enrolled phone, signed."""
        self.counter += 1
        return self.signed(kind, self.counter, **fields)

    def signed(self, kind: Kind, counter: int, key: SigningKey | None = None, **fields: Any) -> bytes:
        now_s = self._clock.now_us() // 1_000_000
        return encode(Message(kind=kind, counter=counter, sent_at_s=now_s, **fields), key or self.key)

    async def post(self, envelope: bytes) -> Answer:
        return await self.call("POST", "/v1/messages", COSE, envelope)

    async def send(self, kind: Kind, **fields: Any) -> Sent:
        """The next message, and its receipt, which must be signed. Raises Deviates, Untried."""
        if self.enrolled is None:
            raise Untried("no phone was enrolled")
        envelope = self.message(kind, **fields)
        return Sent(envelope, self.counter, self.receipt(envelope, await self.post(envelope)))

    def receipt(self, envelope: bytes, answer: Answer) -> Receipt:
        """The receipt for these bytes, under the key that was pinned. Raises Deviates, Untried."""
        if self.enrolled is None:
            raise Untried("no phone was enrolled")
        told = read_as(answer, Receipt, 201)
        same = msgspec.convert(msgspec.to_builtins(told), receipts.Receipt)
        if not receipts.receipt_is_valid(same, envelope, from_base64url(self.enrolled.server_key)):
            raise Deviates(f"a receipt that the pinned key did not sign over these bytes: {answer}")
        return told

    @property
    def pressed(self) -> Sent:
        """The press. Raises Untried."""
        if self.press is None:
            raise Untried("no press was taken")
        return self.press
