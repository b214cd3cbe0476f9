"""The journal on three machines, by the words of docs/operations/three-machines.md; then what must hold there."""

import contextlib
import json
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from deploy.machines.machine import Machine, Report, blocks, check_presses, presses, until
from deploy.machines.outside import House, Phone, Traffic
from tools.tree import ROOT

PAGE = ROOT / "docs" / "operations" / "three-machines.md"
CERTIFICATES, ETCD, PATRONI = "Certificates and passwords", "Programs and etcd", "Patroni"
DATABASE, EGIDE, SWITCH = "The journal's database", "Egide", "A planned switch"
PARTS = (CERTIFICATES, ETCD, PATRONI, DATABASE, EGIDE, SWITCH)
HANDED = Path("root/cluster")
PROGRAMS = ("postgresql-17", "patroni", "etcd-server", "etcd-client", "python3-etcd")
LEADS = re.compile(r"^\S+\t(\S+)\t\S+\tLeader\trunning\t", re.MULTILINE)
STANDS_BY = re.compile(r"^\S+\t\S+\t\S+\tSync Standby\tstreaming\t", re.MULTILINE)
STREAMS = re.compile(r"^\S+\t(\S+)\t\S+\t(?:Sync Standby|Replica)\tstreaming\t", re.MULTILINE)
_LIST = "patronictl -c /etc/patroni/config.yml list --format tsv"


def cluster(machines: list[Machine], report: Report) -> None:
    """PostgreSQL, Patroni and etcd on all, and the journal of the first moved there."""
    first = machines[0]
    page = PAGE.read_text(encoding="utf-8")
    with report.step("three machines: etcd, Patroni, PostgreSQL"):
        first.run(blocks(page, CERTIFICATES))
        for machine in machines[1:]:
            shutil.copytree(first.root / HANDED, machine.root / HANDED)
        for part in (ETCD, PATRONI):
            for machine in machines:
                machine.run(blocks(page, part))
        first.run(blocks(page, DATABASE))
        wait_until_two_have_it(first)
    with report.step("three machines: the journal moves there") as line:
        first.run(blocks(page, EGIDE))
        first.wait_until_whole()
        line["doctor"] = _doctor(first)


def switch_and_cut(machines: list[Machine], report: Report, house: House) -> None:
    """A planned switch, and then the new leader's power is cut, while a phone presses by the first machine."""
    first = machines[0]
    receipts: list[int] = []
    switched, cut = (
        f"three machines: {what} while a phone presses"
        for what in ("a planned switch", "power cut of the leader")
    )
    with report.step(switched) as line, _pressing(first, line, house.phone, receipts) as traffic:
        traffic.wait_for_more()
        before = leader(first)
        first.run(blocks(PAGE.read_text(encoding="utf-8"), SWITCH))
        until("nobody else leads", lambda: leader(first) not in ("", before))
        traffic.wait_for_more()
        wait_until_two_have_it(first)
    dead = leader(first)
    with report.step(cut) as line, _pressing(first, line, house.phone, receipts) as traffic:
        traffic.wait_for_more()
        begun_s = time.monotonic()
        machine = machines[int(dead.removeprefix("egide")) - 1]
        machine.do("kill")
        until("nobody else leads", lambda: leader(first) not in ("", dead))
        line["another leads after s"] = round(time.monotonic() - begun_s, 1)
        traffic.wait_for_more()
        machine.do("boot")
        until("the dead leader does not come back", lambda: dead in followers(first))
        traffic.wait_for_more()


@contextlib.contextmanager
def _pressing(
    machine: Machine, line: dict[str, object], phone: Phone, before: list[int]
) -> Iterator[Traffic]:
    """A phone presses meanwhile; then each receipt has its press, and no press is there twice."""
    held = len(presses(machine))
    with Traffic(phone) as traffic:
        yield traffic
    traffic.note(line)
    before += traffic.receipts
    check_presses(machine, before)
    # The last one may have arrived without its receipt: it was stopped.
    doubled = len(presses(machine)) - held - len(traffic.receipts)
    assert doubled in (0, 1), f"{doubled} presses more than were made"
    line["lost"], line["doubled"] = 0, 0


def leader(machine: Machine) -> str:
    """Which machine takes writes, as this one sees it; none while there is none."""
    found = LEADS.search(machine.tried(_LIST)[1])
    return found[1] if found else ""


def followers(machine: Machine) -> list[str]:
    """Who follows the leader and keeps up."""
    return STREAMS.findall(machine.tried(_LIST)[1])


def wait_until_two_have_it(machine: Machine) -> None:
    """What is confirmed from now on is on two machines."""
    until("no standby is synchronous", lambda: STANDS_BY.search(machine.tried(_LIST)[1]) is not None)


def _doctor(machine: Machine) -> str:
    """What `egide doctor` says of the database, which must be well."""
    said = machine.tried("egide doctor --json 2>/dev/null")[1]
    (found,) = (one for one in json.loads(said)["found"] if one["check"] == "database")
    assert found["grade"] == "ok", found
    return str(found["text"])
