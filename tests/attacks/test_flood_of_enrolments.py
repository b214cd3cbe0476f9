"""Enrolments with made-up codes cost a check of a signature and a look by the writer each: few from one address."""

import msgspec

from egide.intake.service import WRONG_BURST
from egide.protocol.enrolment import make_request
from egide.protocol.keys import SigningKey
from tests.support.asgi import JSON, IntakeClient, Reply
from tests.support.installation import Installation

CODE = "7KQM-2XVD"


async def enrol(intake: IntakeClient, code: str) -> Reply:
    body = msgspec.json.encode(make_request(code, SigningKey.generate()))
    return await intake.request("POST", "/v1/enrolments", body, JSON)


async def test_a_flood_of_made_up_codes_ends_before_the_writer(
    installation: Installation, intake: IntakeClient
) -> None:
    told = [(await enrol(intake, f"{number:012x}")).status for number in range(round(WRONG_BURST))]
    assert told == [404] * round(WRONG_BURST)
    passed: list[object] = []
    intake.app._intake._store.put = passed.append  # type: ignore[attr-defined]
    refused = await enrol(intake, "0" * 12)
    assert (refused.status, refused.reason) == (429, "too-many-enrolments")
    assert refused.headers["retry-after"] == "1" and passed == []


async def test_right_enrolments_of_one_address_are_not_counted(
    installation: Installation, intake: IntakeClient
) -> None:
    for number in range(round(WRONG_BURST) + 5):
        kit = installation.issue_kit()
        installation.offer(kit, f"{number:012x}")
        assert (await enrol(intake, f"{number:012x}")).status == 201
