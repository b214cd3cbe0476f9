"""`make machines`: the guide's own commands on one fresh machine, then what must hold there.

Every block of shell below "One machine" in docs/operations/guide.md runs as it stands. What a guide cannot do is done
around it: the package is copied, names lead to the machine, and invented people stand in for an authority's.
"""

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http import HTTPStatus
from pathlib import Path

from deploy.machines.outside import Operator, Phone, Traffic
from tools import debian
from tools.tree import ROOT

HERE = Path(__file__).parent
GUIDE = ROOT / "docs" / "operations" / "guide.md"
PART = "One machine"
ADDRESS = "10.77.7.1"
DISKS = Path(os.environ.get("MACHINES") or ROOT / "var" / "machines")
# What Debian's mirror gives: the machine itself has no road out.
FROM_MIRROR = """apt-get update -qq
apt-get install -y -qq --no-install-recommends nginx >/dev/null
systemctl disable nginx"""
NEEDED = ("debootstrap", "systemd-nspawn", "nsenter", "ip")
UNITS = ("intake", "live", "web", "worker", "watch", "metrics")
_BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_AS_EGIDE = "umask 0007; cd /var/lib/egide; exec setpriv --reuid=egide --regid=egide --init-groups"


def blocks(guide: str) -> list[str]:
    """The shell of one part of the guide, in its order."""
    found = re.search(rf"^## {PART}$\n(.*?)(?=^## |\Z)", guide, re.MULTILINE | re.DOTALL)
    return _BLOCK.findall(found[1]) if found else []


def hosts(guide: str) -> tuple[str, str]:
    """The names of pages and phones that the guide's commands use."""
    shell = "\n".join(blocks(guide))
    pages, phones = (re.search(rf"--{name} https://(\S+)", shell) for name in ("pages", "phones"))
    assert pages and phones, "the guide makes no installation"
    return pages[1], phones[1]


class Machine:
    """One machine of `machine.sh`."""

    def __init__(self) -> None:
        self.root = DISKS / "m1" / "root"

    def do(self, *verb: str) -> None:
        subprocess.run([HERE / "machine.sh", *verb], env={**os.environ, "MACHINES": str(DISKS)}, check=True)

    def sh(self, command: str, *, may_fail: bool = False) -> str:
        """What a command on it says. Raises AssertionError with its words when it fails."""
        ended = subprocess.run(
            [HERE / "machine.sh", "sh", "sh", "-ec", command],
            env={**os.environ, "MACHINES": str(DISKS)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert may_fail or ended.returncode == 0, f"{command}\n{ended.stdout}"
        return ended.stdout

    def as_egide(self, *arguments: str) -> str:
        return self.sh(f"{_AS_EGIDE} {' '.join(arguments)}")

    def is_whole(self) -> bool:
        states = self.sh(f"systemctl is-active {' '.join(f'egide-{name}' for name in UNITS)}", may_fail=True)
        return states.split() == ["active"] * len(UNITS)


class Report:
    """What was done and how long it took."""

    def __init__(self) -> None:
        self.lines: list[dict[str, object]] = []

    @contextlib.contextmanager
    def step(self, name: str) -> Iterator[dict[str, object]]:
        line: dict[str, object] = {"step": name}
        begun_s = time.monotonic()
        yield line
        line["s"] = round(time.monotonic() - begun_s, 1)
        self.lines.append(line)
        print(json.dumps(line), flush=True)


def install(machine: Machine, guide: str) -> None:
    """The guide, word by word."""
    for block in blocks(guide):
        print(block, end="", flush=True)
        print(machine.sh(block), end="", flush=True)


def press_and_acknowledge(phone: Phone, operator: Operator) -> float:
    """From the press to the word on the phone that an operator has seen it, in seconds."""
    listening, found = threading.Event(), list[str]()
    stream = threading.Thread(target=operator.listen, args=(listening, found), daemon=True)
    stream.start()
    assert listening.wait(60), "the live stream does not open"
    begun_s = time.monotonic()
    receipt = phone.send()
    assert receipt.status_code == 201, (receipt.status_code, receipt.text)
    alarm = receipt.json()["alarm"]
    stream.join(60)
    assert found == [alarm], f"{alarm} was pressed and the board heard of {found}"
    operator.do(alarm, "shown")
    operator.do(alarm, "acknowledge")
    while "acknowledged" not in phone.send().text:
        assert time.monotonic() - begun_s < 60, "the phone is not told"
    return time.monotonic() - begun_s


def check_presses(machine: Machine, receipts: list[int]) -> None:
    """Every press that has a receipt is in the journal, whose chain is whole."""
    said = machine.as_egide("/opt/egide/bin/python", "/opt/people.py", "presses").split()
    held = {int(word) for word in said if word.isdigit()}
    lost = [seq for seq in receipts if seq not in held]
    assert len(set(receipts)) == len(receipts), "two presses have one number"
    assert lost == [], f"{len(lost)} of {len(receipts)} acknowledged presses are lost"
    machine.sh("egide journal verify")


def until(what: str, is_so: Callable[[], bool], within_s: float = 180) -> None:
    begun_s = time.monotonic()
    while not is_so():
        assert time.monotonic() - begun_s < within_s, what
        time.sleep(0.5)


def main() -> None:
    if os.geteuid() != 0:
        sys.exit("Machines are booted by root: sudo make machines")
    missing = [name for name in NEEDED if shutil.which(name) is None]
    if missing:
        sys.exit(f"{', '.join(missing)} not found: apt-get install debootstrap systemd-container iproute2")
    guide = GUIDE.read_text(encoding="utf-8")
    pages, phones = hosts(guide)
    machine, report = Machine(), Report()
    with report.step("package") as line:
        # DEB: one that `make deb` wrote just before.
        built = os.environ.get("DEB")
        package = Path(built) if built else debian.build(debian.KINDS["egide"], debian.version())
        line["MB"] = round(package.stat().st_size / 1e6)
        newer = debian.again(debian.KINDS["egide"], debian.version() + ".again")
    try:
        with report.step("machine"):
            boot(machine, (pages, phones), (package, newer))
        begun_s = time.monotonic()
        with report.step("guide"):
            install(machine, guide)
        phone = first_press(machine, report, (pages, phones))
        report.lines[-1]["minutes from nothing"] = round((time.monotonic() - begun_s) / 60, 1)
        receipts = upgrade(machine, report, phone)
        end_and_boot(machine, report, phone, receipts)
        remove(machine, report)
    finally:
        # KEEP=1: to look at it; `machine.sh down` ends it.
        if not os.environ.get("KEEP"):
            machine.do("down")
    print(json.dumps(report.lines, indent=1))


def boot(machine: Machine, names: tuple[str, str], packages: tuple[Path, Path]) -> None:
    """A fresh machine with the package, and a second one for later, that calls itself by the names."""
    if not (DISKS / "base" / "usr" / "sbin" / "nginx").exists():
        machine.do("image", "sh", "-ec", FROM_MIRROR)
    machine.do("up")
    (machine.root / "etc" / "hosts").write_text(f"127.0.0.1 localhost\n{ADDRESS} {names[0]} {names[1]}\n")
    shutil.copy(HERE / "people.py", machine.root / "opt" / "people.py")
    shutil.copy(packages[0], machine.root / "root" / packages[0].name)
    shutil.copy(packages[1], machine.root / "opt" / "newer.deb")


def first_press(machine: Machine, report: Report, names: tuple[str, str]) -> Phone:
    """Invented people, a phone of theirs, and an operator who signs in and takes its alarm."""
    with report.step("people"):
        until("the units are not all active", machine.is_whole)
        account = json.loads(
            machine.as_egide("/opt/egide/bin/python", "/opt/people.py", "make").splitlines()[-1]
        )
        trusted = DISKS / "authority.pem"
        shutil.copy(machine.root / "etc" / "ssl" / "egide" / "authority.pem", trusted)
    with report.step("press acknowledged over TLS") as line:
        phone = Phone(ADDRESS, names[1], trusted, account["code"], (account["lat"], account["lon"]))
        operator = Operator(ADDRESS, names[0], trusted, account)
        line["from press to phone told s"] = round(press_and_acknowledge(phone, operator), 2)
    return phone


def upgrade(machine: Machine, report: Report, phone: Phone) -> list[int]:
    """To a later package while somebody presses: nobody is refused. The numbers of the presses that have a receipt."""
    with report.step("upgrade during traffic") as line:
        with Traffic(phone) as traffic:
            traffic.wait_for_more()
            machine.sh("dpkg -i /opt/newer.deb")
            until("the units are not all active", machine.is_whole)
            traffic.wait_for_more()
        traffic.note(line)
        assert traffic.refused == [], traffic.refused
        check_presses(machine, traffic.receipts)
    return traffic.receipts


def end_and_boot(machine: Machine, report: Report, phone: Phone, receipts: list[int]) -> None:
    """A clean end, then a power cut while somebody presses: what has a receipt is there."""
    with report.step("reboot"):
        machine.sh("systemctl poweroff", may_fail=True)
        until("the machine does not end", lambda: not _is_up())
        machine.do("boot")
        until("the units are not all active", machine.is_whole)
        assert phone.send().status_code == HTTPStatus.CREATED
        check_presses(machine, receipts)
    with report.step("power cut during traffic") as line:
        with Traffic(phone) as traffic:
            traffic.wait_for_more()
            machine.do("kill")
            machine.do("boot")
            until("the units are not all active", machine.is_whole)
            traffic.wait_for_more()
        traffic.note(line)
        check_presses(machine, [*receipts, *traffic.receipts])
        line["acknowledged"], line["lost"] = len(receipts) + len(traffic.receipts), 0


def remove(machine: Machine, report: Report) -> None:
    """Removing keeps what people need, and purging refuses."""
    with report.step("removing keeps the data, purging refuses"):
        machine.sh(
            "dpkg --remove egide && test -e /var/lib/egide/journal.db && test -e /etc/egide/egide.toml"
        )
        told = machine.sh("! dpkg --purge egide")
        assert "Nothing is purged" in told, told
        machine.sh("test -e /var/lib/egide/journal.db && test -e /etc/egide/egide.toml")


def _is_up() -> bool:
    return (
        subprocess.run(
            ["kill", "-0", (DISKS / "m1" / "pid").read_text().strip()], capture_output=True, check=False
        ).returncode
        == 0
    )


if __name__ == "__main__":
    main()
