"""`python -m benchmarks.processes`: what each process of an installation takes to start and holds, and what boards that
only listen cost live.

Each is started by itself, as systemd does, over an installation that is ready; memory is its proportional set size once
all of them run, with a writer's where it has one. Then streams are opened on live, each of a session of its own, on
which nothing happens but the pings.
"""

import asyncio
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

import click

from benchmarks.machine import cpu_s_of_family, describe, group_cpu_s, group_pss_mb
from benchmarks.yardsticks import check_us
from egide.common import ticket as tickets
from egide.common.clock import SystemClock
from egide.common.config import Config
from egide.common.files import secret_file
from egide.common.ticket import Ticket
from egide.entrypoints.stack.children import Child, open_listener, stop_all
from tests.support.postgres import DURABLE, serving_anew
from tests.support.sms_road import keep_secret

SERVING = ("intake", "sms", "live", "web", "metrics")
PROCESSES = (*SERVING, "worker", "watch")
STREAMS, REST_S = (0, 250, 500, 1000), 20.0


@dataclass
class Started:
    """Seconds until it said that it is ready, and the processor's of them."""

    ready_s: float
    cpu_s: float


async def listening(port: int, config: Config, children: dict[str, Child]) -> None:
    """More and more streams on live, at rest."""
    own, key = children["live"].process.pid, secret_file(config.data_dir / "live.key", 32)
    cookie, expires_s = config.cookie(tickets.COOKIE), SystemClock().now_us() // 1_000_000 + 290
    writers: list[asyncio.StreamWriter] = []
    readers: list[asyncio.Task[None]] = []
    click.echo("\n| streams at rest | live, MB (PSS) | a stream more, kB | processor of live, ms a second |")
    click.echo("|---:|---:|---:|---:|")
    before = (0, 0.0)
    for count in STREAMS:
        while len(writers) < count:
            number = len(writers)
            ticket = Ticket(f"op-{number}", expires_s, centres=("mons",), session=f"{number:016x}")
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            head = (
                f"GET /v1/live HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}={tickets.issue(ticket, key)}"
            )
            writer.write(f"{head}\r\n\r\n".encode())
            assert (await reader.readline()).split()[1] == b"200"
            writers.append(writer)
            readers.append(asyncio.create_task(drain(reader)))
        await asyncio.sleep(2)
        spent_s = group_cpu_s(own)
        await asyncio.sleep(REST_S)
        spent_s = group_cpu_s(own) - spent_s
        held_mb = group_pss_mb({own}, set())
        more_kb = (held_mb - before[1]) * 1000 / (count - before[0]) if count else 0.0
        before = count, held_mb
        click.echo(f"| {count:,} | {held_mb:.1f} | {more_kb:.1f} | {spent_s / REST_S * 1000:.1f} |")
    for task, writer in zip(readers, writers, strict=True):
        task.cancel()
        writer.close()


async def drain(reader: asyncio.StreamReader) -> None:
    """What a board reads."""
    while await reader.read(1 << 16):
        pass


def measure(name: str, config: Config) -> None:
    """Each process of one installation, and then live under more and more boards."""
    ready = Child("egide.entrypoints.ready", [], config.environment())
    ready.ready()
    ready.process.wait()
    ports = {each: open_listener() for each in SERVING}
    config = replace(
        config,
        web_origins=(f"http://localhost:{ports['web'].getsockname()[1]}",),
        live_url=f"http://localhost:{ports['live'].getsockname()[1]}",
        intake_urls=(f"http://localhost:{ports['intake'].getsockname()[1]}",),
        sms_secrets=str(keep_secret(config.data_dir)),
    )
    children: dict[str, Child] = {}
    click.echo(f"\n{name}\n\n| process | ready after, s | processor until then, s | holds, MB (PSS) |")
    click.echo("|---|---:|---:|---:|")
    try:
        took = {}
        for each in PROCESSES:
            begin = time.perf_counter()
            child = Child(f"egide.entrypoints.{each}", [], config.environment(), ports.get(each))
            child.ready()
            children[each] = child
            took[each] = Started(time.perf_counter() - begin, cpu_s_of_family(child.process.pid))
        time.sleep(5)
        held = {each: group_pss_mb({child.process.pid}, set()) for each, child in children.items()}
        for each, started in took.items():
            click.echo(f"| {each} | {started.ready_s:.1f} | {started.cpu_s:.1f} | {held[each]:.0f} |")
        click.echo(
            f"| all | | {sum(started.cpu_s for started in took.values()):.1f} | {sum(held.values()):.0f} |"
        )
        asyncio.run(listening(int(ports["live"].getsockname()[1]), config, children))
    finally:
        stop_all(list(children.values()))


@click.command()
def main() -> None:
    """With the journal in a file, and then in PostgreSQL."""
    for name, value in describe().items():
        click.echo(f"{name}: {value}")
    click.echo(f"one signature check: {check_us():.0f} µs")
    place = Path("var").absolute()
    place.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place) as name:
        directory = Path(name)
        config = Config(data_dir=directory / "file", demo=True, figures_by_night=False)
        measure("Journal in a file", config)
        with serving_anew(directory, DURABLE) as server:
            measure(
                "Journal in PostgreSQL",
                replace(config, data_dir=directory / "postgres", journal=server.emptied()),
            )


if __name__ == "__main__":
    main()
