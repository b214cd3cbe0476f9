"""The gateway as the server sees it: a call is checked first, and read only then."""

from collections.abc import Mapping
from pathlib import Path

from egide.common.config import Config, NotSetUp
from egide.common.encoding import NotJson, from_json
from egide.connectors.sms.checks import problems_of_reader
from egide.connectors.sms.rules import Callback, Half, Whole, number_in, read
from egide.connectors.webhooks import check_call, secrets_in

# A text of 160 signs, or 140 bytes in hexadecimal, and what gateways say beside it.
MAX_CALL_BYTES = 4096


class BadCallback(Exception):
    """It is signed, but not what contracts/sms-gateway.openapi.yaml asks for."""


class Gateway:
    """Those who know one of the secrets."""

    def __init__(self, secrets: list[bytes], port: int) -> None:
        self._secrets = secrets
        self._port = port

    @property
    def secret(self) -> bytes:
        """What signs the calls that go to the gateway: the first of the file."""
        return self._secrets[0]

    @classmethod
    def of(cls, config: Config) -> "Gateway":
        """Raises NotSetUp naming what is wrong."""
        if not config.sms_secrets:
            raise NotSetUp("EGIDE_SMS_SECRETS names no file: without a secret no gateway may call")
        found = problems_of_reader(config)
        if found:
            raise NotSetUp(" ".join(found))
        return cls(secrets_in(Path(config.sms_secrets)), config.sms_port)

    def read(self, headers: Mapping[str, str], body: bytes, now_s: int) -> tuple[Whole | Half, str]:
        """What the call carries, and from which number ("" for none); names of headers in lower case.

        Raises Unauthentic, BadCallback, NotOurs.
        """
        check_call(
            self._secrets,
            headers.get("webhook-id", ""),
            headers.get("webhook-timestamp", ""),
            headers.get("webhook-signature", ""),
            body,
            now_s,
        )
        try:
            callback = from_json(body, Callback)
        except NotJson as error:
            raise BadCallback(str(error)) from error
        return read(callback, self._port), number_in(callback)
