"""`python -m benchmarks.suite`: how long `make test` takes in a fresh clone, with how much memory, and its result.

Beside busy processes (`--busy 4`), on fewer cores (`--cores 1`), on another Python (`--python python3.13`), with a
share of each core taken away as if it were an older one (`--taken 40`, as root), or the full run (`--target
test-full`). Appends a row to SUITE.md. The log and what failed tests left stay in the clone, which is kept when the run
was not green.
"""

import multiprocessing
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click

from benchmarks.machine import describe
from benchmarks.yardsticks import verifications
from egide.common.clock import SystemClock

ROOT = Path(__file__).parents[1]
TABLE = ROOT / "benchmarks" / "SUITE.md"
HEAD = """# How long the suite takes

`python -m benchmarks.suite`: a fresh clone with warm caches of the package registries, from the command to its closing
line; set-up, checks and browser included. Behind the machine stands what one signature check takes on it, which says
how fast its cores are. Memory is what the machine had in use at most, above what it had before.

| when (UTC) | commit | machine | how | seed | minutes | processor s | memory | result |
|---|---|---|---|---|---|---|---|---|
"""
CLOSING = re.compile(r"^(?:=+ )?(\d+ [a-z]+(?:, \d+ [a-z]+)*) in [\d.]+s", re.MULTILINE)
SEED = re.compile(r"^seed (\d+):", re.MULTILINE)
SAMPLE_S = 2.0
TURN_S = 0.01


class Memory(threading.Thread):
    """Looks every two seconds how much memory is in use; `most_mb` is the highest above the first look."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._over = threading.Event()
        self._before_mb = in_use_mb()
        self.most_mb = 0.0

    def run(self) -> None:
        while not self._over.wait(SAMPLE_S):
            self.most_mb = max(self.most_mb, in_use_mb() - self._before_mb)

    def stop(self) -> None:
        self._over.set()


def in_use_mb() -> float:
    """Memory that cannot be had by anyone who asks now, in megabytes (proc(5), /proc/meminfo)."""
    lines = Path("/proc/meminfo").read_text().splitlines()
    kib = {line.partition(":")[0]: int(line.split()[1]) for line in lines}
    return (kib["MemTotal"] - kib["MemAvailable"]) / 1024


def spin() -> None:
    """Use a core as far as one gets it."""
    while True:
        sum(range(100_000))


def take(percent: int, core: int) -> None:
    """Use this share of a core before everybody else, in turns of ten milliseconds (needs root)."""
    os.sched_setaffinity(0, {core})
    os.nice(-20)
    while True:
        began_s = time.monotonic()
        while time.monotonic() - began_s < TURN_S * percent / 100:
            pass
        time.sleep(max(0.0, began_s + TURN_S - time.monotonic()))


@contextmanager
def taken(percent: int) -> Iterator[None]:
    """A share of every core is gone meanwhile."""
    cores = sorted(os.sched_getaffinity(0)) if percent else []
    with beside([multiprocessing.Process(target=take, args=(percent, core), daemon=True) for core in cores]):
        yield


@contextmanager
def busy(count: int) -> Iterator[None]:
    """So many processes that compute meanwhile."""
    with beside([multiprocessing.Process(target=spin, daemon=True) for _ in range(count)]):
        yield


@contextmanager
def beside(processes: list[multiprocessing.Process]) -> Iterator[None]:
    """They run meanwhile."""
    for process in processes:
        process.start()
    try:
        yield
    finally:
        for process in processes:
            process.terminate()


@click.command()
@click.option("--busy", "busy_count", default=0, help="processes that compute beside it")
@click.option("--cores", default=0, help="cores that it may use; 0 for all")
@click.option("--taken", "taken_percent", default=0, help="percent of each core that others take first")
@click.option("--python", default="", help="the Python of the clone")
@click.option("--target", default="test", help="test or test-full")
def main(busy_count: int, cores: int, taken_percent: int, python: str, target: str) -> None:
    """Time the whole suite in a fresh clone."""
    machine = describe()
    place = Path(tempfile.mkdtemp(prefix="egide-suite-"))
    subprocess.run(["git", "clone", "-q", str(ROOT), str(place / "clone")], check=True)
    if cores:
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])
    command = ["make", target, *([f"PYTHON={python}"] if python else [])]
    memory = Memory()
    with ExitStack() as running:
        running.enter_context(taken(taken_percent))
        check_us = 1e6 / verifications().per_s
        running.enter_context(busy(busy_count))
        log = running.enter_context((place / "log").open("w"))
        memory.start()
        began_s, cpu_before = time.monotonic(), children_cpu_s()
        done = subprocess.run(command, cwd=place / "clone", stdout=log, stderr=subprocess.STDOUT, check=False)
        took_min, cpu_s = (time.monotonic() - began_s) / 60, children_cpu_s() - cpu_before
    memory.stop()
    text = (place / "log").read_text()
    how = [f"{busy_count} busy processes beside it"] * bool(busy_count) + [f"{cores} core"] * bool(cores)
    how += [f"{taken_percent} % of each core taken away"] * bool(taken_percent)
    how += [target] if target != "test" else []
    version = subprocess.run(
        [place / "clone" / ".venv" / "bin" / "python", "-V"], capture_output=True, text=True, check=False
    ).stdout.strip()
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        cwd=place / "clone",
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    results, seeds = CLOSING.findall(text), SEED.findall(text)
    row = [
        datetime.fromtimestamp(SystemClock().now_us() / 1e6, UTC).strftime("%Y-%m-%d %H:%M"),
        commit,
        f"{machine['processors']}, check {check_us:.0f} µs, load {machine['load before'].split()[0]}",
        ", ".join([version, *how]),
        seeds[-1] if seeds else "-",
        f"{took_min:.1f}",
        f"{cpu_s:.0f}",
        f"{memory.most_mb / 1024:.1f} GB",
        f"{'green' if done.returncode == 0 else 'RED'}: {results[-1] if results else 'no closing line'}",
    ]
    if not TABLE.exists():
        TABLE.write_text(HEAD)
    with TABLE.open("a") as table:
        table.write(f"| {' | '.join(row)} |\n")
    click.echo(" | ".join(row))
    if done.returncode == 0:
        shutil.rmtree(place)
    else:
        click.echo(f"kept: {place}")
        sys.exit(1)


def children_cpu_s() -> float:
    """Processor seconds of all ended and awaited children so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
