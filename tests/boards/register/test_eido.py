"""An alarm as an incident for other systems: what the standard asks for, for who may take it out, and on record."""

import json
import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft4Validator, Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4

from egide.boards.register.eido import Incident, object_of
from egide.connectors.ng112.pidf import read_circle
from egide.events.casework import DocumentMade
from egide.geography.pidf import Circle
from tests.boards.register.test_register import ended
from tests.boards.register.test_taking import told
from tests.connectors import situations
from tests.connectors.ng112.judging import check
from tests.support import commands
from tests.support.examples import examples
from tests.support.pages import MONS, PASSWORD, Pages

SCHEMA = json.loads(Path(__file__).with_name("eido.schema.json").read_text("utf-8"))
THEIR_SCHEMAS = os.environ.get("EGIDE_EIDO_SCHEMAS", "")
AT_US = 1_798_700_000_000_000
BARE = Incident("0" * 32, "2026-000042", "hai.egide.example", "egide.example", "Eva", AT_US, "", None, "", [])
WHOLE = replace(
    BARE,
    outcome="Arrest",
    circle=Circle(50.4542, 3.9523, 20, AT_US - 3_000_000),
    weapon="The file names a weapon.",
    notes=[(AT_US, "Press"), (AT_US + 1, "Note · <b>Tuesdays</b> & more")],
)


def taken(pages: Pages, alarm: str) -> dict[str, Any]:
    client = pages.client(pages.user("m-1", role="magistrate", office="mons"))
    reply = client.post(f"/register/{alarm}/take", {"for": "systems"})
    assert reply.status_code == 200 and reply["Content-Type"] == "application/json"
    assert "no-store" in reply["Cache-Control"] and "eido.json" in reply["Content-Disposition"]
    return json.loads(reply.content)  # type: ignore[no-any-return]


def faults(said: dict[str, Any]) -> list[str]:
    return [error.message for error in Draft202012Validator(SCHEMA).iter_errors(said)]


def references(said: Any) -> set[str]:
    if isinstance(said, dict):
        own = {str(said["$ref"])} if "$ref" in said else set()
        return own.union(*map(references, said.values()))
    return set().union(*map(references, said)) if isinstance(said, list) else set()


def numbers(said: Any) -> list[str]:
    if isinstance(said, dict):
        own = [str(said["$id"])] if "$id" in said else []
        return own + [one for part in said.values() for one in numbers(part)]
    return [one for part in said for one in numbers(part)] if isinstance(said, list) else []


@pytest.mark.parametrize("incident", [BARE, WHOLE])
def test_it_keeps_to_our_writing_of_the_facts_and_each_reference_leads_somewhere(incident: Incident) -> None:
    said = object_of(incident)
    assert faults(said) == []
    found = numbers(said)
    assert references(said) <= set(found) and len(found) == len(set(found))
    assert faults({key: one for key, one in said.items() if key != "agencyComponent"})


incidents = st.builds(
    Incident,
    st.from_regex(r"[0-9a-f]{32}", fullmatch=True),
    st.from_regex(r"20[2-9][0-9]-[0-9]{6}", fullmatch=True),
    st.sampled_from(["hai.egide.example", "bxl.a.b.example"]),
    st.just("egide.example"),
    situations.words,
    situations.moments,
    st.just("") | situations.words,
    st.none() | situations.places.map(lambda place: Circle(*place)),
    st.just("") | situations.words,
    st.lists(st.tuples(situations.moments, situations.words), max_size=4),
)


@settings(max_examples=examples(25))
@given(incidents)
def test_an_alarm_in_every_situation_and_in_words_of_every_sign_keeps_to_it(incident: Incident) -> None:
    said = json.loads(json.dumps(object_of(incident)))
    assert faults(said) == []
    assert references(said) <= set(numbers(said))
    places = said.get("locationComponent", [])
    assert len(places) == (incident.circle is not None)
    for place in places:
        check("pidf-lo", place["locationByValue"])


def test_the_page_shows_what_is_written() -> None:
    page = (Path(__file__).parents[3] / "docs" / "connectors" / "eido.md").read_text("utf-8")
    (shown,) = re.findall(r"```json\n(.*?)\n```", page, re.DOTALL)
    assert json.loads(shown) == object_of(WHOLE)


def test_the_place_is_a_pidf_lo_and_words_are_no_markup() -> None:
    said = object_of(WHOLE)
    (place,) = said["locationComponent"]
    circle = read_circle(place["locationByValue"].encode())
    assert (circle.lat, circle.lon, circle.radius_m) == (50.4542, 3.9523, 20)
    assert "&lt;b&gt;Tuesdays" in said["notesComponent"][-1]["notesActionComments"]


def test_an_alarm_of_the_register_is_whole_and_hides_what_no_paper_has(pages: Pages) -> None:
    alarm = told(pages)
    said = taken(pages, alarm)
    assert faults(said) == [] and references(said) <= set(numbers(said))
    words = json.dumps(said, ensure_ascii=False)
    assert pages.files[MONS].name in words and "market" in words and "Arrestation" in words
    assert said["incidentComponent"]["incidentStatusCommonRegistryText"] == ["Closed"]
    # The number of the kit stands in no other system.
    assert alarm not in words


def test_that_it_was_taken_is_two_events_and_an_erasing_lists_it(pages: Pages) -> None:
    alarm = ended(pages)
    taken(pages, alarm)
    rows = [row for row in pages.journal.every() if row.kind in ("DocumentMade", "JournalExported")]
    made, exported = (pages.journal.open_event(row) for row in rows)
    assert isinstance(made, DocumentMade) and made.document == "incident"
    assert exported.stream == f"alarm:{alarm}" and exported.to == "incident for other systems"  # type: ignore[attr-defined]


def test_who_may_not_take_an_alarm_out_takes_no_incident(pages: Pages) -> None:
    alarm = ended(pages)
    for role, place in (
        ("supervisor", {"centre": "HAI"}),
        ("zone-officer", {"zone": "5324"}),
        ("magistrate", {"office": "liege"}),
    ):
        client = pages.client(pages.user(role, role=role, **place))
        assert client.post(f"/register/{alarm}/take", {"for": "systems"}).status_code == 404, role


def test_the_command_writes_the_same_for_who_proves_who_they_are_and_says_why(
    pages: Pages, tmp_path: Path
) -> None:
    alarm = ended(pages)
    commands.let_prove(pages.user("m-1", role="magistrate", office="mons"))
    commands.let_prove(pages.user("zone-1", role="zone-officer", zone="5324"))
    config = replace(pages.installation.config, demo=True)

    def egide(file: Path, person: str = "m-1", of: str = alarm) -> commands.Answer:
        why = ("--as", person, "--reason", "An inquiry of the court")
        return commands.run(config, "journal", "eido", of, str(file), *why, stdin=PASSWORD)

    file = tmp_path / "incident.json"
    assert egide(file).returncode == 0
    assert faults(json.loads(file.read_bytes())) == [] and file.stat().st_mode & 0o077 == 0
    opened = [pages.journal.open_event(row) for row in pages.journal.every() if row.kind == "FileOpened"]
    assert opened[-1].why == "An inquiry of the court"  # type: ignore[attr-defined]
    head = pages.journal.head()
    assert "exists" in egide(file).stderr
    for other in (egide(tmp_path / "a", "zone-1"), egide(tmp_path / "b", of="nobody-1")):
        assert other.returncode == 1 and "no alarm" in other.stderr
    assert pages.journal.head() == head and not (tmp_path / "a").exists()


@pytest.mark.skipif(not THEIR_SCHEMAS, reason="EGIDE_EIDO_SCHEMAS names no folder with the schemas of NENA")
@pytest.mark.parametrize("incident", [BARE, WHOLE])
def test_it_is_valid_by_the_schemas_of_nena(incident: Incident) -> None:
    schemas: Registry[Any] = Registry(retrieve=_schema)  # type: ignore[call-arg]
    root = (Path(THEIR_SCHEMAS) / "openapi.yaml").as_uri()
    schema = {"$ref": f"{root}#/components/schemas/EmergencyIncidentDataObjectType"}
    checker = Draft4Validator(schema, registry=schemas)
    assert [error.message for error in checker.iter_errors(object_of(incident))] == []


def _schema(uri: str) -> Resource[Any]:
    """A file of theirs, mended: one has a comma behind a number, which makes it a text."""
    text = Path(uri.removeprefix("file://")).read_text("utf-8")
    mended = re.sub(r"(minItems: \d+),", r"\1", text)
    return Resource(contents=yaml.safe_load(mended), specification=DRAFT4)
