"""`python -m benchmarks.cost`: what a press costs intake, in signature checks, and what heartbeats add to its wait.

The real process with its writer over enrolled devices, each pressing once. Processor time is that of both processes,
and of one thread for the yardstick, taken in turns.
"""

import asyncio
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import click
import uvloop

from benchmarks import watched, yardsticks
from benchmarks.lifeline import Phone as Line
from benchmarks.machine import describe, group_cpu_s, median, percentile_ms
from benchmarks.senders import Prepared
from egide.common.clock import SystemClock
from egide.common.config import Config
from egide.entrypoints.stack.children import Child, open_listener
from egide.protocol.envelope import Kind

SENDERS = 32
WARM_UP, ALONE, MANY = 200, 300, 4000
SPEAKING = 2000
BEATS_PER_S, PRESS_EVERY_S = 1250, 0.02
# What is required of a press (on the older of two processors that the times were set for).
CHECKS, P50_MS, PER_S, SLOWER = 4.0, 1.5, 3500, 1.5


@dataclass
class Rounds:
    """What each round measured: processor time in microseconds, waits for a receipt in seconds."""

    check_us: list[float] = field(default_factory=list)
    alone_us: list[float] = field(default_factory=list)
    press_us: list[float] = field(default_factory=list)
    per_s: list[float] = field(default_factory=list)
    alone_s: list[float] = field(default_factory=list)
    quiet_s: list[float] = field(default_factory=list)
    loaded_s: list[float] = field(default_factory=list)
    beats: int = 0
    beating_s: float = 0.0

    @property
    def checks(self) -> float:
        """Signature checks in the processor time of a press, the middle of the rounds."""
        return median([press / check for press, check in zip(self.press_us, self.check_us, strict=True)])

    @property
    def checks_alone(self) -> float:
        return median([press / check for press, check in zip(self.alone_us, self.check_us, strict=True)])

    @property
    def slower(self) -> float:
        return percentile_ms(self.loaded_s, 0.99) / percentile_ms(self.quiet_s, 0.99)


async def one_after_the_other(line: Line, presses: Sequence[Prepared], pause_s: float = 0.0) -> list[float]:
    """Seconds until the receipt of each."""
    acked = []
    for data, _name in presses:
        start = time.perf_counter()
        await line.send(data)
        acked.append(time.perf_counter() - start)
        if pause_s:
            await asyncio.sleep(pause_s)
    return acked


async def all_senders(lines: Sequence[Line], presses: Sequence[Prepared]) -> None:
    """Each sender has one press under way until none is left."""
    waiting = iter(presses)

    async def run(line: Line) -> None:
        for data, _name in waiting:
            await line.send(data)

    await asyncio.gather(*map(run, lines))


async def beat(lines: Sequence[Line], beats: Sequence[bytes], seconds: float) -> int:
    """Heartbeats at BEATS_PER_S, each line in its turn; how many were answered."""
    waiting, begin = iter(beats), time.perf_counter()
    pause_s = len(lines) / BEATS_PER_S

    async def run(number: int, line: Line) -> int:
        answered, due_s = 0, begin + pause_s * number / len(lines)
        while due_s < begin + seconds:
            await asyncio.sleep(max(0.0, due_s - time.perf_counter()))
            await line.send(next(waiting))
            answered += 1
            due_s += pause_s
        return answered

    return sum(await asyncio.gather(*(run(number, line) for number, line in enumerate(lines))))


class Intake:
    """The process as it runs, over a fleet of which each phone presses once or says that it is well."""

    def __init__(self, directory: Path, presses: int, beats: int) -> None:
        config, now_s = Config(data_dir=directory / "cost"), SystemClock().now_us() // 1_000_000
        fleet = watched.fill(config, SPEAKING, SPEAKING, presses, 0)
        self._presses = [phone.say(Kind.PRESS, now_s) for phone in fleet.pressing]
        speaking = fleet.speaking
        self._beats = [speaking[n % SPEAKING].say(Kind.HEARTBEAT, now_s)[0] for n in range(beats)]
        listener = open_listener()
        self._port = listener.getsockname()[1]
        self._child = Child("egide.entrypoints.intake", [], config.environment(), listener)
        self._child.ready()

    def take(self, count: int) -> list[Prepared]:
        """The next presses that nobody sent yet."""
        taken, self._presses = self._presses[:count], self._presses[count:]
        return taken

    def beats(self, count: int) -> list[bytes]:
        """The next heartbeats."""
        taken, self._beats = self._beats[:count], self._beats[count:]
        return taken

    async def connect(self) -> Line:
        loop = asyncio.get_running_loop()
        return (await loop.create_connection(Line, "127.0.0.1", self._port))[1]

    def cpu_s(self) -> float:
        """Processor seconds so far of both its processes."""
        return group_cpu_s(self._child.process.pid)

    def stop(self) -> None:
        self._child.stop()


class Bench:
    """Rounds over one intake."""

    def __init__(self, intake: Intake, seconds: float) -> None:
        self._intake = intake
        self._seconds = seconds
        self.rounds = Rounds()

    async def run(self, rounds: int) -> None:
        lines = [await self._intake.connect() for _ in range(SENDERS)]
        presser = await self._intake.connect()
        await one_after_the_other(presser, self._intake.take(WARM_UP))
        for _ in range(rounds):
            await self._one(presser, lines)

    async def _one(self, presser: Line, lines: Sequence[Line]) -> None:
        results, per_part = self.rounds, round(self._seconds / PRESS_EVERY_S)
        before = yardsticks.check_us()
        cpu_s = self._intake.cpu_s()
        results.alone_s += await one_after_the_other(presser, self._intake.take(ALONE))
        results.alone_us.append((self._intake.cpu_s() - cpu_s) / ALONE * 1e6)
        cpu_s, begin = self._intake.cpu_s(), time.perf_counter()
        await all_senders(lines, self._intake.take(MANY))
        results.per_s.append(MANY / (time.perf_counter() - begin))
        results.press_us.append((self._intake.cpu_s() - cpu_s) / MANY * 1e6)
        results.check_us.append((before + yardsticks.check_us()) / 2)
        results.quiet_s += await one_after_the_other(presser, self._intake.take(per_part), PRESS_EVERY_S)
        begin = time.perf_counter()
        beats, loaded = await asyncio.gather(
            beat(lines, self._intake.beats(_beats_in(self._seconds)), self._seconds),
            one_after_the_other(presser, self._intake.take(per_part), PRESS_EVERY_S),
        )
        results.loaded_s += loaded
        results.beats += beats
        results.beating_s += time.perf_counter() - begin


def _beats_in(seconds: float) -> int:
    return round(seconds * BEATS_PER_S) + SENDERS


def as_markdown(rounds: Rounds) -> str:
    """The table; what is required stands beside what was measured."""
    p50_ms, per_s, slower = percentile_ms(rounds.alone_s, 0.5), median(rounds.per_s), rounds.slower
    lines = [
        "| one press | measured | bound | holds |",
        "| --- | ---: | ---: | ---: |",
        _row(f"processor time with {SENDERS} senders, in signature checks", rounds.checks, "≤", CHECKS),
        f"| the same, µs | {median(rounds.press_us):.0f} | | |",
        f"| one signature check, µs | {median(rounds.check_us):.0f} | | |",
        f"| processor time one after the other, in signature checks | {rounds.checks_alone:.2f} | | |",
        _row("one after the other: receipt p50, ms", p50_ms, "≤", P50_MS),
        _row(f"{SENDERS} senders: alarms a second", per_s, "≥", PER_S),
        f"| fifty a second: receipt p99, ms | {percentile_ms(rounds.quiet_s, 0.99):.2f} | | |",
        f"| the same with {rounds.beats / rounds.beating_s:,.0f} heartbeats a second, ms"
        f" | {percentile_ms(rounds.loaded_s, 0.99):.2f} | | |",
        _row("p99 with heartbeats to without", slower, "≤", SLOWER),
    ]
    return "\n".join(lines) + "\n"


def _row(what: str, measured: float, sign: str, bound: float) -> str:
    holds = measured <= bound if sign == "≤" else measured >= bound
    number = f"{measured:,.2f}" if measured < 100 else f"{measured:,.0f}"
    return f"| {what} | {number} | {sign} {bound:,} | {'yes' if holds else '**no**'} |"


@click.command()
@click.option("--rounds", default=5, show_default=True)
@click.option(
    "--seconds", default=4.0, show_default=True, help="of presses without and with heartbeats, in a round"
)
def main(rounds: int, seconds: float) -> None:
    """Measure for a minute and print a table."""
    machine = describe()
    presses = WARM_UP + rounds * (ALONE + MANY + 2 * (round(seconds / PRESS_EVERY_S)))
    with tempfile.TemporaryDirectory(prefix="egide-cost-", dir=Path.cwd()) as directory:
        intake = Intake(Path(directory), presses, rounds * _beats_in(seconds))
        try:
            bench = Bench(intake, seconds)
            uvloop.run(bench.run(rounds))
        finally:
            intake.stop()
    click.echo("; ".join(f"{key}: {value}" for key, value in machine.items()) + ".")
    click.echo("\n" + as_markdown(bench.rounds))


if __name__ == "__main__":
    main()
