"""`python -m benchmarks.addresses`: 7,000,000 invented addresses, imported by the command, asked in both directions.

Writes benchmarks/ADDRESSES.md. The command runs as a process of its own, so that its memory is its own.
"""

import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from time import perf_counter, thread_time

import click

from benchmarks.machine import describe, percentile_ms
from egide.common.config import Config
from egide.demo.plan import Town, write_plan
from egide.geography.addresses.book import AddressBook
from egide.geography.addresses.nearest import nearest
from egide.geography.addresses.searching import search

REPORT = Path(__file__).with_name("ADDRESSES.md")
ROWS, QUESTIONS, SEED = 7_000_000, 5_000, 1
LIMITS = {
    "import s": 600.0,
    "memory MB": 1_000.0,
    "file MB": 2_000.0,
    "nearest p99 ms": 2.0,
    "search p99 ms": 20.0,
}
ACCURACIES_M = (3, 5, 10, 20, 50, 100, 300, 1_000)


def towns(chance: random.Random) -> list[Town]:
    """A country's worth: twenty cities, and villages and small towns between them; one in ten with two languages."""
    found = []
    for i in range(1_600):
        lat, lon = chance.uniform(49.6, 51.4), chance.uniform(2.8, 6.2)
        streets, radius_m = (2_000, 2_500) if i < 20 else (chance.choice((20, 60, 120, 150)), 900)
        name = "".join(
            chance.choice(["bal", "dri", "fo", "gam", "hel", "jor", "ku", "lim", "mor", "nel"])
            for _ in range(3)
        ).capitalize()
        names = {"fr": f"{name}-le-Feint"} if lat < 50.7 else {"nl": f"{name}verzin"}
        if i % 10 == 0:
            names = {"fr": f"{name}-le-Feint", "nl": f"{name}verzin"}
        found.append(Town(names, str(1_000 + 5 * i), lat, lon, radius_m, streets))
    return found


def imported(data: Path, file: Path) -> dict[str, float]:
    """Seconds, processor seconds and the most memory (MB) of `egide addresses import`."""
    environment = {**os.environ, "EGIDE_DATA": str(data), "EGIDE_LANG": "en"}
    begun = perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "egide.entrypoints.cli", "addresses", "import", str(file)], env=environment
    )
    _pid, status, usage = os.wait4(process.pid, 0)
    if status:
        raise click.ClickException("the import failed")
    return {
        "import s": perf_counter() - begun,
        "import, processor s": usage.ru_utime + usage.ru_stime,
        "memory MB": usage.ru_maxrss * 1024 / 1e6,
        "file MB": Config(data).addresses_file.stat().st_size / 1e6,
    }


def asked(name: str, questions: Sequence[Callable[[], object]]) -> dict[str, float]:
    """p50 and p99 by the clock, and p99 by the processor's own time."""
    taken, used = [], []
    for question in questions:
        begun, begun_cpu = perf_counter(), thread_time()
        question()
        taken.append(perf_counter() - begun)
        used.append(thread_time() - begun_cpu)
    return {
        f"{name} p50 ms": percentile_ms(taken, 0.5),
        f"{name} p99 ms": percentile_ms(taken, 0.99),
        f"{name} p99 ms of the processor": percentile_ms(used, 0.99),
    }


def positions(book: AddressBook, chance: random.Random) -> Iterator[tuple[int, int, int]]:
    """Where people are: near some house, three in four; anywhere, the others. With an accuracy."""
    houses = book.about()["houses"]
    for _ in range(QUESTIONS):
        if chance.random() < 0.75:
            lat_e7, lon_e7 = book.rows(
                "SELECT lat_e7, lon_e7 FROM house WHERE id = ?", (chance.randint(1, houses),)
            )[0]
            lat_e7, lon_e7 = lat_e7 + round(chance.gauss(0, 2_000)), lon_e7 + round(chance.gauss(0, 3_000))
        else:
            lat_e7, lon_e7 = chance.randint(496_000_000, 514_000_000), chance.randint(28_000_000, 62_000_000)
        yield lat_e7, lon_e7, chance.choice(ACCURACIES_M)


def typed(book: AddressBook, chance: random.Random) -> Iterator[str]:
    """Each key press of an address as somebody types it: in either order, shortened, one in three with a mistake."""
    count, places = book.about()["streets"], book.about()["places"]
    written = 0
    while written < QUESTIONS:
        street = book.streets([chance.randint(places + 1, places + count)])[0]
        words = [
            *chance.choice(list(street.names.values())).split(),
            *chance.choice(list(street.place.municipality.values())).split(),
        ]
        words = [
            {"Chaussée": "chée", "Avenue": "av.", "Boulevard": "bd"}.get(
                word, word.replace("steenweg", "stwg")
            )
            for word in words
        ]
        number = str(chance.randint(1, 40))
        text = " ".join([number, *words] if chance.random() < 0.3 else [*words, number])
        if chance.random() < 1 / 3:
            wrong = chance.randrange(len(text))
            text = text[:wrong] + chance.choice(["", "x", text[wrong] * 2]) + text[wrong + 1 :]
        for length in range(1, len(text) + 1):
            yield text[:length]
            written += 1


_HEAD = f"""# A country's addresses

Written by `python -m benchmarks.addresses`: {ROWS:,} rows in the form of BeSt (`src/egide/demo/plan.py`, seed {SEED}),
imported by `egide addresses import`, then asked in this process, one question after the other. A search is one key
press: each beginning of an address as it is typed. Where the machine is shared, the processor's own time is the
steadier number.

"""


def report(figures: dict[str, float], machine: dict[str, str], about: dict[str, int]) -> str:
    """The document."""
    lines = [f"- {key}: {value}" for key, value in machine.items()]
    lines += [
        f"- load after: {' '.join(f'{each:.2f}' for each in os.getloadavg())}",
        f"- in the file: {about['houses']:,} houses, {about['streets']:,} streets, {about['places']:,} places",
        f"- questions: {QUESTIONS:,} positions, {QUESTIONS:,} key presses or a few more",
        "",
        "| what | measured | limit | met |",
        "|---|---:|---:|---|",
    ]
    for name, value in figures.items():
        limit = LIMITS.get(name)
        judged = "| |" if limit is None else f"| {limit:,.0f} | {'yes' if value <= limit else '**no**'} |"
        lines.append(f"| {name} | {value:,.2f} {judged}")
    return _HEAD + "\n".join(lines) + "\n"


@click.command()
@click.option("--rows", default=ROWS, help="Fewer for a try; writes no report.")
@click.option(
    "--folder", type=click.Path(path_type=Path, file_okay=False), help="Where there is room for 2.5 GB."
)
def main(rows: int, folder: Path | None) -> None:
    """Measure and print; with all rows also into ADDRESSES.md."""
    machine, chance = describe(), random.Random(SEED)
    with tempfile.TemporaryDirectory(dir=folder) as place:
        file, data = Path(place, "openaddress-beinvented.csv"), Path(place, "data")
        written = write_plan(file, towns(chance), SEED, rows)
        if written != rows:
            raise click.ClickException(f"{written:,} rows instead of {rows:,}")
        figures = imported(data, file)
        book = AddressBook(Config(data).addresses_file)
        spots, texts = list(positions(book, chance)), list(typed(book, chance))
        figures |= asked("nearest", [partial(nearest, book, *spot) for spot in spots])
        figures |= asked("search", [partial(search, book, text) for text in texts])
        text = report(figures, machine, book.about())
    print(text)
    print(json.dumps(figures))
    if rows == ROWS:
        REPORT.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
