"""Every API that `contracts/` describes is judged by schemathesis: none is added, and none grows, without its test."""

import ast
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

TESTS, CONTRACTS = Path(__file__).parents[1], Path(__file__).parents[2] / "contracts"
APIS = sorted(CONTRACTS.glob("*.openapi.yaml"))
METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}


class Judging(NamedTuple):
    """A `judging.py` with the tests that use it: which document it reads, and every string that stands there."""

    title: str
    words: frozenset[str]


def words_in(path: Path) -> set[str]:
    return {
        node.value
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def judgings() -> list[Judging]:
    found = []
    for module in sorted(TESTS.glob("*/judging.py")):
        name = f"tests.{module.parent.name}.judging"
        users = [test for test in module.parent.glob("test_*.py") if name in words_in(test)]
        assert users, f"no test uses {name}"
        words = frozenset().union(*map(words_in, (module, *users)))
        title = import_module(name).SCHEMA.raw_schema["info"]["title"]
        found.append(Judging(title, words))
    return found


def unjudged(contract: dict[str, Any], among: list[Judging]) -> list[str]:
    """What of a document no schemathesis test calls: its title, or addresses with their method."""
    words = [one.words for one in among if one.title == contract["info"]["title"]]
    if not words:
        return [contract["info"]["title"]]
    known = frozenset().union(*words)
    return [
        f"{method} {path}"
        for path, operations in contract["paths"].items()
        for method in sorted(METHODS & set(operations))
        if path not in known or method.upper() not in known
    ]


@pytest.mark.parametrize("path", APIS, ids=lambda path: path.name)
def test_schemathesis_calls_every_address_of_a_contract(path: Path) -> None:
    contract = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert unjudged(contract, judgings()) == []


def test_a_contract_or_an_address_that_nobody_judges_is_noticed() -> None:
    (first, *_) = APIS
    contract = yaml.safe_load(first.read_text(encoding="utf-8"))
    added = contract | {"paths": contract["paths"] | {"/v1/added": {"post": {}}}}
    assert unjudged(added, judgings()) == ["post /v1/added"]
    another = contract | {"info": {"title": "Another"}}
    assert unjudged(another, judgings()) == ["Another"]
