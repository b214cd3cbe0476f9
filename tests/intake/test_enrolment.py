"""A one-time code and a proven key become a device, once; anyone who guesses learns nothing."""

import asyncio
from dataclasses import replace

import msgspec
import pytest

from egide.common.encoding import from_base64url, to_base64url
from egide.protocol.enrolment import EnrolmentReply, EnrolmentRequest, Settings, TextRoad, make_request
from egide.protocol.keys import SigningKey, kid_of
from egide.protocol.receipt import receipt_is_valid
from tests.support.asgi import JSON, IntakeClient, Reply
from tests.support.installation import Installation, Phone

CODE = "7KQM-2XVD"


async def enrol(intake: IntakeClient, code: str, key: SigningKey) -> Reply:
    return await post(intake, make_request(code, key))


async def post(intake: IntakeClient, request: EnrolmentRequest) -> Reply:
    return await intake.request("POST", "/v1/enrolments", msgspec.json.encode(request), JSON)


async def test_a_code_and_a_key_become_a_device_that_may_press(
    installation: Installation, intake: IntakeClient
) -> None:
    kit = installation.issue_kit(button_key=bytes(range(16)), settings=Settings(hold_ms=3000))
    installation.offer(kit, CODE)
    key = SigningKey.generate()
    answer = await enrol(intake, CODE, key)
    reply = msgspec.json.decode(answer.body, type=EnrolmentReply)
    assert answer.status == 201
    assert reply.kid == kid_of(bytes(key.verify_key)).hex()
    assert (reply.kit, reply.button_id, reply.settings.hold_ms) == (kit.kit, kit.button_id, 3000)
    assert from_base64url(reply.button_key) == bytes(range(16))
    assert reply.servers == installation.config.intake_urls
    phone = Phone(key, kit.kit, kit.case)
    data = phone.press()
    receipt = (await intake.send(data)).receipt
    assert receipt_is_valid(receipt, data, from_base64url(reply.server_key))
    assert installation.kinds(f"device:{reply.kid}") == ["DeviceEnrolled"]


@pytest.mark.parametrize(("number", "texts"), [("", None), ("+3200000001", TextRoad("+3200000001", 16_000))])
async def test_the_phone_learns_where_a_press_goes_by_text_message(
    installation: Installation, number: str, texts: TextRoad | None
) -> None:
    installation.offer(installation.issue_kit(), CODE)
    installation.config = replace(installation.config, sms_number=number, sms_port=16_000)
    async with IntakeClient(installation) as intake:
        answer = await enrol(intake, CODE, SigningKey.generate())
    assert msgspec.json.decode(answer.body, type=EnrolmentReply).texts == texts
    assert (b"texts" in answer.body) is (texts is not None)


async def test_a_code_works_once(installation: Installation, intake: IntakeClient) -> None:
    installation.offer(installation.issue_kit(), CODE)
    assert (await enrol(intake, CODE, SigningKey.generate())).status == 201
    second = await enrol(intake, CODE, SigningKey.generate())
    assert (second.status, second.reason) == (404, "unknown-code")


async def test_a_code_works_once_however_many_ask_together(
    installation: Installation, intake: IntakeClient
) -> None:
    installation.offer(installation.issue_kit(), CODE)
    replies = await asyncio.gather(*(enrol(intake, CODE, SigningKey.generate()) for _ in range(20)))
    assert sorted(reply.status for reply in replies) == [201] + [404] * 19


async def test_the_same_key_with_the_same_code_gets_the_same_answer_again(
    installation: Installation, intake: IntakeClient
) -> None:
    installation.offer(installation.issue_kit(), CODE)
    key = SigningKey.generate()
    first = await enrol(intake, CODE, key)
    installation.set_clock.advance_s(3600)
    again = await enrol(intake, CODE.lower().replace("-", " "), key)
    assert (first.status, again.status, again.body) == (201, 201, first.body)
    assert len(installation.kinds(f"device:{kid_of(bytes(key.verify_key)).hex()}")) == 1


async def test_unknown_used_and_expired_codes_get_the_same_answer(
    installation: Installation, intake: IntakeClient
) -> None:
    for code in ("USED-1111", "LATE-1111"):
        installation.offer(installation.issue_kit(), code)
    await enrol(intake, "USED-1111", SigningKey.generate())
    installation.set_clock.advance_s(900)
    replies = [
        await enrol(intake, code, SigningKey.generate()) for code in ("USED-1111", "LATE-1111", "NONE-1111")
    ]
    assert {(reply.status, reply.body) for reply in replies} == {(404, replies[0].body)}
    assert {tuple(sorted(reply.headers)) for reply in replies} == {tuple(sorted(replies[0].headers))}


async def test_a_code_is_good_until_its_last_second(installation: Installation, intake: IntakeClient) -> None:
    installation.offer(installation.issue_kit(), CODE, valid_s=900)
    installation.set_clock.advance_s(899)
    assert (await enrol(intake, CODE, SigningKey.generate())).status == 201


async def test_without_proof_of_possession_the_code_is_not_used_up(
    installation: Installation, intake: IntakeClient
) -> None:
    installation.offer(installation.issue_kit(), CODE)
    key, thief = SigningKey.generate(), SigningKey.generate()
    good = make_request(CODE, key)
    for request in (
        msgspec.structs.replace(good, public_key=to_base64url(bytes(thief.verify_key))),
        msgspec.structs.replace(good, signature=make_request("OTHER", key).signature),
        msgspec.structs.replace(good, signature=""),
    ):
        reply = await post(intake, request)
        assert (reply.status, reply.reason) == (400, "bad-enrolment")
    assert (await post(intake, good)).status == 201


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"null",
        b"[1]",
        b'{"code": 5}',
        b'{"code": "A", "public_key": "", "signature": ""}',
        b'{"code": "\\ud800", "public_key": "AAAA", "signature": "AAAA"}',
        b"\xff\xfe",
        b"[" * 4000,
    ],
)
async def test_whatever_is_no_enrolment_gets_400(intake: IntakeClient, body: bytes) -> None:
    reply = await intake.request("POST", "/v1/enrolments", body, JSON)
    assert (reply.status, reply.reason) == (400, "bad-enrolment")


async def test_unknown_fields_are_refused(installation: Installation, intake: IntakeClient) -> None:
    installation.offer(installation.issue_kit(), CODE)
    fields = msgspec.to_builtins(make_request(CODE, SigningKey.generate()))
    body = msgspec.json.encode(fields | {"name": "somebody"})
    assert (await intake.request("POST", "/v1/enrolments", body, JSON)).status == 400


async def test_another_type_gets_415(intake: IntakeClient) -> None:
    reply = await intake.request("POST", "/v1/enrolments", b"{}", "text/plain")
    assert (reply.status, reply.reason) == (415, "expects-application-json")


async def test_a_second_phone_of_a_kit_is_a_second_device(
    installation: Installation, intake: IntakeClient
) -> None:
    kit = installation.issue_kit()
    for code in ("AAAA-1111", "BBBB-2222"):
        installation.offer(kit, code)
    replies = [await enrol(intake, code, SigningKey.generate()) for code in ("AAAA-1111", "BBBB-2222")]
    assert len({reply.json["kid"] for reply in replies}) == 2
    assert {reply.json["kit"] for reply in replies} == {kit.kit}
