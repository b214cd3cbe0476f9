"""What a process says to whoever started it."""

import os
import subprocess
import sys

import pytest

from egide.entrypoints.serving.lines import say
from tests.support.waiting import WITHIN_S

# Its main thread has in hand what is needed to end, as `Event.wait` has while it looks.
TOLD_OFTEN = """
import os, signal, threading
from egide.entrypoints.serving.lines import when_told_to_end

in_hand, ended, times = threading.Lock(), threading.Event(), []

def end():
    with in_hand:
        times.append(1)
    ended.set()

when_told_to_end(end, signal.SIGHUP)
with in_hand:
    for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGTERM, signal.SIGINT):
        os.kill(os.getpid(), number)
ended.wait()
os.kill(os.getpid(), signal.SIGTERM)
print(len(times))
"""


def test_who_has_nobody_left_to_read_its_lines_goes_on_and_ends_without_a_trace(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reading, writing = os.pipe()
    with os.fdopen(writing, "w") as out:
        monkeypatch.setattr(sys, "stdout", out)
        say(step="held")
        with os.fdopen(reading) as lines:
            assert lines.readline() == '{"step":"held"}\n'
        for step in ("released", "held"):
            say(step=step)


def test_who_is_told_to_end_more_than_once_and_in_the_midst_of_something_ends_once() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", TOLD_OFTEN], capture_output=True, text=True, timeout=WITHIN_S
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "1\n", "")
