"""Small things that every measurement needs: percentiles, the processor time of processes, what the machine is."""

import os
import platform
import sqlite3
from collections.abc import Sequence
from pathlib import Path

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def percentile_ms(values_s: Sequence[float], share: float) -> float:
    """The value in milliseconds below which `share` (0..1) of the values in seconds lie."""
    ordered = sorted(values_s)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1e3


def median(values: Sequence[float]) -> float:
    """The middle one, without a mean of two: each number in the table was measured."""
    return sorted(values)[len(values) // 2]


def group_cpu_s(group: int) -> float:
    """Processor seconds used so far by the living processes of a process group."""
    total = 0.0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == group:
            total += (int(fields[11]) + int(fields[12])) / _TICKS_PER_S
    return total


def describe() -> dict[str, str]:
    """What the numbers were measured on."""
    models = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    ]
    memory_kib = int(Path("/proc/meminfo").read_text().split()[1])
    return {
        "processors": f"{os.cpu_count()} x {models[0] if models else platform.machine()}",
        "memory": f"{memory_kib / 1024 / 1024:.1f} GiB",
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "load before": " ".join(f"{load:.2f}" for load in os.getloadavg()),
    }


def group_pss_mb(groups: set[int], only: set[int], kind: str = "Pss") -> float:
    """Proportional set size, in megabytes, of the processes of these groups; of our own group only those in `only`."""
    total_kib = 0
    own = os.getpgid(0)
    for directory in Path("/proc").glob("[0-9]*"):
        try:
            pid = int(directory.name)
            group = os.getpgid(pid)
            if group not in groups or (group == own and pid not in only):
                continue
            total_kib += pss_kib(pid, kind)
        except OSError:
            continue
    return total_kib * 1024 / 1e6


def pss_kib(pid: int, kind: str = "Pss") -> int:
    """Proportional set size of a process: what it shares counts in parts. Raises OSError.

    `Pss_Anon` is what it wrote itself: programs and libraries are not in it, of which others on the machine may take
    their part or leave it.
    """
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith(f"{kind}:"))


def cpu_s_of_family(pid: int) -> float:
    """Processor seconds of a process and of those that it started and that have ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / _TICKS_PER_S
