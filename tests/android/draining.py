"""What a phone could not send for hours: kept while its server says nothing, then made up for at the real intake."""

import random
import signal
import time
from pathlib import Path

import msgspec

from egide.alarm.events import FromPhone, NoticeReceived, PositionReceived, PressedAgain, TextReceived
from egide.intake.service import PER_S
from egide.protocol.envelope import Kind
from tests.android.phone import JavaPhone
from tests.companion.intake import Server
from tests.support.waiting import WITHIN_S, until

# Whether the newest of a kind leaves the phone first (companion/store.py).
NEWEST_FIRST = {NoticeReceived: False, TextReceived: False, PositionReceived: True}


class Drained(msgspec.Struct, frozen=True):
    """`kept_s` until all were on the phone's disk, `sent_s` until intake had all under the counters `first` to `last`,
    and the `presses`. `came`: the events of the alarm since then, in their order. `limited`: how often the phone was
    told that it sends too much; `refused`: how often that something was refused."""

    kept_s: float
    sent_s: float
    first: int
    last: int
    presses: int
    came: list[FromPhone]
    limited: int
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


def drain(server: Server, store: Path, messages: int, presses: int, chance: random.Random) -> Drained:
    """A phone in an alarm whose intake says nothing, while the phone keeps so many messages (mostly positions, some
    notices, a few words) and its button is pressed so often."""
    kit = server.issue()
    kinds = chance.choices((Kind.POSITION, Kind.NOTICE, Kind.TEXT), (80, 15, 5), k=messages)
    with JavaPhone(store, (server.url,), kit.code).ready() as phone:
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

        def have_come() -> bool:
            return bool(server.journal.connection.execute(asked, of_them).fetchone()[0] == messages)

        until(
            have_come, lambda: phone.steps[-5:], WITHIN_S + 2 * messages / PER_S, max(0.05, messages / 2000)
        )
        phone.wait_for("phone.receipt", presses + 1)
        sent_s = time.perf_counter() - began
        limited, refused = len(phone.named("phone.limited")), len(phone.named("phone.refused")) - refused
    events = [server.journal.open_event(row) for row in server.journal.stream(f"alarm:{alarm}", before)]
    came = [event for event in events if isinstance(event, FromPhone)]
    return Drained(kept_s, sent_s, kept["first"], kept["last"], presses, came, limited, refused)
