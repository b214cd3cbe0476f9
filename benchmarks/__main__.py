"""`python -m benchmarks`: the speed of a press, with its yardsticks in the same run, interleaved; medians of rounds."""

import json
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import click
import uvloop

from benchmarks import boards, chain, fragments, phone_app, report, routing, yardsticks
from benchmarks.lifeline import Lifeline
from benchmarks.machine import describe
from benchmarks.nats import Nats
from benchmarks.senders import Measured, many_senders, one_after_the_other
from benchmarks.yardsticks import Yardstick

WARM_UP, ALONE = 100, 500
# More than any machine has taken so far; a round ends early when the enrolled devices run out.
PRESSES_PER_S = 7000
PHONE_COUNT_S = 120.0


@dataclass
class Results:
    """All rounds of all measurements, by name."""

    rounds: dict[str, list[Measured]] = field(default_factory=dict)
    yardsticks: dict[str, list[Yardstick]] = field(default_factory=dict)
    cpu_us: dict[str, list[float]] = field(default_factory=dict)

    def add(self, name: str, measured: Measured) -> None:
        self.rounds.setdefault(name, []).append(measured)
        click.echo(
            f"{name:<32} {measured.per_s:8.0f}/s   acknowledged p50 {measured.acked_p50_ms:6.2f} p99"
            f" {measured.acked_p99_ms:6.2f}   seen p50 {measured.seen_p50_ms:6.2f} p99 {measured.seen_p99_ms:6.2f} ms"
        )

    def add_cpu(self, name: str, used_s: float, messages: int) -> None:
        self.cpu_us.setdefault(name, []).append(used_s / messages * 1e6)


async def measure(directory: Path, rounds: int, seconds: float, senders: int) -> Results:
    """The lifeline and NATS take turns, so that a disturbance of the machine meets both."""
    results = Results()
    devices = rounds * (ALONE + round(seconds * PRESSES_PER_S)) + WARM_UP
    click.echo(f"enrolling {devices} devices ...")
    lifeline = Lifeline(directory, devices)
    nats = Nats(directory)
    try:
        ours, our_seen = await lifeline.connect(senders)
        theirs, their_seen = await nats.connect(senders)
        await one_after_the_other(ours[0], our_seen, lifeline.take(WARM_UP))
        await one_after_the_other(theirs[0], their_seen, nats.take(WARM_UP))
        for _ in range(rounds):
            for stick in yardsticks.run(directory):
                results.yardsticks.setdefault(stick.name, []).append(stick)
            alone = await one_after_the_other(ours[0], our_seen, lifeline.take(ALONE))
            results.add("Egide, one after the other", alone)
            alone = await one_after_the_other(theirs[0], their_seen, nats.take(ALONE))
            results.add("NATS, one after the other", alone)
            presses = lifeline.take(round(seconds * PRESSES_PER_S))
            before = lifeline.cpu_s()
            many = await many_senders(ours, our_seen, presses, seconds)
            after = lifeline.cpu_s()
            results.add(f"Egide, {senders} senders", many)
            results.add_cpu("live", after[0] - before[0], many.sent)
            results.add_cpu("intake", after[1] - before[1], many.sent)
            messages = nats.take(round(seconds * 4 * PRESSES_PER_S))
            used_s = nats.cpu_s()
            many = await many_senders(theirs, their_seen, messages, seconds)
            results.add(f"NATS, {senders} senders", many)
            results.add_cpu("nats-server", nats.cpu_s() - used_s, many.sent)
    finally:
        lifeline.stop()
        nats.stop()
    return results


@click.command()
@click.option("--rounds", default=3, show_default=True, help="how often everything takes its turn")
@click.option("--seconds", default=10.0, show_default=True, help="length of a round with many senders")
@click.option("--senders", default=32, show_default=True)
@click.option("--routing/--no-routing", "with_routing", default=True, show_default=True)
@click.option(
    "--presses", default=20, show_default=True, help="of the whole chain, 3 s each; 0 leaves it out"
)
@click.option(
    "--desk/--no-desk", "with_desk", default=True, show_default=True, help="fragments, boards and deadlines"
)
@click.option("--phone-presses", default=100, show_default=True, help="in the phone's app; 0 leaves it out")
@click.option(
    "--keep/--no-keep", default=True, show_default=True, help="write benchmarks/RESULT.md and .json"
)
def main(
    rounds: int,
    seconds: float,
    senders: int,
    with_routing: bool,
    presses: int,
    with_desk: bool,
    phone_presses: int,
    keep: bool,
) -> None:
    """Measure and print one table."""
    machine = describe()
    # First: this process stands for the demo's own when memory is counted, so it must not have grown by then.
    whole_chain = chain.run(presses) if presses else None
    with tempfile.TemporaryDirectory(prefix="egide-bench-", dir=Path.cwd()) as directory:
        results = uvloop.run(measure(Path(directory), rounds, seconds, senders))
    content = report.Content(
        machine=machine,
        senders=senders,
        seconds=seconds,
        rounds=results.rounds,
        yardsticks=results.yardsticks,
        cpu_us=results.cpu_us,
        routing=routing.run() if with_routing else [],
        chain=whole_chain,
        fragments=fragments.run() if with_desk else [],
        boards=boards.run() if with_desk else None,
        phone=phone_app.run(phone_presses, PHONE_COUNT_S) if phone_presses else None,
    )
    text = report.as_markdown(content)
    click.echo("\n" + text)
    if keep:
        here = Path(__file__).parent
        (here / "RESULT.md").write_text(text, encoding="utf-8")
        (here / "RESULT.json").write_text(
            json.dumps(report.as_json(content), indent=1) + "\n", encoding="utf-8"
        )


if __name__ == "__main__":
    main()
