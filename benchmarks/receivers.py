"""`python -m benchmarks.receivers`: whether five dispatch systems, two of which fail, hold up a press.

Real intake, worker, live and web, a board that listens, and five dispatch systems (webhooks, `benchmarks.takers`):
three take what comes, one refuses everything, one answers after longer than anybody waits. By turns in one run nobody
is told and all five are; pressed is by another phone each time, three a second. What they do with a message is
theirs: here they keep its bytes, and once the measurement is over each is checked, those that failed work again, and
what each of them has is held against the journal. Appends to RECEIVERS.md.
"""

import asyncio
import os
import random
import tempfile
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import aiohttp
import click
import uvloop

from benchmarks.machine import describe, percentile_ms
from benchmarks.takers import Takers, takers
from egide.alarm.events import AlarmClosed
from egide.alarm.events.elsewhere import number_for
from egide.entrypoints.stack.installation import Stack
from tests.support.boards import CameRow, HttpBoard
from tests.support.dispatch_system import settings_file
from tests.support.phones import HttpPhone
from tests.support.waiting import until

REPORT = Path(__file__).with_name("RECEIVERS.md")
OPERATOR, SETTING = "hainaut-12", "EGIDE_DISPATCH_SYSTEMS"
GOOD, FAILING = ("good-1", "good-2", "good-3"), ("refusing", "hanging")
PACE_S, WANTED = 0.33, 1.1
# Of each half, before anything is measured: the worker began a moment ago.
WARM = 8
TOLD_WITHIN_S = 180.0
RAISED, CLOSED = "alarm.raised", "alarm.closed"
PARTS = ("intake", "worker", "live", "web")


class Took(NamedTuple):
    """One half of a round: from the phone's call to the receipt, and to the painted row on the board, in seconds; and
    the processor seconds of each part meanwhile."""

    receipt_s: list[float]
    row_s: list[float]
    cpu_s: dict[str, float]


def processor_s(pid: int) -> float:
    """What a process has used so far (proc(5), /proc/pid/stat, fields 14 and 15)."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Night:
    """An installation, a board, and five dispatch systems beside them."""

    def __init__(self, stack: Stack, five: Takers, settings: Path) -> None:
        self.stack = stack
        self._five = five
        self._settings = settings
        self._person = stack.demo["kits"][0]
        self._came_s: dict[str, float] = {}
        # Not in step with what is told some time after a press; the same in every run.
        self._pauses_s = random.Random(18)
        self._pressed: list[str] = []
        # The alarms of each half with the five.
        self.told: list[list[str]] = []

    def begin(self, is_told: bool) -> None:
        """The worker begins anew, with the five or with none."""
        worker = self.stack.children["worker"]
        worker.stop()
        worker.environment[SETTING] = str(self._settings) if is_told else ""
        worker.start()
        worker.ready()

    async def presses(self, number: int, is_told: bool) -> Took:
        """So many of them, and what they took."""
        phones = await asyncio.to_thread(self._phones, WARM + number)
        board = HttpBoard(self.stack, OPERATOR)
        board.row_language, board.on_row = "fr", self._come
        await board.sign_in()
        await board.open_page()
        tasks = [asyncio.create_task(board.follow()), asyncio.create_task(board.be_here("0" * 16))]
        await asyncio.sleep(1)
        async with aiohttp.ClientSession() as session:
            warm = await self._press(session, phones[:WARM])
            before = self._cpu_s()
            measured = await self._press(session, phones[WARM:])
            used = self._cpu_s()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await board.close()
        self._pressed = [*warm, *measured]
        if is_told:
            self.told.append(self._pressed)
        return Took(
            [receipt_s - at_s for at_s, receipt_s in measured.values()],
            [self._came_s[alarm] - at_s for alarm, (at_s, _receipt_s) in measured.items()],
            {part: used[part] - before[part] for part in used},
        )

    async def _press(
        self, session: aiohttp.ClientSession, phones: Sequence[HttpPhone]
    ) -> dict[str, tuple[float, float]]:
        """When each alarm was pressed and its receipt came, once all of them stand on the board."""
        loop, found = asyncio.get_running_loop(), {}
        url, headers = f"{self.stack.config.intake_urls[0]}/v1/messages", {"Content-Type": "application/cose"}
        for phone in phones:
            began_s, envelope = loop.time(), phone.envelope()
            async with session.post(url, data=envelope, headers=headers) as reply:
                receipt = await reply.json()
                assert reply.status == 201, receipt
            found[receipt["alarm"]] = (began_s, loop.time())
            await self.beside(receipt["alarm"])
            await asyncio.sleep(self._pauses_s.uniform(0.5 * PACE_S, 1.5 * PACE_S))
        ended_s = loop.time()
        while missing := found.keys() - self._came_s.keys():
            assert loop.time() - ended_s < TOLD_WITHIN_S, f"{len(missing)} on no board"
            await asyncio.sleep(0.1)
        return found

    async def beside(self, alarm: str) -> None:
        """What people do with an alarm once it was pressed; nothing here."""

    def _cpu_s(self) -> dict[str, float]:
        children = self.stack.children
        own = {part: processor_s(children[part].process.pid) for part in PARTS}
        return own | {"the five receivers": sum(processor_s(pid) for pid in self._pids())}

    def _pids(self) -> list[int]:
        return [self._five.pid]

    def _phones(self, number: int) -> list[HttpPhone]:
        return [HttpPhone(self.stack, self._person) for _ in range(number)]

    def _come(self, row: CameRow) -> None:
        self._came_s.setdefault(row.alarm, row.at_s)

    def end(self, is_told: bool) -> None:
        """They are closed: the next half begins with an empty board, and nothing left to tell to those that answer."""
        if is_told:
            self.wait_for(RAISED, GOOD, self._pressed)
        journal = self.stack.journal()
        for alarm in self._pressed:
            journal.decide(alarm, lambda _state: [AlarmClosed("benchmark", "test", "end of a round")])
        if is_told:
            self.wait_for(CLOSED, GOOD, self._pressed)

    def wait_for(self, kind: str, names: Sequence[str], alarms: Sequence[str]) -> None:
        for name in names:
            wanted = {number_for(name, alarm) for alarm in alarms}

            def left(name: str = name, wanted: set[str] = wanted) -> int:
                taken = self._five.checked(name).messages.values()
                return len(wanted - {one["alarm"] for one in taken if one["type"] == kind})

            until(
                lambda left=left: not left(),  # type: ignore[misc]
                lambda left=left, name=name: f"{left()} of {kind} were not told to {name}",  # type: ignore[misc]
                TOLD_WITHIN_S,
                1.0,
            )

    def faults(self) -> list[str]:
        """What was told otherwise than it should. Raises AssertionError for what somebody was not told in the end: the
        good ones every alarm, those that failed the last ones, which are open once they work again."""
        for name in FAILING:
            self._five.behave(name)
        self.wait_for(RAISED, FAILING, self.told[-1])
        self.wait_for(RAISED, GOOD, [alarm for half in self.told for alarm in half])
        return [fault for name in (*GOOD, *FAILING) for fault in self._faults_of(name)]

    def _faults_of(self, name: str) -> list[str]:
        took = self._five.checked(name)
        times = Counter((one["alarm"], one["type"]) for one in took.messages.values())
        twice = sum(number > 1 for (_alarm, kind), number in times.items() if kind in (RAISED, CLOSED))
        return took.faults + ([f"{name}: {twice} times the same under two numbers"] if twice else [])


async def measure(night: Night, rounds: int, presses: int) -> list[dict[bool, Took]]:
    """Without and with receivers by turns, the first of a round being the last of the one before; the alarms of the
    last half, which is one with them, stay open."""
    found = []
    for number in reversed(range(rounds)):
        both = {}
        for is_told in (True, False) if number % 2 else (False, True):
            # Not in another thread: what a thread began ends with it.
            night.begin(is_told)
            both[is_told] = await night.presses(presses, is_told)
            if number or not is_told:
                night.end(is_told)
        found.append(both)
    return found


def table(found: Sequence[dict[bool, Took]]) -> list[str]:
    """p50 and p99 in milliseconds over all rounds, how many times as long they take with receivers, and what of that
    each round alone says; then the processor's milliseconds of each part for one press."""
    lines = [
        "| from the phone's call to | none p50 | none p99 | five p50 | five p99 | p50 times | p99 times |"
        " p99 by rounds | required |",
        "|---|---:|---:|---:|---:|---:|---:|---|---|",
    ]
    for title, field in (("the receipt", "receipt_s"), ("the row on the board", "row_s")):
        values = {
            is_told: [one for both in found for one in getattr(both[is_told], field)]
            for is_told in (False, True)
        }
        ms = [percentile_ms(values[is_told], share) for is_told in (False, True) for share in (0.5, 0.99)]
        by_round = (
            percentile_ms(getattr(both[True], field), 0.99) / percentile_ms(getattr(both[False], field), 0.99)
            for both in found
        )
        lines.append(
            f"| {title} | {' | '.join(f'{one:.1f}' for one in ms)} | {ms[2] / ms[0]:.2f} | {ms[3] / ms[1]:.2f}"
            f" | {' '.join(f'{one:.2f}' for one in by_round)} | ≤ {WANTED} |"
        )
    return [*lines, "", *_work(found)]


def _work(found: Sequence[dict[bool, Took]]) -> list[str]:
    parts = (*PARTS, "the five receivers")
    lines = [f"| processor ms for a press | {' | '.join(parts)} |", f"|---|{'---:|' * len(parts)}"]
    for title, is_told in (("nobody is told", False), ("five are", True)):
        halves = [both[is_told] for both in found]
        presses = sum(len(half.row_s) for half in halves)
        ms = (sum(half.cpu_s[part] for half in halves) / presses * 1e3 for part in parts)
        lines.append(f"| {title} | {' | '.join(f'{one:.1f}' for one in ms)} |")
    return lines


@click.command()
@click.option("--rounds", default=4, show_default=True)
@click.option("--presses", default=105, show_default=True, help="in each half of a round")
def main(rounds: int, presses: int) -> None:
    """Measure, print, and append to RECEIVERS.md."""
    about = describe() | {"presses": f"{rounds * presses} without, {rounds * presses} with receivers"}
    with tempfile.TemporaryDirectory(prefix="egide-bench-") as made, ExitStack() as kept:
        place = Path(made)
        five = kept.enter_context(takers(place / "five", (*GOOD, *FAILING)))
        five.behave("refusing", status=503)
        five.behave("hanging", wait_s=40)
        stack = kept.enter_context(Stack(place / "installation"))
        stack.start()
        night = Night(
            stack, five, settings_file(place, tuple(five.entry(name) for name in (*GOOD, *FAILING)))
        )
        found = uvloop.run(measure(night, rounds, presses))
        faults = night.faults()
    told = "; ".join(faults) or "Everything was told to each of the five, once, signed and in valid CAP."
    text = ["", f"## {rounds} rounds", "", *(f"- {name}: {value}" for name, value in about.items()), ""]
    text += [*table(found), "", told, ""]
    click.echo("\n".join(text))
    with REPORT.open("a", encoding="utf-8") as file:
        file.write("\n".join(text))


if __name__ == "__main__":
    main()
