"""A one-time code and a fresh key become a device, once."""

import msgspec

from egide.common.encoding import to_base64url
from egide.conform.calls import Answer, read_as
from egide.conform.points import Kit, Untried, expect
from egide.conform.server.lab import CONTRACT, JSON, ServerLab
from egide.conform.server.shapes import EnrolmentReply
from egide.protocol.enrolment import NATIVE, Client, EnrolmentRequest, make_request
from egide.protocol.keys import SigningKey, kid_of

KIT: Kit[ServerLab] = Kit("enrolment")
CLAUSE = f"{CONTRACT}, POST /v1/enrolments"
_CLIENT = Client(NATIVE, "conform-1")
MOST_BYTES = 4096


async def _ask(lab: ServerLab, request: EnrolmentRequest) -> Answer:
    return await lab.call("POST", "/v1/enrolments", JSON, msgspec.json.encode(request))


def _request(lab: ServerLab, key: SigningKey, code: str = "") -> EnrolmentRequest:
    return make_request(code or lab.code, key, _CLIENT)


@KIT.point("enrolment-media", "enrols as text/plain", "415, expects-application-json", CLAUSE)
async def _media(lab: ServerLab) -> str:
    body = msgspec.json.encode(_request(lab, lab.stranger))
    answer = await lab.call("POST", "/v1/enrolments", "text/plain", body)
    return await lab.refusal("expects-application-json", 415, answer)


@KIT.point("enrolment-too-large", "enrols with a body of 4097 bytes", "413, too-large", CLAUSE)
async def _large(lab: ServerLab) -> str:
    body = msgspec.json.encode(_request(lab, lab.stranger)).ljust(MOST_BYTES + 1)
    return await lab.refusal("too-large", 413, await lab.call("POST", "/v1/enrolments", JSON, body))


@KIT.point(
    "enrolment-unknown-code",
    "enrols with a code that nobody issued",
    "404, unknown-code: nobody learns whether it was used",
    CLAUSE,
)
async def _unknown(lab: ServerLab) -> str:
    request = _request(lab, lab.stranger, "ZZZZ-ZZZZ-ZZZZ-ZZZZ")
    return await lab.refusal("unknown-code", 404, await _ask(lab, request))


@KIT.point(
    "enrolment-possession",
    "enrols a key with the code, signed by another key",
    "400, bad-enrolment, and the code is not used up",
    f"{CLAUSE}, EnrolmentRequest.signature",
)
async def _possession(lab: ServerLab) -> str:
    own = to_base64url(bytes(lab.key.verify_key))
    forged = msgspec.structs.replace(_request(lab, lab.stranger), public_key=own)
    return await lab.refusal("bad-enrolment", 400, await _ask(lab, forged))


@KIT.point(
    "enrolment",
    "enrols a fresh key with the code, written in small letters and with spaces",
    "201 with the device's id, the keys, addresses and settings within their bounds",
    f"{CLAUSE}, EnrolmentReply",
)
async def _enrol(lab: ServerLab) -> str:
    typed = f" {lab.code.lower()} "
    told = read_as(await _ask(lab, _request(lab, lab.key, typed)), EnrolmentReply, 201)
    expect(told.kid == kid_of(bytes(lab.key.verify_key)).hex(), f"kid {told.kid} is not of this key")
    lab.enrolled = told
    return f"device {told.kid} of kit {told.kit}"


@KIT.point(
    "enrolment-again",
    "says the same once more, as after a lost answer",
    "201 with the same answer",
    CLAUSE,
)
async def _again(lab: ServerLab) -> str:
    if lab.enrolled is None:
        raise Untried("no phone was enrolled")
    answer = await _ask(lab, _request(lab, lab.key))
    expect(read_as(answer, EnrolmentReply, 201) == lab.enrolled, f"another answer: {answer}")
    return "the same answer"


@KIT.point(
    "enrolment-used-code",
    "enrols another key with the same code",
    "404, unknown-code",
    CLAUSE,
)
async def _used(lab: ServerLab) -> str:
    return await lab.refusal("unknown-code", 404, await _ask(lab, _request(lab, lab.stranger)))
