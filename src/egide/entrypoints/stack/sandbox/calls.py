"""The calls that went through a sandbox: what each was, what became of it, and why it was refused."""

import asyncio
import json
import re
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable
from typing import Any, Final

import msgspec

from egide.common.encoding import NotJson, from_json
from egide.entrypoints.stack.sandbox.script import (
    ALARM,
    ANSWER,
    ENROLMENT,
    FETCH,
    MESSAGE,
    OPENING,
    PRESS,
    REPORT,
    SENDING,
    TEXT,
)
from egide.protocol.envelope import EnvelopeError, Kind, decode

OTHER = "other"
KEPT = 500
MOST_SHOWN_SIGNS = 4000
_INTAKE: Final = {
    "/v1/enrolments": ENROLMENT,
    "/v1/openings": OPENING,
    "/v1/reports": REPORT,
    "/v1/reports/traccar": REPORT,
    "/v1/sms": TEXT,
}
_WORD = re.compile(r"[a-z0-9-]{1,40}")


class Call(msgspec.Struct, kw_only=True):
    """One call. `outwards`: Egide called. `status` is None while nobody answered; `reason` is a word of what answered,
    `fault` the line of the script that was played, `asked` and `answered` what was said, as text."""

    number: int
    at_us: int
    road: str
    nth: int
    outwards: bool
    method: str
    path: str
    asked: str
    status: int | None = None
    reason: str = ""
    answered: str = ""
    fault: str = ""
    is_over: bool = False


class Step(msgspec.Struct, kw_only=True):
    """Something that the sandbox did by itself, by button or by script; `failed` says why it could not."""

    number: int
    at_us: int
    what: str
    failed: str = ""


Noted = Call | Step


class _Refusal(msgspec.Struct, frozen=True):
    reason: str = ""
    state: str = ""


class Calls:
    """All that was noted, the last `KEPT`; who follows hears of each change. `now_us`: the sandbox's clock."""

    def __init__(self, now_us: Callable[[], int]) -> None:
        self._now_us = now_us
        self._noted: deque[Noted] = deque(maxlen=KEPT)
        self._changed: set[asyncio.Queue[Noted]] = set()
        self._number = 0
        self._counts: Counter[str] = Counter()

    def begin(self, road: str, method: str, path: str, body: bytes, *, outwards: bool = False) -> Call:
        """A call came; it is counted among those of its road."""
        self._counts[road] += 1
        call = Call(
            number=self._next(),
            at_us=self._now_us(),
            road=road,
            nth=self._counts[road],
            outwards=outwards,
            method=method,
            path=path,
            asked=shown(body),
        )
        self._add(call)
        return call

    def end(self, call: Call) -> None:
        """Nothing more happens to it."""
        call.is_over = True
        self._tell(call)

    def note_step(self, what: str, failed: str = "") -> None:
        """Something was done by button or by script."""
        self._add(Step(number=self._next(), at_us=self._now_us(), what=what, failed=failed))

    def count_anew(self) -> None:
        """A script begins: its third press is the third from now on."""
        self._counts.clear()

    def all(self) -> list[Noted]:
        """In their order."""
        return list(self._noted)

    async def follow(self) -> AsyncIterator[Noted]:
        """What is noted from now on, each again when it changes."""
        queue: asyncio.Queue[Noted] = asyncio.Queue()
        self._changed.add(queue)
        try:
            while True:
                yield await queue.get()
        finally:
            self._changed.discard(queue)

    def _next(self) -> int:
        self._number += 1
        return self._number

    def _add(self, noted: Noted) -> None:
        self._noted.append(noted)
        self._tell(noted)

    def _tell(self, noted: Noted) -> None:
        for queue in self._changed:
            queue.put_nowait(noted)


def road_of(path: str, body: bytes) -> str:
    """Which road of a script a call takes, by its address and, of a phone's message, by what it says."""
    if path == "/v1/messages":
        return PRESS if _kind(body) is Kind.PRESS else MESSAGE
    if path.startswith("/dispatch/"):
        return {"answers": ANSWER, "messages": FETCH}.get(path.rpartition("/")[2], OTHER)
    if path.startswith("/to/"):
        return SENDING if path == "/to/sms" else ALARM
    return _INTAKE.get(path, OTHER)


def reason_in(status: int, answer: bytes) -> str:
    """The word by which intake says why it refused, and the road for text messages why it is no press; else none."""
    try:
        said = from_json(answer, _Refusal)
    except NotJson:
        return ""
    is_refused = status >= 400 or said.state == "refused"
    return said.reason if is_refused and _WORD.fullmatch(said.reason) else ""


def shown(body: bytes) -> str:
    """What was said, for people: JSON laid out, a phone's message opened, anything else by its size."""
    if not body:
        return ""
    try:
        from_json(body, object)
        return _cut(msgspec.json.format(body, indent=1).decode())
    except NotJson:
        pass
    try:
        message = decode(body).message
    except EnvelopeError as error:
        return f"{len(body)} bytes: {error}"
    fields: dict[str, Any] = {
        name: value for name, value in msgspec.to_builtins(message).items() if value is not None
    }
    return _cut(json.dumps(fields | {"kind": message.kind.name.lower()}, indent=1))


def _kind(body: bytes) -> Kind | None:
    try:
        return decode(body).message.kind
    except EnvelopeError:
        return None


def _cut(text: str) -> str:
    return text if len(text) <= MOST_SHOWN_SIGNS else f"{text[:MOST_SHOWN_SIGNS]} …"
