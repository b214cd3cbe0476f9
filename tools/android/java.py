"""The app's Java: stubs, core and app compiled with a JDK alone, also where nothing else of the build is installed."""

import fcntl
import hashlib
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tools import android_core
from tools.android.resources import r_java
from tools.tree import ROOT

ANDROID = ROOT / "android"
OUT = ANDROID / "build"
STUBS = ANDROID / "stubs" / "src"
APP = ANDROID / "app" / "src"


class CannotBuild(Exception):
    """Something that this machine lacks, or that a tool refused; the message says what."""


def run(*command: str | Path) -> str:
    """What the command said. Raises CannotBuild with what it complained of."""
    ended = subprocess.run([str(each) for each in command], capture_output=True, text=True, check=False)
    if ended.returncode:
        said = (ended.stdout + ended.stderr).strip()
        raise CannotBuild(f"{Path(str(command[0])).name} ended with {ended.returncode}:\n{said[-4000:]}")
    return ended.stdout


def sources(*folders: Path) -> list[Path]:
    """Sorted, so that a build says the same twice."""
    return sorted(path for folder in folders for path in folder.rglob("*.java"))


def compile_java(
    files: Sequence[Path], out: Path, classpath: Sequence[Path] = (), javac: Path | None = None
) -> Path:
    """Classes into `out`, and nothing else there; `javac` is the machine's if not said. Raises CannotBuild, Missing."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    path = ":".join(map(str, classpath)) or str(out)
    # Android's older names are older on purpose: the newer ones are not on every phone.
    options = ["-Xlint:all,-options,-path,-serial,-deprecation", "-proc:none"]
    run(*android_core.compiler(javac), *options, "-cp", path, "-d", out, *files)
    return out


def compile_all() -> tuple[Path, Path, Path]:
    """The folders of stubs, core and app, compiled if anything changed since.

    Raises CannotBuild, android_core.Missing.
    """
    core = android_core.build() / "classes"
    with (OUT / "app.lock").open("w") as lock:
        # Several workers of one run may ask at once.
        fcntl.flock(lock, fcntl.LOCK_EX)
        return _compiled(core)


def _compiled(core: Path) -> tuple[Path, Path, Path]:
    stubs, app = OUT / "stubs", OUT / "app"
    digest = hashlib.sha256((core.parent / "stamp").read_bytes() + r_java().encode())
    for path in (Path(__file__), *sources(STUBS, APP)):
        digest.update(f"{path}\0".encode() + path.read_bytes())
    stamp = OUT / "stamp"
    if not stamp.exists() or stamp.read_text() != digest.hexdigest():
        generated = OUT / "generated" / "R.java"
        generated.parent.mkdir(exist_ok=True)
        generated.write_text(r_java())
        compile_java(sources(STUBS), stubs)
        compile_java([*sources(APP), generated], app, [stubs, core])
        stamp.write_text(digest.hexdigest())
    return stubs, core, app
