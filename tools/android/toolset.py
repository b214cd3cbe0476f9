"""The programs that build the app for Android: Debian 13's packages, each of one version and held by its hash
(android/pins.toml), unpacked and not installed. `python -m tools.android.toolset` fetches them.

Whoever builds with the machine's own says so: EGIDE_ANDROID_OTHER_TOOLS=yes.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

from tools import android_core
from tools.android.java import CannotBuild, run
from tools.android.pinned import PINS

KEPT = Path(sys.prefix, "android")
OTHER_TOOLS = "EGIDE_ANDROID_OTHER_TOOLS"
_OR = f"{OTHER_TOOLS}=yes builds with this machine's own programs, perhaps to other bytes."
_JAVA = "openjdk-21"
# Its programs, and the packages of Debian that bring them.
PROGRAMS = {"aapt2": "aapt", "zipalign": "zipalign", "apksigner": "apksigner"}
_JARS = ("usr/share/java/apksigner.jar", "usr/share/java/apksig.jar")
_FRAMEWORK = "usr/share/android-framework-res/framework-res.apk"
_LIBRARIES = ("usr/lib/x86_64-linux-gnu/android", "usr/lib/x86_64-linux-gnu", "usr/lib", "usr/lib/7zip")


@dataclass(frozen=True)
class Package:
    """`sha256` of the whole file."""

    name: str
    version: str
    sha256: str


@dataclass(frozen=True)
class Toolset:
    """Where the programs are: below `root`, and a JDK's `home`."""

    root: Path
    home: Path

    @property
    def framework(self) -> Path:
        return self.root / _FRAMEWORK

    def java(self, name: str) -> Path:
        """A program of the JDK."""
        return self.home / "bin" / name

    def run(self, name: str, *arguments: str | Path) -> str:
        """What aapt2 or zipalign said. Raises CannotBuild."""
        libraries = ":".join(str(self.root / each) for each in _LIBRARIES)
        # The machine's own find theirs by themselves.
        around = [] if self.root == Path("/") else ["env", f"LD_LIBRARY_PATH={libraries}"]
        return run(*around, self.root / "usr" / "bin" / name, *arguments)

    def signer(self, *arguments: str | Path) -> str:
        """What apksigner said. Raises CannotBuild."""
        jars = ":".join(str(self.root / each) for each in _JARS)
        main = "com.android.apksigner.ApkSignerTool"
        return run(self.java("java"), *android_core.QUICK, "-cp", jars, main, *arguments)


def packages(pins: Path = PINS) -> list[Package]:
    return [Package(name, *facts) for name, facts in tomllib.loads(pins.read_text())["debian"].items()]


def folder(wanted: list[Package]) -> Path:
    """Where these packages are unpacked: others have another."""
    return KEPT / hashlib.sha256(repr(wanted).encode()).hexdigest()[:16]


def toolset() -> Toolset:
    """Those that are pinned, or the machine's where somebody said so. Raises CannotBuild: one line."""
    if os.environ.get(OTHER_TOOLS) == "yes":
        return of_machine()
    root = folder(packages())
    if not root.exists():
        raise CannotBuild(
            f"The programs that android/pins.toml names are not here; `make android` fetches them. {_OR}"
        )
    return Toolset(root, next((root / "usr" / "lib" / "jvm").glob(f"java-{_JAVA.partition('-')[2]}-*")))


def of_machine() -> Toolset:
    """What is installed. Raises CannotBuild, android_core.Missing: one line that names what is missing."""
    home = Path(android_core.javac()).resolve().parent.parent
    missing = [package for program, package in PROGRAMS.items() if shutil.which(program) is None]
    missing += [] if Path("/", _FRAMEWORK).exists() else ["android-framework-res"]
    if missing:
        raise CannotBuild(
            f"The Android app needs more of Debian's packages: apt-get install {' '.join(missing)}"
        )
    return Toolset(Path("/"), home)


def differences() -> str:
    """One line: what this machine has instead of what is pinned."""
    found = []
    for package in packages():
        asked = ["dpkg-query", "--show", "--showformat=${Version}", package.name]
        ended = (
            subprocess.run(asked, capture_output=True, text=True, check=False)
            if shutil.which("dpkg-query")
            else None
        )
        version = ended.stdout if ended and not ended.returncode else ""
        found += [f"{package.name} {version or 'not there'}"] if version != package.version else []
    return "Not what android/pins.toml names: " + (", ".join(found) or "nothing")


def fetch() -> None:
    """Unpacks every pinned package, all or nothing. Raises CannotBuild."""
    wanted = packages()
    target = folder(wanted)
    if target.exists():
        return
    KEPT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=KEPT) as made:
        for package in wanted:
            run("dpkg-deb", "-x", download(package, Path(made)), Path(made, "root"))
        relink(Path(made, "root"))
        Path(made, "root").rename(target)


def download(package: Package, into: Path) -> Path:
    """The file of a package, by the mirror that the machine has.

    Raises CannotBuild where it has another hash or is not to be had.
    """
    if not all(shutil.which(program) for program in ("apt-get", "dpkg-deb")):
        raise CannotBuild(
            f"The programs that android/pins.toml names are Debian's, and apt-get is not here. {_OR}"
        )
    command = ["apt-get", "download", "-qq", f"{package.name}={package.version}"]
    ended = subprocess.run(command, cwd=into, capture_output=True, text=True, check=False)
    if ended.returncode:
        subprocess.run(["apt-get", "update", "-qq"], capture_output=True, check=False)
        ended = subprocess.run(command, cwd=into, capture_output=True, text=True, check=False)
    file = next(into.glob(f"{package.name}_*.deb"), None)
    if ended.returncode or file is None:
        raise CannotBuild(
            f"{package.name} {package.version} of android/pins.toml is not to be had from this machine's mirror. {_OR}"
        )
    if (digest := hashlib.sha256(file.read_bytes()).hexdigest()) != package.sha256:
        raise CannotBuild(
            f"{package.name} {package.version} has SHA-256 {digest}, not the one that is pinned; nothing of it is used."
        )
    return file


def relink(root: Path) -> None:
    """Links that mean the whole machine mean what was unpacked."""
    for path in root.rglob("*"):
        if path.is_symlink() and path.readlink().is_absolute():
            meant = root / path.readlink().relative_to("/")
            path.unlink()
            path.symlink_to(os.path.relpath(meant, path.parent))


def main() -> None:
    """Where they cannot be had it says so and does no harm: tests of the build then say that they are left out."""
    try:
        fetch()
    except CannotBuild as error:
        print(error, file=sys.stderr)


if __name__ == "__main__":
    main()
