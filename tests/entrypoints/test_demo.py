"""The demo without a person, as somebody types it, and what it refuses."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.request import HTTPCookieProcessor, build_opener

import pytest

from tests.support.once_pressed import check_steps
from tests.support.ports import reserved
from tests.support.waiting import WITHIN_S

EGIDE = Path(sys.executable).with_name("egide")


def egide(*arguments: str, timeout_s: float = 180) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "egide.entrypoints.cli", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=timeout_s)


@pytest.mark.full(
    "tests/entrypoints/test_private.py::test_nobody_else_reads_directory_files_arguments_or_logs_of_a_press",
    "tests/entrypoints/test_demo.py::test_a_press_is_printed_as_it_can_be_typed_and_says_what_came_of_it",
)
def test_one_press_goes_from_the_button_to_the_closed_alarm_and_every_step_is_timed() -> None:
    answer = egide("demo", "--once", "--json")
    assert answer.returncode == 0, answer.stderr
    result = json.loads(answer.stdout)
    assert (result["zone"], result["centre"]) == ("5324", "HAI")
    check_steps(result["steps"])


def test_a_directory_that_no_demo_made_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("kept")
    answer = egide("demo", "--data", str(tmp_path))
    assert answer.returncode == 1 and "--data" in answer.stderr
    assert (tmp_path / "precious").read_text() == "kept"


def test_a_press_without_a_demo_says_how_to_start_one(tmp_path: Path) -> None:
    answer = egide("press", "--data", str(tmp_path))
    assert answer.returncode == 1 and "make demo" in answer.stderr


class Typed:
    """`egide demo` as it runs in a terminal, with everything that it printed until it was ready."""

    def __init__(self, data: Path, port: int) -> None:
        self.command = [str(EGIDE), "demo", "--data", str(data), "--port", str(port)]
        # Anyone who types in another terminal has no variable of this one.
        self.environment = {name: text for name, text in os.environ.items() if name != "EGIDE_DATA"}
        self.process = subprocess.Popen(
            self.command, stdout=subprocess.PIPE, text=True, env={**self.environment, "PYTHONUNBUFFERED": "1"}
        )
        assert self.process.stdout is not None
        self.printed: list[str] = []
        for line in self.process.stdout:
            self.printed.append(line.strip())
            if line.startswith("Ctrl-C"):
                return
        raise AssertionError(f"the demo ended: {self.printed}")

    def type(self, words: list[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(words, capture_output=True, text=True, timeout=90, env=self.environment)

    def line(self, pattern: str) -> str:
        return next(line for line in self.printed if re.search(pattern, line))

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(60)


@pytest.fixture(scope="module")
def typed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Typed]:
    running = Typed(tmp_path_factory.mktemp("typed"), reserved(4))
    yield running
    running.stop()


def test_a_press_is_printed_as_it_can_be_typed_and_says_what_came_of_it(typed: Typed) -> None:
    words = shlex.split(typed.line(r"egide press 2").partition("    ")[0])
    answer = typed.type(words)
    assert answer.returncode == 0, answer.stderr
    assert re.search(r"It arrived: alarm \S+, zone 5415, centre OVL\.", answer.stdout), answer.stdout
    assert "joined the alarm" in typed.type(words).stdout


def test_a_second_demo_leaves_the_data_of_the_running_one_alone(typed: Typed) -> None:
    answer = typed.type(typed.command)
    assert answer.returncode == 1 and "--port" in answer.stderr
    words = shlex.split(typed.line(r"egide press 1").partition("    ")[0])
    assert "It arrived" in typed.type(words).stdout


def test_the_evaluator_finds_figures(typed: Typed) -> None:
    door = typed.line(r"http://evaluator-01\.")
    browser = build_opener(HTTPCookieProcessor())
    # Names below localhost are this machine's in every browser, and unknown to others.
    local = door.replace("evaluator-01.localhost", "localhost")
    browser.open(local, timeout=WITHIN_S).close()
    with browser.open(re.sub(r"/demo/.*", "/figures/", local), timeout=WITHIN_S) as page:
        figures = page.read().decode()
    assert 'id="m-protected-now"' in figures
