"""`python -m benchmarks.kinds`: the night of `benchmarks.receivers` with five systems of five kinds.

They are servers of others, each in a process of its own: a webhook (`benchmarks.takers`), taky, a monitoring station by
pysiaalarm, kamailio, and the tests' exchange of UCRI2. kamailio hangs (its processes are stopped, and the machine takes
connections for them), the exchange refuses (503); to it each alarm is handed over as an operator does. Both work again
at the end. Who was told what is read from the journal, where a message stands as taken once the other side took it.
Appends to RECEIVERS.md.
"""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click
import uvloop

from benchmarks.machine import describe
from benchmarks.receivers import CLOSED, GOOD, RAISED, REPORT, TOLD_WITHIN_S, Night, measure, table
from benchmarks.takers import Takers, takers
from egide.alarm import events as a
from egide.entrypoints.stack.installation import Stack
from tests.support.certificates import Authority
from tests.support.dispatch_system import settings_file
from tests.support.ng112.trunk import entry as trunk
from tests.support.sip.servers import kamailio
from tests.support.tak.server import tak_server
from tests.support.ucri2.exchange import Exchange, exchange
from tests.support.waiting import until

WEBHOOK, TAK, STATION, SIP, NEIGHBOUR = "good-1", "tak", "arc", "salle", "aachen"
TAKING, FAILING = (WEBHOOK, TAK, STATION), (SIP, NEIGHBOUR)
ABOUT = {RAISED: a.RAISED, CLOSED: a.ENDED}


@contextmanager
def station(folder: Path) -> Iterator[list[str]]:
    """The address and account of one in a process of its own, until the end of the block."""
    folder.mkdir()
    command = [sys.executable, "-m", "tests.support.dc09", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().split()
        finally:
            process.kill()


def processes_of(folder: Path) -> list[int]:
    """Whose command names this folder."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if str(folder).encode() in path.read_bytes():
                found.append(int(path.parent.name))
        except OSError:
            # It ended a moment ago.
            continue
    return found


class NightOfKinds(Night):
    """The same night with these five."""

    def __init__(self, stack: Stack, webhook: Takers, folder: Path, settings: Path, ucrm: Exchange) -> None:
        super().__init__(stack, webhook, settings)
        self._folder, self._ucrm = folder, ucrm
        self._is_told = False

    def begin(self, is_told: bool) -> None:
        self._is_told = is_told
        super().begin(is_told)

    async def beside(self, alarm: str) -> None:
        """An operator hands it over."""
        if self._is_told:
            asked = [a.NeighbourAsked("benchmark", NEIGHBOUR)]
            await asyncio.to_thread(self.stack.journal().decide, alarm, lambda _state: asked)

    def hang(self, is_hanging: bool) -> None:
        """The proxy, or it goes on."""
        for pid in processes_of(self._folder / "proxy"):
            os.kill(pid, signal.SIGSTOP if is_hanging else signal.SIGCONT)

    def wait_for(self, kind: str, names: Sequence[str], alarms: Sequence[str]) -> None:
        names = TAKING if names == GOOD else names

        def left() -> list[tuple[str, str]]:
            taken = {(name, alarm) for name, alarm, about, _id in self._taken(alarms) if about == ABOUT[kind]}
            return [(name, alarm) for name in names for alarm in alarms if (name, alarm) not in taken]

        until(lambda: not left(), lambda: f"{kind} was not told: {left()[:5]}", TOLD_WITHIN_S, 1.0)

    def faults(self) -> list[str]:
        self.hang(False)
        self._ucrm.behave()
        alarms = [alarm for half in self.told for alarm in half]
        self.wait_for(RAISED, FAILING, self.told[-1])
        self.wait_for(RAISED, TAKING, alarms)
        times = Counter((name, alarm, about) for name, alarm, about, _id in set(self._taken(alarms)))
        return [
            f"{name}: {about} twice of {alarm}"
            for (name, alarm, about), number in times.items()
            if number > 1
        ]

    def _taken(self, alarms: Sequence[str]) -> Iterator[tuple[str, str, str, str]]:
        """Receiver, alarm, about what, and the number of the message, for each that stands as taken."""
        journal = self.stack.journal()
        for alarm in alarms:
            for row in journal.stream(f"alarm:{alarm}"):
                event = journal.open_event(row) if row.kind == a.SystemTold.__name__ else None
                if isinstance(event, a.SystemTold) and not event.why:
                    yield event.receiver, alarm, event.about, event.message

    def _pids(self) -> list[int]:
        return processes_of(self._folder)


def entries(kept: ExitStack, place: Path) -> tuple[Takers, Exchange, Path]:
    """All five run until the end of the stack; and the file that names them."""
    authority = Authority(place)
    authority.server("127.0.0.1")
    webhook = kept.enter_context(takers(place / "webhook", (WEBHOOK,)))
    tak = kept.enter_context(tak_server(place / "tak"))
    url, account = kept.enter_context(station(place / "station"))
    proxy = kept.enter_context(kamailio(place / "proxy", "psap", authority=authority))
    ucrm = kept.enter_context(exchange(place / "ucrm"))
    ucrm.behave(send=503)
    common = webhook.entry(WEBHOOK)
    beside = {"account": account, "key_file": str(place / "station" / "arc.key")}
    listed = (
        common,
        common | {"name": TAK, "kind": "tak", "url": tak.url, "more": tak.more("M 12")},
        common | {"name": STATION, "kind": "dc09", "url": url, "more": beside},
        trunk(place, proxy.tls, authority.pem) | {"fields": ["id", "circle"]},
        ucrm.entry(NEIGHBOUR),
    )
    return webhook, ucrm, settings_file(place, listed)


@click.command()
@click.option("--rounds", default=4, show_default=True)
@click.option("--presses", default=105, show_default=True, help="in each half of a round")
def main(rounds: int, presses: int) -> None:
    """Measure, print, and append to RECEIVERS.md."""
    about = describe() | {"presses": f"{rounds * presses} without, {rounds * presses} with receivers"}
    with tempfile.TemporaryDirectory(prefix="egide-bench-") as made, ExitStack() as kept:
        place = Path(made) / "five"
        place.mkdir()
        webhook, ucrm, settings = entries(kept, place)
        stack = kept.enter_context(Stack(Path(made) / "installation"))
        stack.start()
        night = NightOfKinds(stack, webhook, place, settings, ucrm)
        night.hang(True)
        kept.callback(night.hang, False)
        found = uvloop.run(measure(night, rounds, presses))
        faults = night.faults()
    told = "; ".join(faults) or "Everything was told to each of the five, once."
    text = [
        "",
        f"## {rounds} rounds, five kinds",
        "",
        *(f"- {name}: {value}" for name, value in about.items()),
        "",
    ]
    text += [*table(found), "", told, ""]
    click.echo("\n".join(text))
    with REPORT.open("a", encoding="utf-8") as file:
        file.write("\n".join(text))


if __name__ == "__main__":
    main()
