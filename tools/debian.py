"""`make deb`: Debian packages, built without root on Debian 13 and nothing else.

`egide` is all but the radio of the demo, `egide-intake` the lifeline alone. A virtual environment of Debian's own
Python lies below /opt/egide, laid out as this folder is: `src`, `node_modules`, `phone`. Hashes lock what goes into it.
"""

import argparse
import gzip
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.message import Message
from importlib import metadata
from pathlib import Path

from egide.entrypoints.upgrading import release
from tools import manual
from tools.tree import ROOT

DEPLOY = ROOT / "deploy"
OUT = ROOT / "var" / "deb"
# Debian 13 has this one; a wheel for another does not load.
PYTHON = "3.13"
PREFIX = Path("opt/egide")
SITE = PREFIX / "lib" / f"python{PYTHON}" / "site-packages"
UNITS = Path("usr/lib/systemd/system")
RELEASE = PREFIX / "share" / "egide" / release.FILE_NAME
# Of Debian's words for machines, those of the wheels.
PLATFORMS = {"amd64": "x86_64-manylinux_2_40", "arm64": "aarch64-manylinux_2_40"}
# What packages carry for their own developers.
UNUSED = ("**/tests", "**/*.pyi", "**/*.pxd", "**/*.h", "**/*.c", "**/*.a", "bin", "share", "**/__pycache__")
LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.po", "*.pot")
_WITH_PAGES = ("egide-web", "egide-worker", "egide-metrics", "egide-verify", "egide-backup")


class CannotBuild(Exception):
    """Something that this machine lacks; the message says what."""


@dataclass(frozen=True)
class Kind:
    """One of the packages."""

    name: str
    lock: str
    summary: str
    has_pages: bool


KINDS = {
    "egide": Kind(
        "egide", "requirements-service.lock", "silent alarm, from the button to people on the spot", True
    ),
    "egide-intake": Kind(
        "egide-intake", "requirements-lifeline.lock", "silent alarm: the machine that receives", False
    ),
}
CONTROL = """\
Package: {name}
Version: {version}
Architecture: {architecture}
Maintainer: Egide maintainers <maintainers@egide.invalid>
Installed-Size: {size_kib}
Depends: python3 (>= {python}), python3 (<< {next_python}), systemd (>= 256), util-linux
Recommends: nginx | caddy
Conflicts: {other}
Replaces: {other}
Section: net
Priority: optional
Homepage: https://egide.invalid/
Description: {summary}
 Somebody holds a small button; the dispatch centre sees who it is, where, and
 what the team must know. Processes run under systemd, behind a TLS proxy.
"""


def version() -> str:
    """Of the project, and of the commit it is built from: a later commit is a later version."""
    base = metadata.version("egide")
    count = _said("git", "rev-list", "--count", "HEAD")
    return f"{base}+{count}.{_said('git', 'rev-parse', '--short=8', 'HEAD')}" if count else base


def _said(*command: str) -> str:
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return ended.stdout.strip() if ended.returncode == 0 else ""


def check_machine() -> tuple[str, str]:
    """The interpreter of the packages, and the word for this kind of machine. Raises CannotBuild."""
    missing = [name for name in ("dpkg-deb", "dpkg") if shutil.which(name) is None]
    if missing:
        raise CannotBuild(
            f"A Debian package is built by {missing[0]}, which is not here: build it on Debian 13."
        )
    python = f"/usr/bin/python{PYTHON}"
    if not Path(python).exists():
        raise CannotBuild(f"{python} is not here: build the package on Debian 13, with python3 installed.")
    architecture = _said("dpkg", "--print-architecture")
    if architecture not in PLATFORMS:
        raise CannotBuild(f"There are no wheels for {architecture}: {' or '.join(PLATFORMS)} is needed.")
    return python, architecture


def stage_environment(root: Path, kind: Kind, architecture: str) -> None:
    """The packages of the lock, for Debian's Python whichever one runs this."""
    site = root / SITE
    uv = [str(Path(sys.prefix, "bin", "uv")), "pip", "install", "--quiet", "--target", str(site)]
    uv += ["--python-version", PYTHON, "--python-platform", PLATFORMS[architecture]]
    subprocess.run(
        [*uv, "--no-build-isolation-package", "http-ece", "--require-hashes", "-r", kind.lock],
        cwd=ROOT,
        check=True,
    )
    for pattern in UNUSED:
        for path in sorted(site.glob(pattern), reverse=True):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def stage_egide(root: Path, kind: Kind) -> None:
    """Our own code and what browsers get, laid out as in this folder, and the environment around it."""
    place, site = root / PREFIX, root / SITE
    shutil.copytree(ROOT / "src" / "egide", place / "src" / "egide", ignore=LEFT_OUT)
    site.mkdir(parents=True, exist_ok=True)
    (site / "egide.pth").write_text("../../../src\n")
    about = site / f"egide-{metadata.version('egide')}.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(str(_about()), encoding="utf-8")
    if kind.has_pages:
        for name in ("htmx.org", "leaflet", "protomaps-leaflet"):
            shutil.copytree(ROOT / "node_modules" / name / "dist", place / "node_modules" / name / "dist")
        shutil.copytree(ROOT / "phone" / "dist", place / "phone" / "dist")
    (place / "bin").mkdir()
    (place / "bin" / "python").symlink_to(f"/usr/bin/python{PYTHON}")
    (place / "pyvenv.cfg").write_text("home = /usr/bin\ninclude-system-site-packages = false\n")
    _write(
        place / "bin" / "egide",
        f"#!/{PREFIX}/bin/python\nfrom egide.entrypoints.cli import main\n\nmain()\n",
        0o755,
    )


def _about() -> Message:
    """What is installed, without what only this checkout knows (an editable install)."""
    found, kept = metadata.metadata("egide"), Message()
    for key in ("Metadata-Version", "Name", "Version", "Summary", "Requires-Python"):
        kept[key] = found[key]
    for key in ("Requires-Dist", "Provides-Extra"):
        for value in found.get_all(key) or ():
            kept[key] = value
    return kept


def stage_system(root: Path, kind: Kind) -> None:
    """Units, accounts, folders, the command, manual pages, completion, documents."""
    left_out = () if kind.has_pages else _WITH_PAGES
    for path in sorted((DEPLOY / "systemd").rglob("*")):
        if path.is_file() and not path.name.startswith(left_out or "\0") and path.suffix != ".md":
            _write(root / UNITS / path.relative_to(DEPLOY / "systemd"), _unit(path, left_out))
    for kept, name in (("sysusers.d", "egide.sysusers"), ("tmpfiles.d", "egide.tmpfiles")):
        _write(root / "usr/lib" / kept / "egide.conf", (DEPLOY / "debian" / name).read_text())
    _write(root / "usr/bin/egide", (DEPLOY / "debian" / "egide.sh").read_text(), 0o755)
    for name, text in manual.pages().items():
        _write_gz(root / "usr/share/man/man1" / f"{name}.1.gz", text)
    for shell, place in manual.COMPLETIONS.items():
        _write(root / place, manual.completion(shell))
    docs = root / "usr/share/doc" / kind.name
    for file in ("guide.md", "nginx.conf", "Caddyfile", "egide.toml", "alerts.yml", "settings.md"):
        _write(docs / file, (ROOT / "docs" / "operations" / file).read_text())
    _write(docs / "LICENSE", (ROOT / "LICENSE").read_text())
    _write(docs / "copyright", (DEPLOY / "debian" / "copyright").read_text())
    _write_gz(docs / "changelog.gz", (ROOT / "CHANGELOG.md").read_text())


def _unit(path: Path, left_out: Iterable[str]) -> str:
    """A unit; the target of a machine for intake alone wants nothing that is not there."""
    text = path.read_text()
    if path.suffix == ".target":
        lines = (line for line in text.splitlines() if not any(f"={name}." in line for name in left_out))
        text = "\n".join(lines) + "\n"
    return text


def stage_ready(root: Path, kind: Kind) -> None:
    """What the first start would wait for: compiled code, and tables with nothing in them."""
    # Each file once, told apart by its content: nothing below /opt is ever written again.
    for folder in (root / SITE, root / PREFIX / "src"):
        command = [
            f"/usr/bin/python{PYTHON}",
            "-m",
            "compileall",
            "-q",
            "-j",
            "2",
            "-s",
            str(root),
            "-p",
            "/",
        ]
        ended = subprocess.run([*command, "--invalidation-mode", "unchecked-hash", str(folder)], check=False)
        if ended.returncode:
            raise CannotBuild(
                f"{folder} holds code that Python {PYTHON} does not read; the lines above say which."
            )
    stage_tables(root, kind)


def stage_tables(root: Path, kind: Kind) -> None:
    """Tables with nothing in them, and what the release says of itself."""
    python = str(root / PREFIX / "bin" / "python")
    if kind.has_pages:
        subprocess.run([python, "-m", "egide.entrypoints.stack.migrated"], env=_quiet(), check=True)
    stage_release(root, python)


def stage_release(root: Path, python: str) -> None:
    """What the release says of itself to `egide upgrade --check`."""
    told = subprocess.run([python, "-m", release.MODULE], env=_quiet(), check=True, stdout=subprocess.PIPE)
    _write(root / RELEASE, told.stdout.decode())


def _quiet() -> dict[str, str]:
    """The environment of a process that leaves no compiled code behind."""
    return {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}


def stage_control(root: Path, kind: Kind, architecture: str, as_version: str) -> None:
    """What dpkg reads: names, sizes, sums, and what happens at installing and removing."""
    control = root / "DEBIAN"
    shutil.rmtree(control, ignore_errors=True)
    files = sorted(path for path in root.rglob("*") if path.is_file() and not path.is_symlink())
    size_kib = sum(path.stat().st_size for path in files) // 1024
    major, minor = PYTHON.split(".")
    _write(
        control / "control",
        CONTROL.format(
            name=kind.name,
            version=as_version,
            architecture=architecture,
            size_kib=size_kib,
            python=PYTHON,
            next_python=f"{major}.{int(minor) + 1}",
            other=next(other for other in KINDS if other != kind.name),
            summary=kind.summary,
        ),
    )
    _write(control / "md5sums", "".join(_sums(root, files)))
    for name in ("preinst", "postinst", "prerm", "postrm"):
        _write(control / name, (DEPLOY / "debian" / name).read_text(), 0o755)
    # Here dpkg finds it without unpacking the rest: `egide upgrade --check`.
    _write(control / release.FILE_NAME, (root / RELEASE).read_text())


def _sums(root: Path, files: Iterable[Path]) -> Iterator[str]:
    for path in files:
        # dpkg's own format, against bad disks and not against people.
        digest = hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
        yield f"{digest}  {path.relative_to(root)}\n"


def _write(path: Path, text: str, mode: int = 0o644) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)


def _write_gz(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(text.encode(), mtime=0))
    path.chmod(0o644)


def build(kind: Kind, as_version: str) -> Path:
    """The finished package. Raises CannotBuild."""
    _python, architecture = check_machine()
    root = OUT / kind.name
    shutil.rmtree(root, ignore_errors=True)
    os.umask(0o022)
    root.mkdir(parents=True)
    stage_environment(root, kind, architecture)
    stage_egide(root, kind)
    stage_system(root, kind)
    stage_ready(root, kind)
    stage_control(root, kind, architecture, as_version)
    return _packed(kind, as_version, architecture, root, level=9)


def again(kind: Kind, as_version: str, root: Path) -> Path:
    """The package that was built last, under another version, of a folder in which something was changed."""
    _python, architecture = check_machine()
    stage_control(root, kind, architecture, as_version)
    return _packed(kind, as_version, architecture, root, level=1)


def _packed(kind: Kind, as_version: str, architecture: str, root: Path, level: int) -> Path:
    file = OUT / f"{kind.name}_{as_version}_{architecture}.deb"
    command = ["dpkg-deb", "--root-owner-group", "-Zzstd", f"-z{level}", "--build"]
    subprocess.run([*command, str(root), str(file)], check=True, stdout=subprocess.DEVNULL)
    return file


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kinds", nargs="*", default=["egide"], help=f"of {', '.join(KINDS)}")
    parser.add_argument("--as-version", default=version(), help="the version; without it that of the commit")
    options = parser.parse_args()
    for name in options.kinds:
        if name not in KINDS:
            sys.exit(f"There is no package {name}: {', '.join(KINDS)}.")
        try:
            file = build(KINDS[name], options.as_version)
        except CannotBuild as error:
            sys.exit(str(error))
        installed = sum(
            p.stat().st_size for p in (OUT / name).rglob("*") if p.is_file() and not p.is_symlink()
        )
        print(
            f"{file.relative_to(ROOT)}: {file.stat().st_size / 1e6:.0f} MB, {installed / 1e6:.0f} MB installed"
        )


if __name__ == "__main__":
    main()
