"""The reference for others: AsyncAPI by its schema, streams held against the code, a page that asks nobody."""

import itertools
import json
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
from click.testing import CliRunner

from egide.common.clock import SetClock
from egide.connectors.alert import http as alerting
from egide.connectors.base import Alert
from egide.connectors.cad import report
from egide.connectors.mqtt.carrier import body_of
from egide.connectors.sms.answers import ANSWERS
from egide.connectors.texting import WebhookSender
from egide.connectors.webhooks import check_call
from egide.entrypoints.cli import main
from egide.entrypoints.processes import live
from egide.entrypoints.serving.painted import Painted, PaintedRow
from egide.entrypoints.streams import kept_rows, rows
from egide.entrypoints.watch import telling
from egide.intake.away.showing import KeptAlarm
from egide.journal.now.signs import ChainTrouble
from egide.journal.service import Clear
from egide.protocol.envelope import Position
from tools.reference import __main__ as reference
from tools.reference.contracts import ASYNCAPI, OPENAPI, Place, anchor_of, document
from tools.reference.page import page
from tools.tree import ROOT

STREAMS = ASYNCAPI[0]
SPECIFICATION = ROOT / "tests/support/asyncapi/node_modules/@asyncapi/specs/schemas/3.0.0.json"


class Asked(HTMLParser):
    """What a page would ask a network for, and where its own links lead."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.wanted: list[str] = []
        self.links: list[str] = []
        self.ids: list[str] = []
        self.levels: list[int] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag[0] == "h" and tag[1:].isdigit():
            self.levels.append(int(tag[1:]))
        for name, value in attributes:
            if name == "id":
                self.ids.append(str(value))
            elif name == "href" and tag == "a":
                self.links.append(str(value))
            elif name in ("src", "srcset", "href", "data", "poster", "action") or name.startswith("on"):
                self.wanted.append(f"{tag} {name}={value}")


@pytest.fixture(scope="module")
def asked() -> Asked:
    return Asked(page())


def test_what_streams_is_asyncapi() -> None:
    specification = json.loads(SPECIFICATION.read_text(encoding="utf-8"))
    jsonschema.Draft7Validator(specification).validate(document(STREAMS))
    for word in document(STREAMS)["components"]["schemas"].values():
        jsonschema.Draft7Validator.check_schema(word)


def test_the_page_asks_the_network_for_nothing(asked: Asked) -> None:
    assert asked.wanted == [] and asked.tags.isdisjoint({"script", "img", "link", "iframe", "object", "form"})
    style = page().partition("<style>")[2].partition("</style>")[0]
    assert "url(" not in style and "@import" not in style


def test_every_link_within_the_page_leads_somewhere_and_nothing_has_the_name_of_another(asked: Asked) -> None:
    here = [link[1:] for link in asked.links if link.startswith("#")]
    assert set(here) - set(asked.ids) == set()
    assert [one for one in asked.ids if asked.ids.count(one) > 1] == []
    assert all(link.startswith("https://") for link in asked.links if not link.startswith("#"))


def test_the_page_is_divided_as_readers_of_screens_expect(asked: Asked) -> None:
    """Parts by name, headings without a gap, and no column without a word over it."""
    assert {"header", "nav", "main"} <= asked.tags and page().count("<main>") == 1
    assert asked.levels[0] == 1 and asked.levels.count(1) == 1
    assert all(later <= level + 1 for level, later in itertools.pairwise(asked.levels))
    assert "<th></th>" not in page()


def test_contents_name_every_address_and_every_channel(asked: Asked) -> None:
    contents = Asked(page().partition("<nav")[2].partition("</nav>")[0])
    called = {one for one in named() if "-preflight" not in one}
    schemas = {
        anchor_of(name, one)
        for name in (*OPENAPI, *ASYNCAPI)
        for one in document(name)["components"]["schemas"]
    }
    assert called - schemas - {link[1:] for link in contents.links} == set()


def named() -> Iterator[str]:
    for name in OPENAPI:
        for section in ("paths", "webhooks"):
            for item in document(name).get(section, {}).values():
                yield from (
                    anchor_of(name, one["operationId"]) for one in item.values() if "responses" in one
                )
    for name in ASYNCAPI:
        yield from (anchor_of(name, operation) for operation in document(name)["operations"])
    for name in (*OPENAPI, *ASYNCAPI):
        yield from (anchor_of(name, schema) for schema in document(name)["components"]["schemas"])


def test_every_address_channel_and_schema_stands_on_the_page(asked: Asked) -> None:
    assert set(named()) - set(asked.ids) == set()
    assert {path.name for path in (ROOT / "contracts").glob("*.openapi.yaml")} == set(OPENAPI)
    assert {path.name for path in (ROOT / "contracts").glob("*.asyncapi.yaml")} == set(ASYNCAPI)


def test_a_page_that_is_not_what_the_contracts_say_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(reference, "PAGE", tmp_path / "reference.html")
    monkeypatch.setattr(reference, "ROOT", tmp_path)
    assert reference.main(["--check"]) == 1 and "make reference" in capsys.readouterr().err
    assert reference.main([]) == 0 and reference.main(["--check"]) == 0


def test_the_command_hands_the_page_out(tmp_path: Path) -> None:
    printed = CliRunner().invoke(main, ["reference"])
    assert printed.exit_code == 0 and printed.output == reference.PAGE.read_text(encoding="utf-8")
    assert CliRunner().invoke(main, ["reference", str(tmp_path / "page.html")]).exit_code == 0
    assert (tmp_path / "page.html").read_bytes() == reference.PAGE.read_bytes()


# -- what streams, as the code sends it -------------------------------------------------------------------------


def check(word: str, value: object) -> None:
    """Raise where this is not what the contract says; its references are followed within its document."""
    schema = {"$ref": f"#/components/schemas/{word}", "components": document(STREAMS)["components"]}
    jsonschema.Draft7Validator(schema).validate(value)


def events_of(data: bytes) -> list[tuple[str, Any]]:
    """Each event's name and data (HTML living standard, section 9.2)."""
    found = []
    for block in data.decode().strip().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines())
        found.append((fields.get("event", "message"), json.loads(fields["data"])))
    return found


def test_events_for_boards_are_what_the_contract_says() -> None:
    line = KeptAlarm("k-1", "c-1", "HAI", "5324", 1, 5, 6, position=Position(504_542_000, 39_523_000, 12))
    board = rows.Board(None)
    rows._bring(Painted(7, 5, [PaintedRow("a-1", "<li></li>", [0])]), [[board]])
    clear = Clear(7, "PressReceived", "alarm:a-1", 5, "", "", "k")
    troubles = [ChainTrouble("worker:1", "late", 5_000)]
    said = b"".join(
        (
            live.as_sse([clear]),
            board.take(),
            telling.as_sse(troubles),
            kept_rows.as_sse([line, KeptAlarm("k-2", "", "", "", 1, 5, 5)], is_away=True),
        )
    )
    seen = events_of(said)
    words = {"message": "Happened", "row": "Row", "trouble": "Trouble", "kept": "Kept", "ping": "Ping"}
    for name, data in seen:
        check(words[name], data)
    messages = document(STREAMS)["channels"]["live"]["messages"].values()
    names = {Place(STREAMS).followed(one)[1]["name"] for one in messages}
    assert {name for name, _ in seen} | {"ping"} == names == set(words)


def test_signed_calls_have_the_headers_of_the_contract(monkeypatch: pytest.MonkeyPatch) -> None:
    secret, calls = bytes(range(32)), []
    monkeypatch.setattr("egide.connectors.texting.call", lambda *call: calls.append(call))
    clock = SetClock(1_800_000_000_000_000)
    WebhookSender("https://sms.example", secret, clock).send("+32470000000", ANSWERS[1], "msg_1")
    ((_url, body, headers),) = calls
    check("Text", msgspec.json.decode(body))
    check("Signed", {name.lower(): value for name, value in headers.items()})
    signed = report.signed("a" * 32, 1_800_000_000, b"{}", [secret, bytes(32)])
    check("Signed", {"content-type": "application/json"} | signed)
    for key in (secret, bytes(32)):
        given = (signed[f"webhook-{part}"] for part in ("id", "timestamp", "signature"))
        check_call([key], *given, b"{}", 1_800_000_000)


def test_an_alert_is_what_the_contract_says(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[tuple[Any, ...]] = []
    monkeypatch.setattr(alerting, "call", lambda *call: calls.append(call))
    alerting.HttpRoad("https://alerts.example").send(Alert("a-1", "Egide", "No board shows an alarm"))
    ((_url, body, headers),) = calls
    check("Alert", msgspec.json.decode(body))
    check("Once", {"content-type": headers["Content-Type"], "Idempotency-Key": headers["Idempotency-Key"]})


def test_a_frame_at_the_topic_of_the_contract_is_a_report() -> None:
    topic = document(STREAMS)["channels"]["frames"]["address"].replace("{source}", "00112233445566aa")
    body = body_of(topic, "egide/+", b"\x45\x88")
    assert body is not None and msgspec.json.decode(body) == {"source": "00112233445566aa", "frame": "4588"}
