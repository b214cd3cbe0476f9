"""contracts/sms-gateway.openapi.yaml: each status that it names is given by a call, with each reason that it names, and
no other. Every answer is held against the contract (tests/support/asgi.py)."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
from typing import Any

import msgspec
import pytest

from egide.connectors.sms.gateway import MAX_CALL_BYTES
from egide.connectors.webhooks import WINDOW_S
from egide.intake.service import Intake
from tests.connectors.test_kannel_calls import ENGLISH, KannelClient, reported
from tests.connectors.test_sms_rules import texts_of
from tests.support.asgi import JSON, AsgiClient, Reply, SmsClient
from tests.support.contract import SMS
from tests.support.installation import Installation
from tests.support.sms_road import UDH
from tests.support.sms_sending import SendingGateway
from tests.support.waiting import until_async

SIGNED, KANNEL, REPORT = "/v1/sms", "/v1/sms/kannel", "/v1/sms/kannel/report"
# Which address has the other form, it says with the status alone.
OPERATIONS = {(path, method) for path, item in SMS.content["paths"].items() for method in item}


class Given:
    """Which statuses were given where, with which word."""

    def __init__(self) -> None:
        self.statuses: set[tuple[str, str, int]] = set()
        self.words: set[tuple[int, str]] = set()

    @contextmanager
    def noting(self, client: AsgiClient, patch: pytest.MonkeyPatch) -> Iterator[None]:
        """Every answer to an operation of the contract."""
        ask = client.request

        async def noted(method: str, path: str, *words: Any, **more: Any) -> Reply:
            reply = await ask(method, path, *words, **more)
            if (path, method.lower()) in OPERATIONS:
                self.statuses.add((path, method.lower(), reply.status))
                if path == SIGNED:
                    self.words.add((reply.status, reply.json.get("reason") or reply.json["state"]))
            return reply

        with patch.context() as inner:
            inner.setattr(client, "request", noted)
            yield


def in_contract() -> set[tuple[str, str, int]]:
    return {
        (path, method, int(status))
        for path, item in SMS.content["paths"].items()
        for method, operation in item.items()
        for status in operation["responses"]
    }


def words_in_contract() -> set[tuple[int, str]]:
    """The words of a signed call's answers; of what is no press, those that only a gateway can cause."""
    found = {(200, "received"), (200, "waiting"), (200, "not-a-press"), (202, "kept")}
    for status, response in SMS.content["paths"][SIGNED]["post"]["responses"].items():
        schema = SMS.resolved(response)["content"]["application/json"]["schema"]
        for part in schema.get("allOf", ()):
            reason = part.get("properties", {}).get("reason", {})
            found |= {(int(status), word) for word in reason.get("enum", [reason.get("const")]) if word}
    return found


def away(_intake: Intake, _data: bytes, reply: Any, **_how: Any) -> None:
    """The journal takes nothing now."""
    reply((int(HTTPStatus.SERVICE_UNAVAILABLE), b""))


async def stuck_health(client: AsgiClient, patch: pytest.MonkeyPatch) -> int:
    with patch.context() as stuck:
        stuck.setattr(Intake, "check_writer", lambda _intake: False)
        return (await client.request("GET", "/v1/health")).status


async def call_signed(sms: SmsClient, installation: Installation, patch: pytest.MonkeyPatch) -> None:
    phone = installation.enrol()
    first, second = texts_of(phone.press())
    assert [await sms.text(text) for text in (first, second, "STOP")] == [
        "waiting",
        "received",
        "not-a-press",
    ]
    with patch.context() as full:
        full.setattr(Intake, "submit", away)
        assert await sms.binary(phone.press()) == "kept"
    body = msgspec.json.encode({"text": "STOP"})
    assert (await sms.call(b"[")).reason == "bad-callback"
    assert (await sms.call(body, secret=bytes(32))).reason == "bad-signature"
    assert (await sms.call(body, age_s=WINDOW_S + 1)).reason == "outside-window"
    assert (await sms.request("POST", SIGNED, body, JSON)).reason == "unsigned"
    assert (await sms.call(b" " * (MAX_CALL_BYTES + 1))).reason == "too-large"
    assert (await sms.request("POST", SIGNED, body, "text/plain")).status == 415
    for path in (KANNEL, REPORT):
        assert (await sms.request("GET", path)).status == 404
    with patch.context() as broken:
        broken.setattr(sms.app.joiner._spool, "keep", cannot)
        assert (await sms.call(msgspec.json.encode({"text": second + ".1"}))).reason == "not-kept"
    assert [(await sms.request("GET", f"/v1/{one}")).status for one in ("health", "metrics")] == [200, 200]
    assert await stuck_health(sms, patch) == 503


def cannot(*_: object) -> None:
    """The disk takes nothing."""
    raise sqlite3.OperationalError("disk full")


async def call_as_kannel(
    kannel: KannelClient, gateway: SendingGateway, installation: Installation, patch: pytest.MonkeyPatch
) -> None:
    phone = installation.enrol()
    assert [(await kannel.call(text=text)).status for text in texts_of(phone.press())] == [200, 200]
    assert (await kannel.call(login=None, text="STOP")).status == 401
    assert (await kannel.call(id="1")).status == 400
    assert (await kannel.request("GET", KANNEL, b"x" * (MAX_CALL_BYTES + 1))).status == 413
    assert (await kannel.request("POST", SIGNED, b"{}", JSON)).status == 404
    with patch.context() as full:
        full.setattr(Intake, "submit", away)
        assert (await kannel.call(text=phone.press(), udh=bytes.fromhex(UDH), coding="1")).status == 202
    with patch.context() as broken:
        broken.setattr(kannel.app.joiner._spool, "keep", cannot)
        assert (await kannel.call(text=phone.press(), udh=bytes.fromhex(UDH), coding="1")).status == 503
    # The gateway takes nothing yet: the answer is still being handed over when its report comes.
    assert (await kannel.binary(phone.press(), ENGLISH)).status == 200
    await until_async(lambda: kannel.sent("failed") == 1)
    url = gateway.calls[0]["x-kannel-dlr-url"]
    for query, status in (
        (reported(url, 1), 503),
        (reported(url, 8), 200),
        (reported(url, 1).replace(b"mark=", b"mark=0"), 401),
        (reported(url, 1).replace(b"type=1", b"type=x"), 400),
    ):
        assert (await kannel.request("GET", REPORT, query=query)).status == status


async def test_every_status_of_the_contract_is_given_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = Given()
    with Installation(tmp_path) as installation:
        async with SmsClient(installation) as sms:
            with given.noting(sms, monkeypatch):
                await call_signed(sms, installation, monkeypatch)
        with SendingGateway(status=503) as gateway:
            report = "http://127.0.0.1:8404/v1/sms/kannel/report"
            config = replace(installation.config, sms_send_url=gateway.url, sms_report_url=report)
            installation.config = config
            async with KannelClient(installation) as kannel:
                with given.noting(kannel, monkeypatch):
                    await call_as_kannel(kannel, gateway, installation, monkeypatch)
    assert given.statuses == in_contract()
    assert given.words == words_in_contract()
