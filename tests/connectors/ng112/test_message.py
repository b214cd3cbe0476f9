"""What is said over SIP, before it is sent: valid by its schemas, no more than a receiver may know, tests as tests."""

import email
import re
from email.policy import HTTP
from pathlib import Path
from typing import Any

import msgspec
import pytest
from lxml import etree

from egide.alarm.events.elsewhere import number_for
from egide.connectors.dispatch.facts import CLOSED, MOVED, RAISED, TEST
from egide.connectors.dispatch.receivers import FIELDS, ID, Receiver
from egide.connectors.ng112 import sip
from egide.connectors.ng112.pidf import BadLocation, Circle, place_of, read_circle
from egide.connectors.ng112.report import Message, message_of
from egide.connectors.ng112.trunk import Trunk, faults, faults_of, trunk_of
from tests.connectors.ng112.judging import AT_US, CIRCLE, check, facts, receiver
from tests.support.dispatch_system import schema as cap_schema

ROOT = Path(__file__).parents[3]
CAP = "{urn:oasis:names:tc:emergency:cap:1.2}"
ALL = [RAISED, MOVED, CLOSED, TEST]


def request_of(message: Message, told: Trunk, **more: Any) -> sip.Request:
    called = told.called(message.test)
    plain = sip.Request(
        uri=called,
        to=called,
        by=told.sender,
        via="TLS 192.0.2.1:40000",
        branch="z9hG4bK0123456789abcdef01234567",
        call=f"{message.id}@{told.domain}",
        tag=message.id[:16],
        number=7,
        parts=message.parts(told.domain),
    )
    return msgspec.structs.replace(plain, **more)


def read(raw: bytes) -> tuple[str, email.message.EmailMessage]:
    """The first line, and the rest as the library of mails reads it, which knows nothing of us."""
    first, _, rest = raw.partition(b"\r\n")
    return first.decode(), email.message_from_bytes(rest, policy=HTTP)


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("fields", [FIELDS, (ID,)], ids=["all", "least"])
@pytest.mark.parametrize("circle", [CIRCLE, None], ids=["there", "nowhere"])
def test_each_message_is_valid_cap_and_pidf_lo_and_says_no_more_than_it_may(
    kind: str, fields: tuple[str, ...], circle: tuple[float, float, int, int] | None
) -> None:
    told = receiver(fields=fields)
    message = message_of(facts(kind, circle), told)
    alert = etree.fromstring(message.cap.encode())
    cap_schema().assertValid(alert)
    # RFC 8876, section 4.2: who sends is a SIP address, the case is named, and the place is not in it.
    assert alert.findtext(f"{CAP}sender") == told.sender
    assert alert.findtext(f"{CAP}incidents") == number_for("esrp", facts().alarm)
    assert alert.find(f"{CAP}addresses") is None and alert.find(f".//{CAP}area") is None
    assert (alert.findtext(f"{CAP}status") == "Test") is (kind == TEST)
    assert ("weapon" in message.cap) is ("<web>" in message.cap) is (fields == FIELDS)
    assert bool(message.pidf) is bool(circle and fields == FIELDS) is (message.circle is not None)
    if message.pidf:
        check("pidf-lo", message.pidf)
        assert read_circle(message.pidf.encode()) == Circle(*CIRCLE[:3])
    assert facts().alarm not in message.cap + message.pidf


def test_the_place_names_nobody_may_not_be_passed_on_and_is_not_kept_for_long() -> None:
    text = place_of(Circle(*CIRCLE), number_for("esrp", facts().alarm), "police.example")
    assert f'entity="pres:{number_for("esrp", facts().alarm)}@police.example"' in text
    assert "retransmission-allowed>false<" in text and "confidence>95<" in text
    assert "retention-expiry>2026-12-31T18:53:17+00:00<" in text
    assert "timestamp>2026-12-31T06:53:17+00:00<" in text


def test_a_phone_that_says_a_radius_of_nothing_is_in_the_smallest_circle() -> None:
    text = place_of(Circle(50.5, 4.5, 0, AT_US), "0" * 32, "police.example")
    check("pidf-lo", text)
    assert read_circle(text.encode()) == Circle(50.5, 4.5, 1)


def test_another_program_reads_the_parts_and_finds_what_the_head_names() -> None:
    told = receiver()
    message = message_of(facts(), told)
    first, mail = read(sip.written(request_of(message, told)))
    assert first == "MESSAGE urn:service:sos.police SIP/2.0"
    parts = {part["Content-ID"].strip("<>"): part for part in mail.iter_parts()}
    cap_id = re.fullmatch(r"<cid:(.+)>;purpose=EmergencyCallData\.cap", mail["Call-Info"])
    place_id = re.fullmatch(r"<cid:(.+)>", mail["Geolocation"])
    assert cap_id and place_id and mail["Geolocation-Routing"] == "yes"
    assert parts[cap_id[1]].get_content_type() == sip.CAP_TYPE.lower()
    assert parts[place_id[1]].get_content_type() == sip.PIDF_TYPE
    assert parts[cap_id[1]].get_payload(decode=True).decode().strip() == message.cap.strip()
    # A server takes what follows this header for the content of the part.
    assert all(part.keys()[-1] == "Content-Type" for part in parts.values())
    assert len(sip.written(request_of(message, told))) < 4096


def test_who_may_not_know_where_she_is_gets_no_word_of_a_place() -> None:
    told = receiver(fields=(ID,))
    _first, mail = read(sip.written(request_of(message_of(facts(), told), told)))
    assert len(list(mail.iter_parts())) == 1
    assert mail["Geolocation"] is None and mail["Geolocation-Routing"] is None


def test_a_test_is_one_on_the_wire() -> None:
    told = receiver()
    assert told.called(True) == "urn:service:test.sos.police"
    assert receiver(to="sip:101@psap.example").called(True) == "sip:101@psap.example"
    assert receiver(to="urn:service:test.sos.police").called(True) == "urn:service:test.sos.police"


def test_later_messages_name_the_first_and_the_same_news_has_the_same_number() -> None:
    told = receiver()
    first, again = (message_of(facts(), told) for _ in range(2))
    moved = message_of(facts(MOVED, moment_us=AT_US + 5_000_000), told)
    assert first == again and moved.id != first.id and moved.alarm == first.alarm
    assert f"<references>sip:egide@police.example,{first.id}," in moved.cap
    assert message_of(facts(), msgspec.structs.replace(told, name="other")).alarm != first.alarm


def test_an_address_that_would_end_a_line_is_never_written() -> None:
    told = receiver()
    request = request_of(message_of(facts(), told), told)
    for fault in ({"route": "sip:a@b\r\nX-Evil: yes"}, {"to": "sip:a\nb"}, {"by": "sip:a\x00@b"}):
        with pytest.raises(ValueError, match="no header may have"):
            sip.written(msgspec.structs.replace(request, **fault))


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ({"url": "sip:esrp.example;transport=tcp"}, "url is"),
        ({"url": "sip:127.0.0.1;transport=udp"}, "there is TCP and TLS"),
        ({"url": "sips:esrp.example;transport=ws"}, "there is TCP and TLS"),
        ({"url": "https://esrp.example"}, "expected sips:host"),
        ({"url": "sips:esrp.example:99999"}, "is no port"),
        ({"to": "sip:101@psap.example>\r\nX: y"}, "to is"),
        ({"authorities": "/nowhere.pem"}, "cannot be used"),
        ({"certificate": "/nowhere.pem"}, "cannot be used"),
        ({"lost": "http://lost.example/"}, "lost is"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_is_wrong_with_a_receiver_is_a_sentence(fault: dict[str, str], sentence: str) -> None:
    (found,) = faults_of(receiver(**fault))
    assert sentence in found


def test_a_receiver_as_it_should_be_has_no_fault() -> None:
    for url in (
        "sips:esrp.example",
        "sips:esrp.example:5061",
        "sips:[2001:db8::1]:5061",
        "sip:127.0.0.1:5060",
    ):
        assert faults_of(receiver(url, to="sip:101@psap.example:5060;user=phone")) == []
    assert (receiver("sips:[2001:db8::1]").hop.host, receiver().hop.port) == ("2001:db8::1", 5061)
    wrong = msgspec.structs.replace(receiver(), sender="egide")
    assert "sender is 'egide'" in faults_of(wrong)[0]


def entry(more: dict[str, str]) -> Receiver:
    return Receiver("esrp", "/etc/egide/esrp.secret", ("HAI",), "sips:esrp.example", kind="sip", more=more)


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({}, "missing required field `sender`"),
        ({"sender": "sip:egide@police.example", "colour": "blue"}, "unknown field `colour`"),
        ({"sender": "sip:egide@police.example", "to": "tel:101"}, "to is 'tel:101'"),
        ({"sender": "sip:egide@police.example", "url": "sip:192.0.2.1"}, ""),
    ],
    ids=range(4),
)
def test_what_its_kind_wants_beside_is_read_from_its_entry(more: dict[str, str], sentence: str) -> None:
    found = faults(entry(more))
    assert [sentence in one for one in found] == ([True] if sentence else [])
    if not sentence:
        assert trunk_of(entry(more)).hop.tls


SPACES = 'xmlns:gml="http://www.opengis.net/gml" xmlns:gs="http://www.opengis.net/pidflo/1.0"'


@pytest.mark.parametrize(
    ("shape", "circle"),
    [
        (f"<gml:Point {SPACES}><gml:pos>50.1 4.2</gml:pos></gml:Point>", Circle(50.1, 4.2, 0)),
        (
            f"<gs:Ellipse {SPACES}><gml:pos>50.1 4.2</gml:pos><gs:semiMajorAxis>70</gs:semiMajorAxis></gs:Ellipse>",
            Circle(50.1, 4.2, 70),
        ),
        (
            f"<gs:Circle {SPACES}><gml:pointProperty><gml:Point><gml:pos>50.1 4.2 9</gml:pos></gml:Point>"
            "</gml:pointProperty><gs:radius>30</gs:radius></gs:Circle>",
            Circle(50.1, 4.2, 30),
        ),
        (
            f"<gs:ArcBand {SPACES}><gml:pos>50.1 4.2</gml:pos><gs:outerRadius>7e2</gs:outerRadius></gs:ArcBand>",
            Circle(50.1, 4.2, 700),
        ),
        (
            f"<gml:Polygon {SPACES}><gml:exterior><gml:LinearRing><gml:posList>50 4 50 4.2 50.2 4.2 50.2 4 50 4"
            "</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon>",
            Circle(50.1, 4.1, 11132),
        ),
        (
            f'<gml:Polygon srsName="urn:ogc:def:crs:EPSG::4979" {SPACES}><gml:exterior><gml:LinearRing><gml:posList>'
            "50 4 9 50 4.2 9 50.2 4.2 9 50.2 4 9 50 4 9</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon>",
            Circle(50.1, 4.1, 11132),
        ),
        (
            f"<gml:Polygon {SPACES}><gml:exterior><gml:LinearRing>"
            '<gml:posList srsDimension="3">50 4 9 50 4.2 9 50.2 4.2 9 50 4 9</gml:posList>'
            "</gml:LinearRing></gml:exterior></gml:Polygon>",
            Circle(50.1, 4.1, 11132),
        ),
        (
            f"<gml:Polygon {SPACES}><gml:exterior><gml:LinearRing>"
            "<gml:pointProperty><gml:Point><gml:pos>50 4</gml:pos></gml:Point></gml:pointProperty>"
            + "".join(f"<gml:pos>{at}</gml:pos>" for at in ("50 4.2", "50.2 4.2", "50 4"))
            + "</gml:LinearRing></gml:exterior></gml:Polygon>",
            Circle(50.1, 4.1, 11132),
        ),
    ],
    ids=[
        "point",
        "ellipse",
        "circle-around-a-point",
        "arc-band",
        "polygon",
        "in-space",
        "with-heights",
        "polygon-of-positions",
    ],
)
def test_each_shape_of_rfc_5491_is_read_as_the_circle_around_it(shape: str, circle: Circle) -> None:
    found = read_circle(f"<location>{shape}</location>".encode())
    assert (round(found.lat, 6), round(found.lon, 6), round(found.radius_m)) == (
        circle.lat,
        circle.lon,
        circle.radius_m,
    )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe<\x00",
        b"<location/>",
        b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>",
        b"<x>" * 50 + b"</x>" * 50,
        f"<gml:Point {SPACES}><gml:pos>91 4</gml:pos></gml:Point>".encode(),
        f"<gml:Point {SPACES}><gml:pos>nan 4</gml:pos></gml:Point>".encode(),
        f"<gml:Point {SPACES}><gml:pos>50</gml:pos></gml:Point>".encode(),
        f"<gs:Circle {SPACES}><gml:pos>50 4</gml:pos><gs:radius>-1</gs:radius></gs:Circle>".encode(),
        b"<x>" + b" " * 20_000 + b"</x>",
    ],
    ids=range(10),
)
def test_what_is_no_place_is_refused_by_its_own_error(body: bytes) -> None:
    with pytest.raises(BadLocation):
        read_circle(body)


def test_the_page_shows_what_is_sent() -> None:
    page = (ROOT / "docs" / "connectors" / "ng112.md").read_text(encoding="utf-8")
    shown, *_chat = re.findall(r"```sip\n(.*?)```", page, re.DOTALL)
    told = receiver()
    raw = sip.written(request_of(message_of(facts(), told), told, priority="emergency"))
    assert raw.decode().replace("\r\n", "\n") == shown
