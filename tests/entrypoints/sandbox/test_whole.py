"""A sandbox as somebody types it, with the script of its documentation: each call is noted, each fault is played."""

import json
import os
import re
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from egide.entrypoints.stack.children import open_listener
from egide.protocol.enrolment import Client, make_request
from egide.protocol.keys import SigningKey
from tests.protocol.test_traccar import forward
from tests.support.waiting import WITHIN_S, until

ROOT = Path(__file__).parents[3]
EGIDE = Path(sys.executable).with_name("egide")


def example() -> str:
    """The script that the documentation shows."""
    found = re.search(r"```text\n(.*?)```", (ROOT / "docs" / "sandbox.md").read_text("utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


class Sandbox:
    """`egide sandbox`, seen by whoever integrates."""

    def __init__(self, folder: Path) -> None:
        (folder / "script").write_text(example(), encoding="utf-8")
        first = _free_ports()
        self.process = subprocess.Popen(
            [
                *(str(EGIDE), "sandbox", "--data", str(folder / "data"), "--port", str(first)),
                *("--script", str(folder / "script"), "--feed"),
            ],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        self.url = f"http://127.0.0.1:{first + 3}"
        assert self.process.stdout is not None
        printed = []
        for line in self.process.stdout:
            printed.append(line)
            if line.startswith("Ctrl-C"):
                return
        raise AssertionError(f"the sandbox ended: {printed}")

    def noted(self) -> list[dict[str, Any]]:
        with urllib.request.urlopen(f"{self.url}/sandbox/calls", timeout=WITHIN_S) as reply:
            found: list[dict[str, Any]] = json.load(reply)
        return found

    def calls(self, road: str) -> list[dict[str, Any]]:
        return [one for one in self.noted() if one.get("road") == road]

    def done(self, what: str) -> list[dict[str, Any]]:
        return [one for one in self.noted() if one.get("what") == what]

    def post(
        self, path: str, body: bytes, kind: str = "application/x-www-form-urlencoded"
    ) -> tuple[int, bytes]:
        request = urllib.request.Request(self.url + path, body, {"Content-Type": kind})
        try:
            with urllib.request.urlopen(request, timeout=WITHIN_S) as reply:
                return reply.status, reply.read()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read()

    def page(self) -> str:
        with urllib.request.urlopen(f"{self.url}/sandbox/?lang=en", timeout=WITHIN_S) as reply:
            return str(reply.read().decode())


def _free_ports() -> int:
    """The first of four free ports in a row; workers, whose ids are neighbours, begin apart."""
    for first in range(20_004 + 4 * (os.getpid() % 3_000), 60_000, 4):
        try:
            listeners = [open_listener(first + number) for number in range(4)]
        except OSError:
            continue
        for listener in listeners:
            listener.close()
        return first
    raise AssertionError("no four free ports in a row")


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    running = Sandbox(tmp_path_factory.mktemp("sandbox"))
    # Its script counts presses and alarms: what a test asks of it comes behind.
    until(lambda: running.done("clock +300 s"), lambda: running.noted())
    yield running
    running.process.terminate()
    running.process.wait(WITHIN_S)


def test_the_script_of_the_documentation_is_played_to_its_end(sandbox: Sandbox) -> None:
    assert [one["failed"] for one in sandbox.noted() if "what" in one][:4] == [""] * 4
    # The phone heard nothing and sent the same again; both times one alarm.
    lost, again = sandbox.calls("press")[:2]
    assert lost["fault"] == "press 1: lose the answer" and again["fault"] == ""
    assert lost["asked"] == again["asked"] and (lost["status"], again["status"]) == (201, 201)
    assert json.loads(lost["answered"])["alarm"] == json.loads(again["answered"])["alarm"]
    # The dispatch system was away, and was told the same again.
    refused, held = sandbox.calls("alarm")[:2]
    assert refused["status"] == 503 and json.loads(refused["asked"])["type"] == "alarm.raised"
    assert held["fault"] == "alarm 2: hold the answer 40 s"


def test_a_step_that_a_board_refuses_says_why_in_its_words(sandbox: Sandbox) -> None:
    before = len(sandbox.noted())
    sandbox.post("/sandbox/step", b"what=under-way")
    until(lambda: len(sandbox.noted()) > before, lambda: sandbox.noted())
    failed = next(one["failed"] for one in reversed(sandbox.noted()) if one.get("what") == "under-way")
    assert re.fullmatch(r"under-way: 4[0-9]{2} /desk/[^ ]+ [^<>]{10,200}", failed), failed


def test_a_phone_of_somebody_else_enrols_with_the_code_of_the_page(sandbox: Sandbox) -> None:
    sandbox.post("/sandbox/code", b"")
    found = re.search(r'<dd id="code"><code>([0-9a-f]+)</code>', sandbox.page())
    assert found is not None
    body = msgspec.json.encode(make_request(found[1], SigningKey.generate(), Client("native", "1.0")))
    status, answer = sandbox.post("/v1/enrolments", body, "application/json")
    assert (status, json.loads(answer)["servers"]) == (201, [sandbox.url])
    # The same code a second time: refused, and the page says why.
    assert sandbox.post("/v1/enrolments", body.replace(b"1.0", b"1.1"), "application/json")[0] >= 400
    assert sandbox.calls("enrolment")[-1]["reason"] in sandbox.page()


def test_the_tracker_of_the_page_raises_an_alarm_that_a_reader_can_open(sandbox: Sandbox) -> None:
    secret = re.search(
        r"reports/traccar</code></dd>\s*<dt>Secret</dt><dd><code>([^<]+)</code>", sandbox.page()
    )
    assert secret is not None
    request = urllib.request.Request(
        f"{sandbox.url}/v1/reports/traccar",
        forward(),
        {"Content-Type": "application/json", "Authorization": f"Bearer {secret[1]}"},
    )
    with urllib.request.urlopen(request, timeout=WITHIN_S) as reply:
        assert json.load(reply) == {"state": "received"}
    assert sandbox.calls("report")[-1]["status"] == 200
    with urllib.request.urlopen(f"{sandbox.url}/sandbox/journal", timeout=WITHIN_S) as reply:
        assert b'"kind":"SourcePressed"' in reply.read()


def test_a_bad_script_is_refused_on_the_page_and_nothing_starts_by_the_command(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    status, page = sandbox.post("/sandbox/script?lang=en", b"text=press+1%3A+eat+it")
    assert status == 422 and "Line 1, “press 1: eat it”" in page.decode()
    (tmp_path / "bad").write_text("press 1: eat it\n", encoding="utf-8")
    command = [str(EGIDE), "sandbox", "--script", str(tmp_path / "bad"), "--data", str(tmp_path / "data")]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=WITHIN_S, check=False)
    assert answer.returncode == 2 and "Line 1" in answer.stderr
    assert not (tmp_path / "data").exists()
