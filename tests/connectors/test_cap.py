"""CAP as dispatch systems get it: by two validators and by what the standard says beside its schema, in every
situation."""

import re
from xml.etree import ElementTree as xml

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from egide.connectors.dispatch import cap
from egide.connectors.dispatch.facts import RAISED, Facts
from egide.connectors.dispatch.receivers import FIELDS, Receiver
from tests.connectors import situations
from tests.support.cap import verdicts
from tests.support.examples import examples

AT_US = 1_798_700_000_000_000
GOOD = cap.written(
    Facts(
        RAISED,
        "0123456789abcdef-1",
        AT_US,
        AT_US,
        (50.4542, 3.9523, 20, AT_US),
        weapon=True,
        link="https://a.example/",
    ),
    Receiver("centre", "-", ("HAI",)),
)
lists = st.lists(st.sampled_from(FIELDS), unique=True).map(tuple)


def texts(root: xml.Element, name: str) -> list[str]:
    return [one.text or "" for one in root.iter(f"{{{cap.NAMESPACE}}}{name}")]


@settings(max_examples=examples(25))
@given(situations.facts(), lists, st.booleans())
def test_every_message_is_cap_by_two_validators_and_by_the_rules_beside_the_schema(
    facts: Facts, fields: tuple[str, ...], within_sip: bool
) -> None:
    sender = "sip:egide@police.example" if within_sip else cap.SENDER
    text = cap.written(facts, Receiver("centre", "-", ("HAI",), fields=fields), sender, within_sip)
    assert verdicts(text) == (True, True), text
    root = xml.fromstring(text)
    # CAP 1.2, section 3.2.1: no blank, comma, < or & in what names a message, and times in threes after them.
    names = texts(root, "identifier") + texts(root, "sender")
    assert len(names) == 2 and all(re.fullmatch(r"[^\s,<&]+", one) for one in names)
    for referred in texts(root, "references"):
        assert re.fullmatch(r"[^\s,<&]+,[^\s,<&]+,\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", referred)
    # A private message says to whom it is; within SIP its envelope does (RFC 8876, section 4.2).
    assert len(texts(root, "addresses")) == (not within_sip)
    # Section 3.2.4: degrees on earth, and kilometres.
    for circle in texts(root, "circle"):
        lat, lon, radius_km = (float(one) for one in re.split("[, ]", circle))
        assert abs(lat) <= 90 and abs(lon) <= 180 and 0 <= radius_km < 66
    assert len(texts(root, "area")) == bool(facts.circle and "circle" in fields and not within_sip)


@pytest.mark.parametrize(
    ("found", "instead"),
    [
        ("+00:00</sent>", "Z</sent>"),
        ("<status>Actual<", "<status>Real<"),
        ("<sender>egide</sender>", ""),
        ("<scope>", "<strange>1</strange><scope>"),
        ("<severity>Extreme<", "<severity>7<"),
        ("<areaDesc>Where the phone was</areaDesc>", ""),
    ],
    ids=["time", "word", "lacking", "strange", "value", "area"],
)
def test_each_of_the_two_finds_what_is_no_cap(found: str, instead: str) -> None:
    assert verdicts(GOOD) == (True, True)
    assert verdicts(GOOD.replace(found, instead)) == (False, False)
