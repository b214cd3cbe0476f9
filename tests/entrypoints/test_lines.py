"""What a process says to whoever started it."""

import os
import sys

import pytest

from egide.entrypoints.serving.lines import say


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
