"""`python -m benchmarks.week`: what a week of the country leaves in the memory of those who receive, route and tell.

Real processes of intake, live, worker and watch, a board for each centre. Fifteen hundred kits, as many as were bought
by 2025, say each quarter of an hour that they are there, and 58 of them press in a week (two alarms a kit and year): a
press, a position every five seconds for five minutes, the steps of people, the closing. As fast as it goes: the hours
between are left out, and what is measured is what stays behind of that many messages.
"""

import asyncio
import hashlib
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import click
import uvloop

from benchmarks.lifeline import Phone as Line
from benchmarks.machine import describe, group_pss_mb
from benchmarks.senders import as_request
from benchmarks.yardsticks import check_us
from egide.alarm.events import AlarmClosed, TeamOnSite, TeamReported, TeamUnderWay
from egide.common import ticket as tickets
from egide.common.clock import SystemClock
from egide.common.config import Config
from egide.common.files import secret_file
from egide.common.ticket import Ticket
from egide.demo.world import HERE, HOME_CENTRE, HOME_ZONE, Phone, World, answered, kit_issued
from egide.entrypoints.stack.children import Child, open_listener, stop_all
from egide.journal.service import Entry, Journal, KeyStore
from egide.protocol.envelope import Kind
from egide.protocol.keys import SigningKey
from tests.support.postgres import DURABLE, serving_anew

PROCESSES = ("intake", "live", "worker", "watch")
BEATS, ALARMS, POSITIONS = 7 * 24 * 4, 2 / 52, 60
LINES, BOARDS, BATCH, LOOKS = 32, 11, 500, 20


@dataclass
class Look:
    """How much was done by a moment, and what each process holds of its own (megabytes, proportional)."""

    at_s: float
    beats: int
    alarms: int
    held_mb: dict[str, float]


@dataclass
class Week:
    """The country, and how far its week is."""

    world: World
    phones: list[Phone]
    intake: int
    live: int
    cookie: str
    children: dict[str, Child]
    beats: int = 0
    alarms: int = 0
    looks: list[Look] = field(default_factory=list)

    @property
    def beats_in_all(self) -> int:
        return len(self.phones) * BEATS

    @property
    def alarms_in_all(self) -> int:
        return round(len(self.phones) * ALARMS)

    async def run(self, minutes: float) -> None:
        """Until the week, or the time, is over."""
        loop = asyncio.get_running_loop()
        boards = [asyncio.create_task(self._board()) for _ in range(BOARDS)]
        begin_s = loop.time()
        end_s = begin_s + minutes * 60
        lines = [await self._line() for _ in range(LINES)]
        turn = self._turn()
        work = [asyncio.create_task(self._speak(line, turn, end_s)) for line in lines]
        work.append(asyncio.create_task(self._raise_alarms(end_s)))
        # The first look is at processes that have heard each kit.
        while self.beats < len(self.phones) and not all(task.done() for task in work):
            await asyncio.wait(work, timeout=0.2)
        self._look(0.0)
        while not all(task.done() for task in work):
            await asyncio.wait(work, timeout=minutes * 60 / LOOKS, return_when=asyncio.ALL_COMPLETED)
            self._look(loop.time() - begin_s)
        for task in work:
            task.result()
        for board in boards:
            board.cancel()

    def _turn(self) -> Iterator[Phone]:
        for _ in range(BEATS):
            yield from self.phones

    async def _speak(self, line: Line, turn: Iterator[Phone], end_s: float) -> None:
        loop = asyncio.get_running_loop()
        for phone in turn:
            if loop.time() > end_s:
                return
            await line.send(as_request(phone.envelope(Kind.HEARTBEAT, sent_at_s=self.world.now_s)))
            self.beats += 1

    async def _raise_alarms(self, end_s: float) -> None:
        """One alarm after the other, of phones of their own, spread over what is said meanwhile."""
        loop = asyncio.get_running_loop()
        for number in range(self.alarms_in_all):
            while self.beats < self.beats_in_all * number / self.alarms_in_all:
                if loop.time() > end_s:
                    return
                await asyncio.sleep(0.05)
            phone = await loop.run_in_executor(None, self.world.enrol)
            # Of its own: what says nothing between two alarms is hung up on.
            line = await self._line()
            await line.send(as_request(phone.press(sent_at_s=self.world.now_s)))
            alarm, press = phone.alarm(), phone.counter
            for _ in range(POSITIONS):
                said = phone.envelope(Kind.POSITION, press=press, position=HERE, sent_at_s=self.world.now_s)
                await line.send(as_request(said))
            await loop.run_in_executor(None, self._act, alarm)
            self.alarms += 1

    def _act(self, alarm: str) -> None:
        """What people do until its report is written."""
        for event in (
            *answered(HOME_ZONE, HOME_CENTRE, "op-1", "REF", "MONS 12"),
            TeamUnderWay(by="team"),
            TeamOnSite(by="team"),
            AlarmClosed(user="op-1", outcome="perpetrator-gone", reason="-", basis="team"),
            TeamReported(by="team", outcome="perpetrator-gone", text="-"),
        ):
            self.world.act(alarm, event)

    async def _line(self) -> Line:
        return (await asyncio.get_running_loop().create_connection(Line, "127.0.0.1", self.intake))[1]

    async def _board(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.live)
        writer.write(f"GET /v1/live HTTP/1.1\r\nHost: localhost\r\nCookie: {self.cookie}\r\n\r\n".encode())
        while await reader.read(1 << 16):
            pass

    def _look(self, at_s: float) -> None:
        held = {
            name: group_pss_mb({child.process.pid}, set(), "Pss_Anon")
            for name, child in self.children.items()
        }
        self.looks.append(Look(at_s, self.beats, self.alarms, held))


def fill(world: World, kits: int) -> list[Phone]:
    """So many kits that are out, each with its phone."""
    phones = []
    keys = world.journal.keys
    keys.ensure_all([kit_issued(number).case for number in range(1_000_000, 1_000_000 + kits)])
    for first in range(0, kits, BATCH):
        with world.journal.transaction() as transaction:
            for number in range(first, min(first + BATCH, kits)):
                issued = kit_issued(1_000_000 + number)
                phone = Phone(SigningKey(hashlib.sha256(b"%d" % number).digest()), issued.kit, issued.case)
                transaction.append(Entry(stream=f"kit:{issued.kit}", case=issued.case, event=issued))
                transaction.append(
                    Entry(stream=f"device:{phone.device}", case=issued.case, event=phone.enrolled())
                )
                phones.append(phone)
    return phones


def measure(folder: Path, address: str, kits: int, minutes: float) -> Week:
    """A week with the journal at this address, or in a file."""
    listeners = {name: open_listener() for name in ("intake", "live")}
    ports = {name: int(listener.getsockname()[1]) for name, listener in listeners.items()}
    config = Config(
        data_dir=folder,
        journal=address,
        intake_urls=(f"http://127.0.0.1:{ports['intake']}",),
        live_url=f"http://127.0.0.1:{ports['live']}",
        demo=True,
        figures_by_night=False,
    )
    clock = SystemClock()
    journal = Journal.open(config, clock, KeyStore.open(config))
    world = World(journal, clock)
    phones = fill(world, kits)
    children: dict[str, Child] = {}
    try:
        for name in PROCESSES:
            module = f"egide.entrypoints.{name}"
            children[name] = Child(module, [], config.environment(), listeners.get(name))
            children[name].ready()
        ticket = Ticket("benchmark", clock.now_us() // 1_000_000 + 86_400, everything=True)
        issued = tickets.issue(ticket, secret_file(config.data_dir / "live.key", 32))
        cookie = f"{config.cookie(tickets.COOKIE)}={issued}"
        week = Week(world, phones, ports["intake"], ports["live"], cookie, children)
        uvloop.run(week.run(minutes))
    finally:
        stop_all(list(children.values()))
        journal.connection.close()
    return week


def say(name: str, week: Week) -> None:
    """All looks as a table."""
    click.echo(f"\n{name}: {len(week.phones):,} kits, {week.beats:,} of {week.beats_in_all:,} signs of life,")
    click.echo(f"{week.alarms} of {week.alarms_in_all} alarms; megabytes (PSS of what is their own)\n")
    click.echo(f"| after, s | signs of life | alarms | {' | '.join(PROCESSES)} |")
    click.echo(f"|---:|---:|---:|{'---:|' * len(PROCESSES)}")
    for look in week.looks:
        held = " | ".join(f"{look.held_mb[process]:.1f}" for process in PROCESSES)
        click.echo(f"| {look.at_s:.0f} | {look.beats:,} | {look.alarms} | {held} |")


@click.command()
@click.option("--kits", default=1500, show_default=True)
@click.option("--minutes", default=10.0, show_default=True, help="of each, whether the week is over or not")
@click.option("--engine", "engines", multiple=True, type=click.Choice(["file", "postgres"]))
def main(kits: int, minutes: float, engines: tuple[str, ...]) -> None:
    """With the journal in a file, and then in PostgreSQL."""
    for name, value in describe().items():
        click.echo(f"{name}: {value}")
    click.echo(f"one signature check: {check_us():.0f} µs; began {time.strftime('%H:%M')}")
    place = Path("var").absolute()
    place.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place) as name:
        directory = Path(name)
        if not engines or "file" in engines:
            say("Journal in a file", measure(directory / "file", "", kits, minutes))
        if not engines or "postgres" in engines:
            with serving_anew(directory, DURABLE) as server:
                week = measure(directory / "postgres", server.emptied(), kits, minutes)
                say("Journal in PostgreSQL", week)


if __name__ == "__main__":
    main()
