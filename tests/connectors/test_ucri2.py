"""What is handed over by UCRI2 has the form that its makers describe, and holds what the list of the receiver says."""

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from egide.connectors.dispatch.facts import RAISED, Facts, People
from egide.connectors.dispatch.receivers import FIELDS, NAMES, Receiver
from egide.connectors.ucri2.exchange import account_of
from egide.connectors.ucri2.incident import written
from tests.connectors import situations
from tests.support.examples import examples
from tests.support.ucri2.exchange import OURS, SCHEMA, THEIRS

ALARM, AT_US = "0123456789abcdef-1", 1_798_700_000_000_000
CIRCLE = (50.7753, 6.0839, 25, AT_US - 3_000_000)
MORE = {"account": "egide", "own": OURS, "to": THEIRS}
THEIR_SCHEMAS = os.environ.get("EGIDE_UCRI2_SCHEMAS", "")


CHECKER = Draft202012Validator(SCHEMA, format_checker=FormatChecker())


def entry(fields: tuple[str, ...], language: str) -> Receiver:
    more = MORE | {"language": language}
    return Receiver("aachen", "-", ("LIE",), "https://ucrm.example", fields, "ucri2", more)


def message(fields: tuple[str, ...] = FIELDS, language: str = "de", **more: Any) -> dict[str, Any]:
    """The envelope of one, with what is in it."""
    one = entry(fields, language)
    facts = Facts(RAISED, ALARM, AT_US, AT_US, CIRCLE, opened_at_us=AT_US - 60_000_000, **more)
    return json.loads(written(facts, one, account_of(one)))  # type: ignore[no-any-return]


def data_of(said: dict[str, Any]) -> dict[str, Any]:
    return json.loads(said["payload"]["data"])  # type: ignore[no-any-return]


def every_incident() -> list[dict[str, Any]]:
    link = "https://desk.egide.example/desk/from/1"
    people = People("Eva Inventée", ("Max Fictif", "Jan Verzonnen"))
    return [
        data_of(message(fields, language, weapon=weapon, link=link, people=people))
        for fields in (FIELDS, (*FIELDS, NAMES), ("id", "circle"))
        for language in ("fr", "nl", "de", "en")
        for weapon in (True, False, None)
    ]


def test_every_incident_keeps_to_our_writing_of_the_facts() -> None:
    incidents = every_incident()
    assert [error.message for one in incidents for error in CHECKER.iter_errors(one)] == []
    assert not CHECKER.is_valid({key: one for key, one in incidents[0].items() if key != "missionLocation"})


@pytest.mark.skipif(not THEIR_SCHEMAS, reason="EGIDE_UCRI2_SCHEMAS names no folder with the schemas of UCRI2")
def test_every_incident_is_valid_by_the_schema_of_its_makers() -> None:
    path = Path(THEIR_SCHEMAS) / "incident_transfer_police" / "1.0" / "incident.schema.json"
    checker = Draft202012Validator(json.loads(path.read_text("utf-8")), format_checker=FormatChecker())
    assert [error.message for one in every_incident() for error in checker.iter_errors(one)] == []


@settings(max_examples=examples(25))
@given(
    situations.facts((RAISED,), must_be_somewhere=True),
    st.lists(st.sampled_from([*FIELDS, NAMES]), unique=True).map(tuple),
    st.sampled_from(["fr", "nl", "de", "en"]),
)
def test_an_alarm_anywhere_with_names_of_every_sign_keeps_to_it_too(
    facts: Facts, fields: tuple[str, ...], language: str
) -> None:
    one = entry((*fields, "circle"), language)
    incident = data_of(json.loads(written(facts, one, account_of(one))))
    assert [error.message for error in CHECKER.iter_errors(incident)] == []
    victims = [person["name"] for person in incident.get("victimPersons", [])]
    assert victims == ([facts.people.protected] if facts.people and NAMES in fields else [])


def test_the_envelope_has_one_address_and_a_number_that_is_made_from_what_it_says() -> None:
    first, again = message(), message(weapon=True)
    assert first["messageId"] == again["messageId"] and first["destinations"] == [THEIRS]
    assert (first["source"], first["ack"], 10 <= first["timeout"] <= 86_400) == (OURS, "ALL", True)
    assert ALARM[:16] not in json.dumps(first)


def test_names_are_there_only_by_the_list() -> None:
    people = People("Eva Inventée", ("Max Fictif",))
    assert "Inventée" not in json.dumps(data_of(message(people=people)), ensure_ascii=False)
    incident = data_of(message((*FIELDS, NAMES), people=people))
    assert incident["victimPersons"] == [{"name": "Eva Inventée"}]
    assert incident["accusedPersons"] == [{"name": "Max Fictif"}]


def test_the_page_shows_what_is_sent() -> None:
    page = (Path(__file__).parents[2] / "docs" / "connectors" / "ucri2.md").read_text("utf-8")
    (shown,) = re.findall(r"```json\n(.*?)\n```", page, re.DOTALL)
    link = "https://desk.egide.example/desk/from/1"
    assert data_of(message(language="en", weapon=True, link=link)) == json.loads(shown)
