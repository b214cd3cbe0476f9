"""LoST without its door: the file that says who may ask, and what is believed of others' answers."""

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from egide.common.clock import SetClock
from egide.common.config import Config
from egide.connectors.dispatch.receivers import Receiver
from egide.connectors.ng112 import lost
from egide.connectors.ng112.asking import Asking
from egide.connectors.ng112.directory import Directory, answer, directory_of, problems
from egide.connectors.ng112.pidf import Circle
from egide.connectors.ng112.trunk import POLICE, faults_of, trunk_of
from egide.connectors.ng112.zones import InForce
from tests.connectors.ng112.judging import check
from tests.connectors.ng112.places import lost_file

MONS, GENT = Circle(50.4542, 3.9523, 20), Circle(51.05, 3.72, 50)
URIS = {"HAI": "sips:hai@psap.example"}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"source": "lost"}, "a name with a point"),
        ({"default": "https://psap.example"}, "expected sips:"),
        ({"number": "one"}, "expected digits"),
        ({"uris": {"XYZ": "sips:a@b.example"}}, "there is no such centre"),
        ({"uris": {}}, "nobody would be found"),
        ({"uris": {"HAI": "sip:a@b.example>"}}, "expected sips:"),
    ],
    ids=lambda value: str(value)[:24],
)
def test_what_is_wrong_in_the_file_is_a_sentence(
    tmp_path: Path, change: dict[str, object], sentence: str
) -> None:
    path = lost_file(tmp_path, **{"uris": URIS, **change})  # type: ignore[arg-type]
    (found,) = problems(Config(data_dir=tmp_path, lost=str(path)))
    assert sentence in found
    with pytest.raises(ValueError, match="EGIDE_LOST"):
        directory_of(Config(data_dir=tmp_path, lost=str(path)))


NOW_US = 1_798_700_000_000_000
MAPPING = (
    '<findServiceResponse xmlns="urn:ietf:params:xml:ns:lost1"><mapping expires="{expires}" source="a.b" sourceId="1"'
    ' lastUpdated="2026-01-01T00:00:00Z"><uri>{uri}</uri></mapping><path><via source="a.b"/></path>'
    "</findServiceResponse>"
)


@pytest.mark.parametrize(
    ("expires", "kept_us"),
    [
        ("2026-12-31T07:53:20Z", 3_600_000_000),
        ("2026-12-31T08:53:20+01:00", 3_600_000_000),
        ("2099-01-01T00:00:00Z", lost.MOST_US),
        ("NO-EXPIRATION", lost.MOST_US),
        ("NO-CACHE", 0),
        ("2026-12-31T07:53:20", 0),
        ("tomorrow", 0),
    ],
)
def test_an_answer_is_believed_as_long_as_it_says_and_no_longer_than_a_day(
    expires: str, kept_us: int
) -> None:
    body = MAPPING.format(expires=expires, uri="sip:a@b.example").encode()
    assert lost.mapping_in(body, NOW_US).expires_us - NOW_US == kept_us


@pytest.mark.parametrize(
    "body",
    [
        b"no xml",
        MAPPING.format(expires="NO-CACHE", uri="https://evil.example").encode(),
        MAPPING.format(expires="NO-CACHE", uri="sip:a@b&#13;&#10;X: y").encode(),
        MAPPING.format(expires="NO-CACHE", uri="sip:a&gt;;evil").encode(),
        b'<redirect xmlns="urn:ietf:params:xml:ns:lost1" target="evil.example" source="a.b"/>',
        b'<errors xmlns="urn:ietf:params:xml:ns:lost1"/>',
    ],
    ids=range(6),
)
def test_an_answer_that_leads_nowhere_by_sip_names_nobody(body: bytes) -> None:
    with pytest.raises(lost.NotMapped):
        lost.mapping_in(body, NOW_US)


class Server(Asking):
    """Counts the questions that go out, and answers or is away."""

    def __init__(self) -> None:
        super().__init__("http://127.0.0.1:9/lost")
        self.answers: Iterator[lost.Mapping | OSError] = iter(())
        self.asked = 0

    def _ask(self, *_: object) -> lost.Mapping:
        self.asked += 1
        found = next(self.answers)
        if isinstance(found, OSError):
            raise found
        return found


def test_the_same_place_is_asked_once_while_the_answer_lasts_and_a_server_that_is_away_holds_nothing_up() -> (
    None
):
    clock, server = SetClock(NOW_US), Server()
    mapping = lost.mapping_in(
        MAPPING.format(expires="2026-12-31T07:53:20Z", uri="sip:a@b.example").encode(), NOW_US
    )
    server.answers = iter((mapping, TimeoutError("away")))
    assert [server.route(MONS, POLICE, clock) for _ in range(3)] == ["sip:a@b.example"] * 3
    assert server.asked == 1
    clock.advance_s(3601)
    # What was right once is used beyond its end while nobody answers; others have none, and nobody is asked then.
    assert server.route(MONS, POLICE, clock) == "sip:a@b.example" and server.asked == 2
    assert server.route(GENT, POLICE, clock) == "" and server.asked == 2
    clock.advance_s(31)
    server.answers = iter((mapping,))
    assert server.route(GENT, POLICE, clock) == "sip:a@b.example" and server.asked == 3


def test_no_cache_between_may_answer_in_its_stead(monkeypatch: pytest.MonkeyPatch) -> None:
    heads: list[dict[str, str]] = []

    def call(_url: str, _body: bytes, headers: dict[str, str], _deadline_s: float) -> bytes:
        heads.append(headers)
        return MAPPING.format(expires="NO-CACHE", uri="sip:a@b.example").encode()

    monkeypatch.setattr("egide.connectors.ng112.asking.call", call)
    assert Asking("https://lost.example/").route(MONS, POLICE, SetClock(NOW_US)) == "sip:a@b.example"
    assert [one["Cache-Control"] for one in heads] == ["no-cache"]


PAGE = (Path(__file__).parents[3] / "docs" / "connectors" / "ng112.md").read_text(encoding="utf-8")


def test_the_page_shows_a_question_and_its_answer() -> None:
    directory = Directory("lost.police.example", URIS, ())
    zones = InForce(None)
    zones.updated_us = NOW_US - 86_400_000_000
    question = lost.question(MONS, POLICE)
    said = answer(question, directory, zones, NOW_US)
    (shown,) = re.findall(r"```xml\n(.*?)```", PAGE, re.DOTALL)
    assert f"{question.decode()}\n\n{said.decode()}\n" == shown
    for one in (question, said):
        check("lost", one)


def test_the_files_of_the_page_can_be_read() -> None:
    receiver, _talk, directory = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    (entry,) = msgspec.toml.decode(receiver, type=dict[str, tuple[Receiver, ...]])["receiver"]
    trunk = trunk_of(entry)
    # The files that it names are nobody's here.
    assert faults_of(msgspec.structs.replace(trunk, authorities="", certificate="", login_file="")) == []
    found = msgspec.toml.decode(directory, type=Directory)
    assert [one.name for one in found.asker] == ["esrp"] and set(found.uris) == {"HAI", "OVL"}
