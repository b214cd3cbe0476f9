"""Where two phones that went through the same history parted."""

import json
from collections.abc import Sequence
from itertools import groupby

import msgspec

from egide.protocol.envelope import decode

# What was done, each with its moment in µs.
Trace = Sequence[tuple[int, str]]
# What only some of the phones say of themselves.
REPORTED, SHOWN, FELT = "report", "shown", "vibrates"


def without(trace: Trace, *whats: str) -> Trace:
    """A trace without these words."""
    return [(at_us, did) for at_us, did in trace if json.loads(did)[0] not in whats]


def differences(names: tuple[str, str], one: Trace, other: Trace) -> list[str]:
    """The first moment at which two did different things, and what each did in it; empty when there is none.

    What is done at one moment may be done in any order.
    """
    did = [
        {at: sorted(did for _, did in group) for at, group in groupby(trace, lambda done: done[0])}
        for trace in (one, other)
    ]
    for at_us in sorted(did[0] | did[1]):
        first, second = (moment.get(at_us, []) for moment in did)
        if first != second:
            only = [f"{names[0]}: {in_words(done)}" for done in first if done not in second]
            only += [f"{names[1]}: {in_words(done)}" for done in second if done not in first]
            return [f"at {at_us / 1e6} s", *(only or [f"not as often: {first}, {second}"])]
    return []


def in_words(done: str) -> str:
    """A message as its fields."""
    what, *more = json.loads(done)
    if what != "ask" or not more[0].endswith("/v1/messages"):
        return done
    return f"{more[0]} {msgspec.json.encode(decode(bytes.fromhex(more[1])).message).decode()}"
