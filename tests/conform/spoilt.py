"""A bad server: our own, whose answers are changed on their way. It signs what it changed, so that only one thing is
wrong with it.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from egide.common.encoding import to_base64url
from egide.conform.calls import Answer, Caller
from egide.protocol.envelope import EnvelopeError, Kind, Message, decode
from egide.protocol.keys import SigningKey
from egide.protocol.receipt import Pending, Receipt, sign_receipt
from egide.protocol.receipt_key import hand_on

ENROLMENTS, MESSAGES, OPENINGS = "/v1/enrolments", "/v1/messages", "/v1/openings"


class Asked(msgspec.Struct, frozen=True):
    """One call: how often just this one came before, and whether a limit was reached meanwhile."""

    method: str
    path: str
    body: bytes
    before: int
    is_limited: bool

    @property
    def message(self) -> Message | None:
        try:
            return decode(self.body).message if self.path == MESSAGES else None
        except EnvelopeError:
            return None


Fault = Callable[[Asked, Answer], Answer]


class Spoilt:
    """Calls that reach the true server and come back with a fault."""

    def __init__(self, true: Caller, fault: Fault) -> None:
        self._true, self._fault = true, fault
        self._key = SigningKey.generate()
        self._came: list[tuple[str, str, bytes]] = []
        self._is_limited = False

    async def call(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        answer = await self._true.call(method, path, headers, body)
        call = (method, path, body)
        asked = Asked(*call, self._came.count(call), self._is_limited)
        self._came.append(call)
        self._is_limited |= path == MESSAGES and answer.status == 429
        spoilt = self._fault(asked, answer)
        if path == ENROLMENTS and spoilt.status == 201:
            return said(spoilt, server_key=to_base64url(bytes(self._key.verify_key)))
        if path == MESSAGES and spoilt.status == 201:
            receipt = msgspec.json.decode(spoilt.body, type=Receipt)
            signed = sign_receipt(self._key, hashlib.sha256(body).digest(), receipt)
            return msgspec.structs.replace(spoilt, body=msgspec.json.encode(signed))
        return spoilt


def said(answer: Answer, code: int | None = None, /, **fields: Any) -> Answer:
    """The answer with these fields of its body changed."""
    told = json.loads(answer.body or b"{}") | fields
    body = json.dumps(told).encode()
    return msgspec.structs.replace(answer, status=code or answer.status, body=body)


def when(
    path: str, status: int, change: Callable[[Asked, Answer], Answer], kind: Kind | None = None
) -> Fault:
    """Only answers of this address with this status are changed; `kind`: to messages of this kind alone."""

    def fault(asked: Asked, answer: Answer) -> Answer:
        is_meant = (asked.path, answer.status) == (path, status)
        if is_meant and (kind is None or (asked.message is not None and asked.message.kind is kind)):
            return change(asked, answer)
        return answer

    return fault


def other(code: int, /, **fields: Any) -> Callable[[Asked, Answer], Answer]:
    return lambda _asked, answer: said(answer, code, **fields)


def again(**fields: Any) -> Callable[[Asked, Answer], Answer]:
    """Changed when the same call comes once more."""
    return lambda asked, answer: said(answer, **fields) if asked.before else answer


def headed(name: str, value: str | None) -> Callable[[Asked, Answer], Answer]:
    def change(_asked: Asked, answer: Answer) -> Answer:
        headers = {key: text for key, text in answer.headers.items() if key != name}
        return msgspec.structs.replace(answer, headers=headers | ({name: value} if value else {}))

    return change


def with_reason(was: str, becomes: str, status: int | None = None) -> Callable[[Asked, Answer], Answer]:
    return lambda _asked, answer: (
        said(answer, status, reason=becomes) if json.loads(answer.body)["reason"] == was else answer
    )


def _all_limited(asked: Asked, answer: Answer) -> Answer:
    return said(answer, 429, reason="too-many-messages") if asked.is_limited else answer


def _new_counter_only(asked: Asked, answer: Answer) -> Answer:
    """A press is refused for its counter, as other messages are."""
    assert asked.message is not None
    return said(answer, 409, reason="counter-used") if asked.message.trigger == 1 else answer


def _renamed(asked: Asked, answer: Answer) -> Answer:
    """Each press by the screen makes an alarm of its own."""
    assert asked.message is not None
    return said(answer, alarm=f"0123456789abcdef-{asked.message.counter}")


def _links() -> list[str]:
    keys = [SigningKey(bytes([number]) * 32) for number in range(1, 4)]
    return [hand_on(key, bytes(keys[2].verify_key)) for key in keys[:2]]


ELSEWHERE = "0123456789abcdef-77"
SEEN = [msgspec.to_builtins(Pending("seen"))]
TAKEN = {"seq": 1, "alarm": "", "received_at": 1, "state": "noted", "next_counter": 2, "pending": []}

FAULTS: dict[str, Fault] = {
    "health": when("/v1/health", 200, other(200, status="writer-stuck")),
    "preflight": when(MESSAGES, 204, headed("access-control-allow-origin", None)),
    "no-such-address": when("/v1/nothing-here", 404, other(404, reason="who-knows")),
    "wrong-method": when(MESSAGES, 405, headed("allow", None)),
    "enrolment-media": when(ENROLMENTS, 415, other(400, reason="bad-enrolment")),
    "enrolment-too-large": when(ENROLMENTS, 413, other(400, reason="bad-enrolment")),
    "enrolment-unknown-code": when(ENROLMENTS, 404, other(404, reason="never-issued")),
    "enrolment-possession": when(ENROLMENTS, 400, other(404, reason="unknown-code")),
    "enrolment": when(ENROLMENTS, 201, other(201, kid="0123456789abcdef")),
    "enrolment-again": when(ENROLMENTS, 201, lambda asked, answer: said(answer, kit=str(len(asked.body)))),
    "enrolment-used-code": when(ENROLMENTS, 404, other(404, reason="used-code")),
    "message-media": when(MESSAGES, 415, other(400, reason="bad-header")),
    "message-too-large": when(MESSAGES, 413, other(400, reason="bad-header")),
    "no-envelope": when(MESSAGES, 400, with_reason("bad-header", "truncated")),
    "malformed": when(MESSAGES, 400, with_reason("press-in-the-future", "out-of-range")),
    "unknown-key": when(MESSAGES, 401, with_reason("unknown-key", "bad-signature")),
    "forged": when(MESSAGES, 401, with_reason("bad-signature", "unknown-key")),
    "sign-of-life": when(MESSAGES, 201, other(400, reason="out-of-range"), Kind.HEARTBEAT),
    "note": when(MESSAGES, 201, other(201, seq=0), Kind.NOTICE),
    "same-bytes": when(MESSAGES, 201, again(received_at=7), Kind.NOTICE),
    "used-counter": when(MESSAGES, 409, other(201, **TAKEN)),
    "next-counter": when(MESSAGES, 201, other(201, next_counter=2), Kind.NOTICE),
    "press": when(MESSAGES, 201, other(201, alarm="", state="noted"), Kind.PRESS),
    "press-again": when(MESSAGES, 201, again(seq=1_000_000), Kind.PRESS),
    "press-with-used-counter": when(MESSAGES, 201, _new_counter_only, Kind.PRESS),
    "press-folds": when(MESSAGES, 201, _renamed, Kind.PRESS),
    "position": when(MESSAGES, 201, other(201, alarm=ELSEWHERE), Kind.POSITION),
    "safe-ends-nothing": when(MESSAGES, 201, other(201, state="closed"), Kind.CANCEL),
    "under-threat": when(MESSAGES, 201, other(201, pending=SEEN), Kind.POSITION),
    "opening": when(OPENINGS, 201, other(201, part="A" * 43)),
    "opening-signed": when(OPENINGS, 401, with_reason("bad-signature", "unknown-key")),
    "opening-limited": when(OPENINGS, 429, other(201, part="A" * 43)),
    "limit": when(MESSAGES, 429, other(201, **TAKEN)),
    "press-is-not-limited": when(MESSAGES, 201, _all_limited, Kind.PRESS),
    "receipt-keys": when("/v1/receipt-keys", 200, other(200, keys=_links())),
    "nothing-is-stored": when("/v1/health", 200, headed("cache-control", "max-age=60")),
}
