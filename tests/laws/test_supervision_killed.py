"""Law: kill -9 of the worker at any moment: of each kit's trouble everybody is told once, and nobody is forgotten."""

import random
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from egide.common.clock import SystemClock
from egide.entrypoints.stack.children import Child, stop_all
from egide.events.register import KitWatched
from egide.fleet.supervision import rules as r
from egide.journal.now.heartbeats import Heartbeats
from egide.journal.now.noting import Word
from egide.journal.service import Entry
from egide.protocol.envelope import Battery, Kind, Message
from tests.support.installation import Installation, Phone
from tests.support.waiting import until

KITS = 150
# Low batteries and a button that is gone: what is told at once, whatever else happens to the service.
WANTED = Counter(
    [
        (r.UNPAIRED, r.PERSON),
        (r.UNPAIRED, r.ZONE),
        (r.PHONE_BATTERY, r.PERSON),
        (r.BUTTON_BATTERY, r.PERSON),
    ]
)


def fall_ill(
    installation: Installation, phones: list[Phone], counter: int, battery: Battery, link: int
) -> None:
    """One more heartbeat of each, as intake notes it."""
    now_s = installation.clock.now_us() // 1_000_000
    message = Message(kind=Kind.HEARTBEAT, counter=counter, sent_at_s=now_s, battery=battery, link=link)
    Heartbeats(installation.config).note([Word(phone.device, now_s, message) for phone in phones])


def told(installation: Installation) -> dict[str, Counter[tuple[str, ...]]]:
    """What stands in the journal of each kit: (what, whom), and (what, "solved")."""
    found: dict[str, Counter[tuple[str, ...]]] = {}
    for row in installation.journal.every():
        if row.kind.startswith("KitTrouble"):
            event: Any = installation.journal.open_event(row)
            found.setdefault(event.kit, Counter())[event.what, getattr(event, "whom", "solved")] += 1
    return found


def until_told(installation: Installation, wanted: Counter[tuple[str, ...]]) -> None:
    def count() -> int:
        return sum(counted.total() for counted in told(installation).values())

    until(
        lambda: count() >= KITS * wanted.total(),
        lambda: f"{len(told(installation))} kits of {KITS}",
        every_s=0.2,
    )
    assert set(map(frozenset, (counted.items() for counted in told(installation).values()))) == {
        frozenset(wanted.items())
    }


@pytest.mark.law
def test_a_worker_that_is_killed_again_and_again_tells_of_each_trouble_once(
    tmp_path: Path, rounds: int, chance: random.Random, journal_address: str
) -> None:
    with Installation(tmp_path, SystemClock(), address=journal_address) as installation:
        phones = [installation.enrol() for _ in range(KITS)]
        installation.journal.append(
            [
                Entry(stream=f"kit:{phone.kit}", case=phone.case, event=KitWatched(phone.kit, r.ORDINARY))
                for phone in phones
            ]
        )
        worker = Child("egide.entrypoints.worker", [], installation.config.environment(), None)
        try:
            worker.ready()
            fall_ill(installation, phones, 1, Battery(5, 5), 0)
            for _ in range(max(2, rounds // 8)):
                # The moment is what is tried here; nothing is waited for.
                time.sleep(chance.uniform(0.0, 1.0))
                worker.kill()
                worker.start()
                worker.ready()
            until_told(installation, WANTED)
            fall_ill(installation, phones, 2, Battery(90, 90), 3)
            time.sleep(chance.uniform(0.0, 1.0))
            worker.kill()
            worker.start()
            worker.ready()
            solved = Counter(
                {(what, "solved"): 1 for what in (r.UNPAIRED, r.PHONE_BATTERY, r.BUTTON_BATTERY)}
            )
            until_told(installation, WANTED + solved)
        finally:
            stop_all([worker])
