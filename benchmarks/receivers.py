"""`python -m benchmarks.receivers`: whether five dispatch systems, two of which fail, hold up a press.

Real intake, worker, live and web, a board that listens, and five dispatch systems, each a process of its own: three
take what comes, one refuses everything, one answers after longer than anybody waits. By turns in one run nobody is told
and all five are; pressed is by another phone each time, at a steady pace. At the end those that failed work again, and
what each of them has is held against the journal. Appends to RECEIVERS.md.
"""

import asyncio
import tempfile
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import aiohttp
import click
import uvloop

from benchmarks.machine import describe, percentile_ms
from egide.alarm.events import AlarmClosed
from egide.alarm.events.elsewhere import number_for
from egide.entrypoints.stack.installation import Stack
from tests.support.boards import CameRow, HttpBoard
from tests.support.dispatch_system import DispatchSystem, dispatch_system, settings_file
from tests.support.phones import HttpPhone
from tests.support.waiting import until

REPORT = Path(__file__).with_name("RECEIVERS.md")
OPERATOR, SETTING = "hainaut-12", "EGIDE_DISPATCH_SYSTEMS"
NAMES = ("good-1", "good-2", "good-3", "refusing", "hanging")
PACE_S, WANTED = 0.5, 1.1
TOLD_WITHIN_S = 120.0


class Took(NamedTuple):
    """From the phone's call to the receipt, and to the painted row on the board, in seconds."""

    receipt_s: list[float]
    row_s: list[float]


class Night:
    """An installation, a board, and five dispatch systems beside them."""

    def __init__(self, stack: Stack, systems: dict[str, DispatchSystem], settings: Path) -> None:
        self.stack = stack
        self.systems = systems
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
        """What somebody was not told, or was told twice under two numbers; once those that failed work again."""
        for system in self.systems.values():
            system.behave()
        found = []
        for name, system in self.systems.items():
            wanted = {number_for(name, alarm) for alarm in self.told}

            def has_all(system: DispatchSystem = system, wanted: set[str] = wanted) -> bool:
                return wanted <= {one["alarm"] for one in system.taken("alarm.raised")}

            until(has_all, lambda name=name: f"{name} was told everything", TOLD_WITHIN_S, 1.0)  # type: ignore[misc]
            taken = [one for one in system.taken("alarm.raised") if one["alarm"] in wanted]
            twice = [alarm for alarm, times in Counter(one["alarm"] for one in taken).items() if times > 1]
            found += [f"{name}: {len(twice)} alarms under two numbers"] if twice else []
        return found


async def measure(night: Night, rounds: int, presses: int) -> dict[bool, Took]:
    """Without and with receivers by turns; the alarms of the last round with them stay open."""
    found = {False: Took([], []), True: Took([], [])}
    for number in range(rounds):
        for is_told in (False, True):
            # Not in another thread: what a thread began ends with it.
            night.begin(is_told)
            took = await night.presses(presses)
            found[is_told].receipt_s.extend(took.receipt_s)
            found[is_told].row_s.extend(took.row_s)
            if not (is_told and number == rounds - 1):
                night.end(night.told)
    return found


def table(found: dict[bool, Took]) -> list[str]:
    """p50 and p99 in milliseconds, and how many times as long it takes with receivers."""
    lines = [
        "| from the phone's call to | none p50 | none p99 | five p50 | five p99 | p99 times | required |"
    ]
    lines.append("|---|---:|---:|---:|---:|---:|---|")
    for title, field in (("the receipt", "receipt_s"), ("the row on the board", "row_s")):
        none, five = getattr(found[False], field), getattr(found[True], field)
        ms = [percentile_ms(values, share) for values in (none, five) for share in (0.5, 0.99)]
        lines.append(
            f"| {title} | {' | '.join(f'{one:.1f}' for one in ms)} | {ms[3] / ms[1]:.2f} | ≤ {WANTED} |"
        )
    return lines


@click.command()
@click.option("--rounds", default=3, show_default=True)
@click.option("--presses", default=120, show_default=True, help="in each half of a round")
def main(rounds: int, presses: int) -> None:
    """Measure, print, and append to RECEIVERS.md."""
    with tempfile.TemporaryDirectory(prefix="egide-bench-") as made, ExitStack() as kept:
        place = Path(made)
        systems = {name: kept.enter_context(dispatch_system(place / name)) for name in NAMES}
        systems["refusing"].behave(status=503)
        systems["hanging"].behave(wait_s=40)
        settings = settings_file(place, tuple(system.entry(name) for name, system in systems.items()))
        stack = kept.enter_context(Stack(place / "installation"))
        stack.start()
        night = Night(stack, systems, settings)
        found = uvloop.run(measure(night, rounds, presses))
        faults = night.faults()
    about = describe() | {"presses": f"{rounds * presses} without, {rounds * presses} with receivers"}
    text = ["", f"## {rounds} rounds", "", *(f"- {name}: {value}" for name, value in about.items()), ""]
    text += [*table(found), "", "; ".join(faults) or "Everything was told to each of the five, once.", ""]
    click.echo("\n".join(text))
    with REPORT.open("a", encoding="utf-8") as file:
        file.write("\n".join(text))


if __name__ == "__main__":
    main()
