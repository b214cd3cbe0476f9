"""The kit that checks a dispatch system which is called: all its points, in the order in which they are tried."""

import asyncio
import secrets
from typing import Any

import msgspec

from egide.conform.points import Kit, Untried, expect
from egide.conform.receiver.lab import ReceiverLab, refused, taken
from egide.conform.receiver.messages import CLOSED, MOVED, RAISED, TEST, Alarm, encoded, new_number, signature

SCHEMA, CHANGES = "contracts/cad/message.schema.json", "contracts/guide/changes.md"
WEBHOOKS = "Standard Webhooks 1.0.0"
TAKEN, SIGNED = f"{WEBHOOKS}, Delivery success and failure", f"{WEBHOOKS}, Verifying signatures"
AGED = f"{WEBHOOKS}, Verifying signatures (webhook-timestamp)"
# The alert of OASIS, CAP-v1.2: its status and its kind.
CAP = "CAP 1.2, section 3.2.1"
# Well outside of the five minutes that the standard's libraries allow.
OLD_S = 3600
AT_ONCE = 8
# A later version says more than this one.
LATER = {"severity_of_later": {"level": 3, "words": ["a", "b"]}, "note_of_later": None}

KIT: Kit[ReceiverLab] = Kit("receiver")


@KIT.point("test", "sends a test message", "2xx", TAKEN)
async def _test(lab: ReceiverLab) -> str:
    return taken(await lab.tell(Alarm(lab.clock).said(TEST)))


@KIT.point(
    "test-apart",
    "sends a test message and looks at what is shown",
    "2xx, and no alarm is shown for it",
    f"{CAP} (status Test)",
)
async def _apart(lab: ReceiverLab) -> str:
    trial = Alarm(lab.clock)
    await lab.shown()
    taken(await lab.tell(trial.said(TEST)))
    shown = await lab.shown()
    expect(trial.number not in shown, "the test is shown as an alarm")
    return f"{len(shown)} shown, not the test"


@KIT.point("raised", "raises an alarm", "2xx within five seconds", TAKEN)
async def _raised(lab: ReceiverLab) -> str:
    told = lab.alarm.said(RAISED)
    answer = await lab.tell(told)
    came = taken(answer)
    lab.raised, lab.raised_answer = told, answer
    return came


@KIT.point(
    "repeat",
    "sends the same message again",
    "2xx, as the first time",
    f"{WEBHOOKS}, Verifying signatures (webhook-id)",
)
async def _repeat(lab: ReceiverLab) -> str:
    first = _first(lab)
    return taken(await lab.tell(first))


@KIT.point(
    "shown-once",
    "looks at what is shown",
    "the alarm stands there once, although its message came twice",
    f"{WEBHOOKS}, Verifying signatures (webhook-id)",
)
async def _once(lab: ReceiverLab) -> str:
    _first(lab)
    number = (await lab.shown()).count(lab.alarm.number)
    expect(number == 1, f"shown {number} times")
    return "shown once"


@KIT.point("moved", "sends a newer position", "2xx", f"{CAP} (msgType Update)")
async def _moved(lab: ReceiverLab) -> str:
    return taken(await lab.tell(lab.alarm.said(MOVED)))


@KIT.point("unsigned", "raises an alarm without a signature", "4xx", SIGNED)
async def _unsigned(lab: ReceiverLab) -> str:
    body = encoded(Alarm(lab.clock).said(RAISED))
    return refused(await lab.post({"content-type": "application/json"}, body))


@KIT.point("other-secret", "raises an alarm, signed with another secret", "4xx", SIGNED)
async def _other(lab: ReceiverLab) -> str:
    told = Alarm(lab.clock).said(RAISED)
    return refused(await lab.tell(told, secret=secrets.token_bytes(32)))


@KIT.point("changed-body", "changes the place after signing", "4xx", SIGNED)
async def _changed(lab: ReceiverLab) -> str:
    told = Alarm(lab.clock).said(RAISED)
    headers = lab.headers(told, encoded(told))
    told["circle"] = told["circle"] | {"lat": 0.0}
    return refused(await lab.post(headers, encoded(told)))


@KIT.point("changed-id", "changes the id after signing", "4xx", SIGNED)
async def _changed_id(lab: ReceiverLab) -> str:
    told = Alarm(lab.clock).said(RAISED)
    body = encoded(told)
    return refused(await lab.post(lab.headers(told, body) | {"webhook-id": new_number()}, body))


@KIT.point("changed-time", "changes the time after signing", "4xx", SIGNED)
async def _changed_time(lab: ReceiverLab) -> str:
    told = Alarm(lab.clock).said(RAISED)
    body = encoded(told)
    return refused(await lab.post(lab.headers(told, body) | {"webhook-timestamp": str(lab.now_s - 1)}, body))


@KIT.point("old", "raises an alarm that was signed an hour ago, as a recorded call would", "4xx", AGED)
async def _old(lab: ReceiverLab) -> str:
    return refused(await lab.tell(Alarm(lab.clock).said(RAISED), age_s=OLD_S))


@KIT.point("ahead", "raises an alarm that is signed for an hour later", "4xx", AGED)
async def _ahead(lab: ReceiverLab) -> str:
    return refused(await lab.tell(Alarm(lab.clock).said(RAISED), age_s=-OLD_S))


@KIT.point(
    "two-signatures",
    "signs with two secrets, theirs the second, as while a secret is changed",
    "2xx: one right signature is enough",
    f"{WEBHOOKS}, Webhook headers (webhook-signature)",
)
async def _two(lab: ReceiverLab) -> str:
    told = Alarm(lab.clock).said(TEST)
    body = encoded(told)
    headers = lab.headers(told, body)
    other = signature(secrets.token_bytes(32), told["id"], lab.now_s, body)
    both = f"{other} {headers['webhook-signature']}"
    return taken(await lab.post(headers | {"webhook-signature": both}, body))


@KIT.point(
    "unknown-fields",
    "sends a test message with fields of a later version",
    "2xx: what is not known is passed over",
    f"{CHANGES}, what may come at any time",
)
async def _unknown(lab: ReceiverLab) -> str:
    return taken(await lab.tell(Alarm(lab.clock).said(TEST, **LATER)))


@KIT.point(
    "fewest-fields",
    "sends a test message to one that may know nothing but the numbers and times",
    "2xx",
    f"{SCHEMA}, required",
)
async def _fewest(lab: ReceiverLab) -> str:
    unset: dict[str, Any] = dict.fromkeys(("category", "circle", "weapon", "link"), msgspec.UNSET)
    return taken(await lab.tell(Alarm(lab.clock).said(TEST, **unset)))


@KIT.point(
    "nothing-known",
    "sends a test message without a place, of which nobody knows whether there is a weapon",
    "2xx: both are null",
    f"{SCHEMA}, circle and weapon",
)
async def _nothing(lab: ReceiverLab) -> str:
    return taken(await lab.tell(Alarm(lab.clock).said(TEST, circle=None, weapon=None)))


@KIT.point(
    "many-at-once",
    f"sends {AT_ONCE} test messages at the same moment",
    "2xx for each within five seconds",
    TAKEN,
)
async def _many(lab: ReceiverLab) -> str:
    told = [Alarm(lab.clock).said(TEST) for _ in range(AT_ONCE)]
    answers = await asyncio.gather(*(lab.tell(one) for one in told))
    return " ".join(taken(answer) for answer in answers)


@KIT.point("closed", "says that the alarm is over", "2xx", f"{CAP} (msgType Cancel)")
async def _closed(lab: ReceiverLab) -> str:
    return taken(await lab.tell(lab.alarm.said(CLOSED)))


@KIT.point(
    "closed-gone",
    "looks at what is shown",
    "the alarm is not shown as open any more",
    f"{CAP} (msgType Cancel)",
)
async def _gone(lab: ReceiverLab) -> str:
    _first(lab)
    expect(lab.alarm.number not in await lab.shown(), "still shown")
    return "not shown"


@KIT.point(
    "raised-anew",
    "raises the same alarm under another id, as when its closing was undone; then closes it",
    "2xx for both",
    f"{SCHEMA}, id and alarm",
)
async def _anew(lab: ReceiverLab) -> str:
    anew = taken(await lab.tell(lab.alarm.said(RAISED, id=new_number())))
    return f"{anew} {taken(await lab.tell(lab.alarm.said(CLOSED)))}"


def _first(lab: ReceiverLab) -> dict[str, Any]:
    """The message that raised the alarm. Raises Untried."""
    if lab.raised is None:
        raise Untried("no alarm was taken")
    return lab.raised
