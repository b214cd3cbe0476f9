"""Codes, and limits: one phone's chatter is limited, a press never."""

import asyncio

import msgspec

from egide.common.encoding import to_base64url
from egide.conform.calls import Answer, read_as
from egide.conform.points import Deviates, Kit, Untried, expect
from egide.conform.server.lab import CONTRACT, JSON, ServerLab
from egide.conform.server.presses import NOWHERE
from egide.conform.server.shapes import OpeningReply
from egide.protocol.envelope import Kind, Trigger
from egide.protocol.keys import SigningKey
from egide.protocol.opening import TAG_BYTES, OpeningRequest, make_opening

KIT: Kit[ServerLab] = Kit("limits")
OPENINGS = f"{CONTRACT}, POST /v1/openings"
MESSAGES = f"{CONTRACT}, POST /v1/messages"
# So many different codes an hour.
CODES = 5
# 120 at once and 4 a second: more than these are never taken at one go, whatever the line.
MOST_SIGNS, AT_ONCE = 400, 20


def tag(number: int) -> bytes:
    return bytes([number]) * TAG_BYTES


async def _open(lab: ServerLab, request: OpeningRequest) -> Answer:
    return await lab.call("POST", "/v1/openings", JSON, msgspec.json.encode(request))


async def _part(lab: ServerLab, number: int) -> str:
    if lab.enrolled is None:
        raise Untried("no phone was enrolled")
    return read_as(await _open(lab, make_opening(tag(number), lab.key)), OpeningReply, 201).part


@KIT.point(
    "opening",
    "asks twice for the server's half of one code, and once for that of another",
    "201 with 32 bytes, the same for the same code and others for another",
    OPENINGS,
)
async def _opening(lab: ServerLab) -> str:
    one, same, other = [await _part(lab, number) for number in (1, 1, 2)]
    expect(one == same, "two halves for one code")
    expect(one != other, "one half for two codes")
    return "the same half for the same code"


@KIT.point(
    "opening-signed",
    "asks for a half in the name of a key that nobody enrolled, and in the phone's name with another key",
    "401, unknown-key and bad-signature",
    f"{OPENINGS}, 401",
)
async def _signed(lab: ServerLab) -> str:
    if lab.enrolled is None:
        raise Untried("no phone was enrolled")
    unknown = await _open(lab, make_opening(tag(1), SigningKey.generate()))
    await lab.refusal("unknown-key", 401, unknown)
    right = make_opening(tag(1), lab.key)
    wrong = lab.stranger.sign(b"something else").signature
    forged = msgspec.structs.replace(right, signature=to_base64url(wrong))
    return await lab.refusal("bad-signature", 401, await _open(lab, forged))


@KIT.point(
    "opening-limited",
    "tries more than five codes",
    "429, too-many-codes; those that were tried already cost nothing",
    f"{OPENINGS}, 429",
)
async def _codes(lab: ServerLab) -> str:
    for number in range(1, CODES + 1):
        await _part(lab, number)
    came = await lab.refusal("too-many-codes", 429, await _open(lab, make_opening(tag(CODES + 1), lab.key)))
    await _part(lab, 1)
    return came


@KIT.point(
    "limit",
    "sends signs of life without a pause",
    "429, too-many-messages, with Retry-After, after 120 at most and 4 a second",
    f"{MESSAGES}, 429",
)
async def _limit(lab: ServerLab) -> str:
    if lab.enrolled is None:
        raise Untried("no phone was enrolled")
    for taken in range(0, MOST_SIGNS, AT_ONCE):
        signs = [lab.message(Kind.HEARTBEAT) for _ in range(AT_ONCE)]
        answers = await asyncio.gather(*(lab.post(sign) for sign in signs))
        limited = next((answer for answer in answers if answer.status != 201), None)
        if limited is not None:
            came = await lab.refusal("too-many-messages", 429, limited)
            expect(_waits(limited), f"Retry-After: {limited.headers.get('retry-after')}")
            return f"{came} after {taken} to {taken + AT_ONCE}"
    raise Deviates(f"{MOST_SIGNS} signs of life were taken at one go")


@KIT.point(
    "press-is-not-limited",
    "presses right after that limit",
    "201: presses are never throttled",
    MESSAGES,
)
async def _press(lab: ServerLab) -> str:
    sent = await lab.send(Kind.PRESS, position=NOWHERE, trigger=Trigger.SCREEN)
    return f"event {sent.receipt.seq}"


def _waits(answer: Answer) -> bool:
    return answer.headers.get("retry-after", "").isdigit() and int(answer.headers["retry-after"]) >= 1
