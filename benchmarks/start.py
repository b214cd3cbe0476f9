"""`python -m benchmarks.start`: seconds until the demo is ready with an evaluator's figures, and what memory it takes.

Starts `egide demo` as a person does, each time on a fresh directory, and reads what it prints. Memory is the
proportional set size of all its processes once it is ready; processor time is theirs too, with those that have ended.
"""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import click

from benchmarks import yardsticks
from benchmarks.machine import cpu_s_of_family, describe, median, pss_kib

READY, ACCOUNTS = "Ctrl-C", "Invented people only"
PORT = 18400
# What is required, on the older of two processors that the times were set for.
READY_S, MEMORY_MB = 5.0, 400.0


@dataclass(frozen=True)
class Start:
    """One start: seconds to the printed accounts and to the last line; megabytes and processor seconds by process.

    What has ended by then, as the process of the figures, counts for `cli`, which started it.
    """

    signed_in_s: float
    ready_s: float
    memory_mb: dict[str, float]
    cpu_s: dict[str, float]


def measure(port: int) -> Start:
    """Start a demo, wait until it is ready, look at it, end it."""
    with tempfile.TemporaryDirectory(prefix="egide-start-") as directory:
        command = [sys.executable, "-m", "egide.entrypoints.cli", "demo"]
        command += ["--data", str(Path(directory, "demo")), "--port", str(port)]
        environment = {**os.environ, "PYTHONUNBUFFERED": "1", "LC_ALL": "C.UTF-8", "LANGUAGE": "en"}
        begin = time.perf_counter()
        with subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True
        ) as demo:
            try:
                signed_in_s = _seconds_until(ACCOUNTS, demo.stdout, begin)
                ready_s = _seconds_until(READY, demo.stdout, begin)
                memory_mb, cpu_s = defaultdict[str, float](float), defaultdict[str, float](float)
                for pid in family(demo.pid):
                    memory_mb[name_of(pid)] += pss_kib(pid) * 1024 / 1e6
                    cpu_s[name_of(pid)] += cpu_s_of_family(pid)
                return Start(signed_in_s, ready_s, memory_mb, cpu_s)
            finally:
                demo.send_signal(signal.SIGINT)


def _seconds_until(wanted: str, lines: IO[str] | None, begin: float) -> float:
    assert lines is not None
    for line in lines:
        if wanted in line:
            return time.perf_counter() - begin
    raise click.ClickException(f"the demo ended without saying {wanted!r}")


def family(pid: int) -> Iterator[int]:
    """This process and all that it started, and they."""
    yield pid
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in children.read_text().split():
                yield from family(int(child))


def name_of(pid: int) -> str:
    """What a process runs: the last part of its module, or what a fork calls itself."""
    words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    module = next((word for word in words if word.startswith("egide")), words[0]).rpartition(".")[2]
    comm = Path(f"/proc/{pid}/comm").read_text().strip()
    return module if comm.startswith("python") else comm


@click.command()
@click.option("--rounds", default=3, show_default=True)
@click.option("--port", default=PORT, show_default=True, help="first of four")
def main(rounds: int, port: int) -> None:
    """Measure the start of the demo."""
    # Ctrl-C ends a demo, also where this was started in the background and would pass on that it is ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    about, check_us = describe(), yardsticks.check_us()
    click.echo(" · ".join(f"{name} {value}" for name, value in about.items()))
    click.echo(f"one Ed25519 check: {check_us:.0f} µs")
    starts = []
    for _number in range(rounds):
        one = measure(port)
        starts.append(one)
        click.echo(
            f"accounts {one.signed_in_s:5.2f} s  ready {one.ready_s:5.2f} s"
            f"  processor {sum(one.cpu_s.values()):5.2f} s  memory {sum(one.memory_mb.values()):5.1f} MB"
        )
    memory_mb = median([sum(one.memory_mb.values()) for one in starts])
    click.echo(f"ready, s: {median([one.ready_s for one in starts]):.2f} (required: {READY_S:.0f})")
    click.echo(f"memory, MB: {memory_mb:.0f} (required: {MEMORY_MB:.0f})")
    for name in sorted(starts[0].memory_mb):
        mb, s = ([getattr(one, of).get(name, 0.0) for one in starts] for of in ("memory_mb", "cpu_s"))
        click.echo(f"  {name:<12} {median(mb):6.1f} MB {median(s):6.2f} s")


if __name__ == "__main__":
    main()
