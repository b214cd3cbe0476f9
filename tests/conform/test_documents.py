"""docs/conformance.md says how many points each kit has, and each point names a clause that is there."""

import re
from typing import Any

import pytest

from egide.conform.phone.kit import KIT as PHONE_SIDE
from egide.conform.points import Kit
from egide.conform.receiver.kit import KIT as RECEIVER
from egide.conform.server.kit import KIT as PHONE
from tests.conform import bad_dispatch, spoilt, tiny
from tools.tree import ROOT

KITS: dict[str, tuple[Kit[Any], set[str]]] = {
    "phone URL": (PHONE, set(spoilt.FAULTS)),
    "phone-side": (PHONE_SIDE, set(tiny.BAD)),
    "receiver URL": (RECEIVER, set(bad_dispatch.FAULTS)),
}
FILE = re.compile(r"\b(?:contracts|docs)/[\w./-]+\.\w+")


@pytest.mark.parametrize("name", KITS)
def test_the_page_says_how_many_points_a_kit_has(name: str) -> None:
    text = (ROOT / "docs" / "conformance.md").read_text(encoding="utf-8")
    (number,) = re.findall(rf"`egide conform {re.escape(name)}[^`]*` \| (\d+) \|", text)
    assert int(number) == len(KITS[name][0].points)


@pytest.mark.parametrize("name", KITS)
def test_each_point_has_a_name_of_its_own_a_clause_and_something_bad_that_breaks_it(name: str) -> None:
    kit, faults = KITS[name]
    names = [point.id for point in kit.points]
    assert len(names) == len(set(names)) and set(names) == faults
    for point in kit.points:
        named = FILE.findall(point.clause)
        assert named or point.clause.startswith("Standard Webhooks"), point
        assert all((ROOT / path).is_file() for path in named), point
