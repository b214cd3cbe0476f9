"""Our schemas beside those of the RFCs: whatever is changed in a document, both say the same of it.

Compared on 3 December 2026, each with 20,000 changed documents. `lost.rng` takes and refuses what the schema of RFC
5222 does. What `pidf-lo.rng` takes, those of RFC 3863, RFC 4479, RFC 4119 and RFC 7459 take, and more: ours asks for
one shape of RFC 5491 in two dimensions, for "pres:" before the entity, for a device that has a number, and for no name
of theirs in a place that they leave to others. The shapes by OGC's own schema (06-142r1, profile `geoshape` 0.1.0).
"""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from egide.connectors.dispatch.facts import CLOSED, MOVED
from egide.connectors.ng112 import lost
from egide.connectors.ng112.pidf import Circle
from egide.connectors.ng112.report import message_of
from egide.connectors.ng112.trunk import POLICE
from tests.connectors.ng112.judging import AT_US, facts, receiver, schema
from tests.connectors.ng112.originals import needed, original

MONS = Circle(50.4542, 3.9523, 20)
SPACES = (
    'xmlns="urn:ietf:params:xml:ns:pidf" xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model"'
    ' xmlns:gp="urn:ietf:params:xml:ns:pidf:geopriv10" xmlns:gml="http://www.opengis.net/gml"'
    ' xmlns:gbp="urn:ietf:params:xml:ns:pidf:geopriv10:basicPolicy" xmlns:con="urn:ietf:params:xml:ns:geopriv:conf"'
)
GEOPRIV = (
    '<gp:geopriv><gp:location-info><gml:Point srsName="urn:ogc:def:crs:EPSG::4326"><gml:pos>50 4</gml:pos></gml:Point>'
    '<con:confidence pdf="normal">67</con:confidence></gp:location-info><gp:usage-rules><gbp:retransmission-allowed>1'
    "</gbp:retransmission-allowed><gbp:external-ruleset>https://a.example/</gbp:external-ruleset>"
    '<gbp:note-well xml:lang="de">Nein</gbp:note-well></gp:usage-rules><gp:method xml:lang="en">GPS</gp:method>'
    '<gp:provided-by><a xmlns="urn:a"/></gp:provided-by></gp:geopriv>'
)
PIDF = (
    *(message_of(facts(kind), receiver()).pidf for kind in (MOVED, CLOSED)),
    message_of(facts(circle=(50.5, 4.5, 0, AT_US)), receiver()).pidf,
    f'<presence {SPACES} entity="pres:a@b.example"><tuple id="a"><status><basic>open</basic>{GEOPRIV}</status><x'
    ' xmlns="urn:a"/><contact priority="0.8">tel:+3212</contact><note xml:lang="fr">Oui</note>'
    f"<timestamp>2026-12-03T05:00:00Z</timestamp></tuple>"
    f'<note>Yes</note><dm:person id="b">{GEOPRIV}<dm:note>No</dm:note></dm:person></presence>',
)
LOST1 = 'xmlns="urn:ietf:params:xml:ns:lost1"'
EXCEPTIONS = (
    '<badRequest/><loop message="It went round." xml:lang="en"/><notFound><x xmlns="urn:a"/></notFound>'
    '<locationProfileUnrecognized unsupportedProfiles="civic a"/>'
)
MAPPING = (
    '<mapping expires="NO-CACHE" lastUpdated="2026-01-01T00:00:00Z" source="a.example" sourceId="7"><displayName'
    ' xml:lang="nl">Bergen</displayName><service>urn:service:sos</service><serviceBoundary profile="civic"><x'
    ' xmlns="urn:a"/></serviceBoundary><uri>sip:a@b.example</uri><serviceNumber>101</serviceNumber></mapping>'
)
LOST = (
    lost.question(MONS, POLICE),
    lost.answered(
        lost.Query(lost.FIND, POLICE, MONS, "phone", ("b.example",)),
        lost.Mapping(
            service=POLICE,
            uri="sip:a@b.example",
            source="a.example",
            source_id="7",
            updated_us=AT_US,
            expires_us=AT_US,
            number="101",
            names={"fr": "Mons"},
        ),
        "a.example",
        "defaultMappingReturned",
    ),
    lost.listed(lost.Query(lost.LIST_BY_PLACE, "", MONS, "a"), (POLICE,), "a.example"),
    lost.refused("locationProfileUnrecognized", "a.example", "civic"),
    f'<errors {LOST1} source="a.example">{EXCEPTIONS}</errors>',
    f'<redirect {LOST1} target="b.example" source="a.example" message="Gone." xml:lang="en"/>',
    f'<getServiceBoundary {LOST1} key="7"/>',
    f'<getServiceBoundaryResponse {LOST1}><serviceBoundary profile="geodetic-2d"><x xmlns="urn:a"/></serviceBoundary>'
    '<path><via source="a.example"/></path></getServiceBoundaryResponse>',
    f"<findServiceResponse {LOST1}>{MAPPING}<locationValidation><valid>a b</valid><unchecked/></locationValidation>"
    f'<warnings source="a.example">{EXCEPTIONS}</warnings><path><via source="a.example"/></path></findServiceResponse>',
    f'<listServices {LOST1}><service>urn:service:sos</service><path><via source="a.example"/></path></listServices>',
)
WORDS = (
    "",
    "no",
    "true",
    "0",
    "-1",
    "101",
    "95",
    "open",
    "unknown",
    "a.example",
    "50 4",
    "2026-12-03T05:00:00Z",
)


def tree(text: str | bytes) -> etree._Element:
    return etree.fromstring(text.encode() if isinstance(text, str) else text)


def changed(whole: etree._Element, names: list[str], data: st.DataObject) -> None:
    """One thing in it is otherwise."""
    every = list(whole.iter(etree.Element))
    one = data.draw(st.sampled_from(every))
    parent = one.getparent()
    kind = data.draw(st.sampled_from(["text", "attribute", "name", "gone", "twice", "moved", "in"]))
    if kind == "text":
        one.text = data.draw(st.sampled_from(WORDS))
    elif kind == "attribute":
        known = sorted({name for each in every for name in each.attrib})
        name = data.draw(st.sampled_from([*known, "strange"]))
        if name in one.attrib and data.draw(st.booleans()):
            del one.attrib[name]
        else:
            one.set(name, data.draw(st.sampled_from(WORDS)))
    elif kind == "name":
        one.tag = data.draw(st.sampled_from(names))
    elif kind == "in":
        etree.SubElement(one, data.draw(st.sampled_from(names)))
    elif parent is not None and kind == "gone":
        parent.remove(one)
    elif parent is not None and kind == "twice":
        parent.insert(parent.index(one), copy.deepcopy(one))
    elif parent is not None:
        parent.insert(data.draw(st.integers(0, len(parent))), one)


def drawn(whole: tuple[Any, ...], data: st.DataObject) -> etree._Element:
    names = sorted({one.tag for text in whole for one in tree(text).iter(etree.Element)})
    root = tree(data.draw(st.sampled_from(whole)))
    for _ in range(data.draw(st.integers(0, 3))):
        changed(root, names, data)
    # What a reader gets, and not what was put together: two of one number, for instance, are found in a whole alone.
    return tree(etree.tostring(root))


@pytest.mark.parametrize("text", [*PIDF, *LOST], ids=range(len(PIDF) + len(LOST)))
def test_what_they_begin_with_is_valid_by_ours(text: str | bytes) -> None:
    name = "pidf-lo" if text in PIDF else "lost"
    schema(name).assertValid(tree(text))


@needed
@given(st.data())
def test_what_ours_says_of_lost_is_what_the_rfc_says(data: st.DataObject) -> None:
    root = drawn(LOST, data)
    assert schema("lost").validate(root) == original("lost").validate(root), etree.tostring(root)


@needed
@given(st.data())
def test_a_place_that_ours_takes_is_taken_by_the_rfcs(data: st.DataObject) -> None:
    root = drawn(PIDF, data)
    if schema("pidf-lo").validate(root):
        original("pidf-lo").assertValid(root)
