"""`make machines`: the guide's own commands on a fresh machine, then what must hold there and when it is gone.

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
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path

from deploy.machines.crowd import Host
from deploy.machines.database import PROGRAMS as DATABASE
from deploy.machines.database import (
    all_destroyed,
    backed_up,
    backed_up_on_three,
    burned,
    destroyed,
    with_a_second_place,
)
from deploy.machines.drill import drill
from deploy.machines.faults import under_faults
from deploy.machines.further import certificate_ends, further_units
from deploy.machines.going_back import ADDS, TAKES_AWAY, go_back, later, refused_way_back
from deploy.machines.intake_alone import intake_alone
from deploy.machines.machine import (
    DISKS,
    NUMBERS,
    PEOPLE,
    Machine,
    Report,
    blocks,
    boot,
    check_presses,
    fetch,
    script,
    until,
)
from deploy.machines.module import PROGRAMS as MODULE
from deploy.machines.module import in_a_module
from deploy.machines.outside import House, Operator, Phone, Traffic
from deploy.machines.three import DISK_MB, PROGRAMS, both_in_turn, cluster, second, switch_and_cut
from tools import debian
from tools.tree import ROOT

GUIDE = ROOT / "docs" / "operations" / "guide.md"
PART = "One machine"
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


def check_can(target: str, *further: str, packages: str = "") -> None:
    """Exit with what to do where this account or this host boots no machines, or lacks `further` tools."""
    if os.geteuid() != 0:
        sys.exit(f"Machines are booted by root: sudo make {target}")
    if missing := [name for name in (*NEEDED, *further) if shutil.which(name) is None]:
        install = f"apt-get install debootstrap systemd-container iproute2 {packages}".rstrip()
        sys.exit(f"{', '.join(missing)} not found: {install}")


def main() -> None:
    check_can("machines")
    runs = {
        "one": one_machine,
        "three": three_machines,
        "faults": three_under_faults,
        "database": database,
        "databases": databases,
        "module": module,
        "certificate": certificate,
    }
    only = os.environ.get("ONLY", "").split()
    if unknown := set(only) - set(runs):
        sys.exit(f"ONLY={' '.join(sorted(unknown))} is not known: {', '.join(runs)}")
    report = Report()
    fetch("nginx", "libfaketime", *PROGRAMS, *MODULE, *DATABASE)
    try:
        # What these do is in `one` as well.
        for name in only or [name for name in runs if name not in ("module", "certificate")]:
            try:
                runs[name](report)
            finally:
                # KEEP=1: to look at it; `machine.sh down` ends it.
                if not os.environ.get("KEEP"):
                    script("down")
    finally:
        print(report.table())


def one_machine(report: Report) -> None:
    """From nothing to an acknowledged press, then what happens to machines; the last of them takes its disk along."""
    guide, (machine, other, third) = GUIDE.read_text(encoding="utf-8"), map(Machine, NUMBERS)
    with report.step("packages: this release, two later ones, the lifeline alone") as line:
        package = this_release(line)
        intake = debian.build(debian.KINDS["egide-intake"], debian.version())
        adds = later(debian.OUT / "egide", f"{debian.version()}.adds", ADDS)
        changes = later(debian.OUT / "egide", f"{debian.version()}.changes", ADDS, TAKES_AWAY)
    house = from_nothing(machine, report, guide, package)
    for name, file in (("before", package), ("adds", adds), ("changes", changes)):
        shutil.copy(file, machine.root / "opt" / f"{name}.deb")
    further_units(machine, report)
    certificate_ends(machine, report, house)
    receipts = go_back(machine, report, house)
    receipts += refused_way_back(machine, report, house.phone, receipts)
    end_and_boot(machine, report, house.phone, receipts)
    drill(machine, other, report, house, changes)
    in_a_module(other, report, house)
    remove(other, report)
    intake_alone(third, report, guide, house.names, intake)


def three_machines(report: Report) -> None:
    """From nothing to an acknowledged press on one machine, then everything of it on three of them."""
    machines, house, hosts = on_three(report)
    both_in_turn(machines, report, house, hosts)
    house.phone.go_to(hosts[0].address, hosts[0].phones)
    switch_and_cut(machines, report, house)


def three_under_faults(report: Report) -> None:
    """Three machines, and what happens to them while fifty presses a second arrive."""
    with report.step("a later release") as line:
        this_release(line)
        newer = later(debian.OUT / "egide", f"{debian.version()}.newer")
    machines, house, hosts = on_three(report)
    under_faults(machines, report, house, hosts, newer)


def on_three(
    report: Report, before: Callable[[Machine], None] | None = None
) -> tuple[list[Machine], House, list[Host]]:
    """From nothing to Egide on two of three machines, with journal, keys and records on all; `before` the others have a
    part in it, the first is prepared."""
    machines = list(map(Machine, NUMBERS))
    with report.step("package") as line:
        package = this_release(line)
    begun_s = time.monotonic()
    # Each on a disk of its own, which can be full, or slow, and loses with its power what was not synced.
    os.environ.setdefault("DISK_MB", str(DISK_MB))
    boot(machines[1], package=package)
    boot(machines[2])
    house = from_nothing(machines[0], report, GUIDE.read_text(encoding="utf-8"), package)
    if before is not None:
        before(machines[0])
    cluster(machines, report)
    hosts = second(machines, report, house)
    house.phone.go_to(hosts[1].address, hosts[1].phones)
    assert house.phone.send().status_code == HTTPStatus.CREATED
    report.lines[-1]["minutes from nothing"] = round((time.monotonic() - begun_s) / 60, 1)
    return machines, house, hosts


def database(report: Report) -> None:
    """From nothing to an acknowledged press on one machine, then its database: backed up, destroyed, restored."""
    machine, other = map(Machine, NUMBERS[:2])
    with report.step("package") as line:
        package = this_release(line)
    house = from_nothing(machine, report, GUIDE.read_text(encoding="utf-8"), package)
    backed_up(machine, report, house)
    destroyed(machine, report, house)
    burned(machine, other, report, house, package)


def databases(report: Report) -> None:
    """Three machines whose databases are backed up, and all destroyed at once."""
    machines, house, _hosts = on_three(report, with_a_second_place)
    backed_up_on_three(machines, report)
    all_destroyed(machines, report, house)


def module(report: Report) -> None:
    """From nothing on one machine, then its master key in a hardware module: a shorter way to that than `one`."""
    machine = Machine()
    with report.step("package") as line:
        package = this_release(line)
    house = from_nothing(machine, report, GUIDE.read_text(encoding="utf-8"), package)
    further_units(machine, report)
    in_a_module(machine, report, house)


def certificate(report: Report) -> None:
    """From nothing on one machine, then a certificate that ends: a shorter way to that than `one`."""
    machine = Machine()
    with report.step("package") as line:
        package = this_release(line)
    house = from_nothing(machine, report, GUIDE.read_text(encoding="utf-8"), package)
    certificate_ends(machine, report, house)


def this_release(line: dict[str, object]) -> Path:
    """The package of this checkout, or DEB: one that `make deb` wrote just before."""
    given = os.environ.get("DEB")
    package = Path(given) if given else debian.build(debian.KINDS["egide"], debian.version())
    line["MB"] = round(package.stat().st_size / 1e6)
    return package


def from_nothing(machine: Machine, report: Report, guide: str, package: Path) -> House:
    """The guide word by word, to a signed-in operator and an acknowledged press."""
    names = hosts(guide)
    with report.step("machine"):
        boot(machine, names, package)
    begun_s = time.monotonic()
    with report.step("guide"):
        machine.run(blocks(guide, PART))
    house = first_press(machine, report, names)
    report.lines[-1]["minutes from nothing"] = round((time.monotonic() - begun_s) / 60, 1)
    return house


def first_press(machine: Machine, report: Report, names: tuple[str, str]) -> House:
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
    return House(names, trusted, account, phone, operator, alarm)


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
