"""What is said over SIP and by LoST is valid by its schemas in every situation: nowhere, anywhere on earth, hardly
known, moving, closing, a test, with every list of fields, and with names of every sign."""

from types import SimpleNamespace

from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree

from egide.connectors.dispatch.facts import Facts
from egide.connectors.dispatch.receivers import FIELDS
from egide.connectors.ng112 import lost
from egide.connectors.ng112.directory import SERVICES, Directory, answer
from egide.connectors.ng112.pidf import Circle, read_circle
from egide.connectors.ng112.report import message_of
from egide.geography.zones import Zone
from tests.connectors import situations
from tests.connectors.ng112.judging import AT_US, check, receiver
from tests.support.cap import verdicts
from tests.support.examples import examples

lists = st.lists(st.sampled_from(FIELDS), unique=True).map(tuple)
sources = st.from_regex(r"([a-z0-9-]{1,9}\.){1,3}[a-z0-9]{1,9}", fullmatch=True)
# What XML can hold at all.
signs = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"]), min_size=1, max_size=40)


@settings(max_examples=examples(25))
@given(situations.facts(), lists)
def test_every_message_over_sip_is_cap_and_pidf_lo(facts: Facts, fields: tuple[str, ...]) -> None:
    message = message_of(facts, receiver(fields=fields))
    assert verdicts(message.cap) == (True, True)
    assert bool(message.pidf) is bool(facts.circle and "circle" in fields)
    if facts.circle and message.pidf:
        check("pidf-lo", message.pidf)
        lat, lon, radius_m, _taken_us = facts.circle
        assert read_circle(message.pidf.encode()) == Circle(lat, lon, max(radius_m, 1))


class Zones:
    """One zone, everywhere or nowhere."""

    updated_us = AT_US

    def __init__(self, zone: Zone | None) -> None:
        self._zone = zone

    def locate(self, _lat_e7: int, _lon_e7: int, _accuracy_m: float) -> SimpleNamespace:
        return SimpleNamespace(zone=self._zone and self._zone.id, centre=self._zone and self._zone.centre)

    def zone(self, _zone_id: str) -> Zone | None:
        return self._zone


zones = st.builds(
    Zone,
    id=st.just("5324"),
    name=situations.words,
    centre=st.sampled_from(["HAI", "OVL"]),
    lang=st.sampled_from(["fr", "nl,fr", "de", ""]),
    names=st.dictionaries(st.sampled_from(["fr", "nl", "de", "en"]), situations.words),
)


NAMED = Zone(
    id="5324", name="Mons\x00\x1b\ufffe/<Quévy>\r\n", centre="HAI", lang="fr", names={"nl": "]]> & Bergen"}
)


@settings(max_examples=examples(25))
@example((50.5, 4.5, 0, AT_US), NAMED, SERVICES[0], lost.FIND, "a", [], "")
@given(
    situations.places,
    st.none() | zones,
    st.sampled_from([*SERVICES, "urn:service:sos.fire"]),
    st.sampled_from([lost.FIND, lost.LIST, lost.LIST_BY_PLACE]),
    signs,
    st.lists(sources, max_size=3),
    st.sampled_from(["", "sips:all@psap.example"]),
)
def test_every_question_and_every_answer_of_lost_is_valid(
    place: tuple[float, float, int, int],
    zone: Zone | None,
    service: str,
    kind: str,
    number: str,
    path: list[str],
    default: str,
) -> None:
    root = check("lost", lost.question(Circle(*place), service))
    location = root[0]
    if kind != lost.FIND:
        root.tag = f"{{{lost.LOST}}}{kind}"
    location.set("id", number)
    if kind == lost.LIST:
        del root.attrib["recursive"]
        root.remove(location)
    came = etree.SubElement(root, f"{{{lost.LOST}}}path")
    for one in path or ["esrp.example"]:
        etree.SubElement(came, f"{{{lost.LOST}}}via", source=one)
    question = etree.tostring(root, encoding="utf-8")
    check("lost", question)
    directory = Directory("lost.police.example", {"HAI": "sips:hai@psap.example"}, (), default)
    said = answer(question, directory, Zones(zone), AT_US)
    check("lost", said)
