"""`egide conform phone-side`: our own phones keep every point, and one that breaks a point is found by it."""

import json
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from egide.common.clock import SystemClock
from egide.common.config import Config
from egide.conform.phone.enrolling import KIT as ENROLLING
from egide.conform.phone.kit import KIT
from egide.conform.phone.lab import PhoneLab
from egide.conform.phone.pretended import Pretended
from egide.conform.points import Report, Verdict
from tests.conform.phones import QUICK, Core, companion, pretending
from tests.conform.tiny import BAD, Tiny
from tests.support.commands import COMMAND, run
from tools import android_core

# What a bad phone fails to do is not waited for longer.
SOON_S = 0.15
# What every point after the enrolment has to look at.
BEFORE = ("press", "positions")


def check_holds(report: Report) -> None:
    assert [one for one in report.findings if one.verdict is not Verdict.HOLDS] == []
    assert len(report.findings) == len(KIT.points) and report.exit_code == 0


@asynccontextmanager
async def examined(kind: type[Tiny]) -> AsyncIterator[PhoneLab]:
    server = Pretended(SystemClock(), QUICK)
    server.addresses = ("http://one.invalid", "http://other.invalid")
    her = kind(server)
    yield PhoneLab(server, her.ask)
    await her.end()


async def test_the_phone_in_python_keeps_every_point(tmp_path: Path) -> None:
    async with pretending() as server, companion(server, tmp_path / "phone.db") as her:
        check_holds(await KIT.examine(PhoneLab(server, her.ask), "companion"))


async def test_the_core_in_java_keeps_every_point(tmp_path: Path) -> None:
    try:
        android_core.build()
    except android_core.Missing as missing:
        pytest.skip(str(missing))
    async with pretending() as server:
        her = Core(server, tmp_path / "phone.log")
        try:
            check_holds(await KIT.examine(PhoneLab(server, her.ask), "core"))
        finally:
            her.end()


async def test_the_smallest_phone_keeps_every_point() -> None:
    async with examined(Tiny) as lab:
        check_holds(await KIT.examine(lab, "tiny"))


@pytest.mark.parametrize("broken", [point.id for point in KIT.points])
async def test_a_phone_that_breaks_a_point_is_found_by_it(broken: str) -> None:
    first = {point.id for point in ENROLLING.points}
    async with examined(BAD[broken]) as lab:
        if broken in first:
            lab.hands_s = SOON_S
            report = await KIT.examine(lab, "bad", only=first)
        else:
            await KIT.examine(lab, "bad", only=first)
            lab.hands_s = lab.patience_s = SOON_S
            report = await KIT.examine(lab, "bad", only={*BEFORE, broken})
    found = {one.point.id: one for one in report.findings}
    assert found[broken].verdict is Verdict.DEVIATES, found[broken].came
    assert report.exit_code == 1


def test_the_command_says_what_to_do_and_takes_two_addresses_or_none(tmp_path: Path) -> None:
    """A program that moves the phone reads standard error; here it looks at the first line, and goes."""
    refused = run(Config(data_dir=tmp_path), "conform", "phone-side", "--port", "8402")
    assert refused.returncode == 2 and "--port" in refused.stderr
    command = [*COMMAND, "conform", "phone-side", "--json"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as process:
        assert process.stderr is not None
        told = json.loads(process.stderr.readline())
        process.kill()
    assert told["do"] == "enrol" and len(set(told["servers"])) == 2 and len(told["code"]) == 9
