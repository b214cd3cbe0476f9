"""`make machines`: the guide's own commands on one fresh machine, then what must hold there.

Every block of shell below "One machine" in docs/operations/guide.md runs as it stands. What a guide cannot do is done
around it: the package is copied, names lead to the machine, and invented people stand in for an authority's.
"""

import json
import os
import re
import shutil
import sys
import threading
import time
from http import HTTPStatus
from pathlib import Path

from deploy.machines.further import further_units
from deploy.machines.going_back import ADDS, go_back, later
from deploy.machines.machine import DISKS, HERE, PEOPLE, Machine, Report, blocks, check_presses, script, until
from deploy.machines.outside import Operator, Phone, Traffic
from tools import debian
from tools.tree import ROOT

GUIDE = ROOT / "docs" / "operations" / "guide.md"
PART = "One machine"
# What Debian's mirror gives, kept where apt-get looks first: the machine itself has no road out.
FROM_MIRROR = """apt-get update -qq
apt-get install -y -qq --download-only nginx >/dev/null"""
NEEDED = ("debootstrap", "systemd-nspawn", "nsenter", "ip")


def hosts(guide: str) -> tuple[str, str]:
    """The names of pages and phones that the guide's commands use."""
    shell = "\n".join(blocks(guide, PART))
    pages, phones = (re.search(rf"--{name} https://(\S+)", shell) for name in ("pages", "phones"))
    assert pages and phones, "the guide makes no installation"
    return pages[1], phones[1]


def press_and_acknowledge(phone: Phone, operator: Operator) -> tuple[str, float]:
    """The alarm, and from the press to the word on the phone that an operator has seen it, in seconds."""
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
    return alarm, time.monotonic() - begun_s


def main() -> None:
    if os.geteuid() != 0:
        sys.exit("Machines are booted by root: sudo make machines")
    missing = [name for name in NEEDED if shutil.which(name) is None]
    if missing:
        sys.exit(f"{', '.join(missing)} not found: apt-get install debootstrap systemd-container iproute2")
    guide = GUIDE.read_text(encoding="utf-8")
    names = hosts(guide)
    machine, report = Machine(1), Report()
    with report.step("packages") as line:
        # DEB: one that `make deb` wrote just before.
        given = os.environ.get("DEB")
        package = Path(given) if given else debian.build(debian.KINDS["egide"], debian.version())
        line["MB"] = round(package.stat().st_size / 1e6)
        adds = later(debian.OUT / "egide", debian.version() + ".adds", ADDS)
    try:
        with report.step("machine"):
            boot(machine, names, package)
            shutil.copy(package, machine.root / "opt" / "before.deb")
            shutil.copy(adds, machine.root / "opt" / "adds.deb")
        begun_s = time.monotonic()
        with report.step("guide"):
            machine.run(blocks(guide, PART))
        phone, operator, alarm = first_press(machine, report, names)
        report.lines[-1]["minutes from nothing"] = round((time.monotonic() - begun_s) / 60, 1)
        further_units(machine, report)
        report.lines[-1]["minutes from nothing"] = round((time.monotonic() - begun_s) / 60, 1)
        receipts = go_back(machine, report, phone, operator, alarm)
        end_and_boot(machine, report, phone, receipts)
        remove(machine, report)
    finally:
        # KEEP=1: to look at it; `machine.sh down` ends it.
        if not os.environ.get("KEEP"):
            script("down")
    print(json.dumps(report.lines, indent=1))


def boot(machine: Machine, names: tuple[str, str], package: Path) -> None:
    """A fresh machine, with the package in the folder of root, that calls itself by the names."""
    if not list((DISKS / "base" / "var" / "cache" / "apt" / "archives").glob("nginx_*.deb")):
        script("image", "sh", "-ec", FROM_MIRROR)
    machine.do("up")
    (machine.root / "etc" / "hosts").write_text(f"127.0.0.1 localhost\n{machine.address} {' '.join(names)}\n")
    shutil.copy(HERE / "people.py", machine.root / "opt" / "people.py")
    shutil.copy(package, machine.root / "root" / package.name)


def first_press(machine: Machine, report: Report, names: tuple[str, str]) -> tuple[Phone, Operator, str]:
    """Invented people, a phone of theirs, and an operator who signs in and takes its alarm."""
    with report.step("people"):
        machine.wait_until_whole()
        account = json.loads(machine.as_egide(f"{PEOPLE} make").splitlines()[-1])
        trusted = DISKS / "authority.pem"
        shutil.copy(machine.root / "etc" / "ssl" / "egide" / "authority.pem", trusted)
    with report.step("press acknowledged over TLS") as line:
        place = float(account["lat"]), float(account["lon"])
        phone = Phone(machine.address, names[1], trusted, account["code"], place)
        operator = Operator(machine.address, names[0], trusted, account)
        alarm, took_s = press_and_acknowledge(phone, operator)
        line["from press to phone told s"] = round(took_s, 2)
    return phone, operator, alarm


def end_and_boot(machine: Machine, report: Report, phone: Phone, receipts: list[int]) -> None:
    """A clean end, then a power cut while somebody presses: what has a receipt is there."""
    with report.step("reboot"):
        machine.tried("systemctl poweroff")
        until("the machine does not end", lambda: not machine.is_up())
        machine.do("boot")
        machine.wait_until_whole()
        assert phone.send().status_code == HTTPStatus.CREATED
        check_presses(machine, receipts)
    with report.step("power cut during traffic") as line:
        with Traffic(phone) as traffic:
            traffic.wait_for_more()
            machine.do("kill")
            machine.do("boot")
            machine.wait_until_whole()
            traffic.wait_for_more()
        traffic.note(line)
        check_presses(machine, [*receipts, *traffic.receipts])
        line["acknowledged"], line["lost"] = len(receipts) + len(traffic.receipts), 0


def remove(machine: Machine, report: Report) -> None:
    """Removing keeps what people need, and purging refuses."""
    kept = "test -e /var/lib/egide/journal.db && test -e /etc/egide/egide.toml"
    with report.step("removing keeps the data, purging refuses"):
        machine.sh(f"dpkg --remove egide && {kept}")
        told = machine.sh("! dpkg --purge egide")
        assert "Nothing is purged" in told, told
        machine.sh(kept)


if __name__ == "__main__":
    main()
