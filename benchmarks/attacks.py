"""`python -m benchmarks.attacks`: what a press and a board wait while somebody attacks (safety rule 42).

A whole installation with ten presses a second and ten looks a second at an operator's board: quiet first and last, and
between them beside each kind of attack, whose senders are processes of their own. All rows are of one run; ratios are
against the quiet ones. Writes benchmarks/ATTACKS.md. About five minutes.
"""

import asyncio
import http.client
import multiprocessing
import resource
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import click
import msgspec

from benchmarks.flooding import Flood, attacking, guess, post
from benchmarks.lifeline import Phone as Line
from benchmarks.machine import describe, percentile_ms
from egide.common.clock import SystemClock, utc
from egide.entrypoints.stack.installation import Stack
from egide.protocol.enrolment import make_request
from egide.protocol.envelope import MAX_BYTES, Kind, unwrap
from egide.protocol.keys import SigningKey
from tests.support.attacks import costly, forged, stranger
from tests.support.installation import Phone
from tests.support.phones import HttpPhone

PHONES, PER_S = 20, 10
FLOOD_PER_S, IDLE, GUESSERS = 2000, 1000, 64
SLOWER_AT_MOST, BOARD_AT_MOST_MS = 2.0, 200.0
OPERATOR = "hainaut-12"
FILE = Path(__file__).with_name("ATTACKS.md")
# An attack that came to less than this share of its rate was not measured.
REACHED = 0.9


@dataclass
class Row:
    """One load: waits in seconds, how many a second were asked for, and how many were answered."""

    name: str
    per_s: float = 0.0
    reached_per_s: float = 0.0
    press_s: list[float] = field(default_factory=list)
    board_s: list[float] = field(default_factory=list)
    lost: int = 0

    @property
    def press_p99_ms(self) -> float:
        return percentile_ms(self.press_s, 0.99)

    @property
    def board_p99_ms(self) -> float:
        return percentile_ms(self.board_s, 0.99)


class House:
    """The installation, the phones that press, and the board that is looked at."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.phones = [HttpPhone(stack, stack.demo["kits"][0]) for _ in range(PHONES)]
        self.insider = HttpPhone(stack, stack.demo["kits"][0])
        self.intake, self.live, self.web = (stack.ports[name] for name in ("intake", "live", "web"))
        self._board = http.client.HTTPConnection("localhost", self.web)
        self._headers = self._sign_in()

    def _sign_in(self) -> dict[str, str]:
        """Through the demo's door; the headers with which a board asks."""
        users = self.stack.demo["users"]
        self._board.request("GET", next(user["door"] for user in users if user["name"] == OPERATOR))
        answer = self._board.getresponse()
        answer.read()
        cookies = [text.partition(";")[0] for text in answer.msg.get_all("Set-Cookie", [])]
        return {"Cookie": "; ".join(cookies), "X-Egide-Fragment": "1"}

    async def watch(self, row: Row, seconds: float) -> None:
        """Press and look for so long; the press of one phone does not wait for that of another."""
        looking = threading.Thread(target=self._look, args=(row, seconds))
        loop = asyncio.get_running_loop()
        lines = [await loop.create_connection(Line, "127.0.0.1", self.intake) for _ in self.phones]
        looking.start()
        begin_s = loop.time()
        presses = []
        for number in range(round(seconds * PER_S)):
            await asyncio.sleep(max(0.0, begin_s + number / PER_S - loop.time()))
            which = number % PHONES
            presses.append(asyncio.create_task(self._press(row, self.phones[which], lines[which][1])))
        await asyncio.gather(*presses)
        await asyncio.to_thread(looking.join)
        for transport, _line in lines:
            transport.close()

    async def _press(self, row: Row, phone: HttpPhone, line: Line) -> None:
        request = post("/v1/messages", "application/cose", phone.envelope(Kind.PRESS))
        begin_s = time.perf_counter()
        try:
            await asyncio.wait_for(line.send(request), 30)
        except (RuntimeError, TimeoutError):
            row.lost += 1
        row.press_s.append(time.perf_counter() - begin_s)

    def _look(self, row: Row, seconds: float) -> None:
        begin_s = time.perf_counter()
        for number in range(round(seconds * PER_S)):
            time.sleep(max(0.0, begin_s + number / PER_S - time.perf_counter()))
            looked_s = time.perf_counter()
            self._board.request("GET", "/desk/board", headers=self._headers)
            answer = self._board.getresponse()
            answer.read()
            row.lost += answer.status != 200
            row.board_s.append(time.perf_counter() - looked_s)


def refused(house: House) -> Iterator[tuple[str, bytes, int]]:
    """Each kind of message that is refused, as a request, and the status that it gets."""
    key = house.insider.key
    named = Phone(key, "", "")
    cose = "application/cose"
    yield "an unknown key", post("/v1/messages", cose, stranger().press()), 401
    yield "a forged press", post("/v1/messages", cose, forged(named, unwrap(named.press()).payload)), 401
    yield "no envelope", post("/v1/messages", cose, b"no envelope"), 400
    yield "another type", post("/v1/messages", "text/plain", b"x"), 415
    yield "enrolments with made-up codes", post("/v1/enrolments", "application/json", _enrolment()), 429
    yield "too many of an enrolled phone", post("/v1/messages", cose, _heartbeat(house.insider)), 429


def _enrolment() -> bytes:
    return msgspec.json.encode(make_request("0" * 12, SigningKey.generate()))


def _heartbeat(phone: HttpPhone) -> bytes:
    return phone.envelope(Kind.HEARTBEAT)


@contextmanager
def idle(house: House) -> Iterator[Callable[[], float]]:
    """A thousand connections to each server that say nothing."""
    with ExitStack() as stack:
        for port in (house.intake, house.live, house.web):
            for _ in range(IDLE):
                stack.enter_context(socket.create_connection(("127.0.0.1", port)))
        yield lambda: float(IDLE)


@contextmanager
def guessers(house: House) -> Iterator[Callable[[], float]]:
    """Sixty-four connections that try passwords as fast as they are answered."""
    told = multiprocessing.Value("L", 0)
    process = multiprocessing.Process(target=guess, args=(house.web, GUESSERS, told), daemon=True)
    with attacking(process, told) as reached:
        yield reached


def loads(house: House) -> Iterator[tuple[str, float, Callable[[], object]]]:
    """Each row's name, the rate that it is to reach, and what makes the load."""
    for name, request, status in refused(house):
        yield (
            f"{FLOOD_PER_S}/s: {name}",
            FLOOD_PER_S,
            Flood(house.intake, request, FLOOD_PER_S, status).running,
        )
    worst = post("/v1/messages", "application/cose", costliest(house))
    for per_s in (3, 50):
        yield f"{per_s}/s: the costliest message", per_s, Flood(house.intake, worst, per_s, 400).running
    yield f"{IDLE} idle connections to each server", 0, lambda: idle(house)
    yield f"{GUESSERS} that guess passwords", 0, lambda: guessers(house)


def costliest(house: House) -> bytes:
    """As long as a message may be, of a key that is enrolled, whose seal fits: the most that is ever read."""
    return Phone(house.insider.key, "", "").seal(costly()[: MAX_BYTES - 300])


def measure(stack: Stack, seconds: float) -> list[Row]:
    """All rows, the quiet ones first and last."""
    house = House(stack)
    asyncio.run(house.watch(Row("warming up"), min(seconds, 5)))
    rows = [Row("quiet")]
    asyncio.run(house.watch(rows[0], seconds))
    for name, per_s, load in loads(house):
        row = Row(name, per_s)
        with load() as reached:  # type: ignore[attr-defined]
            asyncio.run(house.watch(row, seconds))
            row.reached_per_s = reached()
        rows.append(row)
        click.echo(_line(row, rows[0]))
    rows.append(Row("quiet again"))
    asyncio.run(house.watch(rows[-1], seconds))
    return rows


def _line(row: Row, quiet: Row) -> str:
    slower = row.press_p99_ms / quiet.press_p99_ms
    faults = [
        f"press over {SLOWER_AT_MOST:.0f} ×" if slower > SLOWER_AT_MOST else "",
        f"board over {BOARD_AT_MOST_MS:.0f} ms" if row.board_p99_ms > BOARD_AT_MOST_MS else "",
        f"{row.lost} lost" if row.lost else "",
        "load not reached" if row.reached_per_s < row.per_s * REACHED else "",
    ]
    verdict = ", ".join(filter(None, faults)) or "holds"
    press_p50_ms, board_p50_ms = percentile_ms(row.press_s, 0.5), percentile_ms(row.board_s, 0.5)
    press = f"{press_p50_ms:.1f} | {row.press_p99_ms:.1f} | {slower:.2f}"
    board = f"{board_p50_ms:.1f} | {row.board_p99_ms:.1f}"
    return f"| {row.name} | {row.reached_per_s:.0f} | {press} | {board} | {verdict} |"


_REPORT = """# What a press and a board wait while somebody attacks

`python -m benchmarks.attacks`, {day}, {processors}, load before {load}, {seconds:.0f} s each; ten presses a second
of {phones} phones, ten looks a second at an operator's board. Who attacks runs on the same machine, at a low priority.

Required (safety rule 42): p99 of a press at most {slower:.0f} times that of the quiet rows together, of a board at most
{board:.0f} ms. Times are in milliseconds. What one refused message costs: [REFUSED.md](REFUSED.md).

| beside | answered a second | press p50 | press p99 | × quiet | board p50 | board p99 | |
|---|---|---|---|---|---|---|---|
{rows}
"""


def report(rows: list[Row], seconds: float, machine: dict[str, str]) -> str:
    """The table."""
    quiet = Row("both", press_s=rows[0].press_s + rows[-1].press_s)
    return _REPORT.format(
        day=utc(SystemClock().now_us()).date().isoformat(),
        processors=machine["processors"],
        seconds=seconds,
        phones=PHONES,
        load=machine["load before"].split()[0],
        slower=SLOWER_AT_MOST,
        board=BOARD_AT_MOST_MS,
        rows="\n".join(_line(row, quiet) for row in rows),
    )


@click.command()
@click.option("--seconds", default=20.0, show_default=True, help="for each row")
@click.option("--write/--no-write", default=True, help="the table into benchmarks/ATTACKS.md")
def main(seconds: float, write: bool) -> None:
    """Measure and print."""
    machine = describe()
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with tempfile.TemporaryDirectory(prefix="egide-bench-") as place, Stack(Path(place)) as stack:
        stack.start()
        text = report(measure(stack, seconds), seconds, machine)
    click.echo(text)
    if write:
        FILE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
