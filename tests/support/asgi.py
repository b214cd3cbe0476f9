"""Speaks ASGI to intake in this process, so that a test can set the clock and look at the database beside it."""

import asyncio
from typing import Any

import msgspec

from egide.entrypoints.intake import Application
from egide.protocol.receipt import Receipt
from tests.support.contract import check_answer
from tests.support.installation import Installation

COSE, JSON = "application/cose", "application/json"


class Reply(msgspec.Struct, frozen=True):
    """Status, headers (lower-case names) and body of a response."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.body)

    @property
    def reason(self) -> str:
        """The word of a refusal."""
        return str(self.json["reason"])

    @property
    def receipt(self) -> Receipt:
        """The receipt, of an accepted message."""
        assert self.status == 201, (self.status, self.body)
        return msgspec.json.decode(self.body, type=Receipt)


class IntakeClient:
    """The intake application with its writer running. Use as an asynchronous context."""

    def __init__(self, installation: Installation) -> None:
        self.app = Application(installation.config, installation.journal, installation.clock)
        self._messages: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._phases: asyncio.Queue[str] = asyncio.Queue()

    async def __aenter__(self) -> "IntakeClient":
        async def send(message: Any) -> None:
            await self._phases.put(message["type"])

        self._lifespan = asyncio.create_task(self.app({"type": "lifespan"}, self._messages.get, send))
        await self._messages.put({"type": "lifespan.startup"})
        assert await self._phases.get() == "lifespan.startup.complete"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._messages.put({"type": "lifespan.shutdown"})
        await self._lifespan

    async def send(self, envelope: bytes) -> Reply:
        """POST one message."""
        return await self.request("POST", "/v1/messages", envelope, COSE)

    async def request(
        self, method: str, path: str, body: bytes = b"", content_type: str = "", declared: int | None = None
    ) -> Reply:
        """Any request; `declared` is a Content-Length, where it is to be given. The contract judges every answer."""
        headers = [(b"content-type", content_type.encode())] if content_type else []
        headers += [(b"content-length", b"%d" % declared)] if declared is not None else []
        scope = {"type": "http", "method": method, "path": path, "query_string": b"", "headers": headers}
        half = len(body) // 2
        pieces = iter(
            (
                {"type": "http.request", "body": body[:half], "more_body": True},
                {"type": "http.request", "body": body[half:], "more_body": False},
            )
        )
        sent: list[Any] = []

        async def receive() -> Any:
            return next(pieces)

        async def send(message: Any) -> None:
            sent.append(message)

        await self.app(scope, receive, send)
        names = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        reply = Reply(sent[0]["status"], names, b"".join(message.get("body", b"") for message in sent[1:]))
        check_answer(method, path, reply.status, reply.headers, reply.body)
        return reply

    async def metrics(self) -> str:
        """The page of counters."""
        return (await self.request("GET", "/v1/metrics")).body.decode()
