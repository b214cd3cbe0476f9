"""Messages that are no press, and what is no message: receipts, refusals, repeats."""

from egide.conform.points import Kit, Untried, expect
from egide.conform.server.lab import CONTRACT, COSE, ServerLab
from egide.protocol import cbor
from egide.protocol.envelope import MAX_BYTES, Kind, decode, seal_payload, unwrap
from egide.protocol.keys import SigningKey, kid_of

KIT: Kit[ServerLab] = Kit("messages")
CLAUSE = f"{CONTRACT}, POST /v1/messages"
GRAMMAR = "contracts/envelope.cddl"
NOTE = b"app-version:conform-1"
# A flag that no version of the grammar names.
_UNKNOWN_FLAG = 1 << 15

# Payloads that are signed rightly and say what no message may, by the word of the refusal. {1: kind, 2: counter,
# 3: seconds, 4: position, 8: press, 9: body}.
_WRONG: dict[str, cbor.Value] = {
    "not-a-map": 7,
    "missing-field": {1: 3, 2: 5},
    "unknown-field": {1: 3, 2: 5, 3: 0, 10: 0},
    "unknown-kind": {1: 9, 2: 5, 3: 0},
    "wrong-type": {1: 3, 2: b"5", 3: 0},
    "out-of-range": {1: 3, 2: 5, 3: 0, 4: [900_000_001, 0, 0, 0, 0]},
    "press-with-extra": {1: 1, 2: 5, 3: 0, 9: b"x"},
    "press-in-the-future": {1: 2, 2: 5, 3: 0, 8: 5},
    "too-long": {1: 6, 2: 5, 3: 0, 9: bytes(4096)},
}
# The same for what a CBOR encoder would not write: a kind in two bytes, a map without an end.
_WRONG_BYTES = {
    "not-deterministic": bytes.fromhex("a3011803020503 00".replace(" ", "")),
    "indefinite-length": bytes.fromhex("bf010302050300ff"),
    "trailing-bytes": bytes.fromhex("a301030205030000"),
}


def sealed(key: SigningKey, payload: bytes) -> bytes:
    """An envelope around any payload, signed rightly."""
    kid = kid_of(bytes(key.verify_key))
    unsigned = unwrap(seal_payload(kid, payload, bytes(64)))
    return seal_payload(kid, payload, key.sign(unsigned.to_be_signed).signature)


@KIT.point("message-media", "sends a message as application/cbor", "415, expects-application-cose", CLAUSE)
async def _media(lab: ServerLab) -> str:
    envelope = lab.signed(Kind.HEARTBEAT, 1)
    answer = await lab.call("POST", "/v1/messages", "application/cbor", envelope)
    return await lab.refusal("expects-application-cose", 415, answer)


@KIT.point("message-too-large", "sends 262145 bytes", "413, too-large", CLAUSE)
async def _large(lab: ServerLab) -> str:
    answer = await lab.call("POST", "/v1/messages", COSE, bytes(MAX_BYTES + 1))
    return await lab.refusal("too-large", 413, answer)


@KIT.point("no-envelope", "sends bytes that are no envelope", "400, bad-header", f"{GRAMMAR}, envelope")
async def _no_envelope(lab: ServerLab) -> str:
    return await lab.refusal("bad-header", 400, await lab.post(b"not an envelope"))


@KIT.point(
    "malformed",
    "sends messages that are signed rightly and say what the grammar forbids",
    "400 with the word for each fault",
    f"{GRAMMAR}, message; contracts/vectors.json, malformed",
)
async def _malformed(lab: ServerLab) -> str:
    _check_enrolled(lab)
    payloads = {reason: cbor.encode(value) for reason, value in _WRONG.items()} | _WRONG_BYTES
    for reason, payload in payloads.items():
        answer = await lab.post(sealed(lab.key, payload))
        expect(answer.status == 400, f"{reason}: {answer}")
        await lab.refusal(reason, 400, answer)
    return f"{len(payloads)} faults, each by its word"


@KIT.point(
    "unknown-key", "sends a message of a key that nobody enrolled", "401, unknown-key", f"{CLAUSE}, 401"
)
async def _unknown_key(lab: ServerLab) -> str:
    envelope = lab.signed(Kind.HEARTBEAT, 1, lab.stranger)
    return await lab.refusal("unknown-key", 401, await lab.post(envelope))


@KIT.point(
    "forged",
    "sends a message that names the enrolled key and is signed by another",
    "401, bad-signature",
    f"{CLAUSE}, 401",
)
async def _forged(lab: ServerLab) -> str:
    _check_enrolled(lab)
    told = decode(lab.signed(Kind.HEARTBEAT, 1))
    forged = seal_payload(told.kid, told.payload, lab.stranger.sign(told.to_be_signed).signature)
    return await lab.refusal("bad-signature", 401, await lab.post(forged))


@KIT.point(
    "sign-of-life",
    "sends a sign of life at rest, with a link flag that is not known yet",
    "201 with a receipt that the pinned key signed over these bytes, noted, without an alarm",
    f"{CLAUSE}, Receipt; {GRAMMAR}, common (6)",
)
async def _alive(lab: ServerLab) -> str:
    sent = await lab.send(Kind.HEARTBEAT, link=1 | _UNKNOWN_FLAG)
    told = sent.receipt
    expect((told.state, told.alarm) == ("noted", ""), f"state {told.state}, alarm {told.alarm!r}")
    return "noted"


@KIT.point(
    "note",
    "sends a notice",
    "201 with its number in the journal",
    f"{CLAUSE}, Receipt.seq",
)
async def _note(lab: ServerLab) -> str:
    sent = await lab.send(Kind.NOTICE, body=NOTE)
    expect(sent.receipt.seq > 0, f"seq {sent.receipt.seq}: a notice is kept")
    lab.note = sent
    return f"event {sent.receipt.seq}"


@KIT.point(
    "same-bytes",
    "sends the same bytes of the notice again",
    "201 with the first receipt: its number and its time",
    CLAUSE,
)
async def _same(lab: ServerLab) -> str:
    if lab.note is None:
        raise Untried("no notice was taken")
    first, again = lab.note.receipt, lab.receipt(lab.note.envelope, await lab.post(lab.note.envelope))
    expect(
        (again.seq, again.received_at) == (first.seq, first.received_at),
        f"event {again.seq} at {again.received_at}, first event {first.seq} at {first.received_at}",
    )
    return f"event {again.seq} again"


@KIT.point(
    "used-counter",
    "sends another notice under the same counter",
    "409, counter-used",
    f"{CLAUSE}, 409",
)
async def _used(lab: ServerLab) -> str:
    if lab.note is None:
        raise Untried("no notice was taken")
    other = lab.signed(Kind.NOTICE, lab.note.counter, body=NOTE + b".1")
    return await lab.refusal("counter-used", 409, await lab.post(other))


@KIT.point(
    "next-counter",
    "sends a notice whose counter leaps, as after a restored back-up",
    "201, and next_counter above everything that came from this phone",
    f"{CLAUSE}, Receipt.next_counter",
)
async def _next(lab: ServerLab) -> str:
    lab.counter += 1000
    sent = await lab.send(Kind.NOTICE, body=NOTE)
    told = sent.receipt.next_counter
    expect(told > sent.counter, f"next_counter {told} after {sent.counter}")
    return f"{told} after {sent.counter}"


def _check_enrolled(lab: ServerLab) -> None:
    if lab.enrolled is None:
        raise Untried("no phone was enrolled")
