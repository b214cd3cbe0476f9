"""A journal with many files and alarms, written event by event as the system does: for measuring a rebuild."""

import random
from collections.abc import Iterator
from datetime import date

from egide.alarm import events as a
from egide.common.clock import SetClock
from egide.common.config import Config
from egide.demo.world import answered, kit_issued
from egide.events import register as r
from egide.events.base import Event
from egide.events.casework import FileEnded, FileRequested, FileStarted, GrantDecided
from egide.journal.service import Entry, Journal, KeyStore

BATCH = 2000
ALARMS_PER_FILE = 5
_OUTCOMES = ("handling-error", "test", "perpetrator-gone", "arrest", "nobody-seen-but-fear-founded")


def write_journal(config: Config, events: int, zones: list[tuple[str, str, str]], seed: int) -> int:
    """At least so many events; returns how many there are."""
    clock = SetClock(1_600_000_000_000_000)
    keys = KeyStore.open(config)
    journal = Journal.open(config, clock, keys)
    chance = random.Random(seed)
    batch: list[Entry] = []
    written = number = 0
    while written < events:
        case = f"{number:08x}ca5e{number & 0xFFFF:04x}"
        keys.ensure(case)
        zone, centre, _office = zones[number % len(zones)]
        for stream, event in _life(number, case, zone, centre, chance):
            batch.append(Entry(stream=stream, event=event, case=case))
            written += 1
        clock.advance_s(chance.randint(100, 4000))
        number += 1
        if len(batch) >= BATCH:
            journal.append(batch)
            batch.clear()
    journal.append(batch)
    return written


def _life(
    number: int, case: str, zone: str, centre: str, chance: random.Random
) -> Iterator[tuple[str, Event]]:
    file = f"case:{case}"
    yield file, FileStarted(case=case, user="bench", managing_zone=zone)
    yield file, FileRequested(case=case, user="bench")
    decision = GrantDecided(case=case, user="bench", decision="granted", review_on=date(2030, 1, 1))
    yield file, decision
    issued = kit_issued(number, case=case, managing_zone=zone, home_zone=zone, home_centre=centre)
    kit = issued.kit
    yield f"kit:{kit}", issued
    yield f"kit:{kit}", r.KitHandedOver(kit=kit, by="bench")
    for one in range(ALARMS_PER_FILE):
        stream = f"alarm:{number:016x}-{one}"
        for event in _alarm(case, kit, zone, centre, one, chance):
            yield stream, event
    yield f"kit:{kit}", r.KitReturned(kit=kit)
    yield file, FileEnded(case=case, user="bench")


def _alarm(
    case: str, kit: str, zone: str, centre: str, number: int, chance: random.Random
) -> Iterator[Event]:
    """What a usual alarm leaves."""
    yield a.PressReceived(
        device=kit,
        case=case,
        counter=number * 10 + 1,
        sent_at_s=1_600_000_000,
        envelope=bytes(120),
        trigger=1,
        origin=a.Origin(zone, zone, centre),
    )
    yield a.AlarmRouted(route=a.Route(zone=zone, centre=centre, managing_zone=zone, basis="position"))
    yield from answered(zone, centre, "bench", "Invented", "M 12")
    if chance.random() < 0.5:
        yield a.TeamUnderWay(by="bench")
        yield a.TeamOnSite(by="bench")
        yield a.TeamReported(by="bench", outcome=chance.choice(_OUTCOMES), text="Invented")
    yield a.AlarmClosed(user="bench", outcome=chance.choice(_OUTCOMES), reason="Invented")
