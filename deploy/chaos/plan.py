"""Which faults, in which order, where, how strong and for how long: made of a seed, and of nothing else.

An installation on three machines promises to bear one machine, or the network of one or of two, at a time. So a plan is
a row of faults: the next begins only when the one before is undone and all is whole again.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

MACHINES = (1, 2, 3)
# Those with Egide, as docs/operations/three-machines.md has it.
WITH_EGIDE = (1, 2)
# What runs on a machine with Egide, and what on each of the three.
OF_EGIDE = ("intake", "live", "web", "worker", "watch", "metrics", "nginx")
OF_CLUSTER = ("patroni", "postgres", "etcd")


class Kind(StrEnum):
    """What is done to machines, to what lies between them, and to boards."""

    KILLED = "kill -9"
    POWER = "power cut, unsynced writes lost or torn"
    ISOLATED = "cable out"
    CUT = "network cut between two"
    DELAY = "delay between two"
    LOSS = "loss between two"
    DUPLICATION = "duplication between two"
    DISK_FULL = "disk full"
    DISK_SLOW = "disk slow"
    CLOCK = "clock jumps by hours, and back"
    STUCK = "worker stopped (SIGSTOP)"
    HUNG = "database stopped (SIGSTOP)"
    CLOSED = "boards closed"
    MEMORY = "memory pressure"


@dataclass(frozen=True)
class Fault:
    """One fault. `where`: the numbers of one machine, of the two of a pair, or of none for boards.

    `amount`: milliseconds of delay, percent lost or doubled, hours that a clock jumps, percent of memory left; else 0.
    `after_s` is the quiet before it.
    """

    kind: Kind
    where: tuple[int, ...]
    process: str = ""
    amount: float = 0
    lasts_s: float = 0
    after_s: float = 0

    def __str__(self) -> str:
        place = " and ".join(f"egide{number}" for number in self.where)
        unit = _UNITS.get(self.kind, "")
        return ", ".join(
            filter(None, (self.kind, self.process, place, f"{self.amount:g} {unit}" if unit else ""))
        )


_UNITS = {
    Kind.DELAY: "ms",
    Kind.LOSS: "%",
    Kind.DUPLICATION: "%",
    Kind.CLOCK: "h",
    Kind.MEMORY: "% left",
}
# From and to, in that unit.
_AMOUNTS = {
    Kind.DELAY: (50, 400),
    Kind.LOSS: (5, 30),
    Kind.DUPLICATION: (10, 50),
    Kind.CLOCK: (2, 9),
    Kind.MEMORY: (25, 60),
}
# How long, in seconds. What is killed or loses its power is started again at once; a database hangs for less than the
# lease of who leads, or for longer.
_LASTS_S = {
    Kind.KILLED: (0, 0),
    Kind.POWER: (0, 10),
    Kind.ISOLATED: (5, 30),
    Kind.CUT: (5, 30),
    Kind.HUNG: (10, 40),
}
_ELSE_S = (10, 25)
_AFTER_S = (1, 6)


def make_plan(seed: int, with_egide: Sequence[int] = WITH_EGIDE, rounds: int = 1) -> list[Fault]:
    """Every fault everywhere once in each round, in an order and with figures that only the seed decides."""
    chance = random.Random(seed)
    plan = []
    for _ in range(rounds):
        faults = list(_everything(with_egide))
        chance.shuffle(faults)
        plan += [_drawn(kind, where, process, chance) for kind, where, process in faults]
    return plan


def _everything(with_egide: Sequence[int]) -> Iterator[tuple[Kind, tuple[int, ...], str]]:
    pairs = [(one, other) for one in MACHINES for other in MACHINES if one < other]
    for number in MACHINES:
        for process in (*(OF_EGIDE if number in with_egide else ()), *OF_CLUSTER):
            yield Kind.KILLED, (number,), process
        for kind in (Kind.POWER, Kind.ISOLATED, Kind.DISK_FULL, Kind.DISK_SLOW, Kind.MEMORY, Kind.HUNG):
            yield kind, (number,), ""
    for number in with_egide:
        yield Kind.CLOCK, (number,), ""
        yield Kind.STUCK, (number,), "worker"
    for pair in pairs:
        for kind in (Kind.CUT, Kind.DELAY, Kind.LOSS, Kind.DUPLICATION):
            yield kind, pair, ""
    yield Kind.CLOSED, (), ""


def _drawn(kind: Kind, where: tuple[int, ...], process: str, chance: random.Random) -> Fault:
    low, high = _AMOUNTS.get(kind, (0, 0))
    return Fault(
        kind,
        where,
        process,
        amount=chance.randint(low, high),
        lasts_s=round(chance.uniform(*_LASTS_S.get(kind, _ELSE_S)), 1),
        after_s=round(chance.uniform(*_AFTER_S), 1),
    )
