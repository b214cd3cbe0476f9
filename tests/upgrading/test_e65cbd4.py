"""An installation that commit e65cbd4 wrote, opened by today's code as a start opens it: nothing of it is lost."""

import asyncio
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tarfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.hashers import ScryptPasswordHasher

from egide.common.clock import SystemClock
from egide.common.encoding import from_base64url
from egide.companion.store import PhoneStore, RadioIdentity
from egide.entrypoints.stack.installation import Stack
from egide.entrypoints.stack.operator import Operator
from egide.protocol.envelope import Kind, Message, Trigger
from egide.protocol.receipt import receipt_is_valid
from tests.support.asgi import IntakeClient
from tests.support.installation import Installation

ARCHIVE = Path(__file__).with_name("e65cbd4.tar.xz")
READ_S = 180
# Accounts without a second factor of their own.
SIGNED_IN = ("hainaut-12", "mons-quevy-21", "mons-quevy-ref", "parquet-mons-01", "evaluator-01", "dpo-01")


@dataclass(frozen=True)
class Old:
    """The data directory, what the old code read of it, what today's code reads after its migrations and verifies."""

    data: Path
    then: dict[str, Any]
    now: dict[str, Any]
    verified: str


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Old:
    place = tmp_path_factory.mktemp("e65cbd4")
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(place, filter="data")
    data = place / "data"
    then = json.loads((place / "read.json").read_text(encoding="utf-8"))
    now = json.loads(_run(data, "tests.upgrading.reading"))
    # Before any test adds to it.
    return Old(data, then, now, _verify(data, "--checkpoints", str(data / "checkpoints.jsonl")))


def _run(data: Path, *command: str) -> str:
    """What a command says, as an administrator would give it on this installation."""
    done = subprocess.run(
        [sys.executable, "-m", *command],
        env={**os.environ, "EGIDE_DATA": str(data), "PYTHONUTF8": "1", "LANGUAGE": "en"},
        capture_output=True,
        encoding="utf-8",
        timeout=READ_S,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _verify(data: Path, *arguments: str) -> str:
    return _run(data, "egide.entrypoints.cli", "journal", "verify", *arguments)


def changed(then: Any, now: Any, where: str = "") -> list[str]:
    """Everything that reads otherwise than it did. What is known besides today is no loss."""
    if isinstance(then, dict) and isinstance(now, dict):
        gone = [f"{where}/{name} is gone" for name in then if name not in now]
        return gone + [
            line for name in then if name in now for line in changed(then[name], now[name], f"{where}/{name}")
        ]
    if isinstance(then, list) and isinstance(now, list) and len(then) == len(now):
        pairs = enumerate(zip(then, now, strict=True))
        return [line for number, (was, is_) in pairs for line in changed(was, is_, f"{where}/{number}")]
    return [] if then == now else [f"{where}: {then!r} became {now!r}"]


@pytest.mark.parametrize(
    "what", ["journal", "alarms", "accounts", "files", "visible", "kits", "stock", "devices", "figures"]
)
def test_what_it_held_reads_the_same(old: Old, what: str) -> None:
    assert old.then[what]
    assert changed(old.then[what], old.now[what]) == []


def test_the_comparison_sees_what_is_lost_or_other() -> None:
    assert changed({"a": [1, {"b": 2}], "c": 3}, {"a": [1, {"b": 2, "new": 0}], "c": 3}) == []
    assert changed({"a": [1, {"b": 2}], "c": 3}, {"a": [1, {"b": 5}]}) == ["/c is gone", "/a/1/b: 2 became 5"]


def test_its_journal_agrees_with_the_checkpoints_that_were_signed_then(old: Old) -> None:
    assert f"whole: {old.then['journal']['events']} events" in old.verified
    assert "checkpoints agree" in old.verified


def test_its_people_have_the_passwords_that_they_had(old: Old) -> None:
    with closing(sqlite3.connect(old.data / "app.db")) as records:
        kept = dict(records.execute("SELECT name, password FROM access_user").fetchall())
    is_theirs = ScryptPasswordHasher().verify
    assert all(is_theirs(old.then["passwords"][name], kept[name]) for name in SIGNED_IN)
    assert not is_theirs("another", kept[SIGNED_IN[0]])


async def test_its_phones_press_and_believe_the_receipt(old: Old, tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(old.data, data)
    cases = set()
    with Installation(data, SystemClock()) as installation:
        async with IntakeClient(installation) as intake:
            for kept in sorted((data / "phones").glob("*.db")):
                with closing(PhoneStore(kept, bytes(32), RadioIdentity("", b""))) as phone:
                    now_s = SystemClock().now_us() // 1_000_000
                    press = Message(kind=Kind.PRESS, counter=0, sent_at_s=now_s, trigger=Trigger.SCREEN)
                    sent, enrolment = phone.do_add_press(None, press), phone.enrolment()
                assert sent is not None and enrolment is not None
                receipt = (await intake.send(sent.data)).receipt
                assert receipt_is_valid(receipt, sent.data, from_base64url(enrolment.server_key, 32))
                state = installation.journal.alarm(receipt.alarm)
                assert state is not None and state.is_open
                cases.add(state.case)
    assert cases == {kit["case"] for kit in old.then["carried"]}


@pytest.mark.full(
    "tests/upgrading/test_e65cbd4.py::test_its_phones_press_and_believe_the_receipt",
    "tests/upgrading/test_e65cbd4.py::test_what_it_held_reads_the_same",
    "tests/upgrading/test_e65cbd4.py::test_its_people_have_the_passwords_that_they_had",
    "tests/upgrading/test_e65cbd4.py::test_its_journal_agrees_with_the_checkpoints_that_were_signed_then",
)
def test_its_kits_press_and_its_people_sign_in(old: Old, tmp_path: Path) -> None:
    kits = old.then["carried"]
    # Its own, for processes leave their sockets and events there.
    data = shutil.copytree(old.data, tmp_path / "data")
    with Stack(data) as stack:
        stack.resume()
        asyncio.run(_sign_in(stack, old.then["passwords"]))
        stack.resume_radio(kits)
        stack.press(kits[0])
        alarm = stack.children["companion"].wait_for("step", "phone.receipt")["alarm"]
        state = stack.journal().alarm(alarm)
    assert state is not None and state.case == kits[0]["case"]
    assert state.press.last_press_us > max(
        alarm["state"]["last_press_us"] for alarm in old.then["alarms"].values()
    )
    assert "whole:" in _verify(data)


async def _sign_in(stack: Stack, passwords: dict[str, str]) -> None:
    desk, live = (f"http://127.0.0.1:{stack.ports[name]}" for name in ("web", "live"))
    for name in SIGNED_IN:
        async with Operator(desk, f"{live}/v1/live", name, passwords[name]):
            continue
