"""`egide conform phone`: our own server keeps every point, and one that breaks a point is found by it."""

import json
from pathlib import Path

import pytest

from egide.conform.calls import Answer
from egide.conform.points import Verdict
from egide.conform.server.kit import KIT
from egide.conform.server.lab import ServerLab
from egide.protocol.enrolment import Settings
from tests.companion.intake import serving
from tests.conform.conftest import InProcess
from tests.conform.spoilt import FAULTS, Asked, Spoilt
from tests.support.commands import run
from tests.support.installation import Installation


async def test_our_own_server_keeps_every_point(lab: ServerLab) -> None:
    report = await KIT.examine(lab, "ours")
    assert [one for one in report.findings if one.verdict is not Verdict.HOLDS] == []
    assert report.exit_code == 0 and len(report.findings) == len(KIT.points)


@pytest.mark.parametrize("broken", [point.id for point in KIT.points])
async def test_a_server_that_breaks_a_point_is_found_by_it(
    ours: InProcess, installation: Installation, code: str, broken: str
) -> None:
    report = await KIT.examine(ServerLab(Spoilt(ours, FAULTS[broken]), installation.clock, code), "bad")
    assert broken in {one.point.id for one in report.findings if one.verdict is Verdict.DEVIATES}
    assert report.exit_code == 1


async def test_a_bad_server_is_bad_by_its_fault_alone(
    ours: InProcess, installation: Installation, code: str
) -> None:
    """What stands between kit and server in these tests changes nothing by itself."""
    report = await KIT.examine(ServerLab(Spoilt(ours, _as_it_is), installation.clock, code), "ours")
    assert [one for one in report.findings if one.verdict is not Verdict.HOLDS] == []


async def test_where_nobody_answers_nothing_holds(installation: Installation) -> None:
    class Nobody:
        async def call(self, *_call: object) -> Answer:
            raise ConnectionRefusedError("nobody listens")

    report = await KIT.examine(ServerLab(Nobody(), installation.clock, "code"), "away")
    assert Verdict.HOLDS not in {one.verdict for one in report.findings} and report.exit_code == 1
    assert {one.came for one in report.findings if one.verdict is Verdict.DEVIATES} == {
        "no answer: nobody listens"
    }


def _as_it_is(_asked: Asked, answer: Answer) -> Answer:
    return answer


def test_the_command_examines_a_server_over_http(tmp_path: Path) -> None:
    with serving(tmp_path / "data") as server:
        codes = tmp_path / "code"
        codes.write_text(server.issue(Settings()).code + "\n", encoding="ascii")
        arguments = ("conform", "phone", server.url, "--code-file", str(codes))
        assert run(server.config, *arguments).returncode == 2
        good = run(server.config, *arguments, "--raise-alarms")
        assert good.returncode == 0, good.stdout
        # The code is used up: what needs an enrolled phone is not tried.
        again = run(server.config, *arguments, "--raise-alarms", "--json")
    report = json.loads(again.stdout)
    assert again.returncode == 1 and report["kit"] == "phone" and report["of"] == server.url
    assert {one["came"] for one in report["points"] if one["id"] == "press"} == {"no phone was enrolled"}
