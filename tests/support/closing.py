"""What a run says at its end: what failed, how to run it again, where its pictures and logs are, what was slow."""

import re
import shlex
import shutil
import signal
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest
from _pytest.capture import CaptureManager
from _pytest.terminal import TerminalReporter

from egide.entrypoints.stack.children import Child
from egide.entrypoints.stack.installation import Stack
from tests.support.waiting import until

ROOT = Path(__file__).parents[2]
LEFT = ROOT / "var" / "failed"
SLOWEST = 10
SAID_WITHIN_S = 5.0


def left_by(nodeid: str) -> Path:
    """The folder for what a failed test leaves: pictures of its windows, and its log."""
    return LEFT / re.sub(r"[^\w.-]+", "_", nodeid.removeprefix("tests/"))[:120]


def do_forget_earlier() -> None:
    """Remove what earlier runs left."""
    shutil.rmtree(LEFT, ignore_errors=True)


def do_keep_log(report: pytest.TestReport) -> None:
    """Write down why a test failed, and what it and its processes said."""
    folder = left_by(report.nodeid)
    folder.mkdir(parents=True, exist_ok=True)
    said = "".join(f"\n--- {title} ---\n{text}" for title, text in report.sections)
    with (folder / f"{report.when}.log").open("w", encoding="utf-8") as file:
        file.write(report.longreprtext + "\n" + said)


def standing_of(config: pytest.Config, stack: Stack) -> str:
    """Where the threads of each process stand now, as SIGUSR1 has them say."""
    capture: CaptureManager | None = config.pluginmanager.get_plugin("capturemanager")
    assert capture is not None
    return "\n".join(f"--- {name} ---\n{_stands(child, capture)}" for name, child in stack.children.items())


def _stands(child: Child, capture: CaptureManager) -> str:
    code = child.process.poll()
    if code is not None:
        return f"ended with {code}"
    said: list[str] = []

    def is_told() -> bool:
        """Whether the last thread, which is the main one, has told down to its beginning."""
        said.append(capture.read_global_capture().err)
        return "in _run_module_as_main" in "".join(said)

    child.process.send_signal(signal.SIGUSR1)
    with suppress(AssertionError):
        until(is_told, within_s=SAID_WITHIN_S)
    return "".join(said)


def summarise(reporter: TerminalReporter, seed: object, left_out: int) -> None:
    """Write the closing lines; `left_out` tests are in the full run alone."""
    took: Counter[str] = Counter()
    failed: dict[str, None] = {}
    for outcome, reports in reporter.stats.items():
        for report in reports:
            if isinstance(report, pytest.TestReport):
                took[report.nodeid] += report.duration  # type: ignore[assignment]
                if outcome in ("failed", "error"):
                    failed[report.nodeid] = None
    reporter.section("the slowest")
    for nodeid, seconds in took.most_common(SLOWEST):
        reporter.line(f"{seconds:7.1f} s  {nodeid}")
    if failed:
        reporter.section("what failed")
    for nodeid in failed:
        # make reads a dollar sign as the beginning of a name of its own.
        name = shlex.quote(nodeid.replace("$", "$$"))
        reporter.line(f"{nodeid}\n    again: make test SEED={seed} ONLY={name}")
        folder = left_by(nodeid)
        if folder.exists():
            reporter.line(f"    left:  {folder.relative_to(ROOT)}/")
    if left_out:
        reporter.line(
            f"left to `make test-full`: {left_out} tests; what holds them: python -m tests.support.holding"
        )
    reporter.line(f"seed {seed}: the same order again with SEED={seed}")
