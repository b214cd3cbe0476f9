"""The facts of one alarm, who is told of it, and the schemas that judge what is said."""

from functools import cache
from pathlib import Path
from typing import Any

from lxml import etree

from egide.connectors.dispatch.facts import RAISED, Facts
from egide.connectors.ng112.trunk import Trunk

ALARM, AT_US = "0123456789abcdef-1", 1_798_700_000_000_000
CIRCLE = (50.4542, 3.9523, 20, AT_US - 3_000_000)


def facts(
    kind: str = RAISED,
    circle: tuple[float, float, int, int] | None = CIRCLE,
    moment_us: int = AT_US,
    alarm: str = ALARM,
) -> Facts:
    return Facts(
        kind, alarm, moment_us, AT_US, circle, weapon=True, link="https://desk.egide.example/desk/from/1"
    )


def receiver(url: str = "sips:esrp.example", **more: Any) -> Trunk:
    return Trunk("esrp", url, "sip:egide@police.example", **more)


@cache
def schema(name: str) -> etree.RelaxNG:
    """One of those beside this file."""
    return etree.RelaxNG(etree.parse(Path(__file__).parent / f"{name}.rng"))


def check(name: str, text: str | bytes) -> etree._Element:
    """The root of what is valid. Raises etree.DocumentInvalid."""
    root = etree.fromstring(text.encode() if isinstance(text, str) else text)
    schema(name).assertValid(root)
    return root
