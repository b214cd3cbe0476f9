"""Many boards and many moving alarms at once: how soon a board hears of a move, and how soon a deadline is noticed.

Real intake, worker, live and web; phones and boards speak to them over HTTP. The boards' fetches come from a process of
their own, so that the ear that is measured has little else to do.
"""

import asyncio
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import aiohttp
import click
import msgspec

from benchmarks.machine import group_cpu_s, percentile_ms
from egide.alarm.events import Ladder, Rung, StepMissed
from egide.alarm.table import STEPS
from egide.entrypoints.processes.ending_streams import MOST_STREAMS
from egide.entrypoints.stack.installation import Stack
from egide.protocol.envelope import Kind
from egide.routing.service import do_set_ladder
from tests.support.boards import Heard, HttpBoard
from tests.support.phones import HttpPhone, place

BOARDS, ALARMS, MOVE_S = 200, 50, 5.0
OPERATOR, CENTRE = "hainaut-12", "HAI"
AT_REST_ALARMS, AT_REST_S = 5, 12.0
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
    fetches_per_s: float
    fetch_p50_ms: float
    fetch_p99_ms: float
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
        self.session = aiohttp.ClientSession()

    def press(self, count: int) -> list[HttpPhone]:
        """So many phones, each with an alarm."""
        phones = [HttpPhone(self.stack, self.person) for _ in range(count)]
        for phone in phones:
            phone.press()
        return phones

    def hear(self, heard: Heard) -> None:
        """A board's ear."""
        if heard.kind == "PositionReceived":
            self.heard_s.append((heard.seq, heard.at_s))

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
    windows = [HttpBoard(stack, OPERATOR) for _ in range(boards)]
    for number, window in enumerate(windows):
        window.on_event = this.hear
        # As many share a session as may listen in one.
        shared = windows[number - number % MOST_STREAMS]
        await window.sign_in(None if shared is window else shared)
    first = windows[0]
    tasks = [asyncio.create_task(window.follow()) for window in windows]
    tasks += [
        asyncio.create_task(this.move(phone, number, number * MOVE_S / len(phones)))
        for number, phone in enumerate(phones)
    ]
    fetchers = _start_fetchers(first, boards, seconds)
    # Everybody is connected, every page was fetched once.
    await asyncio.sleep(MOVE_S)
    start, cpu_before = journal.head(), _cpu_s(stack)
    await asyncio.sleep(seconds)
    end, cpu_after = journal.head(), _cpu_s(stack)
    await asyncio.sleep(2)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    fetched_s = await asyncio.to_thread(_times, fetchers)
    await asyncio.gather(this.session.close(), *(window.close() for window in windows))
    moves = {seq: at_s for seq, at_s in this.receipts_s.items() if start < seq <= end}
    heard_s = [max(0.0, at_s - moves[seq]) for seq, at_s in this.heard_s if seq in moves]
    return Boards(
        boards=boards,
        alarms=alarms,
        moves=len(moves),
        heard=len(heard_s),
        wanted=len(moves) * boards,
        heard_p50_ms=percentile_ms(heard_s, 0.5),
        heard_p99_ms=percentile_ms(heard_s, 0.99),
        fetches_per_s=len(fetched_s) / (seconds + MOVE_S),
        fetch_p50_ms=percentile_ms(fetched_s, 0.5),
        fetch_p99_ms=percentile_ms(fetched_s, 0.99),
        busy={name: (cpu_after[name] - cpu_before[name]) / seconds for name in cpu_before},
        at_rest=at_rest,
        loaded=this.noticed(start, end),
    )


def _cpu_s(stack: Stack) -> dict[str, float]:
    names = ("intake", "worker", "live", "web")
    return {name: group_cpu_s(stack.children[name].process.pid) for name in names}


def _start_fetchers(signed_in: HttpBoard, boards: int, seconds: float) -> "subprocess.Popen[str]":
    order = msgspec.json.encode([*signed_in.address(), boards, seconds + MOVE_S])
    command = [sys.executable, "-m", "benchmarks.boards", "fetch", order.decode()]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def _times(fetchers: "subprocess.Popen[str]") -> Sequence[float]:
    output, _ = fetchers.communicate(timeout=60)
    return msgspec.json.decode(output, type=list[float])


async def fetch_often(url: str, headers: dict[str, str], boards: int, seconds: float) -> list[float]:
    """Each board fetches its list once a second, never twice at once; the seconds that each fetch took."""
    taken_s: list[float] = []
    loop = asyncio.get_running_loop()
    end_s = loop.time() + seconds
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(30)) as session:

        async def be_board(number: int) -> None:
            await asyncio.sleep(number / boards)
            while loop.time() < end_s:
                begin_s = loop.time()
                with suppress(TimeoutError):
                    async with session.get(url, headers=headers) as reply:
                        await reply.read()
                        assert reply.status == 200, reply.status
                taken_s.append(loop.time() - begin_s)
                await asyncio.sleep(max(0.0, begin_s + 1 - loop.time()))

        await asyncio.gather(*map(be_board, range(boards)))
    return taken_s


def run(boards: int = BOARDS, alarms: int = ALARMS, seconds: float = 30.0) -> Boards:
    """A fresh installation, measured once; about a minute and a half."""
    with tempfile.TemporaryDirectory(prefix="egide-bench-") as directory, Stack(Path(directory)) as stack:
        stack.start()
        return asyncio.run(measure(stack, boards, alarms, seconds))


@click.group()
def main() -> None:
    """The measurement alone, or its fetching half."""


@main.command()
@click.option("--boards", default=BOARDS, show_default=True)
@click.option("--alarms", default=ALARMS, show_default=True)
@click.option("--seconds", default=30.0, show_default=True)
def alone(boards: int, alarms: int, seconds: float) -> None:
    """Measure and print."""
    for name, value in run(boards, alarms, seconds)._asdict().items():
        click.echo(f"{name:<16} {value}")


@main.command()
@click.argument("order")
def fetch(order: str) -> None:
    """The fetching half; ORDER is JSON, the times of the fetches (seconds) are printed as JSON."""
    url, headers, boards, seconds = msgspec.json.decode(order)
    click.echo(msgspec.json.encode(asyncio.run(fetch_often(url, headers, boards, seconds))).decode())


if __name__ == "__main__":
    main()
