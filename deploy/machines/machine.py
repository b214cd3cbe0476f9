"""A machine of `machine.sh`, what is done to it, and the shell of a document that it runs."""

import contextlib
import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from egide.common.clock import SystemClock
from tools.tree import ROOT

HERE = Path(__file__).parent
DISKS = Path(os.environ.get("MACHINES") or ROOT / "var" / "machines")
UNITS = ("intake", "live", "web", "worker", "watch", "metrics")
PEOPLE = "/opt/egide/bin/python /opt/people.py"
FROM_MIRROR = """apt-get update -qq
apt-get install -y -qq --download-only {} >/dev/null"""
NUMBERS = (1, 2, 3)
_EXPORTED = Path("var/lib/egide/exported.jsonl")
_BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_AS_EGIDE = (
    "umask 0007; export HOME=/var/lib/egide; cd $HOME; exec setpriv --reuid=egide --regid=egide --init-groups"
)


def blocks(document: str, part: str) -> list[str]:
    """The shell of one part of a document (below a heading of the second level), in its order."""
    found = re.search(rf"^## {re.escape(part)}$\n(.*?)(?=^## |\Z)", document, re.MULTILINE | re.DOTALL)
    return _BLOCK.findall(found[1]) if found else []


class Machine:
    """One of them, by its number."""

    def __init__(self, number: int = 1) -> None:
        self.number = number
        self._number = str(number)
        self.address = f"10.77.7.{number}"
        self.disk = DISKS / f"m{number}"
        self.root = self.disk / "root"

    def do(self, verb: str, *words: str) -> None:
        """A verb of `machine.sh` for this machine."""
        script(verb, self._number, *words)

    def tried(self, command: str) -> tuple[int, str]:
        """How a command on it ended, and what it said."""
        ended = subprocess.run(
            [HERE / "machine.sh", "sh", self._number, "sh", "-ec", command],
            env={**os.environ, "MACHINES": str(DISKS)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return ended.returncode, ended.stdout

    def sh(self, command: str) -> str:
        """What a command on it says. Raises AssertionError with its words when it fails."""
        code, said = self.tried(command)
        assert code == 0, f"{command}\n{said}"
        return said

    def run(self, shell: list[str]) -> str:
        """A document's blocks, word by word; what they say."""
        said = []
        for block in shell:
            print(block, end="", flush=True)
            said.append(self.sh(block))
            print(said[-1], end="", flush=True)
        return "".join(said)

    def as_egide(self, command: str) -> str:
        return self.sh(f"{_AS_EGIDE} {command}")

    def export(self, into: Path) -> None:
        """Its whole journal, still sealed, in a file out here."""
        file = self.root / _EXPORTED
        file.unlink(missing_ok=True)
        self.as_egide(f"egide journal export /{_EXPORTED}")
        # Each machine has a disk of its own.
        shutil.move(file, into)

    def are_active(self, *units: str) -> bool:
        states = self.tried(f"systemctl is-active {' '.join(f'egide-{name}' for name in units)}")[1]
        return states.split() == ["active"] * len(units)

    def wait_until_whole(self) -> None:
        until("the units are not all active", lambda: self.are_active(*UNITS))

    def is_up(self) -> bool:
        leader = (self.disk / "pid").read_text().strip()
        return subprocess.run(["kill", "-0", leader], capture_output=True, check=False).returncode == 0


def wall_s() -> float:
    """Seconds since 1970, by the clock that this host and its machines share."""
    return SystemClock().now_us() / 1e6


def script(*words: str) -> None:
    subprocess.run([HERE / "machine.sh", *words], env={**os.environ, "MACHINES": str(DISKS)}, check=True)


def until(what: str, is_so: Callable[[], bool], within_s: float = 180) -> None:
    begun_s = time.monotonic()
    while not is_so():
        assert time.monotonic() - begun_s < within_s, what
        time.sleep(0.5)


def fetch(*packages: str) -> None:
    """Of Debian's mirror, kept where apt-get of a machine looks first: it has no road out."""
    archives = DISKS / "base" / "var" / "cache" / "apt" / "archives"
    if not all(list(archives.glob(f"{name}_*.deb")) for name in packages):
        script("image", "sh", "-ec", FROM_MIRROR.format(" ".join(packages)))


def boot(machine: Machine, names: tuple[str, str] | None = None, package: Path | None = None) -> None:
    """A fresh machine that knows the others, calls itself by the names of pages and phones, and has the package in the
    folder of root.
    """
    machine.do("up")
    hosts = ["127.0.0.1 localhost", *(f"{Machine(each).address} egide{each}" for each in NUMBERS)]
    if names:
        hosts.append(f"{machine.address} {' '.join(names)}")
    (machine.root / "etc" / "hosts").write_text("\n".join(hosts) + "\n")
    shutil.copy(HERE / "people.py", machine.root / "opt" / "people.py")
    if package:
        shutil.copy(package, machine.root / "root" / package.name)


class Report:
    """What was done and how long it took."""

    def __init__(self) -> None:
        self.lines: list[dict[str, object]] = []

    @contextlib.contextmanager
    def step(self, name: str) -> Iterator[dict[str, object]]:
        line: dict[str, object] = {"step": name}
        begun_s = time.monotonic()
        try:
            yield line
        except AssertionError as error:
            line["FAILED"] = str(error).partition("\n")[0]
            raise
        finally:
            line["s"] = round(time.monotonic() - begun_s, 1)
            self.lines.append(line)
            print(json.dumps(line), flush=True)

    def table(self) -> str:
        """The lines as benchmarks/MACHINES.md shows them."""
        rows = ["| step | minutes | |", "|---|---|---|"]
        for line in self.lines:
            kept = {key: value for key, value in line.items() if key not in ("step", "s")}
            told = ", ".join(f"{key} {value}" for key, value in kept.items())
            rows.append(f"| {line['step']} | {float(str(line['s'])) / 60:.1f} | {told} |")
        return "\n".join(rows)


def presses(machine: Machine) -> list[int]:
    """The numbers of the presses in its journal."""
    said = machine.as_egide(f"{PEOPLE} presses").split()
    return [int(word) for word in said if word.isdigit()]


def check_presses(machine: Machine, receipts: list[int]) -> None:
    """Every press that has a receipt is in the journal, whose chain is whole."""
    held = set(presses(machine))
    lost = [seq for seq in receipts if seq not in held]
    assert len(set(receipts)) == len(receipts), "two presses have one number"
    assert lost == [], f"{len(lost)} of {len(receipts)} acknowledged presses are lost"
    machine.sh("egide journal verify")
