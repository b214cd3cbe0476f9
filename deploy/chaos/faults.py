"""How each fault is brought about on machines of `deploy/machines/machine.sh`, what proves that it was there, and how
it is undone whatever happens."""

import contextlib
import ctypes
import fcntl
import json
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from deploy.chaos.cable import RULES
from deploy.chaos.plan import OF_EGIDE, Fault, Kind
from deploy.machines.clocks import RIGHT, set_clock
from deploy.machines.hanging import POSTMASTER, STOPPED_WITHIN_S, hanging, refused_when_awake, state_of
from deploy.machines.machine import Machine, until
from deploy.machines.three import leader
from tools.tree import ROOT

MEMORY = Path("/sys/fs/cgroup/memory")
# Files in which an unsynced page would be missed, and how many of their pages are tried.
WRITTEN = ("var/lib/egide", "var/lib/postgresql", "var/lib/etcd")
TORN_PAGES, TORN_FILES = 40, 60
_PAGE = 4096
_SYNC_RANGE = 7
# linux/fs.h: FS_IOC_SHUTDOWN, FS_SHUTDOWN_FLAGS_NOLOGFLUSH
_SHUTDOWN, _NO_LOG = 0x8004587D, 2
_HANGS_S, _GOES_S = 0.4, 0.2
_ETCD = 2380
_MORE = "/var/lib/more"
_SEEN_WITHIN_S = 10.0
# Phones have to come to a machine first that all of them may have left.
_DATED_WITHIN_S = 25.0


class Public(Protocol):
    """Phones that press `per_s` times a second, of whose presses some are `waiting` for a receipt, and people at boards
    who can leave and come back. By the name of each machine with Egide, `listening`: to how many of its streams they
    listen now; `ahead_s`: by how much the clock that dated its latest receipt was ahead of this host's.
    """

    per_s: float

    @property
    def listening(self) -> Mapping[str, int]: ...
    @property
    def ahead_s(self) -> Mapping[str, float]: ...

    @property
    def waiting(self) -> int: ...
    def close(self) -> None: ...
    def open(self) -> None: ...


@dataclass(frozen=True)
class Field:
    """What faults happen to; Egide runs on those of these numbers."""

    machines: dict[int, Machine]
    with_egide: Sequence[int]
    public: Public
    chance: random.Random


@contextlib.contextmanager
def injected(fault: Fault, field: Field) -> Iterator[list[str]]:
    """The fault is there within this context, and gone behind it; then what is yielded says by what that was seen.

    Raises AssertionError where it was not there, or nothing shows that it was.
    """
    with _INJECTORS[fault.kind](fault, field) as proof:
        yield proof
    assert proof, f"nothing shows that this happened: {fault}"


@contextlib.contextmanager
def _killed(fault: Fault, field: Field) -> Iterator[list[str]]:
    machine = field.machines[fault.where[0]]
    unit = f"egide-{fault.process}" if fault.process in OF_EGIDE[:-1] else fault.process
    if fault.process == "postgres":
        process = machine.sh(f"head -1 {POSTMASTER}").strip()
        machine.sh(f"kill -9 {process}")
    else:
        process = _main_process(machine, unit)
        # PostgreSQL runs in the unit of Patroni and outlives it.
        whom = "main" if fault.process == "patroni" else "all"
        machine.sh(f"systemctl kill --kill-whom={whom} --signal=KILL {unit}.service")
    until(f"process {process} lives on", lambda: state_of(machine, process) in ("", "Z"), _SEEN_WITHIN_S)
    yield [f"process {process} is gone"]


def _main_process(machine: Machine, unit: str) -> str:
    """The number of a unit's first process, as the machine counts; the unit runs."""
    process = machine.sh(f"systemctl show --property=MainPID --value {unit}.service").strip()
    assert int(process) > 0, f"{unit} did not run"
    return process


@contextlib.contextmanager
def _without_power(fault: Fault, field: Field) -> Iterator[list[str]]:
    machine = field.machines[fault.where[0]]
    disk = machine.disk / "disk"
    # What nobody syncs, to see whether it is lost with the rest.
    unsynced = disk / "unsynced"
    unsynced.write_bytes(bytes(_PAGE))
    pages = tear([disk / "up" / place for place in WRITTEN], field.chance)
    stop_writing(disk)
    machine.do("kill")
    assert not machine.is_up(), "a process outlived the power cut"
    proof = [f"no process was left; {pages} pages were forced out alone"]
    try:
        yield proof
    finally:
        machine.do("boot")
    is_there = unsynced.exists() and unsynced.stat().st_size > 0
    proof.append(f"what nobody had synced is {'there' if is_there else 'lost'}")
    unsynced.unlink(missing_ok=True)


def tear(places: Sequence[Path], chance: random.Random) -> int:
    """Some pages of what is not synced reach the disk; their neighbours do not, nor what says that they are there. How
    many were tried.
    """
    tried = 0
    libc = ctypes.CDLL(None, use_errno=True)
    files = [path for place in places for path in place.rglob("*") if path.is_file()]
    files.sort(key=lambda path: -path.stat().st_mtime)
    for path in files[:TORN_FILES]:
        with path.open("rb") as file:
            pages = os.fstat(file.fileno()).st_size // _PAGE + 1
            for page in chance.sample(range(pages), min(pages, TORN_PAGES)):
                start = ctypes.c_longlong(page * _PAGE)
                libc.sync_file_range(file.fileno(), start, ctypes.c_longlong(_PAGE), _SYNC_RANGE)
                tried += 1
    return tried


def stop_writing(disk: Path) -> None:
    """What no process has synced by now never reaches this disk (ext4's EXT4_IOC_SHUTDOWN, without its log)."""
    folder = os.open(disk, os.O_RDONLY)
    try:
        fcntl.ioctl(folder, _SHUTDOWN, _NO_LOG.to_bytes(4, "little"))
    finally:
        os.close(folder)


@contextlib.contextmanager
def _isolated(fault: Fault, field: Field) -> Iterator[list[str]]:
    number = fault.where[0]
    cable = f"egide7v{number}"
    _run("ip", "link", "set", cable, "down")
    try:
        yield [
            _unreached(number, other.address) for other in field.machines.values() if other.number != number
        ]
    finally:
        _run("ip", "link", "set", cable, "up")


@contextlib.contextmanager
def _cut(fault: Fault, field: Field) -> Iterator[list[str]]:
    with contextlib.ExitStack() as stack:
        for number, other in _ways(fault):
            rule = f"INPUT -s {field.machines[other].address} -j DROP"
            stack.enter_context(_ruled(number, rule))
        yield [_unreached(number, field.machines[other].address) for number, other in _ways(fault)]


def _unreached(number: int, address: str) -> str:
    """From this machine nothing listens at an address where etcd does; says so. Raises AssertionError."""
    code = f"import socket; socket.create_connection(('{address}', {_ETCD}), 1)"
    tried = subprocess.run(
        ["ip", "netns", "exec", f"egide7-{number}", sys.executable, "-c", code],
        capture_output=True,
        check=False,
    )
    assert tried.returncode != 0, f"egide{number} still reaches {address}"
    return f"egide{number} does not reach {address}"


@contextlib.contextmanager
def _bad_cable(fault: Fault, field: Field) -> Iterator[list[str]]:
    amount = f"{fault.amount:g}"
    spoken = {
        Kind.DELAY: (amount, "0", "0"),
        Kind.LOSS: ("0", amount, "0"),
        Kind.DUPLICATION: ("0", "0", amount),
    }[fault.kind]
    proof: list[str] = []
    with contextlib.ExitStack() as stack:
        for number, other in _ways(fault):
            address = field.machines[other].address
            words = ("-m", "deploy.chaos.cable", address, *spoken, str(field.chance.randrange(2**31)))
            stack.enter_context(_carrying(number, proof, *words))
            # Each is put before the ones that are there.
            for rule in reversed(RULES):
                stack.enter_context(_ruled(number, rule.format(address=address)))
        yield proof


def _ways(fault: Fault) -> tuple[tuple[int, int], tuple[int, int]]:
    one, other = fault.where
    return (one, other), (other, one)


@contextlib.contextmanager
def _ruled(number: int, rule: str) -> Iterator[None]:
    """A rule of the network of this machine."""
    command = ("ip", "netns", "exec", f"egide7-{number}", "iptables", "-w")
    _run(*command, "-I", *rule.split())
    try:
        yield
    finally:
        _run(*command, "-D", *rule.split())


@contextlib.contextmanager
def _carrying(number: int, proof: list[str], *words: str) -> Iterator[None]:
    """A bad cable in the network of this machine, from its first word on; at its end it says what it did."""
    command = ["ip", "netns", "exec", f"egide7-{number}", sys.executable, *words]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == b"ready\n", command
            yield
        finally:
            process.terminate()
            counted = json.loads(process.stdout.read() or b"{}")
    assert counted.get("packets"), f"nothing went through the bad cable of egide{number}: {counted}"
    proof.append(f"egide{number}: " + ", ".join(f"{name} {count}" for name, count in counted.items()))


@contextlib.contextmanager
def _full(fault: Fault, field: Field) -> Iterator[list[str]]:
    machine = field.machines[fault.where[0]]
    ballast = machine.disk / "disk" / "ballast"
    try:
        fill(ballast)
        code, said = machine.tried(f"head -c 1000000 /dev/zero >{_MORE} || rm -f {_MORE}")
        assert "No space left" in said, f"there is room on a full disk: {code} {said}"
        yield [f"{ballast.stat().st_size >> 20} MB taken, and a file of 1 MB has no room"]
    finally:
        ballast.unlink(missing_ok=True)


def fill(ballast: Path) -> None:
    """Take every block of the disk that is free, those that are kept for root too."""
    size = 1 << 40
    with ballast.open("wb") as file:
        while size >= _PAGE:
            try:
                os.posix_fallocate(file.fileno(), os.fstat(file.fileno()).st_size, size)
            except OSError:
                size //= 2


@contextlib.contextmanager
def _slow(fault: Fault, field: Field) -> Iterator[list[str]]:
    """Writes hang, go on for a moment, and hang again."""
    disk, over = str(field.machines[fault.where[0]].disk / "disk"), threading.Event()
    hung_s = [0.0]

    def hang() -> None:
        while not over.is_set():
            is_frozen = subprocess.run(["fsfreeze", "-f", disk], check=False).returncode == 0
            since_s = time.monotonic()
            over.wait(_HANGS_S)
            subprocess.run(["fsfreeze", "-u", disk], check=False)
            hung_s[0] += (time.monotonic() - since_s) * is_frozen
            over.wait(_GOES_S)

    thread, proof = threading.Thread(target=hang), list[str]()
    thread.start()
    try:
        yield proof
    finally:
        over.set()
        thread.join()
    assert hung_s[0] > 0, f"{disk} was never frozen"
    proof.append(f"writes hung for {hung_s[0]:.1f} s in all")


@contextlib.contextmanager
def _wrong_clock(fault: Fault, field: Field) -> Iterator[list[str]]:
    machine = field.machines[fault.where[0]]

    def hours() -> int:
        return round(field.public.ahead_s[f"egide{machine.number}"] / 3600)

    set_clock(machine, f"+{fault.amount:g}h")
    try:
        until("no receipt comes by a wrong clock", lambda: hours() == fault.amount, _DATED_WITHIN_S)
        yield [f"receipts are dated {hours()} h ahead"]
    finally:
        set_clock(machine, RIGHT)
    until("receipts come by a wrong clock", lambda: hours() == 0, _DATED_WITHIN_S)


@contextlib.contextmanager
def _stuck(fault: Fault, field: Field) -> Iterator[list[str]]:
    machine, unit = field.machines[fault.where[0]], f"egide-{fault.process}"
    process = _main_process(machine, unit)
    machine.sh(f"systemctl kill --kill-whom=all --signal=STOP {unit}.service")
    try:
        until(f"process {process} goes on", lambda: state_of(machine, process) == "T", STOPPED_WITHIN_S)
        yield [f"process {process} is stopped"]
    finally:
        machine.tried(f"systemctl kill --kill-whom=all --signal=CONT {unit}.service")


@contextlib.contextmanager
def _hung(fault: Fault, field: Field) -> Iterator[list[str]]:
    """Whoever led, and wakes up when another one does, must not confirm a write."""
    machine = field.machines[fault.where[0]]
    name, witness = f"egide{machine.number}", next(m for m in field.machines.values() if m is not machine)
    before = leader(witness)
    with hanging(machine) as count:
        proof = [f"{count} processes are stopped", f"{before} led"]
        yield proof
        after = leader(witness)
    proof.append(f"{after or 'nobody'} leads")
    if name == before != after != "":
        proof.append(f"awake, it confirmed none of {refused_when_awake(machine, witness)} writes")


@contextlib.contextmanager
def _closed(_fault: Fault, field: Field) -> Iterator[list[str]]:
    field.public.close()
    try:
        until("somebody still listens", lambda: not any(field.public.listening.values()), _SEEN_WITHIN_S)
        yield ["nobody listens to a stream"]
    finally:
        field.public.open()


@contextlib.contextmanager
def _little_memory(fault: Fault, _field: Field) -> Iterator[list[str]]:
    """The machine may hold less than it does: what is cached goes, and the kernel may end processes."""
    group = MEMORY / f"egide7-{fault.where[0]}"
    limit = group / "memory.limit_in_bytes"
    share = fault.amount / 100
    used = int((group / "memory.usage_in_bytes").read_text())
    failed = int((group / "memory.failcnt").read_text())
    proof: list[str] = []
    try:
        while True:
            try:
                limit.write_text(str(int(used * share)))
            except OSError:
                # It cannot give so much away.
                share += 0.02
            else:
                break
        proof.append(f"{used >> 20} MB held, {int(used * share) >> 20} MB allowed")
        yield proof
        refused = int((group / "memory.failcnt").read_text()) - failed
        assert refused > 0, "the limit of memory was never met"
        proof.append(f"the limit was met {refused} times")
    finally:
        limit.write_text("-1")


def _run(*command: str) -> None:
    subprocess.run(command, check=True)


_INJECTORS: dict[Kind, Callable[[Fault, Field], AbstractContextManager[list[str]]]] = {
    Kind.KILLED: _killed,
    Kind.POWER: _without_power,
    Kind.ISOLATED: _isolated,
    Kind.CUT: _cut,
    Kind.DELAY: _bad_cable,
    Kind.LOSS: _bad_cable,
    Kind.DUPLICATION: _bad_cable,
    Kind.DISK_FULL: _full,
    Kind.DISK_SLOW: _slow,
    Kind.CLOCK: _wrong_clock,
    Kind.STUCK: _stuck,
    Kind.HUNG: _hung,
    Kind.CLOSED: _closed,
    Kind.MEMORY: _little_memory,
}
