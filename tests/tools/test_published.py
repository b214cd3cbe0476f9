"""Nothing that was published goes, and nothing new is asked of others, without the day that was announced."""

import copy
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from tools.reference import publishing
from tools.reference.changes import broken, lost
from tools.reference.contracts import Node, document

TODAY = date(2027, 1, 1)
MESSAGES, ENROL = ("paths", "/v1/messages", "post"), ("paths", "/v1/enrolments", "post")


def at(node: Any, *names: str) -> Any:
    for name in names:
        node = node[name]
    return node


def changed(how: Callable[[Node], object], name: str = "intake.openapi.yaml") -> list[str]:
    """What of a document would be broken by this change."""
    now = copy.deepcopy(document(name))
    how(now)
    return broken(document(name), now, TODAY)


def schema(node: Node, *names: str) -> Any:
    return at(node, "components", "schemas", *names)


def test_what_was_published_holds() -> None:
    assert publishing.faults() == []
    said = set(publishing.read())
    assert said == set(publishing.now_said())
    assert sum(map(len, publishing.read()[publishing.VECTORS])) and len(said) == 6


BREAKING: dict[str, Callable[[Node], object]] = {
    "an address": lambda n: n["paths"].pop("/v1/reports"),
    "a method": lambda n: n["paths"]["/v1/messages"].pop("post"),
    "a field of an answer": lambda n: schema(n, "Receipt", "properties").pop("alarm"),
    "a field that is needed now": lambda n: schema(n, "EnrolmentRequest", "required").append("client"),
    "a field that may be absent now": lambda n: schema(n, "Receipt", "required").remove("alarm"),
    "a new field that is needed": lambda n: schema(n, "OpeningRequest").update(
        properties={**schema(n, "OpeningRequest", "properties"), "more": {"type": "string"}},
        required=[*schema(n, "OpeningRequest", "required"), "more"],
    ),
    "a status less": lambda n: at(n, *MESSAGES, "responses").pop("202"),
    "a status more": lambda n: at(n, *MESSAGES, "responses").update({"418": {"description": "A teapot."}}),
    "a word less": lambda n: schema(n, "Pending", "properties", "what", "enum").remove("quiet"),
    "another type": lambda n: schema(n, "Receipt", "properties", "seq").update(type="string"),
    "another pattern": lambda n: schema(n, "Key").update(pattern="^[0-9a-f]{64}$"),
    "a narrower limit": lambda n: schema(n, "Settings", "properties", "tail_s").update(maximum=3600),
    "a limit that was none": lambda n: schema(n, "EnrolmentRequest", "properties", "code").update(
        maxLength=8
    ),
    "another kind of body": lambda n: at(n, *MESSAGES, "requestBody", "content").update(
        {"application/cbor": at(n, *MESSAGES, "requestBody", "content").pop("application/cose")}
    ),
    "a schema": lambda n: n["components"]["schemas"].pop("Receipt"),
    "fields that are refused now": lambda n: schema(n, "Report").update(additionalProperties=False),
    "another schema": lambda n: at(
        n, *ENROL, "responses", "201", "content", "application/json", "schema"
    ).update({"$ref": "#/components/schemas/Receipt"}),
}


@pytest.mark.parametrize("what", BREAKING)
def test_what_others_rely_on_is_missed(what: str) -> None:
    assert changed(BREAKING[what]), what


GROWING: dict[str, Callable[[Node], object]] = {
    "an address": lambda n: n["paths"].update({"/v1/more": {"get": {"responses": {"200": {}}}}}),
    "a field": lambda n: schema(n, "Receipt", "properties").update(more={"type": "string"}),
    "a word": lambda n: schema(n, "Pending", "properties", "what", "enum").append("more"),
    "a wider limit": lambda n: schema(n, "Settings", "properties", "tail_s").update(maximum=99_999),
    "better words": lambda n: n["info"].update(description="Better.", version="1.1"),
}


@pytest.mark.parametrize("what", GROWING)
def test_what_is_added_breaks_nothing(what: str) -> None:
    assert changed(GROWING[what]) == []


def test_calls_of_egide_and_parameters_are_promised_too() -> None:
    streams, dispatch = "streams.asyncapi.yaml", "dispatch.openapi.yaml"
    assert changed(lambda n: n["channels"].pop("alarms"), streams)
    assert changed(lambda n: n["channels"]["live"].update(address="/v2/live"), streams)
    assert changed(lambda n: n["channels"]["live"]["messages"].pop("ping"), streams)
    assert changed(lambda n: schema(n, "Signed", "properties").pop("webhook-id"), streams)
    answers = "/dispatch/{name}/answers"
    more = {"name": "x-more", "in": "header", "required": True, "schema": {"type": "string"}}
    assert changed(lambda n: n["paths"][answers]["post"]["parameters"].append(more), dispatch)
    optional = more | {"required": False}
    assert not changed(lambda n: n["paths"][answers]["post"]["parameters"].append(optional), dispatch)
    assert changed(lambda n: n["paths"][answers]["post"]["parameters"].pop(), dispatch)
    assert changed(lambda n: n["webhooks"].pop("send"), "sms-gateway.openapi.yaml")


def test_what_was_announced_may_go_after_its_day_and_not_before() -> None:
    name = "intake.openapi.yaml"
    published = copy.deepcopy(document(name))
    published["paths"]["/v1/reports"] |= {"deprecated": True, "x-until": "2026-12-31"}
    now = copy.deepcopy(published)
    del now["paths"]["/v1/reports"]
    assert broken(published, now, date(2026, 12, 31)) == ["/paths//v1/reports: it is gone"]
    assert broken(published, now, date(2027, 1, 1)) == []


def test_a_field_of_an_event_and_published_bytes_are_missed() -> None:
    events = publishing.now_said()[publishing.EVENTS_FILE]
    now = copy.deepcopy(events)
    del now["schemas"]["PressReceived"]["schemas"]["Position"]["properties"]["age_s"]
    del now["schemas"]["NoteAdded"]
    assert len(broken(events, now, TODAY)) == 2
    vectors = publishing.now_said()[publishing.VECTORS]
    first = next(iter(vectors))
    assert lost(vectors, {name: one for name, one in vectors.items() if name != first}) == [first]
    assert lost(vectors, vectors) == []
