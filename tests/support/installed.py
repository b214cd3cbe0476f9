"""An installation that `egide init` has made in a folder, and its commands."""

import os
import subprocess
import sys
from pathlib import Path

from egide.common.config import Config
from egide.common.settings.file import read_file
from egide.common.settings.sources import Sources
from tests.support.nursery import run_loaded
from tests.support.waiting import WITHIN_S

PAGES, PHONES = "https://desk.example.org", "https://weather.example.net"
ANSWERS = ("--pages", PAGES, "--phones", PHONES, "--admin", "anna")


class Installed:
    """A folder with an installation, or with none yet. No settings of the tests' own environment reach it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config, self.data, self.link = (folder / name for name in ("egide.toml", "data", "link"))
        # What a command at a terminal has, and no setting.
        self.environment = {"EGIDE_LANG": "en", "PATH": os.environ["PATH"]}

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "egide.entrypoints.cli", "--config", str(self.config), *arguments]

    def init(self, *options: str) -> list[str]:
        return self.command("init", "--data", str(self.data), "--link", str(self.link), *options)

    def run(
        self, command: list[str], answers: str = "", **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """The command, beginning with its libraries loaded."""
        _python, _m, module, *arguments = command
        return run_loaded(module, arguments, self.environment | environment, answers)

    def start(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        """The same as anybody starts it."""
        return subprocess.run(
            command, env=self.environment, capture_output=True, text=True, timeout=WITHIN_S, check=False
        )

    def settings(self) -> Config:
        return Config.of(Sources({}, read_file(self.config)))
