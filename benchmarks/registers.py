"""`python -m benchmarks.registers`: how long the offices' pages take at the server with a country's worth of files.

Django's test client runs the whole of middleware, view, template and database in this process; no network, no browser.
Writes benchmarks/REGISTERS.md.
"""

import json
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from time import process_time
from typing import Any

import click

from benchmarks.machine import describe, percentile_ms
from egide.common.clock import SystemClock
from egide.entrypoints.upgrading import tables

REPORT = Path(__file__).with_name("REGISTERS.md")


@dataclass(frozen=True)
class Page:
    """One kind of page: its yardstick, and the requests (account, address, form) that are asked in turn.

    `once`: the first time is the one that counts, so queries and time are taken together.
    """

    name: str
    limit_ms: float
    requests: Sequence[tuple[Any, str, dict[str, str] | None]]
    once: bool = False


@dataclass(frozen=True)
class Row:
    """What was measured."""

    name: str
    limit_ms: float
    number: int
    p50_ms: float
    p95_ms: float
    worst_ms: float
    cpu_ms: float
    queries: tuple[int, int]
    kilobytes: float

    @property
    def is_met(self) -> bool:
        return self.p95_ms <= self.limit_ms


class Asker:
    """Asks pages and takes the time; needs Django set up."""

    def __init__(self) -> None:
        self._client = import_module("django.test").Client
        self._captured = import_module("django.test.utils").CaptureQueriesContext
        self._connection = import_module("django.db").connection
        self._clients: dict[str, Any] = {}
        self._clock = SystemClock()

    def measure(self, page: Page) -> Row:
        """Each request for its queries, then again for its time. Raises ValueError when one is not answered."""
        counts, sizes, times_s, used_s = [], [], [], []
        for request in page.requests:
            client = self._client_of(request[0])
            with self._captured(self._connection) as captured:
                took_s, cpu_s, size = self._timed(client, request)
            counts.append(len(captured))
            sizes.append(size / 1000)
            if not page.once:
                took_s, cpu_s, _size = self._timed(client, request)
            times_s.append(took_s)
            used_s.append(cpu_s)
        return Row(
            name=page.name,
            limit_ms=page.limit_ms,
            number=len(times_s),
            p50_ms=percentile_ms(times_s, 0.5),
            p95_ms=percentile_ms(times_s, 0.95),
            worst_ms=max(times_s) * 1e3,
            cpu_ms=percentile_ms(used_s, 0.95),
            queries=(min(counts), max(counts)),
            kilobytes=max(sizes),
        )

    def _timed(
        self, client: Any, request: tuple[Any, str, dict[str, str] | None]
    ) -> tuple[float, float, int]:
        """Seconds on the clock, seconds of the processor, bytes."""
        start_us, start_s = self._clock.steady_us(), process_time()
        reply = self._ask(client, request)
        return (self._clock.steady_us() - start_us) / 1e6, process_time() - start_s, len(reply.content)

    def _client_of(self, user: Any) -> Any:
        client = self._clients.get(user.name)
        if client is None:
            client = self._clients[user.name] = self._client(
                headers={"accept-language": "fr"}, SERVER_NAME="localhost"
            )
            client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    def _ask(self, client: Any, request: tuple[Any, str, dict[str, str] | None]) -> Any:
        user, address, form = request
        headers = {"X-Egide-Fragment": "1"} if address.startswith(("/desk/", "/response/")) else {}
        reply = client.post(address, form) if form is not None else client.get(address, headers=headers)
        if reply.status_code != 200:
            raise ValueError(f"{address} answered {reply.status_code} to {user.name}")
        return reply


def report(rows: Sequence[Row], about: dict[str, str]) -> str:
    """The page for people."""
    lines = [
        "# The offices' pages with a country's worth of files",
        "",
        "Written by `python -m benchmarks.registers`; invented people (`benchmarks/population.py`). Time at the",
        "server: Django's test client, so middleware, view, database, unsealing, template; no network, no browser.",
        "One request at a time. Where the machine is shared, the processor's own time (p95) is the steadier number.",
        "",
        *(f"- {name}: {value}" for name, value in about.items()),
        "",
        "| page | requests | p50 ms | p95 ms | slowest ms | processor p95 ms | yardstick ms | met | queries | KB |",
        "|---|---:|---:|---:|---:|---:|---:|---|---:|---:|",
    ]
    for row in rows:
        least, most = row.queries
        queries = str(least) if least == most else f"{least} to {most}"
        times = " | ".join(f"{value:.1f}" for value in (row.p50_ms, row.p95_ms, row.worst_ms, row.cpu_ms))
        met = "yes" if row.is_met else "**no**"
        lines.append(
            f"| {row.name} | {row.number} | {times} | {row.limit_ms:g} | {met} | {queries} | {row.kilobytes:.0f} |"
        )
    short = [row.name for row in rows if not row.is_met]
    lines += [
        "",
        f"Falls short: {', '.join(short)}." if short else "Every yardstick was met in this run.",
        "",
        "A web process reads all names into its memory while it begins to serve; before that is done, the first search",
        "of an office reads its names itself.",
        "",
    ]
    return "\n".join(lines)


@click.command()
@click.option("--files", default=50_000, show_default=True)
@click.option("--kits", default=5_000, show_default=True)
@click.option("--users", default=2_000, show_default=True)
@click.option("--seed", default=1, show_default=True)
@click.option("--requests", default=60, show_default=True, help="requests for each page")
@click.option("--data", type=click.Path(path_type=Path), help="a data directory to keep and use again")
def main(files: int, kits: int, users: int, seed: int, requests: int, data: Path | None) -> None:
    """Measure the offices' pages with a country's worth of files."""
    with tempfile.TemporaryDirectory(prefix="egide-registers-") as made:
        place = data or Path(made)
        os.environ |= {"EGIDE_DATA": str(place), "EGIDE_DEMO": "1", "EGIDE_WEB_ORIGINS": "http://localhost"}
        place.mkdir(parents=True, exist_ok=True)
        tables.setup()
        about = describe()
        written = place / "population.json"
        if import_module("egide.demo.service").is_empty():
            written.write_text(json.dumps(_populate(files, kits, users, seed)))
        about |= json.loads(written.read_text())
        about["names read ahead, as a web process does when it starts"] = _read_ahead()
        pages = import_module("benchmarks.register_pages").pages(requests)
        asker, rows = Asker(), []
        for page in pages:
            rows.append(asker.measure(page))
            row = rows[-1]
            click.echo(
                f"{row.name:<52} p50 {row.p50_ms:7.1f}  p95 {row.p95_ms:7.1f}  cpu {row.cpu_ms:6.1f} ms"
                f"  queries {row.queries}"
            )
        about["load after"] = describe()["load before"]
        REPORT.write_text(report(rows, about), encoding="utf-8")
        click.echo(json.dumps({"met": sum(row.is_met for row in rows), "of": len(rows)}))


def _read_ahead() -> str:
    clock = SystemClock()
    start_us = clock.steady_us()
    number = import_module("egide.casework.file.names").do_read_ahead()
    return f"{number:,} files in {(clock.steady_us() - start_us) / 1e6:.1f} s"


def _populate(files: int, kits: int, users: int, seed: int) -> dict[str, str]:
    """Write the country; returns what the report says of it."""
    population = import_module("benchmarks.population")
    clock = SystemClock()
    start_us = clock.steady_us()
    for part in population.Population(population.Size(files, kits, users), seed).write():
        click.echo(f"{(clock.steady_us() - start_us) / 1e6:7.1f} s  {part}")
    return {
        "in the database": f"{files:,} files, {kits:,} kits, {users:,} users (seed {seed})",
        "written in": f"{(clock.steady_us() - start_us) / 1e6:.0f} s",
    }


if __name__ == "__main__":
    main()
