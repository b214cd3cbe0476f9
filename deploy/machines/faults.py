"""What happens to three machines while fifty presses a second arrive, and what `checker` finds each time.

The logs of the clients lie in `var/machines/outside`, with the last export of the journal.
"""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.machines import checker
from deploy.machines.clocks import RIGHT, let_be_wrong, set_clock
from deploy.machines.crowd import BOARDS, PHONES, Crowd, Host, enrolled
from deploy.machines.hanging import hanging, refused_when_awake
from deploy.machines.machine import DISKS, Machine, Report, until, wall_s
from deploy.machines.outside import House
from deploy.machines.three import (
    come_back,
    followers,
    give_up_lead,
    leader,
    takes_writes_s,
    took_over_s,
    wait_until_two_have_it,
)

FOLDER = DISKS / "outside"
EXPORT = FOLDER / "journal.jsonl"
KITS, PER_S = 50, 50.0
# Ordinary presses before a fault, and behind the last one that waited for its receipt.
BEFORE_S, BEHIND_S = 8.0, 8.0
MORE_S = 300.0
LIST = "patronictl -c /etc/patroni/config.yml"
# Wide enough for a standby on a machine that gets little of a processor.
LEADS_S = 120.0


@dataclass
class Field:
    """Three machines and who presses on them."""

    machines: list[Machine]
    report: Report
    crowd: Crowd
    # The package of a later release.
    newer: Path

    def number(self, name: str) -> int:
        return int(name.removeprefix("egide"))

    def machine(self, name: str) -> Machine:
        return self.machines[self.number(name) - 1]

    @contextlib.contextmanager
    def fault(self, name: str) -> Iterator[dict[str, object]]:
        """One row: ordinary presses, the fault, until every press has its receipt; then all is checked from outside."""
        with self.report.step(f"{PER_S:.0f} presses a second: {name}") as line:
            self.crowd.resume()
            time.sleep(BEFORE_S)
            begun_s = time.monotonic()
            yield line
            until("presses wait for receipts", lambda: self.crowd.waiting <= PER_S, MORE_S)
            time.sleep(BEHIND_S)
            ended_s = time.monotonic()
            self.crowd.pause()
            until("presses wait for receipts", lambda: self.crowd.waiting == 0, MORE_S)
            self._check(line, begun_s, ended_s)

    def lead(self, name: str) -> None:
        """Have this machine lead before the fault."""
        at = self._alive()
        wait_until_two_have_it(at)
        if leader(at) == name:
            return
        until(
            f"{name} is no standby of the quorum", lambda: f"{name}\tQuorum Standby" in _members(at), LEADS_S
        )
        at.sh(f"{LIST} switchover egide --candidate {name} --force")
        until(f"{name} does not lead", lambda: leader(at) == name, LEADS_S)
        until("not all follow", lambda: len(followers(at)) == len(self.machines) - 1, LEADS_S)
        wait_until_two_have_it(at)

    def make_whole(self) -> None:
        """Put back whatever a fault has taken away."""
        for machine in self.machines:
            if not machine.disk.exists():
                continue
            if not machine.is_up():
                machine.do("boot")
            machine.do("heal")
            machine.do("free")
            machine.do("slow", "0")
            machine.tried("systemctl start etcd")
            set_clock(machine, RIGHT)

    def _alive(self) -> Machine:
        return next(machine for machine in self.machines if machine.root.exists() and machine.is_up())

    def _check(self, line: dict[str, object], begun_s: float, ended_s: float) -> None:
        """By the logs of this moment, in which nobody presses, and by an export that is made after it."""
        clients = checker.read_phones(checker.lines_of(FOLDER / PHONES))
        boards = checker.lines_of(FOLDER / BOARDS)
        self._alive().export(EXPORT)
        found = checker.held_against(clients, checker.read_export(EXPORT))
        times = checker.times_of(clients, boards, begun_s, ended_s)
        line |= {
            "presses": times.pressed,
            "kept meanwhile": times.kept,
            "lost": len(found.lost),
            "doubled": len(found.doubled),
            "press to board s: p50": round(times.board_p50_s, 2),
            "p99": round(times.board_p99_s, 2),
            "worst": round(times.board_worst_s, 1),
            "on no board": times.unseen,
            "ordinary receipts again after s": round(times.gap_s, 1),
            "longest wait for one s": round(times.receipt_worst_s, 1),
            "load": round(os.getloadavg()[0], 1),
        }
        assert not (found.lost or found.doubled or found.forged), found


def under_faults(
    machines: list[Machine], report: Report, house: House, hosts: Sequence[Host], newer: Path
) -> None:
    """Every fault in turn; the last one takes the first machine away for good."""
    with report.step(f"{KITS} phones enrol, at both machines in turn"):
        phones = enrolled(machines[0], house, hosts, KITS)
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    operator = house.operator
    crowd = Crowd(phones, hosts, house.authority, operator.cookies, FOLDER, PER_S, token=operator.token)
    with crowd:
        field = Field(machines, report, crowd, newer)
        failed = [fault for fault in chosen() if not is_borne(field, fault)]
    assert not failed, f"not as it should be: {', '.join(failed)}"


def is_borne(field: Field, fault: str) -> bool:
    """Whether this one went as it should. What did not is a row too, and the next one begins on whole machines."""
    try:
        FAULTS[fault](field)
    except (AssertionError, subprocess.CalledProcessError):
        traceback.print_exc()
        field.crowd.pause()
        field.make_whole()
        return False
    return True


def chosen() -> list[str]:
    """All of them, or those that FAULTS names. Ends the run at a word that is none."""
    named = os.environ.get("FAULTS", "").split()
    if unknown := sorted(set(named) - set(FAULTS)):
        sys.exit(f"FAULTS={' '.join(unknown)} is not known: {', '.join(FAULTS)}")
    return named or list(FAULTS)


def planned_switch(field: Field) -> None:
    at = field.machines[0]
    before = leader(at)
    with field.fault("a planned switch") as line:
        give_up_lead(field.machines, before)
        until("nobody else leads", lambda: leader(at) not in ("", before), LEADS_S)
        line["from, to"] = f"{before}, {leader(at)}"
        come_back(field.machines, before)
        until("not all follow", lambda: len(followers(at)) == 2, LEADS_S)


def power_cut(field: Field) -> None:
    """Of a machine that has the database alone; it comes back."""
    field.lead("egide3")
    with field.fault("power cut of the machine that leads (egide3)") as line:
        _gone(field, line, "egide3", lambda machine: machine.do("kill"))
        field.machines[2].do("boot")
        until("it does not come back", lambda: "egide3" in followers(field.machines[0]))


def cable_out(field: Field) -> None:
    """Of one that has Egide's processes too; it goes on living, and is put back."""
    field.lead("egide2")
    with field.fault("cable out of the machine that leads (egide2, with Egide)") as line:
        _gone(field, line, "egide2", lambda machine: machine.do("cut"))
        time.sleep(5)
        field.machines[1].do("heal")
        until("it does not come back", lambda: "egide2" in followers(field.machines[0]))


def _gone(field: Field, line: dict[str, object], name: str, end: Callable[[Machine], object]) -> None:
    begun_s = time.monotonic()
    end(field.machine(name))
    witness = next(machine for machine in field.machines if machine is not field.machine(name))
    until("nobody else leads", lambda: leader(witness) not in ("", name), LEADS_S)
    line["another leads after s"] = round(time.monotonic() - begun_s, 1)


def etcd_lost(field: Field) -> None:
    """The member beside the database that leads, killed and kept down for a while."""
    with field.fault("etcd member lost (the leader's)") as line:
        name = leader(field.machines[0])
        machine = field.machine(name)
        machine.sh("systemctl kill -s KILL etcd; systemctl stop etcd")
        time.sleep(30)
        line["leader before, after"] = f"{name}, {leader(field.machines[0])}"
        machine.sh("systemctl start etcd")
        time.sleep(5)


def disk_full(field: Field) -> None:
    """The disk of the machine that leads: an ext4 of its own in a file (DISK_MB of `machine.sh`)."""
    field.lead("egide3")
    with field.fault("disk full on the machine that leads (egide3)") as line:
        begun_s = time.monotonic()
        field.machines[2].do("fill")
        with contextlib.suppress(AssertionError):
            until("nobody else leads", lambda: leader(field.machines[0]) not in ("", "egide3"), LEADS_S)
            line["another leads after s"] = round(time.monotonic() - begun_s, 1)
        field.machines[2].do("free")
        until("not all follow", lambda: len(followers(field.machines[0])) == 2)


def disk_slow(field: Field) -> None:
    """At most ten writes a second on that disk (blkio of cgroups)."""
    field.lead("egide3")
    with field.fault("disk slow on the machine that leads (egide3, 10 writes a second)") as line:
        field.machines[2].do("slow", "10")
        time.sleep(30)
        line["leads"] = leader(field.machines[0])
        field.machines[2].do("slow", "0")


def database_hangs(field: Field) -> None:
    """Every process of PostgreSQL on the machine that leads stopped (SIGSTOP) until another leads; then it wakes up."""
    field.lead("egide3")
    witness, machine = field.machines[0], field.machines[2]
    with field.fault("database hangs on the machine that leads (egide3, SIGSTOP)") as line:
        with contextlib.ExitStack() as stack:
            _gone(field, line, "egide3", lambda machine: stack.enter_context(hanging(machine)))
        line["writes it confirmed when it woke"] = f"none of {refused_when_awake(machine, witness)}"
        until("not all follow", lambda: len(followers(witness)) == 2)


def clock_jump(field: Field) -> None:
    """Two hours ahead and back again, for Egide, Patroni and PostgreSQL of one machine, by libfaketime."""
    first = field.machines[0]
    # Its database starts anew with the rest: another one leads meanwhile, or the rest would find none.
    field.lead("egide3")
    let_be_wrong(
        first,
        ["egide-.service", "patroni.service"],
        "systemctl restart patroni egide-intake egide-live egide-web egide-worker egide-watch",
    )
    until("not all follow", lambda: len(followers(first)) == len(field.machines) - 1)
    field.lead("egide1")
    with field.fault(
        "clock of the machine that leads (egide1, with Egide) two hours ahead, and back"
    ) as line:
        set_clock(first, f"+{AHEAD_S}")
        time.sleep(25)
        line["clock of its database ahead by s"] = round(float(first.sh(ITS_CLOCK)) - wall_s())
        set_clock(first, RIGHT)
        time.sleep(15)


AHEAD_S = 7200
ITS_CLOCK = "cd /; runuser -u postgres -- psql -XtAc 'SELECT extract(epoch FROM clock_timestamp())'"


def upgrade(field: Field) -> None:
    """Each machine in turn: the package of a release that adds, etcd, and the database without the lead."""
    for machine in field.machines[:2]:
        shutil.copy(field.newer, machine.root / "opt" / "newer.deb")
    with field.fault("rolling upgrade of all three") as line:
        begun_s = time.monotonic()
        for number, machine in enumerate(field.machines, 1):
            if number <= 2:
                machine.sh("apt-get install -y /opt/newer.deb")
                machine.wait_until_whole()
            if leader(machine) == f"egide{number}":
                give_up_lead(field.machines, f"egide{number}")
                until("it still leads", lambda: leader(machine) not in ("", f"egide{number}"), LEADS_S)  # noqa: B023
            machine.sh("systemctl restart etcd")
            machine.sh("systemctl restart patroni")
            until("not all follow", lambda: len(followers(machine)) == 2, LEADS_S)  # noqa: B023
            wait_until_two_have_it(machine)
        line["minutes"] = round((time.monotonic() - begun_s) / 60, 1)


def worker_gone(field: Field) -> None:
    """The machine on which worker and watch work loses its power; the database leads elsewhere."""
    field.lead("egide3")
    first, other = field.machines[:2]
    # Whoever is started again waits: so both work on the first.
    other.sh("systemctl restart egide-worker egide-watch")
    time.sleep(5)
    with field.fault("power cut of the machine on which worker and watch work (egide1)") as line:
        cut_s = wall_s()
        first.do("kill")
        for name in ("worker", "watch"):
            line[f"{name} taken over after s"] = took_over_s(other, name, cut_s)
        until("watch does not name the first machine", lambda: "weather.example.net" in _wrong(other))
        line["watch on the other one names it after s"] = round(wall_s() - cut_s, 1)
        first.do("boot")
        first.wait_until_whole()
        until("not all follow", lambda: len(followers(other)) == 2)


def first_machine_lost(field: Field) -> None:
    """As a whole, with its disk, while it leads and works; nothing brings it back."""
    field.lead("egide1")
    other = field.machines[1]
    other.sh("systemctl restart egide-worker egide-watch")
    time.sleep(5)
    with field.fault("the first machine lost with its disk (leader, worker, watch)") as line:
        cut_s = wall_s()
        _gone(field, line, "egide1", lambda machine: machine.do("destroy"))
        writes_s = takes_writes_s(field.machines[1:], cut_s)
        line["the database takes writes after s"] = writes_s
        for name in ("worker", "watch"):
            taken_s = took_over_s(other, name, cut_s)
            line[f"{name} taken over after s"] = taken_s
            line[f"{name} behind the database s"] = round(taken_s - writes_s, 1)


def _members(machine: Machine) -> str:
    """Name and role of each, as `patronictl` lists them."""
    said = machine.tried(f"{LIST} list --format tsv")[1].splitlines()
    return "\n".join("\t".join((line.split("\t") + [""] * 4)[1:4:2]) for line in said)


def _wrong(machine: Machine) -> str:
    """What is wrong by the word of watch."""
    said = machine.tried("egide status --json 2>/dev/null")[1]
    with contextlib.suppress(ValueError):
        return json.dumps(json.loads(said)["troubles"])
    return ""


FAULTS: dict[str, Callable[[Field], None]] = {
    "switch": planned_switch,
    "power": power_cut,
    "cable": cable_out,
    "etcd": etcd_lost,
    "full": disk_full,
    "slow": disk_slow,
    "hangs": database_hangs,
    "clock": clock_jump,
    "upgrade": upgrade,
    "worker": worker_gone,
    "lost": first_machine_lost,
}
