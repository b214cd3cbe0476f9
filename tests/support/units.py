"""Units of systemd, as its own tools judge them: what they say of a machine's root, without any machine running."""

import configparser
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest

LIMIT = 25  # of systemd-analyze security, in tenths
# Those of every machine.
TARGETS = (
    "basic",
    "local-fs",
    "multi-user",
    "network",
    "network-online",
    "shutdown",
    "sockets",
    "sysinit",
    "time-sync",
    "timers",
)

systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not here")


def read(path: Path) -> configparser.RawConfigParser:
    """A unit; what stands several times is joined by ` | `."""

    class Joined(dict[str, list[str]]):
        def __setitem__(self, key: str, value: list[str]) -> None:
            if isinstance(value, list) and key in self:
                self[key].extend(value)
            else:
                super().__setitem__(key, value)

    parser = configparser.RawConfigParser(
        dict_type=Joined, strict=False, delimiters=("=",), interpolation=None
    )
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(path)
    return parser


def options(path: Path, section: str) -> dict[str, str]:
    return {key: value.replace("\n", " | ") for key, value in read(path).items(section)}


def machine_root(root: Path, units: Path, programs: Iterable[str]) -> Path:
    """A machine's root with these units and what they start, as systemd's own tools look at it."""
    places = root / "etc" / "systemd" / "system"
    shutil.copytree(units, places)
    for target in TARGETS:
        (places / f"{target}.target").write_text("[Unit]\nDescription=of every machine\n")
    for name in programs:
        path = root / name.removeprefix("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("#!/bin/sh\n")
        path.chmod(0o755)
    return root


def verified(root: Path, names: Iterable[str]) -> tuple[int, str]:
    """How `systemd-analyze verify` ended, and what it says of these units."""
    command = ["systemd-analyze", "verify", f"--root={root}", "--man=no", *names]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    return ended.returncode, ended.stderr


def exposed(root: Path, name: str) -> str:
    """What `systemd-analyze security` says of a unit that is more exposed than LIMIT; nothing where it is not."""
    command = ["systemd-analyze", "security", "--offline=yes", f"--root={root}", f"--threshold={LIMIT}"]
    ended = subprocess.run([*command, "--no-pager", name], capture_output=True, text=True, check=False)
    return "" if ended.returncode == 0 else ended.stdout[-500:] + ended.stderr
