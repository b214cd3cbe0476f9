"""Presses: taken first, taken again, never refused for their number, and what follows them."""

from egide.conform.points import Kit, expect
from egide.conform.server.lab import CONTRACT, ServerLab
from egide.protocol.envelope import Kind, Position, Source, Trigger
from egide.protocol.keys import kid_of

KIT: Kit[ServerLab] = Kit("presses")
CLAUSE = f"{CONTRACT}, POST /v1/messages"
# The middle of a lake in Finland, far from every zone: who looks at it sees that nobody has to go there.
NOWHERE = Position(625_000_000, 280_000_000, 50, 0, Source.MANUAL)
# What may still be pending after a message under threat.
_QUIETLY = {"listen-off", "quiet", "key"}


@KIT.point(
    "press",
    "presses",
    "201 with a signed receipt: its number in the journal, its alarm, how far that is",
    f"{CLAUSE}, Receipt",
)
async def _press(lab: ServerLab) -> str:
    sent = await lab.send(Kind.PRESS, position=NOWHERE, trigger=Trigger.SCREEN)
    told = sent.receipt
    named = f"{kid_of(bytes(lab.key.verify_key)).hex()}-{sent.counter}"
    expect(told.seq > 0 and told.alarm, f"event {told.seq}, alarm {told.alarm!r}")
    expect(told.state != "noted", f"state {told.state}, alarm {named}")
    lab.press = sent
    return f"event {told.seq}, alarm {told.alarm}, {told.state}"


@KIT.point(
    "press-again",
    "sends the same bytes of the press again",
    "201 with the first receipt and the state of now",
    CLAUSE,
)
async def _again(lab: ServerLab) -> str:
    first = lab.pressed
    again = lab.receipt(first.envelope, await lab.post(first.envelope))
    was = (first.receipt.seq, first.receipt.alarm, first.receipt.received_at)
    expect((again.seq, again.alarm, again.received_at) == was, f"event {again.seq}, alarm {again.alarm!r}")
    return f"event {again.seq} again, {again.state}"


@KIT.point(
    "press-with-used-counter",
    "presses under the counter of that press, with other bytes",
    "201: taken all the same, in the same alarm",
    CLAUSE,
)
async def _used(lab: ServerLab) -> str:
    first = lab.pressed
    other = lab.signed(Kind.PRESS, first.counter, trigger=Trigger.BUTTON)
    told = lab.receipt(other, await lab.post(other))
    expect(told.alarm == first.receipt.alarm, f"alarm {told.alarm!r}, first {first.receipt.alarm}")
    return f"event {told.seq}, alarm {told.alarm}"


@KIT.point(
    "press-folds",
    "presses once more while the alarm is open",
    "201 with the same alarm",
    "docs/safety.md, rule 9",
)
async def _folds(lab: ServerLab) -> str:
    first = lab.pressed
    sent = await lab.send(Kind.PRESS, position=NOWHERE, trigger=Trigger.SCREEN)
    expect(sent.receipt.alarm == first.receipt.alarm, f"alarm {sent.receipt.alarm!r}")
    return f"alarm {sent.receipt.alarm}"


@KIT.point(
    "position",
    "sends a position that names the press",
    "201 with the press's alarm",
    "contracts/envelope.cddl, follow-up (8)",
)
async def _position(lab: ServerLab) -> str:
    first = lab.pressed
    sent = await lab.send(Kind.POSITION, position=NOWHERE, press=first.counter)
    expect(sent.receipt.alarm == first.receipt.alarm, f"alarm {sent.receipt.alarm!r}")
    return f"alarm {sent.receipt.alarm}, {sent.receipt.state}"


@KIT.point(
    "safe-ends-nothing",
    "says that she is safe",
    "201, and the alarm goes on: nothing from the phone closes it",
    "docs/safety.md, rule 8",
)
async def _safe(lab: ServerLab) -> str:
    first = lab.pressed
    sent = await lab.send(Kind.CANCEL, press=first.counter, body=b"safe")
    expect(
        sent.receipt.alarm and sent.receipt.state not in ("closed", "noted"), f"state {sent.receipt.state}"
    )
    return sent.receipt.state


@KIT.point(
    "under-threat",
    "says under threat that she is safe, then sends a position",
    "201, and nothing is pending but what nobody sees on the phone",
    f"{CONTRACT}, Pending.what",
)
async def _threat(lab: ServerLab) -> str:
    first = lab.pressed
    await lab.send(Kind.CANCEL, press=first.counter, body=b"safe", trigger=Trigger.DURESS)
    after = await lab.send(Kind.POSITION, position=NOWHERE, press=first.counter)
    pending = {one.what for one in after.receipt.pending}
    expect(pending <= _QUIETLY, f"pending: {', '.join(sorted(pending))}")
    return f"pending: {', '.join(sorted(pending)) or 'nothing'}"
