"""Nothing about a person leaves intake but in the sealed journal: not in logs, counters or refusals."""

import logging

import pytest

from egide.common.encoding import to_base64url
from egide.protocol.envelope import Kind, unwrap
from tests.intake.test_enrolment import enrol
from tests.intake.test_refusals import forged
from tests.support.asgi import IntakeClient
from tests.support.faults import fault_at
from tests.support.installation import HERE, Installation

BODY = b"he is at the back door"


async def test_no_position_text_key_or_code_in_logs_counters_and_refusals(
    installation: Installation, intake: IntakeClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    kit = installation.issue_kit(button_key=b"secret of button")
    installation.offer(kit, "7KQM-2XVD")
    phone = installation.enrol(kit)
    await intake.send(phone.press())
    await intake.send(phone.envelope(Kind.TEXT, press=1, body=BODY))
    with fault_at(installation, "message", "counter", 9):
        refusals = [
            await intake.send(phone.envelope(Kind.TEXT, counter=1, body=BODY, position=HERE)),
            await intake.send(forged(phone)),
            await intake.send(phone.press()[:-20]),
            await intake.send(phone.press(counter=9)),
            await enrol(intake, "7KQM-9999", phone.key),
        ]
    assert [reply.status for reply in refusals] == [409, 401, 400, 503, 404]
    told = b" ".join(reply.body for reply in refusals).decode() + await intake.metrics() + caplog.text
    secrets = [
        BODY.decode(),
        str(HERE.lat_e7),
        str(HERE.lon_e7),
        "7KQM",
        phone.device,
        phone.case,
        kit.kit,
        to_base64url(bytes(phone.key.verify_key)),
        "secret of button",
        to_base64url(b"secret of button"),
    ]
    assert [secret for secret in secrets if secret in told] == []
    assert "could not be stored" in caplog.text


async def test_a_value_out_of_its_limits_is_named_without_saying_where_somebody_is(
    installation: Installation, intake: IntakeClient
) -> None:
    phone = installation.enrol()
    payload = bytearray(unwrap(phone.press()).payload)
    # A latitude beyond the pole, by a fault of the phone.
    at = payload.index(HERE.lat_e7.to_bytes(4, "big"))
    payload[at : at + 4] = b"\xff\xff\xff\xfe"
    reply = await intake.send(phone.seal(bytes(payload)))
    assert (reply.status, reply.reason) == (400, "out-of-range")
    assert str(HERE.lon_e7) not in reply.body.decode()
