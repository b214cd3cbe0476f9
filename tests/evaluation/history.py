"""The invented national history, written once for all tests by the command that people use."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-m", "egide.entrypoints.cli", "evaluate"]


def run(data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`egide evaluate` over a data directory."""
    environment = os.environ | {"EGIDE_DATA": str(data), "EGIDE_LANG": "en"}
    return subprocess.run(
        [*COMMAND, *arguments], env=environment, capture_output=True, text=True, timeout=280
    )


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with the history."""
    folder: Path = tmp_path_factory.mktemp("history")
    done = run(folder, "--history", "--period", "2019", "--json")
    assert done.returncode == 0, done.stderr[-2000:]
    return folder
