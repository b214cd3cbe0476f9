"""How long the server takes for what an open alarm shows: at the desk, on the board, to its zone, to its team.

Django's test client runs all of middleware, view and template in a process of its own; no network, no browser. Before
each request the alarm moves on, so that nothing is answered from what was folded for the request before.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import click
import msgspec

from benchmarks.machine import percentile_ms
from egide.alarm import events as a
from egide.alarm.ladder import ladder_for
from egide.demo.world import World, answered
from egide.entrypoints.upgrading import tables
from egide.events.base import Event
from egide.protocol.envelope import Position

ALARMS, MOVES, REQUESTS, WARM_UP = 50, 30, 200, 10
OPERATOR, OFFICER, CENTRE, ZONE, OTHER_ZONE = "hainaut-12", "mons-quevy-21", "HAI", "5324", "5325"
# Of the centre's alarms so many concern the one zone whose page is measured.
OF_ZONE = 5


class Fragment(NamedTuple):
    """One kind of answer."""

    name: str
    p50_ms: float
    p99_ms: float
    size_kb: float


class Mover:
    """One alarm of an invented file, as intake and routing write it; it moves on at will."""

    def __init__(self, world: World, case: str, number: int) -> None:
        self._world = world
        self._north = number * 300
        self._zone = ZONE if number < OF_ZONE else OTHER_ZONE
        where: dict[str, Any] = {"managing_zone": self._zone, "home_zone": self._zone, "home_centre": CENTRE}
        self._phone = world.enrol(case=case, **where)
        origin = a.Origin(self._zone, self._zone, CENTRE)
        self.alarm = world.open_alarm(self._phone, origin=origin, position=self._here)
        self.act(a.AlarmRouted(route=self._route(), ladder=ladder_for(CENTRE, None)))
        for step in range(MOVES):
            self.move(step)

    @property
    def _here(self) -> Position:
        return Position(504_500_000 + self._north, 39_500_000, 12, 1, 1)

    def _route(self) -> a.Route:
        share = (a.Candidate(self._zone, 0.99), a.Candidate("5322", 0.01))
        return a.Route(
            zone=self._zone,
            centre=CENTRE,
            managing_zone=self._zone,
            basis="position",
            candidates=share,
            border_m=800,
            place=a.Place("Mons", 300, 90, "E"),
            position=self._here,
            position_at_us=self._world.now_s * 1_000_000,
        )

    def act(self, event: Event) -> None:
        """Append one event to the alarm."""
        self._world.append(f"alarm:{self.alarm}", event, case=self._phone.case)

    def move(self, step: int) -> None:
        """A position, and its place on the map."""
        self._north += 90 * (step % 7)
        self.act(self._world.phone_event(a.PositionReceived, self._phone, position=self._here))
        self.act(a.PositionLocated(route=self._route()))

    def send_team(self) -> None:
        """People are under way."""
        for event in answered(self._zone, CENTRE, OPERATOR, "Insp. 21", "M 12"):
            self.act(event)


def measure(requests: int) -> Iterator[Fragment]:
    """All kinds, with ALARMS open alarms of one centre and one zone."""
    tables.setup()
    import_module("egide.demo.service").create_demo()
    client_type = import_module("django.test").Client
    users = import_module("egide.access.models").User.objects
    case = import_module("egide.casework.models").Case.objects.filter(managing_zone=ZONE).first()
    outbox = import_module("egide.outbox.service")
    world = World(outbox.journal(), outbox.clock())
    movers = [Mover(world, case.id, number) for number in range(ALARMS)]
    for mover in movers[::2]:
        mover.send_team()
    operator, officer = (client_type(headers={"host": "localhost"}) for _ in range(2))
    operator.force_login(users.get(name=OPERATOR))
    officer.force_login(users.get(name=OFFICER))
    ours = movers[:OF_ZONE]
    kinds = (
        ("alarm at the desk", operator, "/desk/alarms/{}", movers),
        (f"board with {ALARMS} open alarms", operator, "/desk/board", movers),
        ("briefing beside it", operator, "/response/alarms/{}/briefing", movers),
        (f"zone's list with {OF_ZONE} open alarms", officer, "/zone/alarms", ours),
        (f"zone's page with {OF_ZONE} open alarms", officer, "/zone/", ours),
        ("team's page", officer, "/zone/alarms/{}/file/", ours),
        ("team's page: what is new", officer, "/zone/alarms/{}/file/now", ours),
    )
    for name, client, address, moving in kinds:
        taken_s, size = [], 0
        for number in range(WARM_UP + requests):
            mover = moving[number % len(moving)]
            mover.move(number)
            begin_s = time.perf_counter()
            reply = client.get(address.format(mover.alarm))
            taken_s.append(time.perf_counter() - begin_s)
            assert reply.status_code == 200, (address, reply.status_code)
            size = len(reply.content)
        counted = taken_s[WARM_UP:]
        yield Fragment(name, percentile_ms(counted, 0.5), percentile_ms(counted, 0.99), size / 1000)


def run(requests: int = REQUESTS) -> list[Fragment]:
    """All kinds, measured in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="egide-bench-") as directory:
        environment = {**os.environ, "EGIDE_DATA": str(Path(directory)), "EGIDE_DEMO": "1"}
        command = [sys.executable, "-m", "benchmarks.fragments", str(requests)]
        output = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True).stdout
    return [
        Fragment(*msgspec.json.decode(line, type=tuple[str, float, float, float]))
        for line in output.splitlines()
    ]


@click.command()
@click.argument("requests", default=REQUESTS)
def main(requests: int) -> None:
    """Measure in this process; one JSON line for each kind. The data directory must be empty."""
    for fragment in measure(requests):
        click.echo(msgspec.json.encode(tuple(fragment)).decode())


if __name__ == "__main__":
    main()
