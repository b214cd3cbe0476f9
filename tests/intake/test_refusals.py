"""What intake refuses, in which words; and that a refusal reveals nothing and blocks nobody."""

import asyncio

import pytest

from egide.alarm.events import VerificationFailed
from egide.intake.service import BURST, LEFT_BY_REST, LEFT_BY_SIGNS
from egide.protocol.envelope import (
    MAX_BYTES,
    Envelope,
    EnvelopeError,
    Kind,
    decode,
    encode,
    seal_payload,
    unwrap,
)
from egide.protocol.keys import SigningKey
from tests.protocol.test_vectors import VECTORS, bytes_of
from tests.support.asgi import COSE, JSON, IntakeClient
from tests.support.installation import HERE, Installation, Phone


def forged(phone: Phone, number: int = 0) -> bytes:
    """A message that names this phone's key, signed by another."""
    envelope: Envelope = decode(phone.press())
    alien = SigningKey(number.to_bytes(32, "big"))
    return seal_payload(envelope.kid, envelope.payload, alien.sign(envelope.to_be_signed).signature)


def sealed_by(phone: Phone, data: bytes) -> bytes:
    """The same payload under this phone's seal; what has no readable layout stays as it is."""
    try:
        payload = unwrap(data).payload
    except EnvelopeError:
        return data
    return phone.seal(payload)


def lane(installation: Installation, phone: Phone) -> list[VerificationFailed]:
    """What the technical lane has of this phone."""
    rows = installation.journal.stream(f"device:{phone.device}")
    events = [installation.journal.open_event(row) for row in rows]
    return [event for event in events if isinstance(event, VerificationFailed)]


@pytest.mark.parametrize(
    "vector",
    [v for v in VECTORS["malformed"] if v["reason"] != "too-large"],
    ids=lambda vector: vector["name"],
)
async def test_a_malformed_envelope_gets_400_with_its_reason(
    installation: Installation, intake: IntakeClient, vector: dict[str, str]
) -> None:
    reply = await intake.send(sealed_by(installation.enrol(), bytes_of(vector)))
    assert (reply.status, reply.json["error"], reply.reason) == (400, "Bad Request", vector["reason"])


async def test_an_unknown_key_gets_401_until_it_is_enrolled(
    installation: Installation, intake: IntakeClient
) -> None:
    phone = Phone(SigningKey.generate(), "", "")
    data = phone.press()
    reply = await intake.send(data)
    assert (reply.status, reply.reason) == (401, "unknown-key")
    enrolled = installation.enrol()
    reply = await intake.send(encode(decode(data).message, enrolled.key))
    assert reply.status == 201


async def test_a_bad_signature_of_a_known_kit_gets_401_and_changes_no_alarm(
    installation: Installation, intake: IntakeClient
) -> None:
    phone = installation.enrol()
    reply = await intake.send(forged(phone))
    assert (reply.status, reply.reason) == (401, "bad-signature")
    assert installation.journal.open_alarms() == []
    assert (await intake.send(phone.press(counter=1))).status == 201


async def test_rule_10_a_press_that_fails_verification_shows_in_the_technical_lane_once_in_ten_seconds(
    installation: Installation, intake: IntakeClient
) -> None:
    phone, other = installation.enrol(), installation.enrol()
    for number in range(5):
        await intake.send(forged(phone, number))
    assert [(event.reason, event.home_centre) for event in lane(installation, phone)] == [
        ("bad-signature", "mons")
    ]
    installation.set_clock.advance_s(9.9)
    await intake.send(forged(phone))
    assert len(lane(installation, phone)) == 1
    installation.set_clock.advance_s(1.1)
    await intake.send(forged(phone))
    await intake.send(forged(other))
    assert (len(lane(installation, phone)), len(lane(installation, other))) == (2, 1)
    stored = installation.journal.stream(f"device:{phone.device}")[-1]
    assert (stored.kind, stored.centre, stored.alarm) == ("VerificationFailed", "mons", None)
    assert installation.journal.open_alarms() == []
    # A clock that is set back hides nothing for an hour.
    installation.set_clock.jump_s(-3600)
    installation.set_clock.advance_s(1.1)
    await intake.send(forged(other))
    assert len(lane(installation, other)) == 2


async def test_rule_10_an_unknown_key_leaves_no_trace_in_the_journal(
    installation: Installation, intake: IntakeClient
) -> None:
    head = installation.journal.head()
    for _ in range(5):
        await intake.send(Phone(SigningKey.generate(), "", "").press())
    assert installation.journal.head() == head


async def test_a_device_whose_key_was_erased_gets_401(
    installation: Installation, intake: IntakeClient
) -> None:
    phone = installation.enrol()
    await intake.send(Phone(SigningKey.generate(), "", "").press())
    erased = installation.enrol()
    with_key = installation.keys._place
    with_key.execute("DELETE FROM case_key WHERE case_id = ?", (erased.case,))
    installation.keys._cases.pop(erased.case)
    reply = await intake.send(erased.press())
    assert (reply.status, reply.reason) == (401, "unknown-key")
    assert (await intake.send(phone.press())).status == 201


async def test_presses_are_never_throttled(installation: Installation, intake: IntakeClient) -> None:
    phone = installation.enrol()
    presses = [phone.press() for _ in range(int(BURST) + 50)]
    replies = await asyncio.gather(*(intake.send(data) for data in presses))
    assert {reply.status for reply in replies} == {201}


async def test_other_messages_beyond_the_rate_get_429_and_presses_still_pass(
    installation: Installation, intake: IntakeClient
) -> None:
    phone, other = installation.enrol(), installation.enrol()
    await intake.send(phone.press())
    most = int(BURST - LEFT_BY_REST)
    positions = [phone.envelope(Kind.POSITION, position=HERE, press=1) for _ in range(most + 1)]
    replies = [await intake.send(data) for data in positions]
    assert [reply.status for reply in replies] == [201] * most + [429]
    assert (replies[-1].reason, replies[-1].headers["retry-after"]) == ("too-many-messages", "1")
    assert (await intake.send(phone.press())).status == 201
    assert (await intake.send(other.envelope(Kind.POSITION, position=HERE))).status == 201
    installation.set_clock.advance_s(1)
    assert (await intake.send(positions[-1])).status == 201


async def test_what_a_person_does_passes_while_what_the_phone_sends_by_itself_is_too_much(
    installation: Installation, intake: IntakeClient
) -> None:
    phone = installation.enrol()
    await intake.send(phone.press())

    async def statuses(kind: Kind, count: int) -> list[int]:
        messages = [phone.envelope(kind, press=1, body=b"safe") for _ in range(count)]
        return [(await intake.send(data)).status for data in messages]

    assert (await statuses(Kind.AUDIO, int(BURST)))[-1] == 429
    assert await statuses(Kind.NOTICE, 1) == await statuses(Kind.POSITION, 1) == [429]
    signs = await statuses(Kind.HEARTBEAT, int(LEFT_BY_REST - LEFT_BY_SIGNS) + 1)
    assert signs == [201] * (len(signs) - 1) + [429]
    assert (
        await statuses(Kind.CANCEL, 5) + await statuses(Kind.TEXT, 5) + await statuses(Kind.TEST, 5)
        == [201] * 15
    )
    # A flood of them is one all the same.
    assert (await statuses(Kind.TEXT, int(LEFT_BY_SIGNS)))[-1] == 429
    assert (await intake.send(phone.press())).status == 201


@pytest.mark.parametrize(
    ("method", "path", "status", "allow"),
    [
        ("GET", "/", 404, None),
        ("POST", "/v1/message", 404, None),
        ("POST", "/v1/messages/", 404, None),
        ("GET", "/v1/messages", 405, "POST"),
        ("PUT", "/v1/messages", 405, "POST"),
        ("DELETE", "/v1/enrolments", 405, "POST"),
        ("POST", "/v1/health", 405, "GET"),
        ("HEAD", "/v1/metrics", 405, "GET"),
    ],
)
async def test_other_addresses_and_methods(
    intake: IntakeClient, method: str, path: str, status: int, allow: str | None
) -> None:
    reply = await intake.request(method, path)
    assert (reply.status, reply.reason, reply.headers.get("allow")) == (status, "no-such-address", allow)


@pytest.mark.parametrize("content_type", ["", "application/json", "text/plain", "application/cose2"])
async def test_a_message_of_another_type_gets_415(
    installation: Installation, intake: IntakeClient, content_type: str
) -> None:
    reply = await intake.request("POST", "/v1/messages", installation.enrol().press(), content_type)
    assert (reply.status, reply.reason) == (415, "expects-application-cose")


@pytest.mark.parametrize("content_type", ["Application/COSE", 'application/cose; cose-type="cose-sign1"'])
async def test_the_type_is_read_as_the_standard_says(
    installation: Installation, intake: IntakeClient, content_type: str
) -> None:
    reply = await intake.request("POST", "/v1/messages", installation.enrol().press(), content_type)
    assert reply.status == 201


async def test_what_is_too_large_gets_413_before_or_while_it_is_read(intake: IntakeClient) -> None:
    for reply in (
        await intake.request("POST", "/v1/messages", b"", COSE, declared=MAX_BYTES + 1),
        await intake.request("POST", "/v1/messages", bytes(MAX_BYTES + 1), COSE),
        await intake.request("POST", "/v1/enrolments", b" " * 4097, JSON),
    ):
        assert (reply.status, reply.reason) == (413, "too-large")
    assert (await intake.request("POST", "/v1/messages", bytes(MAX_BYTES), COSE)).status == 400


async def test_every_refusal_is_counted_by_its_reason(
    installation: Installation, intake: IntakeClient
) -> None:
    phone = installation.enrol()
    await intake.send(phone.press())
    for _ in range(3):
        await intake.send(forged(phone))
    await intake.send(b"")
    await intake.request("GET", "/somewhere")
    page = await intake.metrics()
    assert 'egide_intake_replies_total{status="201",reason=""} 1' in page
    assert 'egide_intake_replies_total{status="401",reason="bad-signature"} 3' in page
    assert 'egide_intake_replies_total{status="400",reason="bad-header"} 1' in page
    assert 'egide_intake_replies_total{status="404",reason="no-such-address"} 1' in page


async def test_health_answers(intake: IntakeClient) -> None:
    reply = await intake.request("GET", "/v1/health")
    assert (reply.status, reply.json) == (200, {"status": "ok", "waiting": 0})
