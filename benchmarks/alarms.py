"""`python -m benchmarks.alarms`: how long a list of the register of alarms takes with a million of them.

Django's test client runs middleware, view, database, unsealing and template in this process; no network, no browser.
The lines are written as the register writes them, of invented alarms: folding a million of them would measure the
journal. Each request is another reader's, or looks for something else. Appends to ALARMS.md.
"""

import os
import random
import tempfile
from collections.abc import Iterator
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any

import click

from benchmarks.machine import describe
from benchmarks.registers import Asker, Page
from egide.alarm.events.outcomes import OUTCOMES
from egide.boards.register.rules import Line, Units
from egide.common.clock import SystemClock
from egide.entrypoints.upgrading import tables

REPORT = Path(__file__).with_name("ALARMS.md")
LIMIT_MS = 150.0
FILES, YEARS, BATCH = 20_000, 10, 5_000
YEAR_US = 365 * 86_400 * 1_000_000
MINUTE_US = 60_000_000


def lines(
    number: int, files: list[tuple[str, str, str, str]], now_us: int
) -> Iterator[tuple[str, str, Line]]:
    """Alarm, file and line of so many invented alarms of the last years, the oldest first."""
    chance, outcomes = random.Random(1), list(OUTCOMES)
    step_us = YEARS * YEAR_US // number
    for count in range(number):
        case, zone, centre, office = chance.choice(files)
        at_us = now_us - (number - count) * step_us
        readers = (zone, chance.choice(files)[1])
        yield (
            f"{chance.getrandbits(64):016x}-{count % 9 + 1}",
            case,
            Line(
                received_at_us=at_us,
                closed_at_us=at_us + chance.randint(5, 90) * MINUTE_US,
                taken_at_us=at_us + chance.randint(3, 40) * 1_000_000,
                there_at_us=at_us + chance.randint(4, 25) * MINUTE_US,
                zone=readers[0],
                centre=centre,
                centres=(centre,),
                readers=readers,
                outcome=chance.choices(outcomes, range(len(outcomes), 0, -1))[0],
                teams=(f"{zone[-2:]} {chance.randint(1, 9)}",),
                references=(f"D {count:07}",),
                report="done",
                is_followed_up=True,
                presses=1,
                duress=False,
                has_sound=count % 20 == 0,
                units=Units(zone, office),
            ),
        )


def write(number: int) -> None:
    """Files, people and alarms."""
    population = import_module("benchmarks.population")
    for _part in population.Population(population.Size(FILES, 100, 400), 1).write():
        pass
    models = import_module("egide.casework.models")
    keeping = import_module("egide.boards.register.keeping")
    atomic = import_module("django.db.transaction").atomic
    files = list(models.Case.objects.values_list("id", "managing_zone", "managing_centre", "office"))
    with click.progressbar(length=number, label="alarms") as bar:
        made = lines(number, files, SystemClock().now_us())
        while some := list(islice(made, BATCH)):
            with atomic():
                keeping.write([keeping.registered(*one) for one in some])
            bar.update(len(some))


def pages(requests: int) -> list[Page]:
    """The lists that are measured, each for other readers in turn."""
    users = import_module("egide.access.models").User.objects
    chance = random.Random(2)

    def readers(role: str) -> list[Any]:
        found = list(users.filter(memberships__role=role)[:20])
        assert found, role
        return found

    def asked(role: str, *forms: dict[str, str] | None) -> list[tuple[Any, str, dict[str, str] | None]]:
        some = readers(role)
        return [(chance.choice(some), "/register/", forms[count % len(forms)]) for count in range(requests)]

    years = [{"since": f"{year}-01-01", "until": f"{year}-12-31"} for year in range(2018, 2026)]
    outcomes = [{"outcome": word} for word in OUTCOMES]
    zones = [{"zone": zone} for zone in import_module("egide.boards.geography").atlas().zones][::9]
    chief, officer, magistrate = "supervisor", "zone-officer", "magistrate"
    return [
        Page(f"{title}, {role}", LIMIT_MS, asked(role, *forms))
        for role in (chief, officer, magistrate)
        for title, forms in (
            ("the newest", [None]),
            ("of a year", years),
            ("by outcome", outcomes),
            ("by outcome in a year", [one | other for one, other in zip(outcomes, years, strict=False)]),
            ("by the zone that led", zones),
            ("by a name", [{"text": name} for name in ("Alix", "Chloé", "Elke mo", "Hugo ex")]),
            ("by a reference", [{"text": f"D {number:07}"} for number in range(0, 900_000, 40_009)]),
            ("by a team", [{"text": f"24 {number}"} for number in range(1, 9)]),
        )
    ]


@click.command()
@click.option("--alarms", default=1_000_000, show_default=True)
@click.option("--requests", default=40, show_default=True, help="requests for each list")
@click.option("--data", type=click.Path(path_type=Path), help="a data directory to keep and use again")
def main(alarms: int, requests: int, data: Path | None) -> None:
    """Measure the lists of the register with so many alarms."""
    clock = SystemClock()
    with tempfile.TemporaryDirectory(prefix="egide-alarms-") as made:
        place = data or Path(made)
        os.environ |= {"EGIDE_DATA": str(place), "EGIDE_DEMO": "1", "EGIDE_WEB_ORIGINS": "http://localhost"}
        place.mkdir(parents=True, exist_ok=True)
        tables.setup()
        begun_us = clock.steady_us()
        if import_module("egide.demo.service").is_empty():
            write(alarms)
        import_module("egide.casework.file.names").do_read_ahead()
        size_gb = (place / "app.db").stat().st_size / 1e9
        about = describe() | {
            "alarms": f"{alarms:,} of {FILES:,} files in {YEARS} years, {size_gb:.1f} GB",
            "written in": f"{(clock.steady_us() - begun_us) / 1e6:.0f} s",
        }
        asker = Asker()
        rows = [asker.measure(page) for page in pages(requests)]
    text = [f"\n## {alarms:,} alarms\n", *(f"- {name}: {value}" for name, value in about.items()), ""]
    text += [
        "| list | requests | p50 ms | p95 ms | slowest ms | questions to the database |",
        "|---|---|---|---|---|---|",
    ]
    text += [
        f"| {row.name} | {row.number} | {row.p50_ms:.0f} | {row.p95_ms:.0f} | {row.worst_ms:.0f} | {row.queries[1]} |"
        for row in rows
    ]
    short = [row.name for row in rows if not row.is_met]
    text.append(
        f"\np95 of {LIMIT_MS:.0f} ms: {'missed by ' + ', '.join(short) if short else 'met by each of them'}.\n"
    )
    click.echo("\n".join(text))
    with REPORT.open("a", encoding="utf-8") as file:
        file.write("\n".join(text))


if __name__ == "__main__":
    main()
