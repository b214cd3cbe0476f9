"""The server's half of what a code opens on the phone: alike for every code, a few an hour, gone with the file."""

import msgspec
import pytest

from egide.alarm.events import PhoneBlocked
from egide.journal.now.openings import DAY_S, HOUR_S, PER_DAY, PER_HOUR
from egide.protocol.keys import SigningKey
from egide.protocol.opening import OpeningReply, make_opening
from tests.support.asgi import JSON, IntakeClient, Reply
from tests.support.installation import Installation, Phone


def tag(number: int) -> bytes:
    """What a phone makes of one more code."""
    return number.to_bytes(32)


async def ask(intake: IntakeClient, key: SigningKey, number: int) -> Reply:
    body = msgspec.json.encode(make_opening(tag(number), key))
    return await intake.request("POST", "/v1/openings", body, JSON)


async def part(intake: IntakeClient, phone: Phone, number: int) -> str:
    reply = await ask(intake, phone.key, number)
    assert reply.status == 201, reply.body
    return msgspec.json.decode(reply.body, type=OpeningReply).part


async def statuses(intake: IntakeClient, phone: Phone, numbers: range) -> list[int]:
    return [(await ask(intake, phone.key, number)).status for number in numbers]


async def test_the_same_code_gets_the_same_half_and_no_other_phone_gets_it(
    installation: Installation, intake: IntakeClient
) -> None:
    phone, other = installation.enrol(), installation.enrol()
    halves = {await part(intake, phone, 1), await part(intake, phone, 2), await part(intake, other, 1)}
    assert len(halves) == 3
    assert await part(intake, phone, 1) in halves


async def test_a_few_different_codes_an_hour_and_no_more(
    installation: Installation, intake: IntakeClient
) -> None:
    phone = installation.enrol()
    assert await statuses(intake, phone, range(PER_HOUR + 1)) == [201] * PER_HOUR + [429]
    refused = await ask(intake, phone.key, PER_HOUR)
    assert (refused.reason, refused.headers["retry-after"]) == ("too-many-codes", "3600")
    # Her own code was among them: it opens all the same.
    assert await statuses(intake, phone, range(1)) == [201]
    installation.clock.advance_s(HOUR_S)
    assert await statuses(intake, phone, range(PER_HOUR, PER_HOUR + 1)) == [201]


async def test_a_day_has_fewer_than_its_hours_would_allow(
    installation: Installation, intake: IntakeClient
) -> None:
    phone = installation.enrol()
    for hour in range(PER_DAY // PER_HOUR):
        assert (
            await statuses(intake, phone, range(hour * PER_HOUR, (hour + 1) * PER_HOUR)) == [201] * PER_HOUR
        )
        installation.clock.advance_s(HOUR_S)
    assert await statuses(intake, phone, range(99, 100)) == [429]
    installation.clock.advance_s(DAY_S)
    assert await statuses(intake, phone, range(99, 100)) == [201]


async def test_the_count_outlives_the_process(installation: Installation) -> None:
    phone = installation.enrol()
    async with IntakeClient(installation) as intake:
        await statuses(intake, phone, range(PER_HOUR))
    async with IntakeClient(installation) as intake:
        assert await statuses(intake, phone, range(PER_HOUR, PER_HOUR + 1)) == [429]


async def test_a_clock_that_was_set_back_gives_no_further_tries(
    installation: Installation, intake: IntakeClient
) -> None:
    phone = installation.enrol()
    await statuses(intake, phone, range(PER_HOUR))
    installation.clock.jump_s(-10 * DAY_S)
    assert await statuses(intake, phone, range(PER_HOUR, PER_HOUR + 1)) == [429]


async def test_who_has_not_the_phones_key_gets_nothing_and_uses_up_no_try(
    installation: Installation, intake: IntakeClient
) -> None:
    phone, stranger = installation.enrol(), SigningKey.generate()
    assert (await ask(intake, stranger, 1)).reason == "unknown-key"
    for number in range(PER_HOUR):
        request = make_opening(tag(number), stranger)
        forged = msgspec.structs.replace(request, kid=make_opening(tag(number), phone.key).kid)
        reply = await intake.request("POST", "/v1/openings", msgspec.json.encode(forged), JSON)
        assert (reply.status, reply.reason) == (401, "bad-signature")
    assert await statuses(intake, phone, range(1)) == [201]


async def test_a_phone_whose_case_was_erased_gets_no_half_any_more(
    installation: Installation, intake: IntakeClient
) -> None:
    phone = installation.enrol()
    await part(intake, phone, 1)
    installation.journal.keys.destroy(phone.case)
    reply = await ask(intake, phone.key, 1)
    assert (reply.status, reply.reason) == (401, "unknown-key")


async def test_a_phone_that_somebody_blocked_gets_no_half_any_more(
    installation: Installation, intake: IntakeClient
) -> None:
    kit = installation.issue_kit()
    earlier = installation.enrol(kit)
    installation.enrol(kit)
    await part(intake, earlier, 1)
    alarm = (await intake.send(earlier.press())).receipt.alarm
    installation.act(alarm, PhoneBlocked(user="op", device=earlier.device))
    reply = await ask(intake, earlier.key, 1)
    assert (reply.status, reply.reason) == (401, "unknown-key")


@pytest.mark.parametrize(
    "body", [b"", b"{}", b'{"kid":"","tag":"","signature":""}', b'{"kid":"zz","tag":"AA","signature":"AA"}']
)
async def test_what_is_no_request_to_open_is_refused(intake: IntakeClient, body: bytes) -> None:
    reply = await intake.request("POST", "/v1/openings", body, JSON)
    assert (reply.status, reply.reason) == (400, "bad-opening")
