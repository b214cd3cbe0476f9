"""How the phone becomes a device: its request, and a lost answer."""

from egide.conform.phone.lab import ENROL, ENROL_AGAIN, PhoneLab
from egide.conform.phone.pretended import Broken, Enrolling, Reply
from egide.conform.points import Kit, Untried, expect
from egide.protocol.enrolment import code_hash

KIT: Kit[PhoneLab] = Kit("enrolment")
CLAUSE = "contracts/intake.openapi.yaml, POST /v1/enrolments"


@KIT.point(
    "enrolment",
    "has the phone enrolled with the code",
    "one request with the code, a key of the phone's own, and what it says it is, in JSON",
    f"{CLAUSE}, EnrolmentRequest",
)
async def _enrol(lab: PhoneLab) -> str:
    lost = [Broken()]

    def lose_the_first() -> Reply | None:
        return lost.pop() if lost else None

    lab.server.enrol_plan = lose_the_first
    await lab.ask(ENROL)
    await lab.until(lambda: lab.server.enrollings, lab.hands_s, "nothing was enrolled")
    first = lab.server.enrollings[0]
    expect(first.request is not None, f"no enrolment: {first.body[:120]!r}")
    expect(first.media.partition(";")[0] == "application/json", f"content-type: {first.media}")
    assert first.request is not None
    expect(
        code_hash(first.request.code) == code_hash(lab.server.code), f"another code: {first.request.code!r}"
    )
    client = first.request.client
    return (
        f"says it is {client.kind} {client.version}"
        if client
        else "says not what it is: counts as a web page"
    )


@KIT.point(
    "possession",
    "looks whether the request proves the key",
    "a signature by the new key over word, code, key, and what it says it is",
    f"{CLAUSE}, EnrolmentRequest.signature",
)
async def _possession(lab: PhoneLab) -> str:
    expect(_first(lab).key, "the signature does not prove the key")
    return "signed"


@KIT.point(
    "enrolment-again",
    "breaks the connection instead of the first answer",
    "the same code and the same key again, by itself or by the person's hand",
    CLAUSE,
)
async def _again(lab: PhoneLab) -> str:
    first = _first(lab)
    if not first.key:
        raise Untried("no key was proven")
    if len(lab.server.enrollings) < 2:
        await lab.ask(ENROL_AGAIN)
    await lab.until(lambda: len(lab.server.enrollings) > 1, lab.hands_s, "it did not enrol again")
    second = lab.server.enrollings[1]
    expect(second.key == first.key, "another key for the same code: the first would have been lost")
    return "the same key"


def _first(lab: PhoneLab) -> Enrolling:
    if not lab.server.enrollings:
        raise Untried("nothing was enrolled")
    return lab.server.enrollings[0]
