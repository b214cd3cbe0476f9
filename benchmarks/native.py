"""`python -m benchmarks.native`: the native phone's core on a JVM against a real intake.

From the button's bytes, which come at the end of a hold, to the receipt that was verified; from the start of the
process, as after a boot, until the core is up; and how long messages take that were kept while no server answered
(positions, notices, words, and presses among them), of which intake takes four a second from one phone, presses apart,
behind a proxy that is away now and then and with a writer that is killed in the midst: `--messages 10000` takes some
forty minutes, in which nothing computes. What is timed is seen from outside the process, so
the pipes to it count too. A telephone has no JVM: these figures say what the core itself costs, and hold it against
later versions of itself.
"""

import itertools
import json
import os
import random
import subprocess
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import click

from benchmarks.machine import describe, median
from tests.android.draining import drain
from tests.android.phone import COMMAND_PHONE, JavaPhone, frame_of
from tests.companion.intake import Kit, serving
from tools import android_core

# What is required (milliseconds).
RECEIPT_P50_MS, RECEIPT_P99_MS, START_MS = 20.0, 60.0, 300.0
# How seldom the proxy before intake is away while the kept messages are sent.
DRAINED_PRESSES, SELDOM = 5, 50


def receipts(phone: JavaPhone, kit: Kit, presses: int) -> list[float]:
    """Milliseconds from each press to its receipt, the next press after the one before has its own."""
    took: list[float] = []
    looked = received = 0

    def are_received(wanted: int) -> bool:
        """Counted among what is new: to look through all of it again and again would be timed, too."""
        nonlocal looked, received
        news = phone.steps[looked:]
        looked += len(news)
        received += sum(1 for said in news if said["step"] == "phone.receipt")
        return received >= wanted

    for counter in range(1, presses + 1):
        began = time.perf_counter()
        phone.press(counter, kit.button_key)
        phone.until(partial(are_received, counter), every_s=0.0005)
        took.append((time.perf_counter() - began) * 1000)
        # So that what follows a press, a position and a sign of life, is not on its way with the next one.
        time.sleep(0.05)
    return took


def packed(folder: Path) -> str:
    """The class path as archives alone: a JVM shares no class of a folder."""
    paths = []
    for number, part in enumerate(android_core.class_path().split(os.pathsep)):
        path = Path(part)
        if path.is_dir():
            archive = folder / f"{number}.jar"
            with zipfile.ZipFile(archive, "w") as into:
                for file in sorted(path.rglob("*.class")):
                    into.write(file, file.relative_to(path))
            path = archive
        paths.append(str(path))
    return os.pathsep.join(paths)


def start(command: list[str], said: str = "", until: str = '"ready"') -> float:
    """Milliseconds from the start of the process, whose button says `said` at once, to a line with `until`."""
    began = time.perf_counter()
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        process.stdin.write(said)
        process.stdin.flush()
        for line in process.stdout:
            if until in line:
                took = (time.perf_counter() - began) * 1000
                break
        else:
            raise click.ClickException(f"the phone ended before it said {until}")
        process.stdin.close()
        process.stdout.read()
    return took


def empty(java: str) -> float:
    """The same for a JVM that says its version, and nothing else."""
    began = time.perf_counter()
    subprocess.run([java, *android_core.QUICK, "-version"], capture_output=True, check=True)
    return (time.perf_counter() - began) * 1000


def starts(
    store: Path, url: str, kit: Kit, presses: Iterator[int], folder: Path, rounds: int
) -> dict[str, list[float]]:
    """By turns: an empty JVM, the core, the core with its classes shared (AppCDS), and the same until the first press,
    which is there before the process is, was kept and acknowledged."""
    java = android_core.java_tool("java")
    path, shared = packed(folder), folder / "shared.jsa"
    tail = ["-cp", path, COMMAND_PHONE, str(store), url, "-"]
    plain = [java, *android_core.QUICK, *tail]

    def press() -> str:
        return json.dumps({"frame": frame_of(next(presses), kit.button_key)}) + "\n"

    start([java, *android_core.QUICK, f"-XX:ArchiveClassesAtExit={shared}", *tail], press(), "phone.receipt")
    quick = [java, *android_core.QUICK, f"-XX:SharedArchiveFile={shared}", *tail]
    ways: dict[str, Callable[[], float]] = {
        "an empty JVM": lambda: empty(java),
        "the core": lambda: start(plain),
        "the core, its classes shared": lambda: start(quick),
        "the same until a press is acknowledged": lambda: start(quick, press(), '"radio"'),
    }
    took: dict[str, list[float]] = {what: [] for what in ways}
    for _ in range(rounds):
        for what, way in ways.items():
            took[what].append(way())
    return took


@click.command()
@click.option("--presses", default=500, show_default=True)
@click.option("--starts", "rounds", default=20, show_default=True)
@click.option("--messages", default=400, show_default=True)
def main(presses: int, rounds: int, messages: int) -> None:
    """Measure, and print one table."""
    android_core.build()
    for name, value in describe().items():
        click.echo(f"{name}: {value}")
    click.echo(
        subprocess.run([android_core.java_tool("java"), "-version"], capture_output=True, text=True).stderr
    )
    with tempfile.TemporaryDirectory() as name, serving(Path(name, "intake"), intake_urls=()) as server:
        folder = Path(name)
        kit = server.issue()
        with JavaPhone(folder / "phone", (server.url,), kit.code).ready() as phone:
            took = receipts(phone, kit, presses)
        click.echo(f"first press of the process: {took[0]:.1f} ms\n")
        click.echo("| ms | p50 | p99 | most | required |\n|---|---:|---:|---:|---|")
        in_order = sorted(took)
        p50, p99 = median(took), in_order[int(0.99 * len(took))]
        required = f"p50 {RECEIPT_P50_MS:.0f}, p99 {RECEIPT_P99_MS:.0f}"
        row = (
            f"| end of the hold to receipt, {presses} presses | {p50:.1f} | {p99:.1f} | {in_order[-1]:.1f} |"
        )
        click.echo(f"{row} {required} |")
        counters = itertools.count(presses + 1)
        found = starts(folder / "phone", server.url, kit, counters, folder, rounds)
        base = median(found["an empty JVM"])
        for what, times in found.items():
            row = f"| start of {what}, {rounds} times | {median(times):.0f} | | {max(times):.0f} |"
            click.echo(f"{row} {START_MS:.0f}; {median(times) / base:.1f} of an empty one |")
        drained = drain(server, folder / "full", messages, DRAINED_PRESSES, random.Random(1), SELDOM)
    click.echo(
        f"\n{messages:,} messages kept while the server says nothing: {drained.kept_s:.1f} s"
        f" ({drained.kept_s / messages * 1000:.2f} ms each);"
        f"\nsent: {drained.sent_s:.1f} s ({drained.sent_s / messages * 1000:.2f} ms each), {DRAINED_PRESSES} presses"
        f" before all of them, the limit met {drained.limited:,} times, servers away {drained.away:,} times; "
        + ("; ".join(drained.faults()) or "each came once and in the order of its kind")
    )


if __name__ == "__main__":
    main()
