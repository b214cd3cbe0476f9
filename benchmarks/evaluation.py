"""`python -m benchmarks.evaluation`: ten years of a large country: all measures, pages, published tables, a rebuild.

Each part runs in a process of its own, so that its memory is its own. Writes benchmarks/EVALUATION.md.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from time import process_time
from typing import Any

import click

from benchmarks.machine import describe, median
from egide.common.clock import SystemClock

REPORT = Path(__file__).with_name("EVALUATION.md")
_CLOCK = SystemClock()
# Pages of the dashboard: a year, all ten years, one province, two years compared, one measure by zone.
PAGES = (
    ("everything at a glance, a year", "/figures/?from=2025-01&to=2025-12"),
    ("everything at a glance, ten years", "/figures/?from=2016-01&to=2025-12"),
    ("a year in one province", "/figures/?from=2025-01&to=2025-12&place=centre:HAI"),
    ("two years compared", "/figures/?from=2025-01&to=2025-12&from2=2024-01&to2=2024-12"),
    ("times, ten years, plots and tables", "/figures/chapter/times?from=2016-01&to=2025-12"),
    ("alarms of a year by zone", "/figures/measure/alarms?from=2025-01&to=2025-12&by=zone"),
)


@dataclass(frozen=True)
class Row:
    """A measurement and its yardstick: at most `limit`, or at least where `is_rate`. No limit: only reported."""

    name: str
    value: float
    unit: str
    limit: float | None = None
    is_rate: bool = False
    note: str = ""

    @property
    def is_met(self) -> bool:
        if self.limit is None:
            return True
        return self.value >= self.limit if self.is_rate else self.value <= self.limit


def timed(what: Callable[[], object]) -> tuple[float, float]:
    """Seconds on the clock, and seconds of the processor in all threads."""
    start_us, start_s = _CLOCK.steady_us(), process_time()
    what()
    return (_CLOCK.steady_us() - start_us) / 1e6, process_time() - start_s


def seconds(what: Callable[[], object]) -> float:
    """How long it takes."""
    return timed(what)[0]


def memory_gb() -> float:
    """The most that this process has held so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9


# Parts


def generate(alarms: int, files: int, seed: int) -> Iterator[Row]:
    """Write the records of the country as the current ones."""
    service = import_module("egide.evaluation.service")
    import_module("egide.rollout.service").do_load_reference()
    country = import_module("benchmarks.country_records")
    places = import_module("polars").DataFrame(
        import_module("egide.rollout.service").zone_places(),
        schema=["zone", "centre", "office"],
        orient="row",
    )
    records = country.country_records(places, country.Size(alarms, files, alarms // 2), seed)
    prepared: list[bytes] = []
    prepare = import_module("egide.evaluation.measures.prepared").prepare
    yield Row("answers prepared with the records", seconds(lambda: prepared.append(prepare(records))), "s")
    service.store().save(records, prepared[0])
    for name in ("calls", "inhabitants", "reports"):
        service.store().keep_imported(name, records[name])
    yield Row("rows in the records", sum(len(table) for table in records.tables.values()), "rows")


def measures(_alarms: int, _files: int, _seed: int) -> Iterator[Row]:
    """All measures over all years, from the files on the disk; then split."""
    service = import_module("egide.evaluation.service")
    ten_years = service.Period.parse("2016-01..2025-12")
    took_s, cpu_s = timed(lambda: service.compute(ten_years))
    unknown = [one for one, result in service.compute(ten_years).items() if result.whole.unknown]
    if unknown:
        raise ValueError(f"without a figure: {unknown}")
    number = len(service.measures())
    yield Row(
        f"all {number} measures over ten years, files read first",
        took_s,
        "s",
        10,
        note=f"processor {cpu_s:.2f} s",
    )
    yield Row("memory of that process", memory_gb(), "GB", 2)
    for by in ("year", "month", "zone"):
        yield Row(f"all that can be split, by {by}", seconds(partial(service.compute, ten_years, by=by)), "s")
    yield Row("memory after those", memory_gb(), "GB")
    slowest = {one: seconds(partial(service.compute, ten_years, ids=(one,))) for one in service.measures()}
    name = max(slowest, key=lambda one: slowest[one])
    yield Row(f"the slowest measure alone ({name})", slowest[name], "s")


def pages(_alarms: int, _files: int, _seed: int) -> Iterator[Row]:
    """Pages of the dashboard as the evaluator sees them: the first time that anybody asks, and again."""
    models = import_module("egide.access.models")
    user = models.User.objects.create(name="bench", title="Benchmark", password="correct horse battery")
    user.memberships.create(role="evaluator", place="")
    client = import_module("django.test").Client(headers={"accept-language": "fr"}, SERVER_NAME="localhost")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    service = import_module("egide.evaluation.service")
    yield Row("prepared tables read into memory", seconds(service.records), "s")
    _ask(client, "/figures/published/")
    for name, address in PAGES:
        first_s, cpu_s = timed(partial(_ask, client, address))
        again_ms = median([seconds(partial(_ask, client, address)) * 1e3 for _number in range(3)])
        note = f"processor {cpu_s * 1e3:.0f} ms; again {again_ms:.0f} ms"
        yield Row(f"page, first time: {name}", first_s * 1e3, "ms", 300, note=note)
    editions = import_module("egide.evaluation.published.editions")
    yield Row("tables of a year for publication, first edition", seconds(lambda: editions.draft(2016)), "s")
    for year in range(2016, 2025):
        editions.do_let_out(editions.draft(year), "bench")
    yield Row("the same beside nine years that are out", seconds(lambda: editions.draft(2025)), "s")


def _ask(client: Any, address: str) -> None:
    reply = client.get(address)
    if reply.status_code != 200:
        raise ValueError(f"{address} answered {reply.status_code}")


def rebuild(alarms: int, _files: int, seed: int) -> Iterator[Row]:
    """A journal of events of ordinary files and alarms, and the records built from it."""
    settings = import_module("django.conf").settings
    places = import_module("egide.rollout.service").zone_places()
    writing = import_module("benchmarks.country_journal")
    made: list[int] = []
    took_s = seconds(
        lambda: made.append(writing.write_journal(settings.EGIDE, alarms * 3 // 10, places, seed))
    )
    yield Row(f"a journal of {made[0]:,} events written, sealed and chained", made[0] / took_s, "events/s")
    service = import_module("egide.evaluation.service")
    took = [timed(service.rebuild) for _round in range(3)]
    rates = [made[0] / took_s for took_s, _cpu_s in took]
    by_processor = made[0] / median([cpu_s for _took_s, cpu_s in took])
    note = f"lowest of three {min(rates):,.0f}; by the processor's time {by_processor:,.0f}"
    yield Row("rebuild of the records", median(rates), "events/s", 50_000, is_rate=True, note=note)
    yield Row("memory of the rebuild", memory_gb(), "GB")


PARTS = {"generate": generate, "measures": measures, "pages": pages, "rebuild": rebuild}


# The command


def report(rows: list[Row], about: dict[str, str]) -> str:
    """The page for people."""
    lines = [
        "# Evaluation: ten years of a large country",
        "",
        "Written by `python -m benchmarks.evaluation`; invented records (`benchmarks/country_records.py`) and an",
        "invented journal (`benchmarks/country_journal.py`), read by the ordinary code. Pages: Django's test client,",
        "so middleware, view, database, template; no network, no browser. Where the machine is shared, the",
        "processor's own time is the steadier number.",
        "",
        *(f"- {name}: {value}" for name, value in about.items()),
        "",
        "| what | measured | yardstick | met | |",
        "|---|---:|---:|---|---|",
    ]
    for row in rows:
        limit = "" if row.limit is None else f"{'≥' if row.is_rate else '≤'} {row.limit:,g} {row.unit}"
        met = "" if row.limit is None else "yes" if row.is_met else "**no**"
        lines.append(f"| {row.name} | {_number(row.value)} {row.unit} | {limit} | {met} | {row.note} |")
    short = [row.name for row in rows if not row.is_met]
    lines += [
        "",
        f"Falls short: {', '.join(short)}." if short else "Every yardstick was met in this run.",
        "",
    ]
    return "\n".join(lines)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"


@click.command()
@click.option("--alarms", default=1_000_000, show_default=True)
@click.option("--files", default=200_000, show_default=True)
@click.option("--seed", default=1, show_default=True)
@click.option("--part", type=click.Choice(list(PARTS)), hidden=True)
@click.option("--keep/--no-keep", default=True, show_default=True, help="write benchmarks/EVALUATION.md")
def main(alarms: int, files: int, seed: int, part: str | None, keep: bool) -> None:
    """Measure evaluation with ten years of a large country."""
    if part:
        import_module("egide.entrypoints.processes.web").setup()
        for row in PARTS[part](alarms, files, seed):
            click.echo(json.dumps(asdict(row)))
        return
    about = describe()
    about["records"] = (
        f"{alarms:,} alarms, {files:,} files, {alarms // 2:,} urgent calls, 2016 to 2025 (seed {seed})"
    )
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="egide-evaluation-") as directory:
        environment = os.environ | {
            "EGIDE_DATA": directory,
            "EGIDE_DEMO": "1",
            "EGIDE_WEB_ORIGINS": "http://localhost",
        }
        for name in PARTS:
            command = [sys.executable, "-m", "benchmarks.evaluation", "--part", name]
            command += ["--alarms", str(alarms), "--files", str(files), "--seed", str(seed)]
            done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
            if done.returncode:
                raise click.ClickException(f"{name}: {done.stderr[-3000:]}")
            rows += [Row(**json.loads(line)) for line in done.stdout.splitlines() if line.startswith("{")]
            for row in rows[-len(done.stdout.splitlines()) :]:
                click.echo(f"{row.name:<60} {_number(row.value):>12} {row.unit}  {row.note}")
    about["load after"] = describe()["load before"]
    if keep:
        REPORT.write_text(report(rows, about), encoding="utf-8")
    click.echo(
        json.dumps(
            {"met": sum(row.is_met for row in rows if row.limit), "of": sum(bool(row.limit) for row in rows)}
        )
    )


if __name__ == "__main__":
    main()
