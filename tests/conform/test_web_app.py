"""`egide conform phone-side`: our web app in a real browser keeps every point."""

import msgspec
import pytest

from egide.conform.phone.kit import KIT
from egide.conform.phone.lab import PhoneLab
from egide.conform.points import Verdict
from tests.conform.phones import QUICK, pretending
from tests.conform.web_app import web_app

HOLD_MS = 800


@pytest.mark.full(
    "tests/laws/test_three_phones.py::test_core_and_web_app_do_the_same_through_the_same_histories"
)
async def test_the_web_app_keeps_every_point() -> None:
    settings = msgspec.structs.replace(QUICK, hold_ms=HOLD_MS)
    async with pretending(settings) as server, web_app(server, HOLD_MS) as her:
        report = await KIT.examine(PhoneLab(server, her.ask), "web app")
    assert [one for one in report.findings if one.verdict is not Verdict.HOLDS] == []
    assert report.exit_code == 0
