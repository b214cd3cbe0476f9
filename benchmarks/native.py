"""`python -m benchmarks.native`: the native phone's core on a JVM against a real intake.

From the button's bytes, which come at the end of a hold, to the receipt that was verified; from the start of the
process, as after a boot, until the core is up; and how long messages take that were kept while no server answered, of
which intake takes four a second from one phone, presses apart. What is timed is seen from outside the process, so the
pipes to it count too. A telephone has no JVM: these figures say what the core itself costs, and hold it against later
versions of itself.
"""

import os
import signal
import subprocess
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import click

from benchmarks.machine import describe, median
from egide.protocol.envelope import Kind, decode
from tests.android.phone import COMMAND_PHONE, JavaPhone
from tests.companion.intake import Kit, Server, serving
from tools import android_core

# What is required (milliseconds).
RECEIPT_P50_MS, RECEIPT_P99_MS, START_MS = 20.0, 60.0, 300.0


def receipts(phone: JavaPhone, kit: Kit, presses: int) -> list[float]:
    """Milliseconds from each press to its receipt, the next press after the one before has its own."""
    took: list[float] = []

    def is_received() -> bool:
        return len(phone.named("phone.receipt")) > len(took)

    for counter in range(1, presses + 1):
        began = time.perf_counter()
        phone.press(counter, kit.button_key)
        phone.until(is_received, every_s=0.0005)
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


def start(command: list[str]) -> float:
    """Milliseconds from the start of the process until it says that it is ready."""
    began = time.perf_counter()
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        for line in process.stdout:
            if '"ready"' in line:
                took = (time.perf_counter() - began) * 1000
                break
        else:
            raise click.ClickException("the phone ended before it was ready")
        process.stdin.close()
        process.stdout.read()
    return took


def empty(java: str) -> float:
    """The same for a JVM that says its version, and nothing else."""
    began = time.perf_counter()
    subprocess.run([java, *android_core.QUICK, "-version"], capture_output=True, check=True)
    return (time.perf_counter() - began) * 1000


def starts(store: Path, url: str, folder: Path, rounds: int) -> dict[str, list[float]]:
    """By turns: an empty JVM, the core, the core with its classes shared (AppCDS)."""
    java = android_core.java_tool("java")
    path, shared = packed(folder), folder / "shared.jsa"
    tail = ["-cp", path, COMMAND_PHONE, str(store), url, "-"]
    plain = [java, *android_core.QUICK, *tail]
    start([java, *android_core.QUICK, f"-XX:ArchiveClassesAtExit={shared}", *tail])
    quick = [java, *android_core.QUICK, f"-XX:SharedArchiveFile={shared}", *tail]
    took: dict[str, list[float]] = {"an empty JVM": [], "the core": [], "the core, its classes shared": []}
    ways: list[Callable[[], float]] = [lambda: empty(java), lambda: start(plain), lambda: start(quick)]
    for _ in range(rounds):
        for way, found in zip(ways, took.values(), strict=True):
            found.append(way())
    return took


def drain(server: Server, folder: Path, messages: int) -> tuple[float, float, int]:
    """Seconds to keep so many messages while the server says nothing, and until it has all of them.

    And how many of them came behind a later one.
    """
    kit = server.issue()
    with JavaPhone(folder / "full", (server.url,), kit.code).ready() as phone:
        phone.press(1, kit.button_key)
        alarm = phone.wait_for("phone.receipt")["alarm"]
        server.process.process.send_signal(signal.SIGSTOP)
        try:
            began = time.perf_counter()
            for _ in range(messages):
                phone.tell(answer="here")
            # A press is acknowledged once all that was said before it is kept.
            phone.press(2, kit.button_key)
            phone.wait_for_acknowledged(2)
            kept_s = time.perf_counter() - began
        finally:
            server.process.process.send_signal(signal.SIGCONT)
        began = time.perf_counter()
        while server.kinds(alarm).count("TextReceived") < messages:
            time.sleep(1)
        sent_s = time.perf_counter() - began
    read = (server.journal.open_event(row) for row in server.journal.stream(f"alarm:{alarm}"))
    told = [decode(event.envelope).message for event in read if hasattr(event, "envelope")]
    counters = [message.counter for message in told if message.kind is Kind.TEXT]
    if len(set(counters)) != len(counters):
        raise click.ClickException("one came twice")
    return kept_s, sent_s, sum(counter < max(counters[:at], default=0) for at, counter in enumerate(counters))


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
    with tempfile.TemporaryDirectory() as name, serving(Path(name, "intake")) as server:
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
        found = starts(folder / "phone", server.url, folder, rounds)
        base = median(found["an empty JVM"])
        for what, times in found.items():
            row = f"| start of {what}, {rounds} times | {median(times):.0f} | | {max(times):.0f} |"
            click.echo(f"{row} {START_MS:.0f}; {median(times) / base:.1f} of an empty one |")
        kept_s, sent_s, behind = drain(server, folder, messages)
    click.echo(
        f"\n{messages:,} messages kept while the server says nothing: {kept_s:.1f} s"
        f" ({kept_s / messages * 1000:.2f} ms each);"
        f"\nsent, each once: {sent_s:.1f} s ({sent_s / messages * 1000:.2f} ms each), {behind:,} behind a later one"
    )


if __name__ == "__main__":
    main()
