"""How each fault is brought about on machines of `deploy/machines/machine.sh`, and undone whatever happens."""

import contextlib
import ctypes
import fcntl
import os
import random
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from deploy.chaos.cable import RULES
from deploy.chaos.plan import OF_EGIDE, Fault, Kind
from deploy.machines.machine import Machine
from tools.tree import ROOT

MEMORY = Path("/sys/fs/cgroup/memory")
CLOCK = Path("etc/egide-clock")
# Everything of Egide on a machine reads the clock through this; the file says by how much it is wrong.
FAKED = f"""apt-get install -y -qq --no-install-recommends libfaketime >/dev/null
echo +0 >/{CLOCK}
mkdir -p /etc/systemd/system/egide-.service.d
cat >/etc/systemd/system/egide-.service.d/90-clock.conf <<END
[Service]
Environment=LD_PRELOAD=/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1
Environment=FAKETIME_TIMESTAMP_FILE=/{CLOCK} FAKETIME_DONT_FAKE_MONOTONIC=1 FAKETIME_CACHE_DURATION=1
Environment=FAKETIME_DISABLE_SHM=1 DONT_FAKE_MONOTONIC=1
END
systemctl daemon-reload
systemctl stop egide.target 'egide-*'
systemctl start egide.target"""
# Files in which an unsynced page would be missed, and how many of their pages are tried.
WRITTEN = ("var/lib/egide", "var/lib/postgresql", "var/lib/etcd")
TORN_PAGES, TORN_FILES = 40, 60
_PAGE = 4096
_SYNC_RANGE = 7
# linux/fs.h: FS_IOC_SHUTDOWN, FS_SHUTDOWN_FLAGS_NOLOGFLUSH
_SHUTDOWN, _NO_LOG = 0x8004587D, 2
_HANGS_S, _GOES_S = 0.4, 0.2
_POSTMASTER = "/var/lib/postgresql/egide/data/postmaster.pid"


class Boards(Protocol):
    """People at boards who can leave and come back."""

    def close(self) -> None: ...
    def open(self) -> None: ...


@dataclass(frozen=True)
class Field:
    """What faults happen to."""

    machines: dict[int, Machine]
    boards: Boards
    chance: random.Random


def injected(fault: Fault, field: Field) -> AbstractContextManager[None]:
    """The fault is there within this context, and gone behind it."""
    return _INJECTORS[fault.kind](fault, field)


@contextlib.contextmanager
def _killed(fault: Fault, field: Field) -> Iterator[None]:
    machine = field.machines[fault.where[0]]
    if fault.process == "postgres":
        machine.tried(f"kill -9 $(head -1 {_POSTMASTER})")
    else:
        unit = f"egide-{fault.process}" if fault.process in OF_EGIDE[:-1] else fault.process
        # PostgreSQL runs in the unit of Patroni and outlives it.
        whom = "main" if fault.process == "patroni" else "all"
        machine.tried(f"systemctl kill --kill-whom={whom} --signal=KILL {unit}.service")
    yield


@contextlib.contextmanager
def _without_power(fault: Fault, field: Field) -> Iterator[None]:
    machine = field.machines[fault.where[0]]
    disk = machine.disk / "disk"
    tear([disk / "up" / place for place in WRITTEN], field.chance)
    stop_writing(disk)
    machine.do("kill")
    try:
        yield
    finally:
        machine.do("boot")


def tear(places: Sequence[Path], chance: random.Random) -> None:
    """Some pages of what is not synced reach the disk; their neighbours do not, nor what says that they are there."""
    libc = ctypes.CDLL(None, use_errno=True)
    files = [path for place in places for path in place.rglob("*") if path.is_file()]
    files.sort(key=lambda path: -path.stat().st_mtime)
    for path in files[:TORN_FILES]:
        with path.open("rb") as file:
            pages = os.fstat(file.fileno()).st_size // _PAGE + 1
            for page in chance.sample(range(pages), min(pages, TORN_PAGES)):
                start = ctypes.c_longlong(page * _PAGE)
                libc.sync_file_range(file.fileno(), start, ctypes.c_longlong(_PAGE), _SYNC_RANGE)


def stop_writing(disk: Path) -> None:
    """What no process has synced by now never reaches this disk (ext4's EXT4_IOC_SHUTDOWN, without its log)."""
    folder = os.open(disk, os.O_RDONLY)
    try:
        fcntl.ioctl(folder, _SHUTDOWN, _NO_LOG.to_bytes(4, "little"))
    finally:
        os.close(folder)


@contextlib.contextmanager
def _isolated(fault: Fault, _field: Field) -> Iterator[None]:
    cable = f"egide7v{fault.where[0]}"
    _run("ip", "link", "set", cable, "down")
    try:
        yield
    finally:
        _run("ip", "link", "set", cable, "up")


@contextlib.contextmanager
def _cut(fault: Fault, field: Field) -> Iterator[None]:
    with contextlib.ExitStack() as stack:
        for number, other in _ways(fault):
            rule = f"INPUT -s {field.machines[other].address} -j DROP"
            stack.enter_context(_ruled(number, rule))
        yield


@contextlib.contextmanager
def _bad_cable(fault: Fault, field: Field) -> Iterator[None]:
    amount = f"{fault.amount:g}"
    spoken = {
        Kind.DELAY: (amount, "0", "0"),
        Kind.LOSS: ("0", amount, "0"),
        Kind.DUPLICATION: ("0", "0", amount),
    }[fault.kind]
    with contextlib.ExitStack() as stack:
        for number, other in _ways(fault):
            address = field.machines[other].address
            words = ("-m", "deploy.chaos.cable", address, *spoken, str(field.chance.randrange(2**31)))
            stack.enter_context(_running(number, *words))
            # Each is put before the ones that are there.
            for rule in reversed(RULES):
                stack.enter_context(_ruled(number, rule.format(address=address)))
        yield


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
def _running(number: int, *words: str) -> Iterator[None]:
    """Our Python in the network of this machine, from its first word on."""
    command = ["ip", "netns", "exec", f"egide7-{number}", sys.executable, *words]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None and process.stdout.readline() == b"ready\n", command
            yield
        finally:
            process.terminate()


@contextlib.contextmanager
def _full(fault: Fault, field: Field) -> Iterator[None]:
    ballast = field.machines[fault.where[0]].disk / "disk" / "ballast"
    try:
        fill(ballast)
        yield
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
def _slow(fault: Fault, field: Field) -> Iterator[None]:
    """Writes hang, go on for a moment, and hang again."""
    disk, over = str(field.machines[fault.where[0]].disk / "disk"), threading.Event()

    def hang() -> None:
        while not over.is_set():
            subprocess.run(["fsfreeze", "-f", disk], check=False)
            over.wait(_HANGS_S)
            subprocess.run(["fsfreeze", "-u", disk], check=False)
            over.wait(_GOES_S)

    thread = threading.Thread(target=hang)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@contextlib.contextmanager
def _wrong_clock(fault: Fault, field: Field) -> Iterator[None]:
    clock = field.machines[fault.where[0]].root / CLOCK
    clock.write_text(f"+{fault.amount:g}h\n")
    try:
        yield
    finally:
        clock.write_text("+0\n")


@contextlib.contextmanager
def _stuck(fault: Fault, field: Field) -> Iterator[None]:
    machine, unit = field.machines[fault.where[0]], f"egide-{fault.process}.service"
    machine.tried(f"systemctl kill --kill-whom=all --signal=STOP {unit}")
    try:
        yield
    finally:
        machine.tried(f"systemctl kill --kill-whom=all --signal=CONT {unit}")


@contextlib.contextmanager
def _closed(_fault: Fault, field: Field) -> Iterator[None]:
    field.boards.close()
    try:
        yield
    finally:
        field.boards.open()


@contextlib.contextmanager
def _little_memory(fault: Fault, _field: Field) -> Iterator[None]:
    """The machine may hold less than it does: what is cached goes, and the kernel may end processes."""
    group = MEMORY / f"egide7-{fault.where[0]}"
    limit = group / "memory.limit_in_bytes"
    share = fault.amount / 100
    used = int((group / "memory.usage_in_bytes").read_text())
    try:
        while True:
            try:
                limit.write_text(str(int(used * share)))
            except OSError:
                # It cannot give so much away.
                share += 0.02
            else:
                break
        yield
    finally:
        limit.write_text("-1")


def _run(*command: str) -> None:
    subprocess.run(command, check=True)


_INJECTORS: dict[Kind, Callable[[Fault, Field], AbstractContextManager[None]]] = {
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
    Kind.CLOSED: _closed,
    Kind.MEMORY: _little_memory,
}
