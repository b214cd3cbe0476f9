"""Speaks ASGI to intake in this process, so that a test can set the clock and look at the database beside it."""

import asyncio
from collections.abc import Mapping
from itertools import count
from typing import Any, Self

import msgspec

from egide.connectors.sms.gateway import Gateway
from egide.connectors.webhooks import signature_of
from egide.entrypoints.processes.intake import Application
from egide.entrypoints.processes.sms import Application as SmsApplication
from egide.entrypoints.serving.asgi import AsgiApplication
from egide.protocol.receipt import Receipt
from tests.support.contract import INTAKE, SMS, Contract
from tests.support.installation import Installation

COSE, JSON = "application/cose", "application/json"
SMS_SECRET = b"sms gateway of the tests, 32 b.!"


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


class AsgiClient:
    """An application, running. Use as an asynchronous context; its contract judges every answer."""

    def __init__(self, app: AsgiApplication, contract: Contract) -> None:
        self.app = app
        self._contract = contract
        self._messages: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._phases: asyncio.Queue[str] = asyncio.Queue()

    async def __aenter__(self) -> Self:
        async def send(message: Any) -> None:
            await self._phases.put(message["type"])

        self._lifespan = asyncio.create_task(self.app({"type": "lifespan"}, self._messages.get, send))
        await self._messages.put({"type": "lifespan.startup"})
        assert await self._phases.get() == "lifespan.startup.complete"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._messages.put({"type": "lifespan.shutdown"})
        await self._lifespan

    async def request(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        content_type: str = "",
        declared: int | None = None,
        more: Mapping[str, str] | None = None,
        query: bytes = b"",
    ) -> Reply:
        """Any request; `declared` is a Content-Length, where it is to be given, `more` are further headers."""
        headers = [(b"content-type", content_type.encode())] if content_type else []
        headers += [(b"content-length", b"%d" % declared)] if declared is not None else []
        headers += [(name.encode(), value.encode("latin-1")) for name, value in (more or {}).items()]
        scope = {"type": "http", "method": method, "path": path, "query_string": query, "headers": headers}
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
        self._contract.check_answer(method, path, reply.status, reply.headers, reply.body)
        return reply

    async def metrics(self) -> str:
        """The page of counters."""
        return (await self.request("GET", "/v1/metrics")).body.decode()


class IntakeClient(AsgiClient):
    """The intake application with its writer running."""

    app: Application

    def __init__(self, installation: Installation) -> None:
        super().__init__(Application(installation.config, installation.journal, installation.clock), INTAKE)

    async def send(self, envelope: bytes) -> Reply:
        """POST one message."""
        return await self.request("POST", "/v1/messages", envelope, COSE)


class SmsClient(AsgiClient):
    """The application that a gateway calls, with its writer running."""

    app: SmsApplication

    def __init__(self, installation: Installation) -> None:
        gateway = Gateway([SMS_SECRET], installation.config.sms_port)
        self._clock = installation.clock
        self._numbers = count(1)
        super().__init__(
            SmsApplication(installation.config, gateway, installation.journal, installation.clock), SMS
        )

    async def call(self, body: bytes, *, secret: bytes = SMS_SECRET, age_s: int = 0) -> Reply:
        """One call of the gateway, signed `age_s` seconds ago."""
        call, at_s = f"msg_{next(self._numbers)}", str(self._clock.now_us() // 1_000_000 - age_s)
        headers = {
            "webhook-id": call,
            "webhook-timestamp": at_s,
            "webhook-signature": signature_of(secret, call, at_s, body),
        }
        return await self.request("POST", "/v1/sms", body, JSON, more=headers)

    async def text(self, text: str) -> str:
        """What becomes of a text: the state, or the reason of a refusal."""
        return self._became(await self.call(msgspec.json.encode({"text": text})))

    async def binary(self, envelope: bytes, udh: str = "0605043f210000") -> str:
        """What becomes of a binary message."""
        return self._became(await self.call(msgspec.json.encode({"udh": udh, "data": envelope.hex()})))

    def _became(self, reply: Reply) -> str:
        return str(reply.json.get("reason") or reply.json["state"])
