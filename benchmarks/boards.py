"""Many boards and many moving alarms at once: how soon a board has the painted row of a move, and how soon a deadline
is noticed.

Real intake, worker, live and web; phones and boards speak to them over HTTP. Each board is an operator of its own, says
every five seconds that it is there, fetches the whole list as often as a page does, and what the stream does not bring
within the page's patience, alone.
"""

import asyncio
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import aiohttp
import click
import msgspec
import uvloop

from benchmarks.machine import group_cpu_s, percentile_ms
from egide.alarm.events import Ladder, Rung, StepMissed
from egide.alarm.table import STEPS
from egide.common import ticket as tickets
from egide.common.clock import SystemClock
from egide.common.files import secret_file
from egide.common.ticket import Ticket
from egide.entrypoints.stack.installation import Stack
from egide.protocol.envelope import Kind
from egide.routing.service import do_set_ladder
from tests.support.boards import CameRow, Heard, HttpBoard
from tests.support.phones import HttpPhone, place

BOARDS, ALARMS, MOVE_S = 200, 50, 5.0
OPERATOR, CENTRE = "hainaut-12", "HAI"
AT_REST_ALARMS, AT_REST_S = 5, 12.0
# As in desk/static/desk/{changed,here}.js.
PATIENCE_S, WHOLE_EVERY_S, HERE_EVERY_S = 0.7, 135.0, 5.0
# A deadline of every alarm every five seconds, for as long as a round lasts.
OFTEN = Ladder(tuple(Rung(step, after_s, "louder") for step in STEPS for after_s in range(5, 300, 5)))


class Noticed(NamedTuple):
    """How long after it was due a deadline was noted, in milliseconds."""

    deadlines: int
    p50_ms: float
    p99_ms: float
    most_ms: float


class Boards(NamedTuple):
    """One round. Times are in milliseconds; `busy` is the share of one processor that each process used."""

    boards: int
    alarms: int
    moves: int
    heard: int
    wanted: int
    heard_p50_ms: float
    heard_p99_ms: float
    painted: int
    painted_p50_ms: float
    painted_p99_ms: float
    fetched_alone: int
    lists: int
    list_p50_ms: float
    list_p99_ms: float
    busy: dict[str, float]
    at_rest: Noticed
    loaded: Noticed


class Round:
    """What one round collects."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.person = stack.demo["kits"][0]
        self.receipts_s: dict[int, float] = {}
        self.heard_s: list[tuple[int, float]] = []
        self.painted_s: list[tuple[int, float]] = []
        self.fetched_alone = 0
        self.session = aiohttp.ClientSession()

    def press(self, count: int) -> list[HttpPhone]:
        """So many phones, each with an alarm."""
        phones = [HttpPhone(self.stack, self.person) for _ in range(count)]
        for phone in phones:
            phone.press()
        return phones

    async def move(self, phone: HttpPhone, number: int, first_s: float) -> None:
        """Tell a new position every MOVE_S seconds, until cancelled."""
        loop = asyncio.get_running_loop()
        await asyncio.sleep(first_s)
        for step in range(1_000_000):
            begin_s = loop.time()
            phone.position = place(self.person["lat"] + number / 10_000, self.person["lon"] + step / 10_000)
            envelope = phone.envelope(Kind.POSITION, press=1)
            headers = {"Content-Type": "application/cose"}
            url = f"{self.stack.config.intake_urls[0]}/v1/messages"
            async with self.session.post(url, data=envelope, headers=headers) as reply:
                receipt = msgspec.json.decode(await reply.read())
                assert reply.status == 201, receipt
            self.receipts_s[receipt["seq"]] = loop.time()
            await asyncio.sleep(max(0.0, begin_s + MOVE_S - loop.time()))

    def noticed(self, after_seq: int, before_seq: int) -> Noticed:
        """The deadlines that were noted between these places of the journal."""
        journal = self.stack.journal()
        late_s = []
        for row in journal.read(after=after_seq, limit=1_000_000):
            if row.kind == "StepMissed" and row.seq <= before_seq:
                event = journal.open_event(row)
                assert isinstance(event, StepMissed)
                late_s.append((row.at_us - event.due_at_us) / 1e6)
        assert late_s, "no deadline passed"
        return Noticed(
            len(late_s), percentile_ms(late_s, 0.5), percentile_ms(late_s, 0.99), max(late_s) * 1e3
        )


class Board:
    """One operator's page."""

    def __init__(self, this: Round, number: int) -> None:
        self._this = this
        self._number = number
        self._awaited: dict[str, list[tuple[int, bool]]] = {}
        self._fetches: set[asyncio.Task[None]] = set()
        self.window = HttpBoard(this.stack, OPERATOR)
        self.window.row_language = "fr"
        self.window.on_event, self.window.on_row = self._hear, self._come

    async def open(self, first: "Board") -> None:
        """Sign in with the first one's session, and listen as somebody else of the same centre."""
        await self.window.sign_in(None if self is first else first.window)
        config = self._this.stack.config
        ticket = Ticket(
            f"operator-{self._number}",
            SystemClock().now_us() // 1_000_000 + tickets.LIFETIME_S,
            centres=(CENTRE,),
        )
        key = secret_file(config.data_dir / "live.key", 32)
        self.window.listen_as(config.cookie(tickets.COOKIE), tickets.issue(ticket, key))

    def tasks(self, boards: int) -> list["asyncio.Task[None]"]:
        """All that the page does until it is closed."""
        return [
            asyncio.create_task(self.window.follow()),
            asyncio.create_task(self.window.be_here(f"{self._number:016x}", HERE_EVERY_S)),
            asyncio.create_task(self._fetch_whole(self._number / boards * WHOLE_EVERY_S)),
        ]

    async def _fetch_whole(self, first_s: float) -> None:
        await asyncio.sleep(first_s)
        while True:
            await self.window.fetch()
            await asyncio.sleep(WHOLE_EVERY_S)

    def _hear(self, heard: Heard) -> None:
        is_move = heard.kind == "PositionReceived"
        if is_move:
            self._this.heard_s.append((heard.seq, heard.at_s))
        _stream, _colon, alarm = heard.stream.partition("alarm:")
        if alarm:
            self._awaited.setdefault(alarm, []).append((heard.seq, is_move))
            asyncio.get_running_loop().call_later(PATIENCE_S, self._look, alarm, heard.seq)

    def _come(self, row: CameRow) -> None:
        waiting = self._awaited.get(row.alarm, [])
        self._this.painted_s += [(seq, row.at_s) for seq, is_move in waiting if is_move and seq <= row.head]
        self._awaited[row.alarm] = [one for one in waiting if one[0] > row.head]

    def _look(self, alarm: str, seq: int) -> None:
        if any(one[0] == seq for one in self._awaited[alarm]):
            fetch = asyncio.create_task(self._fetch_alone(alarm))
            self._fetches.add(fetch)
            fetch.add_done_callback(self._fetches.discard)

    async def _fetch_alone(self, alarm: str) -> None:
        self._this.fetched_alone += 1
        head = max((seq for seq, _is_move in self._awaited[alarm]), default=0)
        with suppress(aiohttp.ClientError, TimeoutError):
            await self.window.fetch_alone(alarm)
            self._come(CameRow(alarm, head, asyncio.get_running_loop().time()))


async def measure(stack: Stack, boards: int, alarms: int, seconds: float) -> Boards:
    """At rest first, then with boards and moves."""
    this = Round(stack)
    journal = stack.journal()
    do_set_ladder(journal, "chief", CENTRE, OFTEN)
    start = journal.head()
    phones = await asyncio.to_thread(this.press, AT_REST_ALARMS)
    await asyncio.sleep(AT_REST_S)
    at_rest = this.noticed(start, journal.head())
    phones += await asyncio.to_thread(this.press, alarms - AT_REST_ALARMS)
    pages = [Board(this, number) for number in range(boards)]
    for page in pages:
        await page.open(pages[0])
    tasks = [task for page in pages for task in page.tasks(boards)]
    tasks += [
        asyncio.create_task(this.move(phone, number, number * MOVE_S / len(phones)))
        for number, phone in enumerate(phones)
    ]
    # Everybody is connected.
    await asyncio.sleep(MOVE_S)
    start, cpu_before = journal.head(), _cpu_s(stack)
    await asyncio.sleep(seconds)
    end, cpu_after = journal.head(), _cpu_s(stack)
    await asyncio.sleep(2)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await asyncio.gather(this.session.close(), *(page.window.close() for page in pages))
    moves = {seq: at_s for seq, at_s in this.receipts_s.items() if start < seq <= end}
    heard_s = [max(0.0, at_s - moves[seq]) for seq, at_s in this.heard_s if seq in moves]
    painted_s = [max(0.0, at_s - moves[seq]) for seq, at_s in this.painted_s if seq in moves]
    listed_s = [taken_s for page in pages for taken_s in page.window.fetched_s]
    return Boards(
        boards=boards,
        alarms=alarms,
        moves=len(moves),
        heard=len(heard_s),
        wanted=len(moves) * boards,
        heard_p50_ms=percentile_ms(heard_s, 0.5),
        heard_p99_ms=percentile_ms(heard_s, 0.99),
        painted=len(painted_s),
        painted_p50_ms=percentile_ms(painted_s, 0.5),
        painted_p99_ms=percentile_ms(painted_s, 0.99),
        fetched_alone=this.fetched_alone,
        lists=len(listed_s),
        list_p50_ms=percentile_ms(listed_s, 0.5),
        list_p99_ms=percentile_ms(listed_s, 0.99),
        busy={name: (cpu_after[name] - cpu_before[name]) / seconds for name in cpu_before},
        at_rest=at_rest,
        loaded=this.noticed(start, end),
    )


def _cpu_s(stack: Stack) -> dict[str, float]:
    names = ("intake", "worker", "live", "web")
    return {name: group_cpu_s(stack.children[name].process.pid) for name in names}


def run(boards: int = BOARDS, alarms: int = ALARMS, seconds: float = 30.0) -> Boards:
    """A fresh installation, measured once; about a minute and a half."""
    with tempfile.TemporaryDirectory(prefix="egide-bench-") as directory, Stack(Path(directory)) as stack:
        stack.start()
        return uvloop.run(measure(stack, boards, alarms, seconds))


@click.command()
@click.option("--boards", default=BOARDS, show_default=True)
@click.option("--alarms", default=ALARMS, show_default=True)
@click.option("--seconds", default=30.0, show_default=True)
def main(boards: int, alarms: int, seconds: float) -> None:
    """Measure and print."""
    for name, value in run(boards, alarms, seconds)._asdict().items():
        click.echo(f"{name:<16} {value}")


if __name__ == "__main__":
    main()
