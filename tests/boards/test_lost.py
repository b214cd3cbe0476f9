"""LoST: every answer is what RFC 5222 says it is, from the zones, for who may ask; what comes is not trusted."""

import base64
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from lxml import etree

from egide.common.clock import SystemClock
from egide.connectors.ng112 import lost
from egide.connectors.ng112.pidf import Circle
from egide.connectors.ng112.trunk import POLICE
from tests.connectors.ng112.judging import check
from tests.connectors.ng112.places import NAME, PASSWORD, SOURCE, lost_file
from tests.support.pages import Pages

HOUR_US = 3_600_000_000
LOST = "{urn:ietf:params:xml:ns:lost1}"
MONS, GENT, PARIS, SEA = (
    Circle(50.4542, 3.9523, 20),
    Circle(51.05, 3.72, 50),
    Circle(48.85, 2.35, 50),
    Circle(51.6, 2.6, 9),
)
URIS = {"HAI": "sips:hai@psap.example", "OVL": "sip:ovl@127.0.0.1:5060;transport=tcp"}
SHAPES = 'xmlns:gml="http://www.opengis.net/gml" xmlns:gs="http://www.opengis.net/pidflo/1.0"'


@pytest.fixture
def folder(pages: Pages, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    config = replace(settings.EGIDE, lost=str(lost_file(tmp_path, URIS)))
    monkeypatch.setattr(settings, "EGIDE", config)
    return tmp_path


def basic(name: str = NAME, password: str = PASSWORD) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}


def post(body: bytes, headers: dict[str, str] | None = None) -> tuple[int, bytes]:
    sent = basic() if headers is None else headers
    reply = Client().post(
        reverse("lost"), body, content_type="application/lost+xml;charset=utf-8", headers=sent
    )
    return reply.status_code, reply.content


def asked(body: bytes) -> etree._Element:
    """The answer, valid."""
    status, said = post(body)
    assert status == 200
    return check("lost", said)


def find(location: str, service: str = POLICE, more: str = "") -> bytes:
    return (
        f'<findService xmlns="urn:ietf:params:xml:ns:lost1" {SHAPES} serviceBoundary="reference" recursive="true">'
        f"{location}<service>{service}</service>{more}</findService>"
    ).encode()


def place(shape: str, profile: str = "geodetic-2d", number: str = "a1") -> str:
    return f'<location id="{number}" profile="{profile}">{shape}</location>'


CIVIC = '<ca:civicAddress xmlns:ca="urn:ietf:params:xml:ns:pidf:geopriv10:civicAddr"/>'
POINT = "<gml:Point><gml:pos>50.4542 3.9523</gml:pos></gml:Point>"


@pytest.mark.usefixtures("folder")
def test_a_place_has_its_zone_and_the_address_of_its_centre() -> None:
    question = lost.question(MONS, POLICE)
    check("lost", question)
    root = asked(question)
    mapping = root.find(f"{LOST}mapping")
    assert root.tag == f"{LOST}findServiceResponse" and mapping is not None
    assert mapping.findtext(f"{LOST}uri") == URIS["HAI"] and mapping.findtext(f"{LOST}serviceNumber") == "101"
    assert mapping.findtext(f"{LOST}displayName") == "Mons/Quévy" and mapping.get("source") == SOURCE
    assert [one.get("id") for one in root.findall(f"{LOST}locationUsed")] == ["phone"]
    assert [one.get("source") for one in root.findall(f"{LOST}path/{LOST}via")] == [SOURCE]
    found = lost.mapping_in(etree.tostring(root), 0)
    assert found.uri == URIS["HAI"] and found.names == {"fr": "Mons/Quévy"}
    assert lost.mapping_in(post(lost.question(GENT, POLICE))[1], 0).uri == URIS["OVL"]


def test_an_answer_may_be_used_for_an_hour_and_the_next_one_has_what_changed_since(folder: Path) -> None:
    before_us = SystemClock().now_us()
    found = lost.mapping_in(post(lost.question(MONS, POLICE))[1], before_us)
    # Said to the second.
    assert before_us - 1_000_000 < found.expires_us - HOUR_US <= SystemClock().now_us()
    lost_file(folder, {**URIS, "HAI": "sips:moved@psap.example"})
    assert lost.mapping_in(post(lost.question(MONS, POLICE))[1], 0).uri == "sips:moved@psap.example"


@pytest.mark.usefixtures("folder")
def test_what_an_asker_sends_in_other_forms_is_understood() -> None:
    """The form of kamailio, a test, a second location that is understood, and servers that it came through."""
    for body in (
        find(place(POINT)),
        find(place(POINT), "urn:service:test.sos.police"),
        find(place(CIVIC, "civic", "c") + place(POINT)),
        find(place("<gs:Prism/>", number="p") + place(POINT)),
        find(place(POINT), more='<path><via source="esrp.example"/></path>'),
    ):
        check("lost", body)
        root = asked(body)
        assert root.findtext(f"{LOST}mapping/{LOST}uri") == URIS["HAI"]
        assert [one.get("id") for one in root.findall(f"{LOST}locationUsed")] == ["a1"]


ERRORS = {
    "notFound": find(place("<gml:Point><gml:pos>48.85 2.35</gml:pos></gml:Point>")),
    "serviceNotImplemented": find(place(POINT), "urn:service:sos.fire"),
    "locationProfileUnrecognized": find(place(CIVIC, "civic")),
    "locationInvalid": find(place("<gml:Point><gml:pos>99 3</gml:pos></gml:Point>")),
    "loop": find(place(POINT), more=f'<path><via source="{SOURCE}"/></path>'),
    "badRequest": b"<findService",
}


@pytest.mark.usefixtures("folder")
def test_the_path_names_each_server_in_its_order() -> None:
    root = asked(find(place(POINT), more='<path><via source="a.example"/><via source="b.example"/></path>'))
    path = [one.get("source") for one in root.findall(f"{LOST}path/{LOST}via")]
    assert path == ["a.example", "b.example", SOURCE]


@pytest.mark.parametrize("word", ERRORS)
@pytest.mark.usefixtures("folder")
def test_what_cannot_be_answered_has_the_error_of_the_standard(word: str) -> None:
    root = asked(ERRORS[word])
    assert root.tag == f"{LOST}errors" and [child.tag for child in root] == [LOST + word]
    with pytest.raises(lost.NotMapped) as found:
        lost.mapping_in(etree.tostring(root), 0)
    assert found.value.word == word


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"<alert/>",
        b'<findService xmlns="urn:ietf:params:xml:ns:lost1"/>',
        b'<redirect xmlns="urn:ietf:params:xml:ns:lost1"/>',
        b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>',
        "<x/>".encode("utf-16"),
        b'<?xml version="1.0" encoding="cp037"?>' + "<!DOCTYPE x><x/>".encode("cp037"),
    ],
    ids=range(8),
)
@pytest.mark.usefixtures("folder")
def test_what_is_no_question_is_told_so(body: bytes) -> None:
    assert [child.tag for child in asked(body)] == [f"{LOST}badRequest"]


@pytest.mark.usefixtures("folder")
def test_services_are_listed() -> None:
    plain = b'<listServices xmlns="urn:ietf:params:xml:ns:lost1"/>'
    sos = b'<listServices xmlns="urn:ietf:params:xml:ns:lost1"><service>urn:service:sos</service></listServices>'
    assert asked(plain).findtext(f"{LOST}serviceList") == "urn:service:sos.police urn:service:test.sos.police"
    assert asked(sos).findtext(f"{LOST}serviceList") == "urn:service:sos.police"
    for shape, expected in (
        (POINT, "urn:service:sos.police"),
        ("<gml:Point><gml:pos>48.85 2.35</gml:pos></gml:Point>", ""),
    ):
        body = find(place(shape), "urn:service:sos").replace(b"findService", b"listServicesByLocation")
        root = asked(body.replace(b' serviceBoundary="reference"', b""))
        assert (root.findtext(f"{LOST}serviceList") or "") == expected
    boundary = b'<getServiceBoundary xmlns="urn:ietf:params:xml:ns:lost1" key="k"/>'
    assert [child.tag for child in asked(boundary)] == [f"{LOST}notFound"]


def test_what_lies_in_no_zone_has_the_address_for_everything_else_and_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = lost_file(tmp_path, {"OVL": URIS["OVL"]}, default="sips:all@psap.example")
    monkeypatch.setattr(settings, "EGIDE", replace(settings.EGIDE, lost=str(path)))
    for circle in (PARIS, SEA, MONS):
        root = asked(lost.question(circle, POLICE))
        assert root.findtext(f"{LOST}mapping/{LOST}uri") == "sips:all@psap.example"
        assert root.find(f"{LOST}warnings/{LOST}defaultMappingReturned") is not None
    assert asked(lost.question(GENT, POLICE)).find(f"{LOST}warnings") is None


@pytest.mark.usefixtures("folder")
def test_who_may_not_ask_learns_nothing() -> None:
    question = lost.question(MONS, POLICE)
    for headers in (
        {},
        basic(password="wrong" * 6),
        basic(name="other"),
        basic(name="", password=""),
        {"Authorization": "Basic ????"},
        {"Authorization": f"Bearer {PASSWORD}"},
    ):
        assert post(question, headers) == (401, b"")
    assert Client().get(reverse("lost"), headers=basic()).status_code == 405
    assert post(question + b" " * 20_000)[0] == 413


def test_where_no_file_says_who_may_ask_nobody_may(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert post(b"") == (401, b"")
    monkeypatch.setattr(settings, "EGIDE", replace(settings.EGIDE, lost=str(tmp_path / "none.toml")))
    assert post(b"") == (503, b"")


def test_while_a_password_is_changed_either_counts(folder: Path) -> None:
    (folder / "asker.password").write_text(f"{'n' * 24}\n{PASSWORD}\n", encoding="ascii")
    question = lost.question(MONS, POLICE)
    assert post(question)[0] == post(question, basic(password="n" * 24))[0] == 200
    (folder / "asker.password").chmod(0o644)
    assert post(question) == (503, b"")
