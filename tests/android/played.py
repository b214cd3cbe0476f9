"""Phones in processes of their own, that do what a history tells them (histories.Phone)."""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.android.histories import Did
from tools import android_core
from tools.running import NODE, node
from tools.tree import ROOT


class PlayedProcess:
    """A phone in a process that is told what happens. Use as a context."""

    def __init__(self, name: str, command: Sequence[str | Path]) -> None:
        self.name = name
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.next_us = -1

    def __enter__(self) -> "PlayedProcess":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def _tell(self, command: dict[str, Any]) -> list[Did]:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, f"the phone ended at {command}"
        answer = json.loads(line)
        self.next_us = answer["next_us"]
        return list(answer["did"])

    def begin(self, begin: dict[str, Any]) -> list[Did]:
        return self._tell({"begin": begin})

    def play(self, do: str, **command: Any) -> list[Did]:
        return self._tell({"do": do} | {name.rstrip("_"): value for name, value in command.items()})


def played_core() -> PlayedProcess:
    """The core in Java."""
    return PlayedProcess("core", android_core.java("egide.core.phone.PlayedPhone"))


def played_web(folder: Path) -> PlayedProcess:
    """The web app, that `build_web` made in `folder`."""
    return PlayedProcess("web", [*NODE, folder / "phone.js"])


def build_web(folder: Path) -> None:
    """The web app as a process that is told what happens."""
    vite = [
        "node_modules/vite/bin/vite.js",
        "build",
        "--config",
        "vite.played.config.ts",
        "--logLevel",
        "warn",
    ]
    built = node(*vite, "--outDir", str(folder), place=ROOT / "phone")
    assert built.returncode == 0, built.stderr
