"""The documents of contracts/ that the page is made of, and what a reference in one of them names."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tools.tree import ROOT

CONTRACTS = ROOT / "contracts"
OPENAPI = ("intake.openapi.yaml", "dispatch.openapi.yaml", "sms-gateway.openapi.yaml")
ASYNCAPI = ("streams.asyncapi.yaml",)
# The folder of what an opened export holds, and its chapter on the page.
EVENTS = "events"

Node = dict[str, Any]


@cache
def document(name: str) -> Node:
    """One document of contracts/, by the name of its file."""
    found: Node = yaml.safe_load((CONTRACTS / name).read_text(encoding="utf-8"))
    return found


class Place:
    """Where a piece of a document stands: relative references are read from there."""

    def __init__(self, name: str) -> None:
        self.name = name

    def named(self, reference: str) -> tuple["Place", Node]:
        """What a reference names, and where that stands. Raises KeyError."""
        file, _, pointer = reference.partition("#/")
        place = Place(file) if file else self
        target: Any = document(place.name)
        for part in pointer.split("/"):
            target = target[part.replace("~1", "/").replace("~0", "~")]
        return place, target

    def followed(self, node: Node) -> tuple["Place", Node]:
        """The node, or what it refers to; what stands beside a reference stays."""
        if "$ref" not in node:
            return self, node
        place, target = self.named(node["$ref"])
        beside = {key: value for key, value in node.items() if key != "$ref"}
        place, target = place.followed(target)
        return place, target | beside

    def anchor(self, reference: str) -> tuple[str, str]:
        """The id on the page of what a reference names, and its last word."""
        file, _, pointer = reference.partition("#/")
        word = pointer.rpartition("/")[2]
        return anchor_of(file or self.name, word), word


def anchor_of(name: str, word: str) -> str:
    """The id on the page of a named piece of this document."""
    return f"{Path(name).name.partition('.')[0]}-{word}"
