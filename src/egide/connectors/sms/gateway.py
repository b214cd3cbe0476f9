"""The gateway as the server sees it: a call is checked first, and read only then."""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from egide.common.clock import Clock
from egide.common.encoding import NotJson, from_json
from egide.connectors.sms.rules import Callback, Half, Whole, number_in, read
from egide.connectors.texting import WebhookSender
from egide.connectors.webhooks import check_call, secrets_in

# A text of 160 signs, or 140 bytes in hexadecimal, and what gateways say beside it.
MAX_CALL_BYTES = 4096


class BadCallback(Exception):
    """It is theirs, but not what contracts/sms-gateway.openapi.yaml asks for."""


class Call(msgspec.Struct, frozen=True):
    """What a call carries, from which number ("" for none), and the gateway's own name for it."""

    piece: Whole | Half
    sender: str
    name: str


class Gateway:
    """Those who know one of the secrets, and sign as Standard Webhooks says."""

    method, path = "POST", "/v1/sms"
    is_silent = False

    def __init__(self, secrets: list[bytes], port: int) -> None:
        self._secrets = secrets
        self._port = port

    @classmethod
    def of_file(cls, path: Path, port: int) -> "Gateway":
        """Raises ValueError, OSError."""
        return cls(secrets_in(path), port)

    def sender(self, url: str, clock: Clock) -> WebhookSender:
        """What hands texts to it, signed with the first of the file."""
        return WebhookSender(url, self._secrets[0], clock)

    def reports(self, url: str) -> None:
        """A webhook tells nothing of what became of an answer."""

    def read(self, headers: Mapping[str, str], query: bytes, body: bytes, now_s: int) -> Call:
        """Names of headers in lower case. Raises Unauthentic, BadCallback, NotOurs."""
        name = headers.get("webhook-id", "")
        check_call(
            self._secrets,
            name,
            headers.get("webhook-timestamp", ""),
            headers.get("webhook-signature", ""),
            body,
            now_s,
        )
        try:
            callback = from_json(body, Callback)
        except NotJson as error:
            raise BadCallback(str(error)) from error
        return Call(read(callback, self._port), number_in(callback), name)
