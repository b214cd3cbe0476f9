"""`python -m benchmarks.supervision`: what watching over kits costs, from a thousand to a million of them.

The real intake (two processes) and the real worker over a fleet that was written beforehand; signed heartbeats over
HTTP, presses among them, kits that fall silent. Writes benchmarks/SUPERVISION.md.
"""

import asyncio
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import uvloop

from benchmarks import watched
from benchmarks.lifeline import Phone as Line
from benchmarks.machine import describe, group_cpu_s, group_pss_mb, percentile_ms
from benchmarks.senders import Prepared
from benchmarks.yardsticks import Yardstick, upserts, verifications
from egide.common.clock import SystemClock
from egide.common.config import Config
from egide.entrypoints.stack.children import Child, open_listener, stop_all
from egide.journal.now.signs import Signs
from egide.protocol.envelope import Kind

REPORT = Path(__file__).with_name("SUPERVISION.md")
RATE_PER_S, MOST_PER_S = 1250, 6000
LINES = 32
PRESS_EVERY_S = 0.02
FOUND_WITHIN_S, MEMORY_B, SLOWER = 10, 1000, 1.5
START_S, WAIT_S = 30.0, 20.0
# So many fall silent one after the other, and so many in the same second.
SILENT, STORM = 1000, 10_000


@dataclass(frozen=True)
class Plan:
    """How long each part of a size takes, in seconds; `rounds` of presses without and with the load."""

    part_s: float = 7.0
    most_s: float = 6.0
    rounds: int = 2

    @property
    def presses(self) -> int:
        return round(2 * self.rounds * self.part_s / PRESS_EVERY_S) + 50

    @property
    def heartbeats(self) -> int:
        return round(self.rounds * self.part_s * RATE_PER_S + self.most_s * MOST_PER_S)


@dataclass
class Row:
    """What was measured with one number of kits. Memory is that of intake and worker together, in megabytes."""

    kits: int
    per_s: float = 0.0
    most_per_s: float = 0.0
    acked_p99_ms: float = 0.0
    alone_p50_ms: float = 0.0
    alone_p99_ms: float = 0.0
    loaded_p50_ms: float = 0.0
    loaded_p99_ms: float = 0.0
    intake_us: float = 0.0
    worker_share: float = 0.0
    memory_mb: float = 0.0
    heard_bytes: float = 0.0
    all_bytes: float = 0.0
    silent: int = 0
    found: int = 0
    found_p50_s: float = 0.0
    found_worst_s: float = 0.0
    storm: int = 0
    storm_found: int = 0
    storm_worst_s: float = 0.0
    ready_s: float = 0.0

    @property
    def slower(self) -> float:
        return self.loaded_p99_ms / self.alone_p99_ms


class Bench:
    """Intake and worker over one fleet."""

    def __init__(self, directory: Path, kits: int, plan: Plan) -> None:
        self.row = Row(kits)
        self.plan = plan
        self._config = Config(data_dir=directory / f"kits-{kits}")
        self._clock = SystemClock()
        silent, storm = min(SILENT, kits // 10), min(STORM, kits // 10)
        speaking = min(kits - silent - storm, plan.heartbeats)
        self._fleet = watched.fill(self._config, kits, speaking, plan.presses, silent + storm)
        self._due_s: dict[str, int] = {}
        self.row.silent, self.row.storm = silent, storm
        now_s = self._now_s()
        phones = self._fleet.speaking
        self._heartbeats: Iterator[Prepared] = iter(
            [phones[n % len(phones)].say(Kind.HEARTBEAT, now_s) for n in range(plan.heartbeats)]
        )
        self._presses: Iterator[Prepared] = iter(
            [phone.say(Kind.PRESS, now_s) for phone in self._fleet.pressing]
        )
        self._children: list[Child] = []

    def _now_s(self) -> int:
        return self._clock.now_us() // 1_000_000

    def start(self) -> int:
        """Start the processes; returns intake's port."""
        listener = open_listener()
        environment = self._config.environment()
        intake = Child("egide.entrypoints.intake", [], environment, listener)
        intake.ready()
        self._children = [intake]
        signs = Signs(self._config, self._clock)
        _until(lambda: any(name.startswith("intake") for name in signs.beats()), START_S)
        watched.listen_since(self._config, self._now_s())
        begin = time.perf_counter()
        worker = Child("egide.entrypoints.worker", [], environment)
        self._children.append(worker)
        worker.ready()
        _until(lambda: "worker supervision" in signs.beats(), START_S)
        self.row.ready_s = time.perf_counter() - begin
        return int(listener.getsockname()[1])

    def stop(self) -> None:
        stop_all(self._children)

    async def run(self, port: int) -> None:
        """All parts, one after the other."""
        lines = [await _connect(port) for _ in range(LINES)]
        presser = await _connect(port)
        await self._press(presser, 1.0)
        # They fall silent one after the other, through all parts.
        through_s = round(2 * self.plan.rounds * self.plan.part_s)
        silent = self._fleet.silent[: self.row.silent]
        self._due_s = watched.fall_silent(self._config, silent, self._now_s() + 1, through_s)
        alone: list[float] = []
        loaded: list[float] = []
        acked: list[float] = []
        spent_s, worker_s, loaded_s = 0.0, 0.0, 0.0
        for _ in range(self.plan.rounds):
            alone += await self._press(presser, self.plan.part_s)
            before, begin = self._cpu_s(), time.perf_counter()
            said, pressed = await asyncio.gather(
                self._speak(lines, self.plan.part_s, RATE_PER_S), self._press(presser, self.plan.part_s)
            )
            loaded_s += time.perf_counter() - begin
            after = self._cpu_s()
            spent_s, worker_s = spent_s + after[0] - before[0], worker_s + after[1] - before[1]
            acked += said
            loaded += pressed
        row = self.row
        row.per_s, row.acked_p99_ms = len(acked) / loaded_s, percentile_ms(acked, 0.99)
        row.intake_us, row.worker_share = spent_s / len(acked) * 1e6, worker_s / loaded_s
        row.alone_p50_ms, row.alone_p99_ms = percentile_ms(alone, 0.5), percentile_ms(alone, 0.99)
        row.loaded_p50_ms, row.loaded_p99_ms = percentile_ms(loaded, 0.5), percentile_ms(loaded, 0.99)
        begin = time.perf_counter()
        most = await self._speak(lines, self.plan.most_s, None)
        row.most_per_s = len(most) / (time.perf_counter() - begin)
        row.memory_mb = group_pss_mb({child.process.pid for child in self._children}, set())
        self._weigh()

    async def _speak(self, lines: Sequence[Line], seconds: float, per_s: int | None) -> list[float]:
        """Heartbeats at this rate, or as many as go; seconds until each was acknowledged."""
        acked: list[float] = []
        begin = time.perf_counter()
        pause_s = len(lines) / per_s if per_s else 0.0

        async def run(number: int, line: Line) -> None:
            due_s = begin + pause_s * number / len(lines)
            while (now_s := time.perf_counter()) < begin + seconds:
                if due_s > now_s:
                    await asyncio.sleep(due_s - now_s)
                message = next(self._heartbeats, None)
                if message is None:
                    return
                start = time.perf_counter()
                await line.send(message[0])
                acked.append(time.perf_counter() - start)
                due_s += pause_s

        await asyncio.gather(*(run(number, line) for number, line in enumerate(lines)))
        return acked

    async def _press(self, line: Line, seconds: float) -> list[float]:
        """One press after the other, each of another kit; seconds until each was acknowledged."""
        acked: list[float] = []
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            message = next(self._presses)
            start = time.perf_counter()
            await line.send(message[0])
            acked.append(time.perf_counter() - start)
            await asyncio.sleep(PRESS_EVERY_S)
        return acked

    def _cpu_s(self) -> tuple[float, float]:
        intake, worker = (group_cpu_s(child.process.pid) for child in self._children)
        return intake, worker

    def _weigh(self) -> None:
        data = self._config.data_dir
        self.row.heard_bytes = _bytes_of(data, "heartbeats.db*") / self.row.kits
        self.row.all_bytes = self.row.heard_bytes + _bytes_of(data, "journal.db*") / self.row.kits

    def look_for_silent(self) -> None:
        """How long after it was due each silent kit was reported; then many that are due in the same second."""
        delays = self._delays()
        self.row.found = len(delays)
        if delays:
            self.row.found_p50_s, self.row.found_worst_s = delays[len(delays) // 2], delays[-1]
        storm = self._fleet.silent[self.row.silent :]
        self._due_s = watched.fall_silent(self._config, storm, self._now_s() + 1, 1)
        delays = self._delays()
        self.row.storm_found, self.row.storm_worst_s = len(delays), max(delays, default=0.0)

    def _delays(self) -> list[float]:
        """Seconds from being due to being reported, by the journal's own times; those that were found, in order."""
        _until(lambda: len(self._told()) >= len(self._due_s), WAIT_S)
        return sorted(at_s - self._due_s[kit] for kit, at_s in self._told().items())

    def _told(self) -> dict[str, float]:
        with sqlite3.connect(f"file:{self._config.journal_db}?mode=ro", uri=True) as connection:
            rows = connection.execute(
                "SELECT kit, person_us / 1e6 FROM trouble WHERE what = 'silent' AND person_us IS NOT NULL"
            ).fetchall()
        return {kit: at_s for kit, at_s in rows if kit in self._due_s}


async def _connect(port: int) -> Line:
    _transport, line = await asyncio.get_running_loop().create_connection(Line, "127.0.0.1", port)
    return line


def _bytes_of(directory: Path, pattern: str) -> int:
    return sum(path.stat().st_size for path in directory.glob(pattern))


def _until(is_so: Callable[[], bool], seconds: float) -> None:
    """Wait until it is so, or time is up."""
    end = time.perf_counter() + seconds
    while not is_so() and time.perf_counter() < end:
        time.sleep(0.1)


def _size(number: float) -> str:
    return f"{number:,.0f}"


def _measure(directory: Path, kits: int, plan: Plan) -> Row:
    begin = time.perf_counter()
    bench = Bench(directory, kits, plan)
    click.echo(f"{kits:>9,} kits written in {time.perf_counter() - begin:.0f} s")
    try:
        port = bench.start()
        uvloop.run(bench.run(port))
        bench.look_for_silent()
    finally:
        bench.stop()
    row = bench.row
    click.echo(
        f"{kits:>9,} kits: {row.per_s:.0f}/s kept up, {row.most_per_s:.0f}/s at most; press p99 {row.alone_p99_ms:.2f}"
        f" -> {row.loaded_p99_ms:.2f} ms; {row.found}/{row.silent} silent found, worst after {row.found_worst_s:.1f} s"
    )
    return row


@dataclass(frozen=True)
class Check:
    """One aim with what was measured."""

    what: str
    measured: str
    aim: str
    is_met: bool


def checks(rows: Sequence[Row]) -> list[Check]:
    """The aims, held against the largest fleet; memory without what a fleet of the smallest size takes already."""
    small, large = rows[0], rows[-1]
    memory_b = large.memory_mb * 1e6 / large.kits
    return [
        Check("signed heartbeats a second, kept up", _size(large.per_s), "≥ 1,200", large.per_s >= 1200),
        Check("the same, as many as go", _size(large.most_per_s), "≥ 1,200", large.most_per_s >= 1200),
        Check(
            "memory of intake and worker a kit, bytes (PSS)",
            f"{memory_b:.0f}, of which grown since {small.kits:,} kits"
            f" {max(0.0, large.memory_mb - small.memory_mb) * 1e6 / large.kits:.0f}",
            f"≤ {MEMORY_B:,}",
            memory_b <= MEMORY_B,
        ),
        Check(
            "silent kits found after being due, the last, s",
            f"{large.found_worst_s:.1f} ({large.found:,} of {large.silent:,})",
            f"≤ {FOUND_WITHIN_S}, all",
            large.found == large.silent and large.found_worst_s <= FOUND_WITHIN_S,
        ),
        Check(
            "press, receipt p99 with the load to without",
            f"{large.slower:.2f}",
            f"≤ {SLOWER}",
            large.slower <= SLOWER,
        ),
    ]


def report(rows: Sequence[Row], sticks: Sequence[Yardstick], about: dict[str, str], plan: Plan) -> str:
    """The page for people."""
    heads = ["", *(f"{row.kits:,} kits" for row in rows)]
    lines: list[tuple[str, Callable[[Row], str]]] = [
        (f"heartbeats a second, {RATE_PER_S:,} offered", lambda row: _size(row.per_s)),
        ("their receipts, p99 ms", lambda row: f"{row.acked_p99_ms:.1f}"),
        (f"heartbeats a second, as many as go over {LINES} connections", lambda row: _size(row.most_per_s)),
        (
            "a press without load: receipt p50 / p99 ms",
            lambda row: f"{row.alone_p50_ms:.2f} / {row.alone_p99_ms:.2f}",
        ),
        (
            "a press with it: receipt p50 / p99 ms",
            lambda row: f"{row.loaded_p50_ms:.2f} / {row.loaded_p99_ms:.2f}",
        ),
        ("p99 with to without", lambda row: f"{row.slower:.2f}"),
        ("processor of intake for one heartbeat, presses included, µs", lambda row: f"{row.intake_us:.0f}"),
        ("processor of the worker, share of one core", lambda row: f"{row.worker_share:.0%}"),
        ("silent kits found / due", lambda row: f"{row.found:,} / {row.silent:,}"),
        (
            "found after being due: half / the last, s",
            lambda row: f"{row.found_p50_s:.1f} / {row.found_worst_s:.1f}",
        ),
        (
            "silent in the same second: found / due, the last after s",
            lambda row: f"{row.storm_found:,} / {row.storm:,}, {row.storm_worst_s:.1f}",
        ),
        ("memory of intake and worker, MB (PSS)", lambda row: f"{row.memory_mb:.0f}"),
        ("heartbeats.db a kit, bytes", lambda row: _size(row.heard_bytes)),
        ("heartbeats.db and journal.db a kit, bytes", lambda row: _size(row.all_bytes)),
        ("worker started until it watches, s", lambda row: f"{row.ready_s:.1f}"),
    ]
    parts = [
        "# What watching over kits costs",
        "Written by `python -m benchmarks.supervision`; "
        + "; ".join(f"{name}: {value}" for name, value in about.items())
        + ".",
        "Real processes of intake (two) and worker, loopback; the load comes from one more process on the same machine."
        f" {plan.rounds} turns each of {plan.part_s:g} s without and with the load; one press every"
        f" {PRESS_EVERY_S * 1e3:g} ms, each of another kit, which the worker routes and keeps the deadlines of. Kits"
        " fall silent through all of it. The tables of the fleet are written beforehand as its events would leave them."
        " In sizes below the number of heartbeats each phone speaks several times.",
        _table(["aim at the largest fleet", "measured", "bound", "met"],
               [[c.what, c.measured, c.aim, "yes" if c.is_met else "**no**"] for c in checks(rows)]),
        _table(heads, [[name, *(of(row) for row in rows)] for name, of in lines]),
        _table(["yardstick", "per second", "what it does"], [[s.name, _size(s.per_s), s.note] for s in sticks]),
        "A heartbeat is read, its signature checked, one row replaced, and answered by a receipt that is signed. It is"
        " on the disk when the system writes it there: what is lost in a power cut, every phone says again.",
    ]  # fmt: skip
    return "\n\n".join(parts) + "\n"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] + ["---:"] * (len(heads) - 1), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


@click.command()
@click.option(
    "--kits", "sizes", multiple=True, type=int, default=(1000, 10_000, 100_000, 1_000_000), show_default=True
)
@click.option("--part", default=Plan.part_s, show_default=True, help="seconds of each part")
@click.option("--rounds", default=Plan.rounds, show_default=True, help="turns without and with the load")
@click.option("--keep/--no-keep", default=True, show_default=True, help="write benchmarks/SUPERVISION.md")
def main(sizes: Sequence[int], part: float, rounds: int, keep: bool) -> None:
    """Measure supervision with growing fleets, and print one report."""
    about, plan = describe(), Plan(part_s=part, rounds=rounds)
    with tempfile.TemporaryDirectory(prefix="egide-bench-", dir=Path.cwd()) as made:
        sticks = [verifications(), upserts(Path(made), max(sizes))]
        rows = [_measure(Path(made), kits, plan) for kits in sizes]
    text = report(rows, sticks, about | {"load after": describe()["load before"]}, plan)
    click.echo("\n" + text)
    if keep:
        REPORT.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
