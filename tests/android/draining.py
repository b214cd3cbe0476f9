"""What a phone could not send for hours: kept while its server says nothing, then made up for at the real intake, which
limits it, stands behind a proxy that is away now and then, and loses its writer once.
"""

import os
import random
import signal
import time
from pathlib import Path

import msgspec

from egide.alarm.events import FromPhone, NoticeReceived, PositionReceived, PressedAgain, TextReceived
from egide.intake.service import PER_S
from egide.protocol.envelope import Kind
from tests.android.phone import JavaPhone
from tests.android.proxy import Proxy
from tests.companion.intake import Server
from tests.support.waiting import WITHIN_S, until

MOSTLY_PLACES = (80, 15, 5)
# Whether the newest of a kind leaves the phone first (companion/store.py).
NEWEST_FIRST = {NoticeReceived: False, TextReceived: False, PositionReceived: True}


class Drained(msgspec.Struct, frozen=True):
    """`kept_s` until all were on the phone's disk, `sent_s` until intake had all under the counters `first` to `last`,
    and the `presses`. `came`: the events of the alarm since then, in their order. `limited`: how often the phone was
    told that it sends too much; `away`: how often that no server can take it; `refused`: how often that something was
    refused, presses apart."""

    kept_s: float
    sent_s: float
    first: int
    last: int
    presses: int
    came: list[FromPhone]
    limited: int
    away: int
    refused: int

    def faults(self) -> list[str]:
        """Empty where each came once, in the order of its kind, presses before all of it, and nothing was refused."""
        kept = [event for event in self.came if self.first <= event.counter <= self.last]
        is_once = sorted(event.counter for event in kept) == list(range(self.first, self.last + 1))
        found = [] if is_once else ["not each of them once"]
        for kind, is_newest_first in NEWEST_FIRST.items():
            mine = [event.counter for event in kept if type(event) is kind]
            if mine != sorted(mine, reverse=is_newest_first):
                found.append(f"{kind.__name__} out of order: {mine}")
        places = [at for at, event in enumerate(self.came) if isinstance(event, PressedAgain)]
        # What was on its way when the button was pressed may come before.
        if len(places) != self.presses or max(places, default=0) > self.presses + 2:
            found.append(f"{self.presses} presses came as {places}")
        return found + ([f"{self.refused} refusals"] if self.refused else [])


def drain(
    server: Server,
    store: Path,
    messages: int,
    presses: int,
    chance: random.Random,
    seldom: int,
    weights: tuple[int, int, int] = MOSTLY_PLACES,
) -> Drained:
    """A phone in an alarm whose intake says nothing, while the phone keeps so many messages (positions, notices and
    words by these weights) and its button is pressed so often. `seldom`: see Proxy; 0 where intake keeps its writer
    too. The server's `intake_urls` name none but the proxy."""
    kit = server.issue()
    kinds = chance.choices((Kind.POSITION, Kind.NOTICE, Kind.TEXT), weights, k=messages)
    with (
        Proxy(server.url, chance, seldom) as proxy,
        JavaPhone(store, (proxy.url,), kit.code).ready() as phone,
    ):
        phone.press(1, kit.button_key)
        alarm = phone.wait_for("phone.receipt")["alarm"]
        server.process.process.send_signal(signal.SIGSTOP)
        try:
            before = len(server.journal.stream(f"alarm:{alarm}"))
            began = time.perf_counter()
            phone.tell(keep=[kind.name for kind in kinds], press=int(alarm.rpartition("-")[2]))
            kept = phone.wait_for("kept")
            kept_s = time.perf_counter() - began
            for counter in range(2, presses + 2):
                phone.press(counter, kit.button_key)
            phone.wait_for_acknowledged(presses + 1)
            refused = len(phone.named("phone.refused"))
        finally:
            server.process.process.send_signal(signal.SIGCONT)
        began = time.perf_counter()
        asked = "SELECT count(*) FROM message WHERE device = ? AND counter BETWEEN ? AND ?"
        of_them = (server.device_of(kit), kept["first"], kept["last"])

        def have_come(wanted: int) -> bool:
            return int(server.journal.connection.execute(asked, of_them).fetchone()[0]) >= wanted

        def wait_for(wanted: int) -> None:
            every_s, within_s = max(0.05, wanted / 2000), WITHIN_S + 4 * wanted / PER_S
            until(lambda: have_come(wanted), lambda: phone.steps[-5:], within_s, every_s)

        phone.wait_for("phone.receipt", presses + 1)
        if seldom:
            wait_for(messages // 2)
            lose_writer(server)
        wait_for(messages)
        sent_s = time.perf_counter() - began
        limited, away = len(phone.named("phone.limited")), len(phone.named("phone.away"))
        refused = len(phone.named("phone.refused")) - refused
    events = [server.journal.open_event(row) for row in server.journal.stream(f"alarm:{alarm}", before)]
    came = [event for event in events if isinstance(event, FromPhone)]
    return Drained(kept_s, sent_s, kept["first"], kept["last"], presses, came, limited, away, refused)


def lose_writer(server: Server) -> None:
    """Kill -9 of the writer: intake says 503 to who waits, and ends; it begins again."""
    pid = server.process.process.pid
    (writer,) = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    os.kill(int(writer), signal.SIGKILL)
    server.process.process.wait(WITHIN_S)
    server.process.start()
    server.process.ready()
