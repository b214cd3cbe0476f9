"""docs/conformance.md says how many points each kit has, and each point names a clause that is there."""

import json
import re
from typing import Any

import pytest

from egide.common.clock import SystemClock
from egide.common.text import LANGUAGES, read_in
from egide.conform.button.broadcast import KIT as BUTTON
from egide.conform.button.linked import KIT as LINKED
from egide.conform.phone.kit import KIT as PHONE_SIDE
from egide.conform.points import Kit
from egide.conform.reader.kit import KIT as READER
from egide.conform.receiver.kit import KIT as RECEIVER
from egide.conform.receiver.lab import ReceiverLab
from egide.conform.server.kit import KIT as PHONE
from egide.conform.telling import encoded, line_of, lines_of
from tests.conform import bad_dispatch, spoilt, test_button, test_button_link, test_reader, tiny
from tools.tree import ROOT

KITS: dict[str, tuple[Kit[Any], set[str]]] = {
    "phone URL": (PHONE, set(spoilt.FAULTS)),
    "button RECORD": (BUTTON, set(test_button.BAD)),
    "button --radio": (LINKED, set(test_button_link.BAD)),
    "phone-side": (PHONE_SIDE, set(tiny.BAD)),
    "reader": (READER, set(test_reader.BAD)),
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
        assert named or point.clause.startswith(("Standard Webhooks", "CAP 1.2")), point
        assert all((ROOT / path).is_file() for path in named), point


async def test_a_report_is_read_in_each_language_and_its_points_as_the_contracts_have_them() -> None:
    secret = bytes(32)
    lab = ReceiverLab(bad_dispatch.FAULTS["old"](secret), SystemClock(), secret)
    report = await RECEIVER.examine(lab, "theirs", only=("test", "test-apart", "old"))
    told = {}
    for language in LANGUAGES:
        with read_in(language):
            told[language] = [*map(line_of, report.findings), *filter(None, lines_of(report))]
    # Three verdicts, two points in full with four lines below each, and the sum.
    assert {len(lines) for lines in told.values()} == {3 + 2 * 5 + 1}
    for as_said in zip(*told.values(), strict=True):
        assert len({line.split()[0] for line in as_said}) >= 3, as_said
    old = next(one for one in report.findings if one.point.id == "old")
    for lines in told.values():
        whole = "\n".join(lines)
        assert all(text in whole for text in (old.point.does, old.point.expects, old.point.clause, old.came))


async def test_the_point_on_the_page_is_one_that_a_report_has() -> None:
    secret = bytes(32)
    bad = bad_dispatch.FAULTS["old"](secret)
    report = await RECEIVER.examine(
        ReceiverLab(bad, SystemClock(), secret, bad.shown), "theirs", only=("old",)
    )
    (point,) = json.loads(encoded(report))["points"]
    text = (ROOT / "docs" / "conformance.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"```json\n(.*?)```", text, re.DOTALL)
    assert json.loads(shown) == point
