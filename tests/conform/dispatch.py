"""A dispatch system in this process that does as docs/connectors/cad.md asks, by the library of Standard Webhooks; and
bad ones, each with one fault.
"""

import base64
from collections.abc import Mapping
from typing import Any

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from egide.conform.calls import Answer

TAKEN, REFUSED = Answer(200, {}, b""), Answer(401, {}, b"")


class Dispatch:
    """`seen`: every message that it took, in order."""

    def __init__(self, secret: bytes) -> None:
        self.secret = secret
        self.webhook = Webhook("whsec_" + base64.b64encode(secret).decode())
        self.open: list[str] = []
        self.known: set[str] = set()
        self.seen: list[dict[str, Any]] = []

    async def call(self, method: str, _path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        assert method == "POST"
        told = self.verified(headers, body)
        return REFUSED if told is None else self.take(told)

    def verified(self, headers: Mapping[str, str], body: bytes) -> dict[str, Any] | None:
        try:
            told: dict[str, Any] = self.webhook.verify(body, dict(headers))
        except WebhookVerificationError:
            return None
        return told

    def take(self, told: dict[str, Any]) -> Answer:
        self.seen.append(told)
        if told["id"] not in self.known:
            self.known.add(told["id"])
            self.show(told)
        return TAKEN

    def show(self, told: dict[str, Any]) -> None:
        if told["type"] == "alarm.raised":
            self.open.append(told["alarm"])
        elif told["type"] == "alarm.closed" and told["alarm"] in self.open:
            self.open.remove(told["alarm"])

    async def shown(self) -> list[str]:
        return list(self.open)
