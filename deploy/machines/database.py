"""Journal, keys and records in PostgreSQL on one machine or on three, backed up by pgBackRest; then it is destroyed.

By the words of docs/operations/postgresql.md and docs/operations/pgbackrest.md.
"""

import json
import re
import shutil
import time
from http import HTTPStatus
from pathlib import Path

from deploy.machines.drill import EVERY_S, FILE_NAME, seen
from deploy.machines.further import BACKUP, ONCE
from deploy.machines.machine import Machine, Report, blocks, boot, check_presses, until
from deploy.machines.outside import House, Traffic
from deploy.machines.three import HANDED, followers, leader, wait_until_two_have_it
from tools.tree import ROOT

DOCUMENTS = ROOT / "docs" / "operations"
POSTGRES, HERE = DOCUMENTS / "postgresql.md", "On one machine"
PAGE, SET_UP, LOST = DOCUMENTS / "pgbackrest.md", "Setting it up", "When the database is lost"
BURNED = "When the machine is lost too"
ON_THREE, ALL_LOST = "On three machines", "When the databases of all three are lost"
PROGRAMS = ("postgresql-17", "pgbackrest")
_RESTORED = re.compile(r"chain is whole up to event (\d+)")
_MISSING = re.compile(r"as the second place saw it: events (\d+), minutes (\d+)")
_ASK = "runuser -u postgres -- psql -XAtc"
# As a disk that dies: no process ends in good order.
_DESTROY = (
    "kill -9 $(head -n 1 /var/lib/postgresql/17/main/postmaster.pid); rm -rf /var/lib/postgresql/17/main"
)
_DESTROY_MEMBER = _DESTROY.replace("17/main", "egide/data")
_OFTEN = f"echo 'checkpoint_every_s = {EVERY_S}' >>/etc/egide/egide.toml\nsystemctl restart egide-watch"


def backed_up(machine: Machine, report: Report, house: House) -> None:
    """Everything moves into PostgreSQL, which is backed up from then on."""
    with report.step("journal, keys and records move into PostgreSQL on this machine") as line:
        with_a_second_place(machine)
        machine.run(blocks(POSTGRES.read_text(encoding="utf-8"), HERE))
        machine.wait_until_whole()
        assert house.phone.send().status_code == HTTPStatus.CREATED
        line["doctor"] = _doctor(machine, "database")
    with report.step("pgBackRest: set up, and a first back-up") as line:
        machine.run(blocks(PAGE.read_text(encoding="utf-8"), SET_UP))
        machine.wait_until_whole()
        line["doctor"] = _doctor(machine, "database-backup")
        assert "fresh" in str(line["doctor"]), line


def with_a_second_place(machine: Machine) -> None:
    """Back-ups of the files, and a second place that sees every few seconds what has happened."""
    machine.run(blocks(BACKUP.read_text(encoding="utf-8"), ONCE))
    machine.sh(_OFTEN)


def destroyed(machine: Machine, report: Report, house: House) -> None:
    """The database dies with its files while a phone presses; it comes back, and what is gone is said."""
    with report.step("the database is destroyed while a phone presses, and restored") as line:
        with Traffic(house.phone) as traffic:
            _until_some_are_archived_and_some_not(machine, traffic)
            begun_s = time.monotonic()
            machine.sh(_DESTROY)
            acknowledged = list(traffic.receipts)
            (shell,) = blocks(PAGE.read_text(encoding="utf-8"), LOST)
            said = machine.run([shell])
            machine.wait_until_whole()
            traffic.wait_for_more()
            line["minutes until phones have receipts again"] = round((time.monotonic() - begun_s) / 60, 1)
        traffic.note(line)
        kept = _kept(line, said, acknowledged)
        check_presses(machine, [*kept, *traffic.receipts[len(acknowledged) :]])
    with report.step("the chain is held against the second place, and it is backed up again"):
        prove = f"egide journal verify --checkpoints /var/lib/egide-second/{FILE_NAME}"
        until("it does not hold against the second place", lambda: machine.tried(prove)[0] == 0)
        assert "restore" in machine.sh(prove), "it does not name the gap"
        machine.sh("systemctl start pgbackrest-backup@incr.service egide-backup.service")


def burned(first: Machine, second: Machine, report: Report, house: House, package: Path) -> None:
    """The machine dies with its disk while a phone presses, and everything goes on elsewhere."""
    (kept_away, shell) = blocks(PAGE.read_text(encoding="utf-8"), BURNED)
    first.run([kept_away])
    with report.step("machine and database destroyed while a phone presses, restored elsewhere") as line:
        with Traffic(house.phone) as traffic:
            _until_some_are_archived_and_some_not(first, traffic)
        acknowledged, begun_s = traffic.receipts, time.monotonic()
        first.do("destroy")
        boot(second, house.names, package)
        said = second.run([shell])
        second.wait_until_whole()
        house.phone.go_to(second.address)
        with Traffic(house.phone) as traffic:
            traffic.wait_for_more()
        line["minutes from the loss to a receipt"] = round((time.monotonic() - begun_s) / 60, 1)
        check_presses(second, [*_kept(line, said, acknowledged), *traffic.receipts])
        line["doctor"] = _doctor(second, "database")


def backed_up_on_three(machines: list[Machine], report: Report) -> None:
    """One repository for all three, under Patroni."""
    page = PAGE.read_text(encoding="utf-8")
    settings, each, restart, begin, start = blocks(page, ON_THREE)
    units = blocks(page, SET_UP)[1]
    first = machines[0]
    with report.step("three machines: pgBackRest set up, and a first back-up") as line:
        first.run([settings])
        for machine in machines[1:]:
            shutil.copy2(first.root / HANDED / "pgbackrest.conf", machine.root / HANDED)
        for machine in machines:
            machine.run([each, units])
        first.run([restart])
        until("not all follow", lambda: len(followers(first)) == len(machines) - 1)
        leads = machines[int(leader(first).removeprefix("egide")) - 1]
        leads.run([begin])
        for machine in sorted(machines, key=lambda one: one is not leads):
            machine.run([start])
        wait_until_two_have_it(first)
        first.wait_until_whole()
        line["doctor"] = _doctor(first, "database-backup")
        assert "fresh" in str(line["doctor"]), line


def all_destroyed(machines: list[Machine], report: Report, house: House) -> None:
    """The databases of all three die with their files while a phone presses, and come back under Patroni."""
    page = PAGE.read_text(encoding="utf-8")
    stop, begin, follow, start = blocks(page, ALL_LOST)
    first = machines[0]
    with report.step("three machines: all databases destroyed while a phone presses, restored") as line:
        leads = machines[int(leader(first).removeprefix("egide")) - 1]
        with Traffic(house.phone) as traffic:
            _until_some_are_archived_and_some_not(leads, traffic)
            begun_s = time.monotonic()
            for machine in machines:
                machine.sh(_DESTROY_MEMBER)
            acknowledged = list(traffic.receipts)
            for machine in machines:
                machine.run([stop])
            said = first.run([begin])
            for machine in machines[1:]:
                machine.run([follow])
            for machine in machines:
                machine.run([start])
            for machine in machines[:2]:
                machine.wait_until_whole()
            traffic.wait_for_more()
            line["minutes until phones have receipts again"] = round((time.monotonic() - begun_s) / 60, 1)
        traffic.note(line)
        kept = _kept(line, said, acknowledged)
        check_presses(first, [*kept, *traffic.receipts[len(acknowledged) :]])
        wait_until_two_have_it(first)
        line["doctor"] = _doctor(first, "database")
    with report.step("three machines: what is restored is backed up again, and archived"):
        leads = machines[int(leader(first).removeprefix("egide")) - 1]
        before = _archived(leads)
        leads.sh("systemctl start pgbackrest-backup@incr.service")
        until("nothing is archived", lambda: _archived(leads) > before)


def _until_some_are_archived_and_some_not(machine: Machine, traffic: Traffic) -> None:
    """And the second place has seen all of them."""
    before = _archived(machine)
    until("nothing is archived", lambda: _archived(machine) > before + 1)
    traffic.wait_for_more(40)
    last = traffic.receipts[-1]
    until("the second place does not see the presses", lambda: seen() >= last)


def _kept(line: dict[str, object], said: str, acknowledged: list[int]) -> list[int]:
    """Which of the presses that had a receipt are in what was restored; the line says what is gone."""
    restored, missing = _RESTORED.search(said), _MISSING.search(said)
    assert restored, said
    head = int(restored[1])
    line["whole up to event"] = head
    line["events lost"], line["minutes of loss"] = (int(missing[1]), int(missing[2])) if missing else (0, 0)
    line["acknowledged presses lost"] = sum(seq > head for seq in acknowledged)
    return [seq for seq in acknowledged if seq <= head]


def _archived(machine: Machine) -> int:
    """How many pieces of the write-ahead log have reached the repository."""
    return int(machine.sh(f"{_ASK} 'SELECT archived_count FROM pg_stat_archiver'"))


def _doctor(machine: Machine, check: str) -> str:
    said = machine.tried("egide doctor --json 2>/dev/null")[1]
    (found,) = (one for one in json.loads(said)["found"] if one["check"] == check)
    assert found["grade"] != "wrong", found
    return str(found["text"])
