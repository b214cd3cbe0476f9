"""`make chaos`: three machines on which everything goes wrong in turn, while phones press and people answer.

SEED repeats the faults of a run, PRESSES says how many presses at least (10000), PER_S how many a second (5),
EGIDE_ON on how many machines Egide runs (2, or 1), ONLY="power clock" which faults alone. The logs of phones, boards,
faults and machines, and the exported journal, stay in var/chaos.
"""

import contextlib
import itertools
import json
import math
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from deploy.chaos.clients import PRESSES_OF_EACH, Public
from deploy.chaos.deadlines import Missed, listened, missed
from deploy.chaos.faults import Field, injected
from deploy.chaos.plan import MACHINES, WITH_EGIDE, Fault, Kind, make_plan
from deploy.machines import run as machines_run
from deploy.machines.checker import (
    Found,
    Times,
    held_against,
    lines_of,
    read_export,
    read_phones,
    times_of,
)
from deploy.machines.clocks import let_be_wrong
from deploy.machines.crowd import BOARDS, PHONES, Host, enrolled
from deploy.machines.machine import UNITS, Machine, Report, boot, fetch, script
from deploy.machines.outside import House
from deploy.machines.three import PROGRAMS, STANDS_BY, STREAMS, cluster, leader, second
from tools.tree import ROOT

OUT = ROOT / "var" / "chaos"
FAULTS, EXPORT = "faults.jsonl", "journal.jsonl"
TOOLS = ("iptables", "fsfreeze", "mkfs.ext4")
# Debian, the package, PostgreSQL and its log; all of it can be filled in a moment.
DISK_MB = 6000
WHOLE_WITHIN_S, QUIET_S, PATIENCE_S = 180.0, 10.0, 240.0
# So often whatever is ill is started by hand; then the run ends, and is judged.
MOST_BY_HAND = 3
# Presses without a receipt while nothing is wrong, in seconds' worth of them.
UNDER_WAY_S = 4.0


@dataclass(frozen=True)
class Wanted:
    """What a run is made of."""

    seed: int
    presses: int
    per_s: float
    with_egide: Sequence[int]
    kinds: set[Kind]


def wanted() -> Wanted:
    """By the environment. Ends the run at a word that it does not know."""
    only = os.environ.get("ONLY", "").upper().split()
    if unknown := set(only) - set(Kind.__members__):
        sys.exit(
            f"ONLY={' '.join(sorted(unknown)).lower()} is not known: {', '.join(Kind.__members__).lower()}"
        )
    # Two, as the page sets them up: phones and boards that have one address alone are no installation on three.
    egide_on = os.environ.get("EGIDE_ON") or str(len(WITH_EGIDE))
    if egide_on not in ("1", "2"):
        sys.exit(f"EGIDE_ON={egide_on} is not known: on how many machines Egide runs, 1 or 2")
    return Wanted(
        int(os.environ.get("SEED") or random.SystemRandom().randrange(2**31)),
        int(os.environ.get("PRESSES") or 10_000),
        float(os.environ.get("PER_S") or 5),
        WITH_EGIDE[: int(egide_on)],
        {Kind[name] for name in only} or set(Kind),
    )


def main() -> None:
    machines_run.check_can("chaos", *TOOLS, packages="iptables util-linux e2fsprogs")
    asked = wanted()
    print(
        f"SEED={asked.seed} PRESSES={asked.presses} PER_S={asked.per_s:g} EGIDE_ON={len(asked.with_egide)}",
        flush=True,
    )
    os.environ["DISK_MB"] = str(DISK_MB)
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    fetch("nginx", *PROGRAMS, "libfaketime")
    try:
        bad = chaos(asked)
    finally:
        if not os.environ.get("KEEP"):
            script("down")
    sys.exit(bad)


def chaos(asked: Wanted) -> bool:
    """One run, from nothing to its report. Whether something was lost, doubled, forged or silent."""
    machines = {number: Machine(number) for number in MACHINES}
    house, hosts = set_up(machines, asked.with_egide, Report())
    try:
        with in_public(machines, house, hosts, asked) as (field, public):
            undergo(asked, field, public)
        machines[1].export(OUT / EXPORT)
    finally:
        keep_logs(machines)
    return tell(OUT)


def keep_logs(machines: dict[int, Machine]) -> None:
    """What each machine wrote, beside the logs of the clients."""
    for number, machine in machines.items():
        said = machine.tried("journalctl --output=short-precise --no-pager")[1]
        (OUT / f"egide{number}.log").write_text(said, encoding="utf-8")


@contextlib.contextmanager
def in_public(
    machines: dict[int, Machine], house: House, hosts: Sequence[Host], asked: Wanted
) -> Iterator[tuple[Field, Public]]:
    """Phones press and people answer, at every machine with Egide; at the end until every press has its receipt."""
    phones = enrolled(machines[1], house, hosts, math.ceil(asked.presses / PRESSES_OF_EACH) + 10)
    public = Public(
        phones,
        hosts,
        house.authority,
        house.operator.cookies,
        OUT,
        asked.per_s,
        patience_s=PATIENCE_S,
        seed=asked.seed,
        token=house.operator.token,
    )
    with public:
        public.resume()
        yield Field(machines, asked.with_egide, public, random.Random(asked.seed)), public
        time.sleep(QUIET_S)


def set_up(
    machines: dict[int, Machine], with_egide: Sequence[int], report: Report
) -> tuple[House, Sequence[Host]]:
    """Three machines by the words of the documents, with Egide on one or two, where clocks can be wrong; how these are
    reached from outside."""
    with report.step("package") as line:
        package = machines_run.this_release(line)
    for number in MACHINES[1:]:
        boot(machines[number], package=package if number in with_egide else None)
    house = machines_run.from_nothing(
        machines[1], report, machines_run.GUIDE.read_text(encoding="utf-8"), package
    )
    every = [machines[number] for number in MACHINES]
    cluster(every, report)
    hosts = [Host("egide1", machines[1].address, house.names[1], house.names[0])]
    if len(with_egide) > 1:
        hosts = second(every, report, house)
    with report.step("clocks that can be wrong"):
        for number in with_egide:
            let_be_wrong(
                machines[number],
                ["egide-.service"],
                "systemctl stop egide.target 'egide-*'\nsystemctl start egide.target",
            )
    return house, hosts


def undergo(asked: Wanted, field: Field, public: Public) -> None:
    """Every fault once, and then on until there were so many presses; what was done is written down."""
    rounds = (make_plan(asked.seed + number, asked.with_egide) for number in itertools.count())
    with (OUT / FAULTS).open("a", buffering=1, encoding="utf-8") as log:
        for number, plan in enumerate(rounds):
            for fault in (one for one in plan if one.kind in asked.kinds):
                if number and public.pressed >= asked.presses:
                    return
                print(f"{public.pressed} pressed, {public.waiting} wait: {fault}", flush=True)
                undergone = _undergone(fault, field)
                log.write(json.dumps(undergone) + "\n")
                print(f"  {'; '.join(undergone['proof'])}", flush=True)
                if undergone["is_given_up"]:
                    # What was lost until here is still to be found.
                    return


def _undergone(fault: Fault, field: Field) -> dict[str, Any]:
    time.sleep(fault.after_s)
    begun_s = time.monotonic()
    failed, proof = "", list[str]()
    try:
        with injected(fault, field) as proof:
            time.sleep(fault.lasts_s)
    except (OSError, AssertionError, ValueError, subprocess.SubprocessError) as error:
        # What an injector failed at is told, and the rest goes on.
        failed = f"{type(error).__name__}: {error}"
        print(failed, flush=True)
    undone_s = time.monotonic()
    by_hand, is_given_up = wait_until_whole(field)
    return {
        **asdict(fault),
        "fault": str(fault),
        "from_s": begun_s,
        "undone_s": undone_s,
        "until_s": time.monotonic(),
        "proof": proof,
        "by_hand": by_hand,
        "is_given_up": is_given_up,
        "failed": failed,
    }


def wait_until_whole(field: Field) -> tuple[list[str], bool]:
    """Until every process runs, what is confirmed is on two machines, no press waits and a board listens at each that
    has Egide. What does not come back is started by hand, and named; whether even that was given up.
    """
    began_s, by_hand, machines, rounds = time.monotonic(), list[str](), field.machines, 0
    while ill := list(_ill(field)):
        if time.monotonic() - began_s > WHOLE_WITHIN_S:
            print(f"started by hand: {ill}", flush=True)
            by_hand += [f"egide{number} {unit}" for number, unit in ill]
            for number, unit in ill:
                machines[number].tried(f"systemctl restart {unit}")
            began_s, rounds = time.monotonic(), rounds + 1
            if rounds == MOST_BY_HAND:
                return by_hand, True
        time.sleep(1)
    return by_hand, False


def _ill(field: Field) -> Iterator[tuple[int, str]]:
    """Which unit of which machine is not well."""
    machines = field.machines
    late = field.public.waiting > field.public.per_s * UNDER_WAY_S
    for number, machine in machines.items():
        units = ["etcd", "patroni"]
        if number in field.with_egide:
            units += ["nginx", *(f"egide-{name}" for name in UNITS)]
            if late:
                yield number, "egide-intake"
            if not field.public.listening[f"egide{number}"]:
                yield number, "egide-live"
        states = machine.tried(f"systemctl is-active {' '.join(units)}")[1].split()
        states += ["unknown"] * (len(units) - len(states))
        yield from ((number, unit) for unit, state in zip(units, states, strict=False) if state != "active")
    said = machines[1].tried("patronictl -c /etc/patroni/config.yml list --format tsv")[1]
    if not STANDS_BY.search(said) or len(STREAMS.findall(said)) != len(MACHINES) - 1:
        followers = {f"egide{n}" for n in MACHINES} - set(STREAMS.findall(said)) - {leader(machines[1])}
        yield from ((int(name.removeprefix("egide")), "patroni") for name in sorted(followers))


# --- what came of it --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Told:
    """What a run found."""

    found: Found
    times: Times
    missed: Missed
    # Of each kind of fault: how often, presses meanwhile, seconds until whole, times of the presses meanwhile.
    kinds: list[tuple[str, int, list[Times], float]]
    # How long the host itself stood still, in seconds.
    still_s: float
    # In which share of the time somebody listened at a board, where somebody was there.
    listened: float


def judge(folder: Path) -> Told:
    """From the logs of clients and the export; the log of faults says only which moments belong together."""
    clients = read_phones(lines_of(folder / PHONES))
    boards = lines_of(folder / BOARDS)
    rows = read_export(folder / EXPORT)
    faults = lines_of(folder / FAULTS)
    end_s = max((line["at_s"] for line in boards), default=0.0)
    kinds = []
    for kind in Kind:
        of_kind = [fault for fault in faults if fault["kind"] == kind]
        times = [times_of(clients, boards, fault["from_s"], fault["until_s"]) for fault in of_kind]
        whole_s = max((fault["until_s"] - fault["undone_s"] for fault in of_kind), default=0.0)
        kinds.append((str(kind), len(of_kind), times, whole_s))
    return Told(
        held_against(clients, rows),
        times_of(clients, boards, -math.inf, math.inf),
        missed(clients, boards, rows, end_s),
        kinds,
        sum(line["for_s"] for line in boards if line["did"] == "stood still"),
        listened(boards),
    )


def tell(folder: Path) -> bool:
    """Print the tables of benchmarks/CHAOS.md. Whether something must not be."""
    told = judge(folder)
    found, times, late = told.found, told.times, told.missed
    print(f"""
| | |
|---|---|
| faults | {sum(count for _kind, count, *_rest in told.kinds)} |
| presses | {found.pressed} |
| acknowledged | {found.acknowledged} |
| kept meanwhile by a machine | {found.kept} |
| **lost** | {len(found.lost)} |
| **doubled** | {len(found.doubled)} |
| receipts that do not verify | {len(found.forged)} |
| without a receipt at the end | {found.unanswered} |
| unclaimed: in the journal, and no phone has its receipt | {found.unclaimed} |
| press to board, s: p50, p99, worst | {times.board_p50_s:.2f}, {times.board_p99_s:.2f}, {times.board_worst_s:.1f} |
| acknowledged and on no board | {times.unseen} |
| press to receipt, s: p99, worst | {times.receipt_p99_s:.2f}, {times.receipt_worst_s:.1f} |
| deadlines that people missed | {late.deadlines} |
| noted in the journal and shown in time | {late.noted} |
| noted later, while boards said that the chain is ill | {late.late} |
| said by the chain or the board alone | {late.told_by_chain} |
| **missed silently** | {len(late.silent)} |
| of the time, a board listened, % | {100 * told.listened:.1f} |
| the host itself stood still, s | {told.still_s:.0f} |

| fault | times | presses meanwhile | kept | worst press to board, s | longest without receipts, s | whole after, s |
|---|---|---|---|---|---|---|""")
    for kind, count, each, whole_s in told.kinds:
        pressed, kept = sum(one.pressed for one in each), sum(one.kept for one in each)
        board, gap = (_worst(each, name) for name in ("board_worst_s", "gap_s"))
        print(f"| {kind} | {count} | {pressed} | {kept} | {board:.1f} | {gap:.1f} | {whole_s:.0f} |")
    faults = lines_of(folder / FAULTS)
    for fault in faults:
        if fault["by_hand"] or fault["failed"]:
            print(f"{fault['fault']}: {fault['failed']} {' '.join(fault['by_hand'])}".rstrip())
    for line in (*found.lost, *found.doubled, *found.forged, *late.silent):
        print(line)
    # A fault that did not happen proves nothing.
    return bool(found.lost or found.doubled or found.forged or late.silent) or any(
        fault["failed"] or fault["is_given_up"] for fault in faults
    )


def _worst(times: Sequence[Times], name: str) -> float:
    values = [value for one in times if not math.isnan(value := getattr(one, name))]
    return max(values, default=0.0)


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError):
        main()
