"""What an alarm device sends over SIA DC-09 becomes an alarm when its key made it, now."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from egide.alarm.events import AlarmClosed, ShownOnBoard
from egide.alarm.state import AlarmState
from egide.events.sources import SourceEnded
from egide.protocol.dc09 import frames as dc09
from egide.protocol.dc09.frames import MOST_AHEAD_S, MOST_OLD_S
from tests.support.alarm_device import ACCOUNT, KEY, AlarmDevice, enrol_device
from tests.support.asgi import JSON, IntakeClient, Reply
from tests.support.installation import Installation
from tests.support.sources import PLACE

SECRET = "device" * 8


@pytest.fixture
async def intake(installation: Installation, tmp_path: Path) -> AsyncIterator[IntakeClient]:
    file = tmp_path / "dc09"
    file.write_text(f"{SECRET}\n", encoding="utf-8")
    file.chmod(0o640)
    installation.config = replace(installation.config, dc09_secret=str(file))
    async with IntakeClient(installation) as client:
        yield client


async def post(intake: IntakeClient, frame: bytes, account: str = ACCOUNT, secret: str = SECRET) -> Reply:
    body = msgspec.json.encode({"account": account, "frame": frame.hex()})
    return await intake.request(
        "POST", "/v1/reports/dc09", body, JSON, more={"authorization": f"Bearer {secret}"}
    )


async def give(intake: IntakeClient, frame: bytes) -> str:
    reply = await post(intake, frame)
    return "received" if reply.status == 200 else str(reply.reason)


def alarm_of(installation: Installation) -> AlarmState:
    (alarm,) = installation.journal.open_alarms()
    state = installation.journal.alarm(alarm)
    assert state is not None
    return state


def shown(installation: Installation, device: AlarmDevice) -> list[str]:
    return installation.kinds(f"source:{device.source}")[1:]


async def test_a_hold_up_opens_an_alarm_and_the_answer_is_for_its_key_alone(
    installation: Installation, intake: IntakeClient
) -> None:
    device = enrol_device(installation, place=PLACE)
    reply = await post(intake, device.pressed())
    now_s = installation.clock.now_us() // 1_000_000
    answer = bytes.fromhex(reply.json["answer"])
    assert dc09.read_answer(answer, 1, KEY, now_s) == dc09.ACK
    with pytest.raises(dc09.Dc09Error):
        dc09.read_answer(answer, 1, bytes(16), now_s)
    state = alarm_of(installation)
    (beside,) = state.press.source_presses
    assert (beside.road, beside.proof, beside.position, beside.position_from) == (
        "dc09",
        "device",
        PLACE,
        "registered",
    )
    assert (state.press.trail, state.origin.home_centre) == ((), "mons")


@pytest.mark.parametrize(
    ("token", "data"),
    [
        (dc09.SIA, "Nri1/PA001"),
        (dc09.SIA, "NQA01"),
        (dc09.SIA, "Nti10:11:12HA1|AHALL"),
        (dc09.CONTACT_ID, "1122 01 001"),
        (dc09.CONTACT_ID, "1120 01 001"),
        (dc09.CONTACT_ID, "1121 01 001"),
        (dc09.CONTACT_ID, "1101 00 001"),
    ],
)
async def test_who_asks_for_help_in_either_format_is_heard(
    installation: Installation, intake: IntakeClient, token: str, data: str
) -> None:
    device = enrol_device(installation)
    assert await give(intake, device.frame(data, token=token)) == "received"
    assert alarm_of(installation).press.presses == 1


async def test_a_test_a_poll_and_what_is_over_raise_and_end_nothing(
    installation: Installation, intake: IntakeClient
) -> None:
    device = enrol_device(installation)
    said = [
        device.poll(),
        *(device.frame(data) for data in ("NRP00", "NRX00", "NHH01", "NBA01")),
        *(
            device.frame(data, token=dc09.CONTACT_ID)
            for data in ("1601 00 000", "1602 00 000", "3122 01 001")
        ),
    ]
    assert {await give(intake, frame) for frame in said} == {"received"}
    assert installation.journal.open_alarms() == []
    # That it works is noted once in a while.
    assert shown(installation, device) == ["SourceHeard"]
    await give(intake, device.pressed())
    for data in ("NHH01", "NHR01"):
        assert await give(intake, device.frame(data)) == "received"
    assert alarm_of(installation).press.presses == 1


async def test_a_device_that_heard_no_answer_and_says_it_again_pressed_once(
    installation: Installation, intake: IntakeClient
) -> None:
    device = enrol_device(installation)
    frame = device.pressed(sequence=7)
    for again in (frame, frame, device.pressed(sequence=7, late_s=-2), device.pressed(sequence=7, late_s=9)):
        assert await give(intake, again) == "received"
    assert alarm_of(installation).press.presses == 1
    assert await give(intake, device.pressed(sequence=8)) == "received"
    state = alarm_of(installation)
    assert state.press.presses == 2
    # Once it is closed the same number is a press: a device may begin to count anew.
    installation.route(state.alarm)
    installation.act(state.alarm, ShownOnBoard(user="op", centre="mons"))
    installation.act(state.alarm, AlarmClosed(user="op", outcome="technical", reason="-"))
    assert await give(intake, device.pressed(sequence=8, late_s=1)) == "received"
    assert alarm_of(installation).closing.reopened == 1


async def test_frames_in_another_order_are_each_a_press(
    installation: Installation, intake: IntakeClient
) -> None:
    device = enrol_device(installation)
    for sequence, late_s in ((3, 0), (2, 10), (1, 20)):
        assert await give(intake, device.pressed(sequence=sequence, late_s=late_s)) == "received"
    assert alarm_of(installation).press.presses == 3


async def test_where_the_device_says_it_is_goes_before_where_it_was_registered(
    installation: Installation, intake: IntakeClient
) -> None:
    device = enrol_device(installation, place=PLACE)
    await give(intake, device.frame("NHA01", "X003E57.138", "Y50N27.252"))
    (beside,) = alarm_of(installation).press.source_presses
    assert beside.position is not None and beside.position_from == "reported"
    assert (beside.position.lat_e7, beside.position.lon_e7, beside.position.accuracy_m) == (
        504_542_000,
        39_523_000,
        100,
    )


async def test_rule_10_a_recorded_frame_raises_nothing_and_shows_in_the_technical_lane(
    installation: Installation, intake: IntakeClient
) -> None:
    device = enrol_device(installation)
    assert await give(intake, device.pressed(late_s=MOST_OLD_S)) == "received"
    assert await give(intake, device.pressed(late_s=-MOST_AHEAD_S)) == "received"
    assert alarm_of(installation).press.presses == 2
    for late_s in (MOST_OLD_S + 1, -MOST_AHEAD_S - 1, 86_400):
        assert await give(intake, device.pressed(late_s=late_s)) == "old-time"
    assert alarm_of(installation).press.presses == 2
    assert shown(installation, device) == ["VerificationFailed"]


async def test_another_key_none_or_another_account_raise_nothing(
    installation: Installation, intake: IntakeClient
) -> None:
    device = enrol_device(installation)
    assert await give(intake, device.frame(key=bytes(16))) == "wrong-key"
    assert await give(intake, device.frame(key=b"")) == "not-encrypted"
    assert shown(installation, device) == ["VerificationFailed"]
    stranger = replace(device, account="FFFF")
    assert (await post(intake, stranger.pressed(), "FFFF")).reason == "unknown-source"
    for secret in ("", SECRET[:-1], "wrong" * 8):
        assert (await post(intake, device.pressed(), secret=secret)).reason == "unknown-service"
    # Nobody brings the frame of one device as that of another.
    other = enrol_device(installation, account="5E1D", key=b"other" * 3 + b"!")
    assert (await post(intake, other.pressed(), ACCOUNT)).reason == "wrong-key"
    ended = SourceEnded(source=device.source, kit=device.kit, user="officer")
    installation.append(f"source:{device.source}", ended, case=device.case)
    assert await give(intake, device.pressed()) == "unknown-source"
    assert installation.journal.open_alarms() == []


async def test_a_device_without_a_key_says_so_and_one_with_it_is_never_heard_in_the_clear(
    installation: Installation, intake: IntakeClient
) -> None:
    device = enrol_device(installation, key=b"")
    reply = await post(intake, device.pressed())
    assert b'"ACK"0001' in bytes.fromhex(reply.json["answer"])
    (beside,) = alarm_of(installation).press.source_presses
    assert (beside.proof, beside.carrier) == ("clear", "dc09")


async def test_what_is_no_frame_is_refused_and_what_is_not_understood_is_said(
    installation: Installation, intake: IntakeClient
) -> None:
    device = enrol_device(installation)
    assert await give(intake, b"\n0000\r") == "bad-frame"
    assert await give(intake, device.frame("hello")) == "not-understood"
    assert await give(intake, device.frame("NHA01", token="ADM-CID")) == "not-understood"
    assert (await post(intake, b"x" * 9000)).status == 413
    assert (await post(intake, b"x", account="ZZ")).reason == "bad-report"
    assert installation.journal.open_alarms() == []
    assert await give(intake, device.pressed()) == "received"


async def test_rule_09_device_and_phone_of_a_kit_fold(
    installation: Installation, intake: IntakeClient
) -> None:
    phone = installation.enrol()
    device = enrol_device(installation, phone)
    alarm = (await intake.send(phone.press())).receipt.alarm
    assert await give(intake, device.pressed()) == "received"
    state = alarm_of(installation)
    assert (state.alarm, state.press.presses, len(state.press.trail)) == (alarm, 2, 1)


async def test_without_the_secret_in_the_settings_nobody_brings_frames(installation: Installation) -> None:
    device = enrol_device(installation)
    async with IntakeClient(installation) as intake:
        assert (await post(intake, device.pressed())).reason == "unknown-service"
