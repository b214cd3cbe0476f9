"""contracts/dispatch.openapi.yaml is true: each status that it names is given, and each answer is what it says."""

from collections import Counter
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.urls import get_resolver
from hypothesis import HealthCheck, given
from hypothesis import settings as rounds
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import validate

from egide.connectors.cad import views
from egide.connectors.cad.report import Answer, Circle, Feed, Message, encoded, message_of
from egide.connectors.dispatch.receivers import FIELDS
from egide.journal.errors import JournalUnavailable
from tests.boards.test_cad_feed import close, move
from tests.boards.test_lost import POINT, basic, find, place
from tests.connectors.ng112.places import lost_file
from tests.support.contract import DISPATCH
from tests.support.dispatch_system import DispatchSystem, settings_file
from tests.support.examples import examples
from tests.support.pages import MONS, Pages, near
from tests.support.telling import Told

PLACE_QUESTION = find(place(POINT))
SCHEMAS = DISPATCH.content["components"]["schemas"]


def judging() -> ModuleType:
    return import_module("tests.boards.judging")


def in_settings(monkeypatch: pytest.MonkeyPatch, **changed: str) -> None:
    monkeypatch.setattr(settings, "EGIDE", replace(settings.EGIDE, **changed))


class Side:
    """The other side: it calls the pages, and each answer is judged."""

    def __init__(self, system: DispatchSystem) -> None:
        self.system = system
        self.given: set[tuple[str, int]] = set()

    def say(self, said: dict[str, object], case: Any = None, **changed: str) -> int:
        body, headers = self.system.signed(said)
        return self._judged(
            "POST",
            judging().ANSWERS,
            Client().post(
                "/dispatch/ccic/answers", body, content_type="application/json", headers=headers | changed
            ),
            case,
        )

    def fetch(self, name: str = "ccic", **changed: str) -> tuple[int, bytes]:
        _body, headers = self.system.signed(None)
        answer = Client().get(f"/dispatch/{name}/messages", headers=headers | changed)
        return self._judged("GET", judging().MESSAGES, answer), answer.content

    def ask(self, body: bytes, **changed: str) -> int:
        answer = Client().post("/lost", body, content_type="application/lost+xml", headers=basic() | changed)
        return self._judged("POST", judging().LOST, answer)

    def _judged(self, method: str, path: str, answer: HttpResponse, case: Any = None) -> int:
        status: int = judging().judge(case or judging().case(method, path), answer, method, path)
        self.given.add((f"{method} {path}", status))
        return status


def documented() -> set[tuple[str, int]]:
    return {
        (f"{method.upper()} {path}", int(status))
        for path, item in DISPATCH.content["paths"].items()
        for method in ("get", "post")
        if method in item
        for status in item[method]["responses"]
    }


def test_the_contract_is_openapi() -> None:
    validate(DISPATCH.content)


def test_every_address_of_the_contract_is_one_of_the_pages_and_the_other_way_round() -> None:
    routes = {
        f"/{route}".replace("<slug:name>", "{name}")
        for route in (str(one.pattern) for one in get_resolver().url_patterns)
        if route.startswith(("dispatch/", "lost"))
    }
    assert routes == set(DISPATCH.content["paths"])


def away(*_: object) -> None:
    raise JournalUnavailable("away")


def test_every_status_of_the_contract_is_given_and_no_other(
    pages: Pages, system: DispatchSystem, told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    side = Side(system)
    entry = system.entry()
    fetching = {key: value for key, value in entry.items() if key != "url"} | {"kind": "feed"}
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
    told.turn()
    said: dict[str, object] = {"type": "alarm.shown", "alarm": system.taken()[0]["alarm"]}
    in_settings(monkeypatch, dispatch_systems=str(settings_file(tmp_path, (entry,))))
    assert side.say(said) == 204
    assert side.say(said, **{"webhook-signature": "v1,AAAA"}) == 401
    assert side.say(said | {"alarm": "0" * 32}) == 404
    assert side.say(said | {"type": "unit.arrived"}) == 422
    assert side.fetch()[0] == 404
    with monkeypatch.context() as broken:
        broken.setattr(views, "_note", away)
        assert side.say(said) == 503
    (tmp_path / "feed").mkdir()
    in_settings(monkeypatch, dispatch_systems=str(settings_file(tmp_path / "feed", (fetching,))))
    assert side.fetch("nobody")[0] == 401
    move(pages, alarm, north_m=300)
    status, body = side.fetch()
    assert status == 200 and [one["type"] for one in msgspec.json.decode(body)["messages"]] == ["alarm.moved"]
    with monkeypatch.context() as broken:
        broken.setattr(views.fetching, "due_to", away)
        assert side.fetch()[0] == 503
    assert side.ask(b"<x/>") == 401
    in_settings(monkeypatch, lost=str(lost_file(tmp_path, {"HAI": "sips:hai@psap.example"})))
    assert side.ask(PLACE_QUESTION) == 200
    assert side.ask(b" " * 16385) == 413
    Path(settings.EGIDE.lost).write_text("[", encoding="utf-8")
    assert side.ask(PLACE_QUESTION) == 503
    assert side.given == documented()


def test_every_answer_to_whatever_looks_like_an_answer_is_in_the_contract(
    pages: Pages, system: DispatchSystem, told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
    told.turn()
    number = system.taken()[0]["alarm"]
    in_settings(monkeypatch, dispatch_systems=str(settings_file(tmp_path, (system.entry(),))))
    side, seen = Side(system), Counter[int]()

    @rounds(max_examples=examples(40), suppress_health_check=list(HealthCheck), database=None, deadline=None)
    @given(case=judging().answers())
    def run(case: Any) -> None:
        said = case.body if isinstance(case.body, dict) else {"what": str(case.body)}
        if isinstance(said.get("alarm"), str):
            said = said | {"alarm": number}
        seen[side.say(said, case)] += 1

    run()
    assert seen[422] and set(seen) <= {204, 404, 422}


def test_what_is_told_and_fetched_is_what_the_contract_says(
    pages: Pages, system: DispatchSystem, told: Told
) -> None:
    """Of every kind of message, with every list of fields."""
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
    told.turn()
    pages.clock.advance_s(60)
    move(pages, alarm, north_m=300)
    told.turn()
    close(pages, alarm)
    told.turn()
    schema = DISPATCH.resolved(SCHEMAS["Message"])
    kinds = set()
    for said in system.taken():
        assert list(OAS31Validator(schema).iter_errors(said)) == [], said
        kinds.add(said["type"])
        assert set(said) == set(schema["properties"])
    assert kinds == {"alarm.raised", "alarm.moved", "alarm.closed"}
    assert "test" in schema["properties"]["type"]["enum"]


@pytest.mark.parametrize("shape", [Answer, Circle, Feed, Message], ids=lambda shape: str(shape.__name__))
def test_the_contract_and_the_code_have_the_same_fields(shape: type[msgspec.Struct]) -> None:
    fields = {one.encode_name: one.required for one in msgspec.structs.fields(shape)}
    schema = SCHEMAS[shape.__name__]
    assert set(schema["properties"]) == set(fields)
    # CAP is always sent, and its default is there for a reader alone.
    always = {"cap"} if shape is Message else set()
    assert set(schema["required"]) - always == {name for name, must in fields.items() if must}


def test_a_test_message_is_what_the_contract_says(system: DispatchSystem, told: Told) -> None:
    facts = import_module("egide.connectors.dispatch.facts")
    made = message_of(
        facts.Facts(facts.TEST, "", 1_800_000_000_000_000, 1_800_000_000_000_000), told.receiver
    )
    said = msgspec.json.decode(encoded(made))
    assert list(OAS31Validator(DISPATCH.resolved(SCHEMAS["Message"])).iter_errors(said)) == []
    assert set(FIELDS) - {"id", "link"} <= set(said) and "link" not in said
    assert system.url
