"""The lifeline with its journal in a file and in PostgreSQL, beside what both could do at most, in one run.

A PostgreSQL of 16 from a wheel on this machine, which forces each commit to the disk; no standby, no network. Beside it
commits of that database with nothing but inserts in them, and NATS JetStream kept by three servers, each of which
forces each message to the disk.
"""

import os
import tempfile
import time
from pathlib import Path

import click
import psycopg
import uvloop

from benchmarks import yardsticks
from benchmarks.lifeline import Lifeline
from benchmarks.machine import describe, pss_kib
from benchmarks.nats import Nats
from benchmarks.senders import Measured, many_senders, one_after_the_other
from tests.support.postgres import DURABLE, Server, serving_anew

SENDERS = (1, 32, 256)
ALONE, WARM_UP = 300, 50
# More than each side does; a round ends by its time.
FILE, DATABASE, NATS = "journal in a file", "journal in PostgreSQL", "NATS on three servers"
PER_S = {FILE: 3000, DATABASE: 3000, NATS: 6000}
GROUPS = 100


def commits_per_s(server: Server, group: int) -> float:
    """Rows a second of commits with `group` inserts each, and nothing else done."""
    rows = [(os.urandom(yardsticks.BODY_BYTES),) for _ in range(group)]
    with psycopg.connect(server.address("nothing_yet"), autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS raw (seq bigserial PRIMARY KEY, body bytea)")
        cursor = connection.cursor()
        begin_s = time.perf_counter()
        for _ in range(GROUPS):
            with connection.transaction():
                cursor.executemany("INSERT INTO raw (body) VALUES (%s)", rows)
        return GROUPS * group / (time.perf_counter() - begin_s)


async def measure(directory: Path, server: Server, seconds: float) -> None:
    """All sides take turns at each number of senders."""
    journals = {FILE: "", DATABASE: server.emptied()}
    lifelines = {
        name: Lifeline(
            directory / f"lifeline-{number}",
            ALONE + len(SENDERS) * WARM_UP + round(PER_S[name] * seconds) * (len(SENDERS) - 1),
            journal,
        )
        for number, (name, journal) in enumerate(journals.items())
    }
    nats = Nats(directory, replicas=3)
    sides: dict[str, Lifeline | Nats] = {**lifelines, NATS: nats}
    try:
        for senders in SENDERS:
            for name, side in sides.items():
                # Anew for each turn: the door ends connections that say nothing while the others have theirs.
                sends, seen = await side.connect(senders)
                await one_after_the_other(sends[0], seen, side.take(WARM_UP))
                if senders == 1:
                    measured = await one_after_the_other(sends[0], seen, side.take(ALONE))
                else:
                    messages = side.take(round(PER_S[name] * seconds))
                    measured = await many_senders(sends, seen, messages, seconds)
                _say(senders, name, measured)
            click.echo(
                f"| {senders} | commits of {senders} in PostgreSQL | {commits_per_s(server, senders):,.0f} | | | |"
            )
        for name, lifeline in lifelines.items():
            sizes = ", ".join(f"{pss_kib(pid) // 1024} MiB" for pid in lifeline.pids())
            click.echo(f"\n{name}: live and intake hold {sizes}")
    finally:
        nats.stop()
        for lifeline in lifelines.values():
            lifeline.stop()


def _say(senders: int, name: str, measured: Measured) -> None:
    click.echo(
        f"| {senders} | {name} | {measured.per_s:,.0f} | {measured.acked_p50_ms:.1f} |"
        f" {measured.acked_p99_ms:.1f} | {measured.seen_p99_ms:.1f} |"
    )


@click.command()
@click.option("--seconds", default=8.0, show_default=True, help="length of a round with many senders")
def main(seconds: float) -> None:
    """Measure and print one table."""
    for name, value in describe().items():
        click.echo(f"{name}: {value}")
    click.echo(f"one signature check: {yardsticks.check_us():.0f} µs\n")
    click.echo("| senders | | a second | acknowledged p50, ms | p99 | seen p99 |")
    click.echo("|---:|---|---:|---:|---:|---:|")
    with tempfile.TemporaryDirectory(prefix="egide-bench-", dir=Path.cwd()) as name:
        directory = Path(name)
        with serving_anew(directory, DURABLE) as server:
            uvloop.run(measure(directory, server, seconds))


if __name__ == "__main__":
    main()
