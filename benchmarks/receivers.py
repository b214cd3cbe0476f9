"""`python -m benchmarks.receivers`: whether five dispatch systems, two of which fail, hold up a press.

Real intake, worker, live and web, a board that listens, and five dispatch systems that only take
(`benchmarks/takers.py`): three take what comes, one refuses everything, one answers after longer than anybody waits. By
turns in one run nobody is told and all five are; pressed is by another phone each time, at a steady pace. At the end
those that failed work again, and what each of them has is checked and held against what was pressed. Appends to
RECEIVERS.md.
"""

import asyncio
import os
import tempfile
from collections import Counter
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
NAMES = ("good-1", "good-2", "good-3", "refusing", "hanging")
PACE_S, WANTED = 0.25, 1.1
TOLD_WITHIN_S = 120.0


class Took(NamedTuple):
    """From the phone's call to the receipt, and to the painted row on the board, in seconds."""

    receipt_s: list[float]
    row_s: list[float]


class Cost(NamedTuple):
    """Processor time while nobody is told, and while all five are, in seconds."""

    worker_s: dict[bool, float]
    takers_s: dict[bool, float]


def processor_s(pid: int) -> float:
    """What a process has used so far (proc(5), /proc/pid/stat, fields 14 and 15)."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Night:
    """An installation, a board, and five dispatch systems beside them."""

    def __init__(self, stack: Stack, systems: Takers, settings: Path) -> None:
        self.stack = stack
        self.systems = systems
        self.cost = Cost({False: 0.0, True: 0.0}, {False: 0.0, True: 0.0})
        self._settings = settings
        self._person = stack.demo["kits"][0]
        self._came_s: dict[str, float] = {}
        self.told: list[str] = []

    def begin(self, is_told: bool) -> None:
        """The worker begins anew, with the five or with none."""
        worker = self.stack.children["worker"]
        worker.stop()
        worker.environment[SETTING] = str(self._settings) if is_told else ""
        worker.start()
        worker.ready()

    async def presses(self, number: int) -> Took:
        phones = await asyncio.to_thread(self._phones, number)
        board = HttpBoard(self.stack, OPERATOR)
        board.row_language, board.on_row = "fr", self._come
        await board.sign_in()
        await board.open_page()
        tasks = [asyncio.create_task(board.follow()), asyncio.create_task(board.be_here("0" * 16))]
        await asyncio.sleep(1)
        loop, sent_s, receipt_s = asyncio.get_running_loop(), {}, []
        async with aiohttp.ClientSession() as session:
            for phone in phones:
                began_s, envelope = loop.time(), phone.envelope()
                url = f"{self.stack.config.intake_urls[0]}/v1/messages"
                headers = {"Content-Type": "application/cose"}
                async with session.post(url, data=envelope, headers=headers) as reply:
                    receipt = await reply.json()
                    assert reply.status == 201, receipt
                receipt_s.append(loop.time() - began_s)
                sent_s[receipt["alarm"]] = began_s
                await asyncio.sleep(PACE_S)
            while missing := sent_s.keys() - self._came_s.keys():
                assert loop.time() - max(sent_s.values()) < TOLD_WITHIN_S, f"{len(missing)} on no board"
                await asyncio.sleep(0.1)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await board.close()
        self.told = list(sent_s)
        return Took(receipt_s, [self._came_s[alarm] - at_s for alarm, at_s in sent_s.items()])

    def _phones(self, number: int) -> list[HttpPhone]:
        return [HttpPhone(self.stack, self._person) for _ in range(number)]

    def _come(self, row: CameRow) -> None:
        self._came_s.setdefault(row.alarm, row.at_s)

    def end(self, alarms: list[str]) -> None:
        """They are closed: the next round begins with an empty board."""
        journal = self.stack.journal()
        for alarm in alarms:
            journal.decide(alarm, lambda _state: [AlarmClosed("benchmark", "test", "end of a round")])

    def faults(self) -> list[str]:
        """What somebody was not told, or was told otherwise than it should; once those that failed work again."""
        for name in NAMES:
            self.systems.behave(name)
        return [fault for name in NAMES for fault in self._faults_of(name)]

    def _faults_of(self, name: str) -> list[str]:
        wanted = {number_for(name, alarm) for alarm in self.told}

        def raised() -> list[str]:
            taken = self.systems.checked(name).messages.values()
            return [one["alarm"] for one in taken if one["type"] == "alarm.raised"]

        until(lambda: wanted <= {*raised()}, lambda: f"{name} was told everything", TOLD_WITHIN_S, 1.0)
        twice = [alarm for alarm, times in Counter(raised()).items() if times > 1]
        return self.systems.checked(name).faults + (
            [f"{name}: {len(twice)} alarms under two numbers"] if twice else []
        )

    def processors_s(self) -> tuple[float, float]:
        """Of the worker and of the five, so far."""
        worker = self.stack.children["worker"].process
        assert worker is not None
        return processor_s(worker.pid), processor_s(self.systems.pid)


async def measure(night: Night, rounds: int, presses: int) -> dict[bool, Took]:
    """Without and with receivers by turns; the alarms of the last round with them stay open."""
    found = {False: Took([], []), True: Took([], [])}
    for number in range(rounds):
        for is_told in (False, True):
            # Not in another thread: what a thread began ends with it.
            night.begin(is_told)
            before = night.processors_s()
            took = await night.presses(presses)
            for spent, now_s, before_s in zip(night.cost, night.processors_s(), before, strict=True):
                spent[is_told] += now_s - before_s
            found[is_told].receipt_s.extend(took.receipt_s)
            found[is_told].row_s.extend(took.row_s)
            if not (is_told and number == rounds - 1):
                night.end(night.told)
    return found


def table(found: dict[bool, Took], rounds: int, cost: Cost) -> list[str]:
    """p50 and p99 in milliseconds, how many times as long it takes with receivers, in all and in each round."""
    lines = [
        "| from the phone's call to | none p50 | none p99 | five p50 | five p99 | p99 times | each round | required |",
        "|---|---:|---:|---:|---:|---:|---|---|",
    ]
    for title, field in (("the receipt", "receipt_s"), ("the row on the board", "row_s")):
        none, five = getattr(found[False], field), getattr(found[True], field)
        ms = [percentile_ms(values, share) for values in (none, five) for share in (0.5, 0.99)]
        size = len(none) // rounds
        parts = [slice(size * number, size * (number + 1)) for number in range(rounds)]
        each = ", ".join(
            f"{percentile_ms(five[part], 0.99) / percentile_ms(none[part], 0.99):.2f}" for part in parts
        )
        shown = " | ".join(f"{one:.1f}" for one in ms)
        lines.append(f"| {title} | {shown} | {ms[3] / ms[1]:.2f} | {each} | ≤ {WANTED} |")
    worker_s, takers_s = cost
    lines += [
        "",
        f"Processor seconds of the worker: {worker_s[False]:.1f} with none, {worker_s[True]:.1f} with five;"
        f" of the five themselves: {takers_s[True]:.1f}.",
    ]
    return lines


@click.command()
@click.option("--rounds", default=4, show_default=True)
@click.option("--presses", default=150, show_default=True, help="in each half of a round")
def main(rounds: int, presses: int) -> None:
    """Measure, print, and append to RECEIVERS.md."""
    with tempfile.TemporaryDirectory(prefix="egide-bench-") as made, ExitStack() as kept:
        place = Path(made)
        systems = kept.enter_context(takers(place / "systems", NAMES))
        systems.behave("refusing", status=503)
        systems.behave("hanging", wait_s=40)
        settings = settings_file(place, tuple(systems.entry(name) for name in NAMES))
        stack = kept.enter_context(Stack(place / "installation"))
        stack.start()
        night = Night(stack, systems, settings)
        found = uvloop.run(measure(night, rounds, presses))
        faults = night.faults()
    about = describe() | {"presses": f"{rounds * presses} without, {rounds * presses} with receivers"}
    text = ["", f"## {rounds} rounds", "", *(f"- {name}: {value}" for name, value in about.items()), ""]
    text += [
        *table(found, rounds, night.cost),
        "",
        "; ".join(faults) or "Everything was told to each of the five, once.",
        "",
    ]
    click.echo("\n".join(text))
    with REPORT.open("a", encoding="utf-8") as file:
        file.write("\n".join(text))


if __name__ == "__main__":
    main()
