"""Where two phones that went through the same history parted."""

import json
from collections.abc import Sequence
from itertools import groupby

import msgspec

from egide.protocol.envelope import decode

# What was done, each with its moment in µs.
Trace = Sequence[tuple[int, str]]
# The state that a page shows, by its name in docs/android.md, and what the web app has for it. The companion shows one
# line instead of `alarm`, `trouble`, `checks` and `saysCancelled` (LINES in played_companion.py), and says the rest in
# reports: `phone.asks`, `phone.test_armed`, `phone.test_stored`, `phone.test_received`. Whether the first page warns is
# made of these by one rule for both apps (`Warning` in phone/src/core/proofs.ts). When a phone last wrote something
# down (`checkedAtMs`) is each one's own: the native engine writes in another rhythm.
WORDS = {
    "alarm": "alarm.state, where alarm.showsAlarm",
    "question": "alarm.question",
    "isMuted": "alarm.isMuted",
    "saysCancelled": "alarm.saysCancelled",
    "saysTrouble": "alarm.saysTrouble",
    "team": "alarm.teamStep",
    "trouble": "alarm.trouble",
    "checks": "standing.told, at rest",
    "test": "testStep",
    "testUntilMs": "test.armedUntilMs, where one is armed",
    "testedAtMs": "codes.page.testedAtMs, once there are codes",
    "answeredAtMs": "standing.answeredAtMs",
    "provedAtMs": "standing.provedAtMs",
    "mayLocate": "platform.isAllowed",
    "isMicrophoneRefused": "platform.isMicrophoneRefused",
    "isPaired": "radio.isPaired",
    "isConnected": "radio.isConnected",
    "buttonHeardAtMs": "chosen.now.buttonHeardAtMs",
    "buttonPct": "engine.buttonPct",
    "phonePct": "platform.battery().phone_pct",
    "vibrates": "chosen.now.vibrates",
    "listens": "chosen.now.listens",
}
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
        {at: sorted(settled([did for _, did in group])) for at, group in groupby(trace, lambda done: done[0])}
        for trace in (one, other)
    ]
    for at_us in sorted(did[0] | did[1]):
        first, second = (moment.get(at_us, []) for moment in did)
        if first != second:
            only = [f"{names[0]}: {in_words(done)}" for done in first if done not in second]
            only += [f"{names[1]}: {in_words(done)}" for done in second if done not in first]
            return [f"at {at_us / 1e6} s", *(only or [f"not as often: {first}, {second}"])]
    return []


def shows(trace: Trace) -> list[str]:
    """The names of what is shown, in order."""
    return sorted({name for _, did in trace if json.loads(did)[0] == SHOWN for name in json.loads(did)[1]})


def settled(did: Sequence[str]) -> list[str]:
    """What was done at one moment, and of what was shown in it the last."""
    shown = [done for done in did if json.loads(done)[0] == SHOWN]
    return [done for done in did if done not in shown] + shown[-1:]


def in_words(done: str) -> str:
    """A message as its fields."""
    what, *more = json.loads(done)
    if what != "ask" or not more[0].endswith("/v1/messages"):
        return done
    return f"{more[0]} {msgspec.json.encode(decode(bytes.fromhex(more[1])).message).decode()}"
