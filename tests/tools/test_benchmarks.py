"""Each command of the benchmarks starts without an installation beside it."""

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.conftest import NOT_LOADED

ROOT = Path(__file__).parents[2]
COMMANDS = sorted(
    path.stem
    for path in (ROOT / "benchmarks").glob("*.py")
    if "__name__ ==" in path.read_text(encoding="utf-8")
)


def test_the_commands_are_found() -> None:
    assert {"__main__", "boards", "cost", "suite"} <= set(COMMANDS)


def test_each_command_loads_with_no_setting_at_hand() -> None:
    """`make bench` comes first: what another prepares would hide that it cannot be loaded by itself."""
    # What no benchmark uses takes a quarter of the time; it is left out of the tests' own processes, too.
    left_out = f"import sys; sys.modules[{NOT_LOADED!r}] = None"
    load = "; ".join([left_out, *(f"import benchmarks.{name}" for name in COMMANDS)])
    bare = {name: value for name, value in os.environ.items() if not re.match("EGIDE_|DJANGO_", name)}
    done = subprocess.run([sys.executable, "-c", load], cwd=ROOT, env=bare, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
