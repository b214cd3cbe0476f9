"""What calls in kannel's form, and what must not pass: every answer is in the contract and says not a word."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote_from_bytes, urlsplit

import pytest

from egide.alarm.events import FromPhone
from egide.alarm.events.sms import UNDELIVERED, SmsAnswerTried
from egide.common.clock import SetClock
from egide.common.config import SMS_PORT, Config, NotSetUp
from egide.common.encoding import from_base64url
from egide.connectors.kannel import Login, logins_in
from egide.connectors.registry import problems_of
from egide.connectors.sms.answers import ANSWERS
from egide.connectors.sms.forms import gateway_of
from egide.connectors.sms.gateway import MAX_CALL_BYTES
from egide.connectors.sms.kannel import KannelGateway
from egide.connectors.sms.rules import Half
from egide.entrypoints.processes.sms import Application
from egide.journal.now.outcomes import ARRIVED, TAKEN, outcomes
from egide.journal.now.signs import Signs
from tests.connectors.test_sms_rules import VECTORS, texts_of
from tests.support.asgi import AsgiClient, Reply
from tests.support.contract import SMS
from tests.support.installation import Installation, Phone
from tests.support.kannel import DOCUMENTED, LOGIN, NAME, PASSWORD
from tests.support.sms_road import UDH, keep_secret
from tests.support.sms_sending import SendingGateway
from tests.support.waiting import until_async

HERS = "+32470111111"
NEXT = Login(NAME, "another-password-of-the-tests")
ENGLISH = 14


class KannelClient(AsgiClient):
    """The application as kannel calls it."""

    app: Application

    def __init__(self, installation: Installation) -> None:
        gateway = KannelGateway([Login(NAME, PASSWORD), NEXT], installation.config.sms_port)
        self.installation = installation
        app = Application(installation.config, gateway, installation.journal, installation.clock)
        super().__init__(app, SMS)

    async def call(self, login: str | None = Login(NAME, PASSWORD).header, **fields: bytes | str) -> Reply:
        """One call with these parameters."""
        escaped = (
            f"{name.rstrip('_')}={quote_from_bytes(value if isinstance(value, bytes) else value.encode())}"
            for name, value in fields.items()
        )
        return await self.ask("&".join(escaped).encode(), login)

    async def ask(self, query: bytes, login: str | None = Login(NAME, PASSWORD).header) -> Reply:
        more = {} if login is None else {"authorization": login}
        return await self.request("GET", "/v1/sms/kannel", more=more, query=query)

    async def binary(self, data: bytes, answer: int = 0, **more: str) -> Reply:
        """A binary message."""
        udh = bytes.fromhex(UDH[:-4]) + answer.to_bytes(2, "big")
        return await self.call(text=data, udh=udh, coding="1", charset="8-BIT", from_=HERS, **more)

    def said(self) -> Any:
        """What became of the calls, by status and word."""
        return self.app._counts

    def sent(self, became: str = "sent") -> int:
        """How many answers were handed over; `failed`: how many tries were not taken."""
        assert self.app._answering is not None
        return self.app._answering.counts[became]


@pytest.fixture
async def kannel(installation: Installation) -> AsyncIterator[KannelClient]:
    async with KannelClient(installation) as client:
        yield client


def presses(installation: Installation, phone: Phone) -> list[bytes]:
    journal = installation.journal
    events = [journal.open_event(row) for row in journal.read(after=0, limit=1000) if row.alarm]
    return [e.envelope for e in events if isinstance(e, FromPhone) and e.device == phone.device]


async def test_each_form_of_a_press_is_one_press_whatever_comes_twice_or_in_another_order(
    kannel: KannelClient, installation: Installation
) -> None:
    one, two, wide = (installation.enrol() for _ in range(3))
    sent = {phone.device: phone.press() for phone in (one, two, wide)}
    for _ in range(2):
        assert (await kannel.binary(sent[one.device])).status == 200
    first, second = texts_of(sent[two.device])
    for text in (second, second, first, first):
        assert (await kannel.call(text=f" {text}\r\n", coding="0", charset="UTF-8")).status == 200
    for text in texts_of(sent[wide.device]):
        assert (
            await kannel.call(text=text.encode("utf-16-be"), coding="2", charset="UTF-16BE")
        ).status == 200
    for phone in (one, two, wide):
        assert presses(installation, phone) == [sent[phone.device]]


@pytest.mark.parametrize("login", [None, "", "Basic", f"Basic {LOGIN}", f"Bearer {PASSWORD}", "Basic \xff"])
async def test_without_the_password_nothing_is_read(
    kannel: KannelClient, installation: Installation, login: str | None
) -> None:
    phone = installation.enrol()
    fields = {"text": phone.press(), "udh": bytes.fromhex(UDH), "coding": "1"}
    for given in (login, Login(NAME, PASSWORD + "x").header, Login("other", PASSWORD).header):
        reply = await kannel.call(login=given, **fields)
        assert reply.status == 401 and reply.headers["www-authenticate"] == "Basic"
    assert presses(installation, phone) == []
    assert (await kannel.call(login=NEXT.header, **fields)).status == 200, "the next one while it is changed"


async def test_what_is_no_press_is_refused_with_a_word_in_the_count_and_none_in_the_answer(
    kannel: KannelClient,
) -> None:
    data = bytes.fromhex(VECTORS["binary"][0]["data"])
    refused = (
        ({"text": "STOP"}, 200, "not-a-press"),
        ({"text": b"\xff\xfe\0"}, 200, "not-a-press"),
        ({"text": "EG11/2" + "A" * 200}, 200, "too-long"),
        ({"text": data, "udh": b"\x0b\x05\x04\x3f\x21\0\0\0\x03\x07\x02\x01"}, 200, "several-parts"),
        ({"text": data, "udh": b"\x06\x05\x04\x3f\x22\0\0"}, 200, "other-port"),
        ({"text": data, "udh": b"\xff"}, 200, "bad-header"),
        ({"text": data, "coding": "1"}, 200, "bad-header"),
        ({"text": data, "udh": bytes.fromhex(UDH)}, 200, "unknown-key"),
        ({"from_": HERS}, 400, "bad-callback"),
        ({"text": "x" * MAX_CALL_BYTES}, 200, "too-long"),
        ({f"field{number}": "" for number in range(100)}, 400, "bad-callback"),
    )
    for fields, status, word in refused:
        kannel.said().clear()
        reply = await kannel.call(**fields)  # type: ignore[arg-type]
        assert (reply.status, dict(kannel.said())) == (status, {f"{status} {word}": 1})
    assert (await kannel.ask(b"")).status == 400
    large = await kannel.request("GET", "/v1/sms/kannel", b"x" * (MAX_CALL_BYTES + 1))
    assert large.status == 413
    assert (await kannel.request("POST", "/v1/sms/kannel")).status == 405
    assert (await kannel.request("POST", "/v1/sms")).status == 404, "the signed form is another setting"


def reported(url: str, kind: int) -> bytes:
    """What kannel makes of the address that it was handed."""
    return urlsplit(url.replace("%d", str(kind))).query.encode()


async def test_that_an_answer_did_not_arrive_stands_beside_the_press_once(tmp_path: Path) -> None:
    with SendingGateway() as gateway, Installation(tmp_path) as installation:
        report = "http://127.0.0.1:8404/v1/sms/kannel/report"
        installation.config = replace(installation.config, sms_send_url=gateway.url, sms_report_url=report)
        async with KannelClient(installation) as kannel:
            phones = [installation.enrol() for _ in range(2)]
            for number, phone in enumerate(phones, start=1):
                assert (await kannel.binary(phone.press(), ENGLISH)).status == 200
                await until_async(lambda: kannel.sent() == number)  # noqa: B023  awaited within its round
            lost, arrived = (call["x-kannel-dlr-url"] for call in gateway.calls)
            assert gateway.calls[0]["x-kannel-to"] == HERS and HERS not in "".join(gateway.paths)
            assert gateway.calls[0]["x-kannel-dlr-mask"] == "19" and gateway.texts[0] == ANSWERS[ENGLISH]

            async def tell(query: bytes) -> int:
                return (await kannel.request("GET", "/v1/sms/kannel/report", query=query)).status

            forged = reported(lost, 2).replace(b"mark=", b"mark=0")
            other = reported(lost, 2).replace(b"answer=", b"answer=00")
            swapped = (
                reported(lost, 2).split(b"&")[0] + b"&" + b"&".join(reported(arrived, 2).split(b"&")[1:])
            )
            for query in (b"", forged, other, swapped):
                assert await tell(query) == 401
            assert await tell(reported(lost, 2).replace(b"type=2", b"type=x")) == 400
            assert await tell(reported(lost, 8)) == 200, "on its way: nothing yet"
            # Out of order, twice, and one that contradicts itself later: the first that is final counts.
            for url, kinds in ((lost, (16, 2, 1)), (arrived, (1, 2, 16))):
                assert [await tell(reported(url, kind)) for kind in kinds] == [200] * 3
            await until_async(lambda: "undelivered" in str(tries(installation, phones[0])))
        came = outcomes(Signs(installation.config, installation.clock))["sms"]
        assert {part: (one.word, one.is_well) for part, one in came.items()} == {
            "in": ("bad-callback", False),
            "out": (TAKEN, True),
            "receipt": (ARRIVED, True),
        }
        assert [one.why for one in tries(installation, phones[0])] == ["", UNDELIVERED]
        assert [one.why for one in tries(installation, phones[1])] == [""]
        told = [folded(installation, phone).press.sms_answer for phone in phones]
        assert [one is not None and one.was_sent for one in told] == [False, True]


def tries(installation: Installation, phone: Phone) -> list[SmsAnswerTried]:
    journal = installation.journal
    events = [journal.open_event(row) for row in journal.read(limit=1000) if row.kind == "SmsAnswerTried"]
    return [e for e in events if isinstance(e, SmsAnswerTried) and e.device == phone.device]


def folded(installation: Installation, phone: Phone) -> Any:
    return installation.journal.alarm(phone.alarm())


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "holds no name:password"),
        ("egide:short", "line 1 of sms.secrets is no name:password"),
        (f"# ours\n{NAME}:{'x' * 23}", "line 2 of sms.secrets"),
        (f"{NAME}:{'x' * 20}@host/", "line 1"),
        ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "line 1"),
    ],
)
def test_a_file_that_cannot_be_right_is_named_without_what_it_holds(
    tmp_path: Path, text: str, named: str
) -> None:
    config = Config(tmp_path, sms_form="kannel", sms_secrets=str(keep_secret(tmp_path, text)))
    ((connector, problem),) = problems_of(config)
    assert connector == "sms" and named in problem and "x" * 20 not in problem and "whsec" not in problem
    with contextlib.suppress(NotSetUp):
        gateway_of(config)
        pytest.fail("it starts")


def test_two_logins_and_remarks_are_read_and_addresses_in_the_clear_are_named(tmp_path: Path) -> None:
    path = keep_secret(tmp_path, f"# ours\n{LOGIN}  # since May\n\n{NEXT.name}:{NEXT.password}\n")
    assert logins_in(path) == [Login(NAME, PASSWORD), NEXT]
    config = Config(tmp_path, sms_form="kannel", sms_secrets=str(path), sms_report_url="http://host/report")
    assert "EGIDE_SMS_REPORT_URL" in problems_of(config)[0][1]


def test_the_page_shows_both_calls_as_they_are() -> None:
    page = (DOCUMENTED.parent / "kannel.md").read_text(encoding="utf-8")
    login = Login("egide", "PASSWORD-OF-24-SIGNS-OR-MORE")
    assert page.count(login.password) == 1 and login.password in DOCUMENTED.read_text(encoding="utf-8")
    gateway = KannelGateway([login], SMS_PORT)
    with SendingGateway() as sending:
        report = gateway.reports("http://127.0.0.1:8404/v1/sms/kannel/report").address(bytes(range(32)))
        gateway.sender(f"{sending.url}/cgi-bin/sendsms", SetClock(0)).send(HERS, ANSWERS[ENGLISH], "", report)
    (headers,), (text,), (path,) = sending.calls, sending.texts, sending.paths
    names = ("Content-Type", "X-Kannel-Username", "X-Kannel-Password", "X-Kannel-To", "X-Kannel-Coding")
    names += ("X-Kannel-DLR-Mask", "X-Kannel-DLR-Url")
    lines = [f"POST {path} HTTP/1.1", *(f"{name}: {headers[name.lower()]}" for name in names), "", text]
    assert "\n".join(lines) in page, "\n".join(lines)
    first, authorization = next(
        block for block in page.split("```http\n")[1:] if block.startswith("GET")
    ).split("\n")[:2]
    target = first.split(" ")[1]
    said = {"authorization": authorization.removeprefix("Authorization: ")}
    call = gateway.read(said, urlsplit(target).query.encode(), b"", 0)
    assert isinstance(call.piece, Half) and call.piece.answer == ENGLISH and call.sender == HERS
    assert call.piece.data == from_base64url(VECTORS["asking"][0]["parts"][1][6:].partition(".")[0])
