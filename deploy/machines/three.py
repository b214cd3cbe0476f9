"""Journal, keys, records and Egide on three machines, by the words of docs/operations/three-machines.md; then what must
hold there."""

import contextlib
import json
import re
import shutil
import time
from collections.abc import Iterator, Sequence
from http import HTTPStatus
from pathlib import Path

from deploy.machines.crowd import Host
from deploy.machines.machine import NUMBERS, Machine, Report, blocks, check_presses, presses, until, wall_s
from deploy.machines.outside import House, Phone, Traffic
from egide.journal.engines.postgres_turn import GRACE_S
from tools.tree import ROOT

PAGE = ROOT / "docs" / "operations" / "three-machines.md"
CERTIFICATES, ETCD, PATRONI = "Certificates and passwords", "Programs and etcd", "Patroni"
DATABASE, EGIDE, SWITCH = "The database", "Egide", "A planned switch"
NAMED, SECOND = "A name for the second machine", "Egide on the second machine"
PARTS = (CERTIFICATES, ETCD, PATRONI, DATABASE, EGIDE, NAMED, SECOND, SWITCH)
HANDED, KEYS = Path("root/cluster"), "egide.tar.gz"
# Of each machine: enough for programs, tables and the log of an hour at fifty presses a second.
DISK_MB = 6000
TAKEN_OVER_S = 5.0
# What a process says when it begins: its turn came, or (watch alone) the database says nothing.
BEGINS = ("this one's turn", "this one begins")
TAKES_WRITES = "database system is ready to accept connections"
PROGRAMS = ("postgresql-17", "patroni", "etcd-server", "etcd-client", "python3-etcd")
LEADS = re.compile(r"^\S+\t(\S+)\t\S+\tLeader\trunning\t", re.MULTILINE)
STANDS_BY = re.compile(r"^\S+\t\S+\t\S+\tQuorum Standby\tstreaming\t", re.MULTILINE)
STREAMS = re.compile(r"^\S+\t(\S+)\t\S+\t(?:Quorum Standby|Replica)\tstreaming\t", re.MULTILINE)
_LIST = "patronictl -c /etc/patroni/config.yml list --format tsv"


def cluster(machines: list[Machine], report: Report) -> None:
    """PostgreSQL, Patroni and etcd on all; journal, keys and records of the first moved there."""
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
    with report.step("three machines: journal, keys and records move there") as line:
        first.run(blocks(page, EGIDE))
        first.wait_until_whole()
        line["doctor"] = "; ".join(_doctor(first, row) for row in ("database", "records"))


def second(machines: list[Machine], report: Report, house: House) -> list[Host]:
    """Egide's processes on the second machine too; how both are reached from outside."""
    first, other = machines[:2]
    page = PAGE.read_text(encoding="utf-8")
    (named,) = blocks(page, NAMED)
    with report.step("three machines: Egide on a second one") as line:
        first.run([named])
        # Each has a disk of its own.
        shutil.move(first.root / HANDED / KEYS, other.root / HANDED / KEYS)
        other.run(blocks(page, SECOND))
        first.wait_until_whole()
        other.wait_until_whole()
        shutil.copy(first.root / "etc" / "ssl" / "egide" / "authority.pem", house.authority)
        hosts = [
            Host(f"egide{number}", machine.address, name, house.names[0])
            for number, machine, name in zip(NUMBERS, machines, intake_names(named), strict=False)
        ]
        until("nobody waits on the second machine", lambda: "worker waits egide2" in status(first))
        line["waits there"] = [
            part for part in ("worker", "watch") if f"{part} waits egide2" in status(first)
        ]
    return hosts


def intake_names(shell: str) -> list[str]:
    """By which names phones reach the machines, as the page sets them."""
    found = re.search(r"intake_urls = (\[.*?\])", shell)
    assert found, "the page names no addresses of intake"
    return [url.removeprefix("https://") for url in json.loads(found[1])]


def both_in_turn(machines: list[Machine], report: Report, house: House, hosts: list[Host]) -> None:
    """One phone and one operator at both machines; then the first worker is killed, and the second one works."""
    with report.step("three machines: one phone at both addresses, one operator at both") as line:
        boards = [house.operator.at(host.address) for host in hosts]
        receipts = []
        for number in range(20):
            host = hosts[number % len(hosts)]
            house.phone.go_to(host.address, host.phones)
            reply = house.phone.send()
            assert reply.status_code == HTTPStatus.CREATED, (host, reply.status_code, reply.text)
            receipts.append(reply.json()["seq"])
        assert receipts == sorted(set(receipts)), receipts
        check_presses(machines[1], receipts)
        assert all(
            "PressedAgain" in board.get(f"/desk/alarms/{house.alarm}/timeline").text for board in boards
        )
        line["presses"] = len(receipts)
    with report.step("three machines: the worker is killed, the other one works") as line:
        killed_s = wall_s()
        machines[0].sh("systemctl kill -s KILL egide-worker")
        line["taken over after s"] = took_over_s(machines[1], "worker", killed_s)
        assert float(str(line["taken over after s"])) <= TAKEN_OVER_S, line


def took_over_s(machine: Machine, name: str, since_s: float) -> float:
    """Seconds from a moment (of the clock that all share) until this machine's `worker` or `watch` began to work."""
    asked = f"journalctl -u egide-{name} -o short-unix --since @{int(since_s)} --no-pager"

    def began_s() -> list[float]:
        said = machine.tried(asked)[1].splitlines()
        return [float(line.split()[0]) for line in said if any(word in line for word in BEGINS)]

    until(f"nobody takes over as the {name}", lambda: any(at_s > since_s for at_s in began_s()))
    return round(next(at_s for at_s in began_s() if at_s > since_s) - since_s + GRACE_S, 1)


def takes_writes_s(machines: Sequence[Machine], since_s: float) -> float:
    """Seconds from a moment (as above) until the first of these databases took writes that did not before."""
    asked = f"journalctl -u patroni -o short-unix --since @{int(since_s)} --no-pager"
    said = [line for machine in machines for line in machine.tried(asked)[1].splitlines()]
    moments = [float(line.split()[0]) for line in said if line.endswith(TAKES_WRITES)]
    return round(min(at_s for at_s in moments if at_s > since_s) - since_s, 1)


def status(machine: Machine) -> str:
    """What `egide status` says there, whatever is wrong."""
    return machine.tried("egide status")[1]


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
        give_up_lead(machines, before)
        until("nobody else leads", lambda: leader(first) not in ("", before))
        traffic.wait_for_more()
        come_back(machines, before)
        until("who led before does not follow", lambda: before in followers(first))
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


def switch() -> tuple[str, str]:
    """What the page has for a planned switch, both on the machine that leads: it gives up the lead, and comes back."""
    gives_up, comes_back = blocks(PAGE.read_text(encoding="utf-8"), SWITCH)
    return gives_up, comes_back


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


def give_up_lead(machines: Sequence[Machine], name: str) -> None:
    """As the page says, on the machine of this name, which leads: once both standbys count."""
    machine = machines[int(name.removeprefix("egide")) - 1]
    until("one standby does not count", lambda: len(STANDS_BY.findall(machine.tried(_LIST)[1])) == 2)
    machine.run([switch()[0]])


def come_back(machines: Sequence[Machine], name: str) -> None:
    """What the page says for this machine behind that."""
    machines[int(name.removeprefix("egide")) - 1].run([switch()[1]])


def _doctor(machine: Machine, row: str) -> str:
    """What `egide doctor` says of a database, which must be well."""
    said = machine.tried("egide doctor --json 2>/dev/null")[1]
    (found,) = (one for one in json.loads(said)["found"] if one["check"] == row)
    assert found["grade"] == "ok", found
    return str(found["text"])
