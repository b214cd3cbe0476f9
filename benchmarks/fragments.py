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
from egide.entrypoints.processes import web
from egide.events.base import Event
from egide.events.register import DeviceEnrolled, KitIssued
from egide.journal.service import Entry, Journal
from egide.protocol.envelope import Kind, Message, Position, encode
from egide.protocol.keys import SigningKey, kid_of

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

    def __init__(self, journal: Journal, case: Any, number: int, now_s: int) -> None:
        self._journal = journal
        self._case = case
        self._key = SigningKey.generate()
        self._now_s = now_s
        self._counter = 0
        self._device = kid_of(bytes(self._key.verify_key)).hex()
        self._north = number * 300
        self.alarm = f"{self._device}-1"
        self._zone = ZONE if number < OF_ZONE else OTHER_ZONE
        zone, kit = self._zone, f"{number:016x}"
        issued = KitIssued(
            kit=kit,
            case=case.id,
            managing_zone=zone,
            home_zone=zone,
            home_centre=CENTRE,
            button_id=str(number),
            button_key=bytes(16),
        )
        enrolled = DeviceEnrolled(
            device=self._device, kit=kit, public_key=bytes(self._key.verify_key), code_hash=kit
        )
        journal.append([Entry(stream=f"kit:{kit}", event=issued, case=case.id)])
        journal.append([Entry(stream=f"device:{self._device}", event=enrolled, case=case.id)])
        self.act(self._from_phone(a.PressReceived, origin=a.Origin(zone, zone, CENTRE)))
        self.act(a.AlarmRouted(route=self._route(), ladder=ladder_for(CENTRE, None)))
        for step in range(MOVES):
            self.move(step)

    @property
    def _here(self) -> Position:
        return Position(504_500_000 + self._north, 39_500_000, 12, 1, 1)

    def _from_phone(self, kind: type[a.FromPhone], **fields: Any) -> a.FromPhone:
        self._counter += 1
        message = Message(
            kind=Kind.POSITION, counter=self._counter, sent_at_s=self._now_s, position=self._here
        )
        return kind(
            device=self._device,
            case=self._case.id,
            counter=self._counter,
            sent_at_s=self._now_s,
            envelope=encode(message, self._key),
            position=self._here,
            **fields,
        )

    def _route(self) -> a.Route:
        share = (a.Candidate(self._zone, 0.99), a.Candidate("5322", 0.01))
        place = a.Place("Mons", 300, 90, "E")
        return a.Route(
            zone=self._zone,
            centre=CENTRE,
            managing_zone=self._zone,
            basis="position",
            candidates=share,
            border_m=800,
            place=place,
            position=self._here,
            position_at_us=self._now_s * 1_000_000,
        )

    def act(self, event: Event) -> None:
        """Append one event to the alarm."""
        self._journal.append([Entry(stream=f"alarm:{self.alarm}", event=event, case=self._case.id)])

    def move(self, step: int) -> None:
        """A position, and its place on the map."""
        self._north += 90 * (step % 7)
        self.act(self._from_phone(a.PositionReceived))
        self.act(a.PositionLocated(route=self._route()))

    def send_team(self) -> None:
        """People are under way."""
        self.act(a.ShownOnBoard(user=OPERATOR, centre=CENTRE))
        self.act(a.AlarmAcknowledged(user=OPERATOR))
        self.act(a.ZoneConfirmed(user=OPERATOR, zone=self._zone, reference="Insp. 21"))
        self.act(a.TeamNamed(user=OPERATOR, zone=self._zone, call_sign="M 12"))


def measure(requests: int) -> Iterator[Fragment]:
    """All kinds, with ALARMS open alarms of one centre and one zone."""
    web.setup()
    import_module("egide.demo.service").create_demo()
    client_type = import_module("django.test").Client
    users = import_module("egide.access.models").User.objects
    case = import_module("egide.casework.models").Case.objects.filter(managing_zone=ZONE).first()
    outbox = import_module("egide.outbox.service")
    now_s = outbox.clock().now_us() // 1_000_000
    movers = [Mover(outbox.journal(), case, number, now_s) for number in range(ALARMS)]
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
