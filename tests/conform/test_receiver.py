"""`egide conform receiver`: a good dispatch system keeps every point, and one that breaks a point is found by it."""

import asyncio
import json
import secrets
import shlex
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from egide.common.clock import SystemClock
from egide.common.config import Config
from egide.conform.calls import HttpCaller
from egide.conform.points import Report, Verdict
from egide.conform.receiver.kit import KIT
from egide.conform.receiver.lab import ReceiverLab
from tests.conform.bad_dispatch import FAULTS
from tests.conform.dispatch import Dispatch
from tests.support.cap import verdicts
from tests.support.commands import run
from tests.support.contract import CONTRACTS
from tests.support.dispatch_system import CAME, dispatch_system

SECRET = secrets.token_bytes(32)
# What a true system shows, read from what it wrote down: raised alarms that are not closed.
SHOWN = """
import json, sys
shown, known = [], set()
for line in open(sys.argv[1]):
    call = json.loads(line)
    said = call["said"]
    if call["status"] != 200 or said["id"] in known:
        continue
    known.add(said["id"])
    if said["type"] == "alarm.raised":
        shown.append(said["alarm"])
    elif said["type"] == "alarm.closed":
        shown.remove(said["alarm"])
print("\\n".join(shown))
"""


async def examine(system: Dispatch) -> Report:
    return await KIT.examine(ReceiverLab(system, SystemClock(), SECRET, system.shown), "theirs")


def deviating(report: Report) -> set[str]:
    return {one.point.id for one in report.findings if one.verdict is Verdict.DEVIATES}


async def test_a_good_dispatch_system_keeps_every_point() -> None:
    report = await examine(Dispatch(SECRET))
    assert [one for one in report.findings if one.verdict is not Verdict.HOLDS] == []
    assert report.exit_code == 0 and len(report.findings) == len(KIT.points)


@pytest.mark.parametrize("broken", [point.id for point in KIT.points])
async def test_a_dispatch_system_that_breaks_a_point_is_found_by_it(broken: str) -> None:
    report = await examine(FAULTS[broken](SECRET))
    assert broken in deviating(report) and report.exit_code == 1


async def test_one_whose_screens_nobody_can_read_is_not_examined_whole() -> None:
    report = await KIT.examine(ReceiverLab(Dispatch(SECRET), SystemClock(), SECRET), "theirs")
    untried = {one.point.id for one in report.findings if one.verdict is Verdict.UNTRIED}
    assert untried == {"test-apart", "shown-once", "closed-gone"} and report.exit_code == 2


async def test_what_it_is_told_keeps_to_the_schemas_of_the_contract_and_of_cap() -> None:
    system = Dispatch(SECRET)
    await examine(system)
    contract = Draft202012Validator(json.loads((CONTRACTS / "cad" / "message.schema.json").read_text()))
    assert {told["type"] for told in system.seen} == {"test", "alarm.raised", "alarm.moved", "alarm.closed"}
    for told in system.seen:
        assert list(contract.iter_errors(told)) == []
        assert verdicts(told["cap"]) == (True, True)


async def test_one_that_does_not_answer_in_time_took_nothing() -> None:
    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(hang, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        async with HttpCaller(f"http://127.0.0.1:{port}", timeout_s=0.05) as caller:
            lab = ReceiverLab(caller, SystemClock(), SECRET)
            report = await KIT.examine(lab, "slow", only=("test", "many-at-once"))
    assert deviating(report) == {"test", "many-at-once"}


def test_the_command_examines_a_system_over_http(tmp_path: Path) -> None:
    with dispatch_system(tmp_path / "ccic") as system:
        (tmp_path / "shown.py").write_text(SHOWN, encoding="utf-8")
        shown = shlex.join((sys.executable, str(tmp_path / "shown.py"), str(tmp_path / "ccic" / CAME)))
        arguments = ("conform", "receiver", system.url, "--secret-file", str(system.secret_file))
        config = Config(data_dir=tmp_path)
        refused = run(config, *arguments)
        assert refused.returncode == 2 and "--raise-alarms" in refused.stderr and system.came == []
        good = run(config, *arguments, "--raise-alarms", "--shown", shown, "--json")
        report = json.loads(good.stdout)
        assert good.returncode == 0 and report["holds"] == len(KIT.points), report
        assert {"id", "does", "expects", "clause", "verdict", "came"} == set(report["points"][0])
        system.behave(status=503)
        bad = run(config, *arguments, "--raise-alarms", "--shown", shown)
        assert bad.returncode == 1 and "Standard Webhooks 1.0.0, Delivery success and failure" in bad.stdout
