"""Builds the phone's core in Java (android/core) and runs its tests: `python -m tools.android_core test`, or libraries.

A JDK is not installed from here. Libraries are Debian's packages of one version each, held by their hash, unpacked and
not installed: Bouncy Castle goes into the app, JUnit runs the tests.
"""

import fcntl
import functools
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from tools.android import class_files
from tools.android.class_files import ClassFile, reached
from tools.tree import ROOT

CORE = ROOT / "android" / "core"
BUILT = ROOT / "android" / "build" / "core"
LIBRARIES = Path(sys.prefix, "java")
RELEASE = 17
TESTS = "egide.core.AllTests"
# The compiler's last step costs more than it brings in seconds.
QUICK = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx512m")

NO_JDK = (
    f"the phone's core in Java is left out: it needs a JDK of {RELEASE} or newer, javac and java"
    " (Debian: apt-get install default-jdk-headless)"
)
NO_LIBRARIES = (
    "the phone's core in Java is left out: it needs Bouncy Castle and JUnit of Debian 13 (`make java`)"
)


class Package(msgspec.Struct, frozen=True):
    """A package of Debian: `sha256` of the whole file, and the archives in it that are used."""

    name: str
    version: str
    sha256: str
    jars: tuple[str, ...]


BOUNCY_CASTLE = Package(
    "libbcprov-java",
    "1.80-3",
    "50e49bdaec41da915caf52501e16c89c5365ad1eeb4806c1a2a9ac6aa0703a09",
    ("bcprov.jar",),
)
FOR_TESTS = (
    Package(
        "junit5",
        "5.10.3-1",
        "b465b99c642071fb420a626dfc2132c14de196d935058f5172be5af66c81b193",
        (
            "junit-jupiter-api.jar",
            "junit-jupiter-engine.jar",
            "junit-platform-commons.jar",
            "junit-platform-engine.jar",
            "junit-platform-launcher.jar",
        ),
    ),
    Package(
        "libopentest4j-java",
        "1.2.0-4",
        "a6c6c67ece5121ebfae264e9bc5b1ad391c382624b6658bf10e3ddd675e5dcd2",
        ("opentest4j.jar",),
    ),
    Package(
        "libapiguardian-java",
        "1.1.2-1",
        "8048fcceb16de9e9f37b6dcd80c89a1543982ef272bfb311865da24da1ee8b47",
        ("apiguardian-api.jar",),
    ),
)


class Missing(Exception):
    """What the machine lacks, in one line."""


def java_tool(name: str) -> str:
    """The path of javac or java, of the JDK that JAVA_HOME names or the path finds. Raises Missing."""
    home = os.environ.get("JAVA_HOME")
    found = shutil.which(name, path=f"{home}/bin") if home else shutil.which(name)
    if not found:
        raise Missing(NO_JDK)
    return found


def javac() -> str:
    """Raises Missing where there is none, or an old one."""
    found = java_tool("javac")
    version = _version(found)
    if version is None or int(version) < RELEASE:
        raise Missing(f"{NO_JDK}; {found} is {version or 'of unknown age'}")
    return found


# Each compilation and each look whether one is due asks, and to start a Java that says it costs as much as many a test.
@functools.cache
def _version(compiler: str) -> str | None:
    said = subprocess.run([compiler, "-version"], capture_output=True, text=True, check=False)
    version = re.search(r"javac (\d+)", said.stdout + said.stderr)
    return version[1] if version else None


def compiler(chosen: Path | None = None) -> list[str]:
    """The command that compiles what is named behind it, with `chosen` or the machine's. Raises Missing."""
    quick = (f"-J{option}" for option in QUICK)
    return [str(chosen or javac()), *quick, "--release", str(RELEASE), "-encoding", "UTF-8", "-Werror"]


def jars(*packages: Package) -> list[Path]:
    """The archives of these packages. Raises Missing."""
    found = [LIBRARIES / package.name / jar for package in packages for jar in package.jars]
    if not all(path.exists() for path in found):
        raise Missing(NO_LIBRARIES)
    return found


def fetch() -> None:
    """Unpack every package that is not here. Raises Missing."""
    for package in (BOUNCY_CASTLE, *FOR_TESTS):
        if not all((LIBRARIES / package.name / jar).exists() for jar in package.jars):
            _fetch_one(package)


def _fetch_one(package: Package) -> None:
    if not shutil.which("apt-get"):
        raise Missing(NO_LIBRARIES)
    with tempfile.TemporaryDirectory() as folder:
        download = ["apt-get", "download", "-qq", f"{package.name}={package.version}"]
        if not _is_done(download, folder):
            _is_done(["apt-get", "update", "-qq"], folder)
            if not _is_done(download, folder):
                raise Missing(NO_LIBRARIES)
        (deb,) = Path(folder).glob("*.deb")
        if hashlib.sha256(deb.read_bytes()).hexdigest() != package.sha256:
            raise Missing(
                f"{deb.name} is not the file that was chosen: its hash is another; nothing of it is used"
            )
        unpacked = Path(folder, "unpacked")
        subprocess.run(["dpkg-deb", "-x", deb, unpacked], check=True)
        target = LIBRARIES / package.name
        target.mkdir(parents=True, exist_ok=True)
        for jar in package.jars:
            # What stands there is a link to the file that bears the version.
            shutil.copyfile((unpacked / "usr/share/java" / jar).resolve(), target / jar)


def _is_done(command: Sequence[str], folder: str) -> bool:
    return subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode == 0


def build() -> Path:
    """Compile core and tests, if anything changed since; the folder of both. Raises Missing; CalledProcessError."""
    BUILT.mkdir(parents=True, exist_ok=True)
    with BUILT.with_suffix(".lock").open("w") as lock:
        # Several workers of one run may ask at once.
        fcntl.flock(lock, fcntl.LOCK_EX)
        return _built(compiler(), jars(BOUNCY_CASTLE, *FOR_TESTS))


def _built(command: Sequence[str], libraries: Sequence[Path]) -> Path:
    sources = {name: sorted((CORE / name).rglob("*.java")) for name in ("src", "tests")}
    digest = hashlib.sha256()
    for path in (Path(__file__), Path(class_files.__file__), *sources["src"], *sources["tests"]):
        digest.update(f"{path}\0".encode() + path.read_bytes())
    stamp = BUILT / "stamp"
    if stamp.exists() and stamp.read_text() == digest.hexdigest():
        return BUILT
    shutil.rmtree(BUILT, ignore_errors=True)
    command = [*command, "-Xlint:all,-path,-serial"]
    classes, tests = BUILT / "classes", BUILT / "tests"
    for name, target, known in (("src", classes, libraries[:1]), ("tests", tests, [classes, *libraries])):
        target.mkdir(parents=True)
        known_path = os.pathsep.join(map(str, known))
        subprocess.run([*command, "-cp", known_path, "-d", target, *sources[name]], check=True)
    gather(libraries[0], BUILT / "bouncycastle.jar")
    stamp.write_text(digest.hexdigest())
    return BUILT


def gather(bouncy_castle: Path, target: Path, classes: Path = BUILT / "classes") -> None:
    """What of Bouncy Castle the core reaches, in an archive that is always the same bytes: the rest stays out, and what
    stands in the core under its name."""
    own = own_classes(classes)
    with zipfile.ZipFile(bouncy_castle) as archive:
        theirs = {
            name.removesuffix(".class"): archive.read(name)
            for name in archive.namelist()
            if name.startswith("org/bouncycastle/")
            and name.endswith(".class")
            and name.removesuffix(".class") not in own
        }
    wanted = {name for each in own.values() for name in each.names}
    with zipfile.ZipFile(target, "w") as archive:
        for name in sorted(reached(wanted, theirs)):
            archive.writestr(zipfile.ZipInfo(f"{name}.class"), theirs[name])


def own_classes(classes: Path = BUILT / "classes") -> dict[str, ClassFile]:
    """The core's classes by their names."""
    read = (ClassFile(path.read_bytes()) for path in sorted(classes.rglob("*.class")))
    return {each.name: each for each in read}


def class_path() -> str:
    """Of core and tests, as the app has the first: with no more of Bouncy Castle than is reached. Raises Missing."""
    own = [BUILT / "classes", BUILT / "tests", BUILT / "bouncycastle.jar"]
    return os.pathsep.join(map(str, [*own, *jars(*FOR_TESTS)]))


def java(*arguments: str) -> list[str]:
    """The command that runs a class of core or tests."""
    folder = os.environ.get("PYTEST_DEBUG_TEMPROOT") or tempfile.gettempdir()
    return [java_tool("java"), *QUICK, f"-Djava.io.tmpdir={folder}", "-cp", class_path(), *arguments]


def faults(classes: Path = BUILT / "classes") -> list[str]:
    """What would break the tools, or does not belong into the core: sealed classes, static methods of Java's own
    interfaces, and anything of Android."""
    found = []
    for read in own_classes(classes).values():
        found += [f"{read.name} is sealed: D8 refuses it"] if read.is_sealed else []
        found += [f"{read.name} calls {each}: enjarify cannot turn it back" for each in read.static_calls]
        found += [f"{read.name} names {each}" for each in sorted(read.names) if each.startswith("android")]
    return found


def missing_of(library: Path, own: Mapping[str, ClassFile]) -> list[str]:
    """What the library calls of those of its classes in whose place the core's own stand, and these do not have."""
    with zipfile.ZipFile(library) as archive:
        called = {method for name in archive.namelist() for method in ClassFile(archive.read(name)).called}
    wanted = sorted((method for method in called if method.owner in own), key=str)
    return [f"{library.name} calls {one}" for one in wanted if one not in own[one.owner].methods]


def run_tests() -> None:
    """Raises Missing; CalledProcessError where a test fails."""
    build()
    subprocess.run([*java(TESTS), str(ROOT)], check=True)
    if broken := [*faults(), *missing_of(BUILT / "bouncycastle.jar", own_classes())]:
        sys.exit("\n".join(broken))


COMMANDS: Mapping[str, Callable[[], object]] = {"libraries": fetch, "test": run_tests}


def main(arguments: Sequence[str]) -> int:
    """Where something is missing, `libraries` says so and does no harm: the tests then say that they are left out."""
    command = arguments[0] if arguments else "test"
    try:
        COMMANDS[command]()
    except Missing as missing:
        print(missing, file=sys.stderr)
        return 0 if command == "libraries" else 1
    except subprocess.CalledProcessError as failed:
        return failed.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
