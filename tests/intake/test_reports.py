"""What a button says over a gateway becomes an alarm when it proves itself, and nobody else's word does (0104)."""

import msgspec

from egide.alarm.events import AlarmClosed, ShownOnBoard, SourcePressed
from egide.alarm.state import AlarmState
from egide.events.register import KitReturned
from egide.events.sources import SourceEnded
from egide.intake.service import REPORT_BURST
from egide.intake.sources.rules import HEARD_AGAIN_US
from egide.journal.ending import erasing
from egide.protocol.bthome import Event
from tests.support.asgi import JSON, IntakeClient, Reply
from tests.support.installation import Installation
from tests.support.sources import PLACE, Button, enrol_button


async def told(intake: IntakeClient, source: str, frame: bytes) -> Reply:
    body = msgspec.json.encode({"source": source, "frame": frame.hex()})
    return await intake.request("POST", "/v1/reports", body, JSON)


async def give(intake: IntakeClient, button: Button, frame: bytes) -> str:
    """What a gateway is answered: "received", or the reason of a refusal."""
    reply = await told(intake, button.source, frame)
    return str(reply.json["state"] if reply.status == 200 else reply.reason)


def alarm_of(installation: Installation) -> AlarmState:
    (alarm,) = installation.journal.open_alarms()
    state = installation.journal.alarm(alarm)
    assert state is not None
    return state


def failed(installation: Installation, button: Button) -> list[str]:
    return installation.kinds(f"source:{button.source}")[1:]


async def test_a_held_button_opens_an_alarm_that_says_what_it_proves(
    installation: Installation, intake: IntakeClient
) -> None:
    button = enrol_button(installation)
    frame = button.held()
    assert await give(intake, button, frame) == "received"
    state = alarm_of(installation)
    (beside,) = state.press.source_presses
    assert (beside.proof, beside.road, beside.position, beside.position_from) == (
        "button",
        "bthome",
        PLACE,
        "registered",
    )
    assert (state.alarm, state.press.presses, state.press.trail) == (f"{button.source}-1", 1, ())
    assert state.origin.home_centre == "mons"
    (row,) = installation.journal.stream(f"alarm:{state.alarm}")
    event = installation.journal.open_event(row)
    assert isinstance(event, SourcePressed) and event.report == frame and event.battery_pct == 88


async def test_the_same_frame_from_every_gateway_that_heard_it_is_one_press(
    installation: Installation, intake: IntakeClient
) -> None:
    button = enrol_button(installation)
    frame = button.held()
    assert {await give(intake, button, frame) for _ in range(5)} == {"received"}
    assert alarm_of(installation).press.presses == 1


async def test_a_gateway_learns_nothing_from_the_answer(
    installation: Installation, intake: IntakeClient
) -> None:
    button = enrol_button(installation)
    bodies = {
        (await told(intake, button.source, frame)).body
        for frame in (button.frame(), button.frame(Event.PRESS), button.held())
    }
    assert bodies == {b'{"state":"received"}'}


async def test_a_touch_is_no_alarm_and_uses_its_counter_up(
    installation: Installation, intake: IntakeClient
) -> None:
    button = enrol_button(installation)
    held_back = button.held()
    assert await give(intake, button, button.frame(Event.PRESS)) == "received"
    assert installation.journal.open_alarms() == []
    assert await give(intake, button, held_back) == "old-counter"
    assert installation.journal.open_alarms() == []


async def test_rule_10_a_recorded_press_raises_nothing_and_shows_in_the_technical_lane(
    installation: Installation, intake: IntakeClient
) -> None:
    button = enrol_button(installation)
    await give(intake, button, button.frame(Event.LONG_PRESS, counter=9))
    assert await give(intake, button, button.frame(Event.LONG_PRESS, counter=8)) == "old-counter"
    assert alarm_of(installation).press.presses == 1
    assert failed(installation, button) == ["VerificationFailed"]


async def test_another_key_raises_nothing_and_shows_once(
    installation: Installation, intake: IntakeClient
) -> None:
    button = enrol_button(installation)
    for number in range(3):
        frame = button.frame(Event.LONG_PRESS, counter=number + 1, key=bytes(16))
        assert await give(intake, button, frame) == "wrong-key"
    assert installation.journal.open_alarms() == []
    assert failed(installation, button) == ["VerificationFailed"]
    # What was forged used nothing up.
    assert await give(intake, button, button.frame(Event.LONG_PRESS, counter=1)) == "received"
    assert alarm_of(installation).press.presses == 1


async def test_somebody_else_s_button_raises_nothing(
    installation: Installation, intake: IntakeClient
) -> None:
    button, other = enrol_button(installation), enrol_button(installation)
    assert await give(intake, button, other.held()) == "wrong-key"
    assert installation.journal.open_alarms() == []


async def test_an_unknown_or_ended_source_raises_nothing(
    installation: Installation, intake: IntakeClient
) -> None:
    button = enrol_button(installation)
    assert (await told(intake, "0" * 16, button.held())).reason == "unknown-source"
    ended = SourceEnded(source=button.source, kit=button.kit, user="officer")
    installation.append(f"source:{button.source}", ended, case=button.case)
    assert await give(intake, button, button.held()) == "unknown-source"
    assert installation.journal.open_alarms() == []


async def test_what_is_no_report_is_refused_and_breaks_nothing(
    installation: Installation, intake: IntakeClient
) -> None:
    button = enrol_button(installation)
    assert await give(intake, button, b"\x44") == "not-encrypted"
    assert await give(intake, button, b"\x45" + bytes(3)) == "too-short"
    for body in (b"", b"[]", b'{"source":"x","frame":"00"}', b"\xff", b"[" * 999):
        assert (await intake.request("POST", "/v1/reports", body, JSON)).reason == "bad-report"
    empty = msgspec.json.encode({"source": button.source, "frame": ""})
    assert (await intake.request("POST", "/v1/reports", empty, JSON)).reason == "bad-report"
    assert (await intake.request("POST", "/v1/reports", b"x" * 5000, JSON)).status == 413
    assert (await intake.request("POST", "/v1/reports", b"{}", "text/plain")).status == 415
    assert await give(intake, button, button.held()) == "received"


async def test_rule_09_button_and_phone_of_a_kit_fold_whichever_comes_first(
    installation: Installation, intake: IntakeClient
) -> None:
    kit = installation.issue_kit()
    button = enrol_button(installation, kit)
    phone = installation.enrol(kit)
    await give(intake, button, button.held())
    receipt = (await intake.send(phone.press())).receipt
    assert receipt.alarm == f"{button.source}-1"
    await give(intake, button, button.held())
    state = alarm_of(installation)
    assert (state.press.presses, state.device) == (3, phone.device)
    # Where the phone is counts; the button's place stands beside.
    assert [fix.position.accuracy_m for fix in state.press.trail] == [12]
    second = installation.enrol()
    other = enrol_button(installation, second)
    alarm = (await intake.send(second.press())).receipt.alarm
    await give(intake, other, other.held())
    assert installation.kinds(f"alarm:{alarm}") == ["PressReceived", "SourcePressed"]


async def test_rule_09_within_the_hour_after_the_closing_the_alarm_opens_again(
    installation: Installation, intake: IntakeClient
) -> None:
    button = enrol_button(installation)
    await give(intake, button, button.held())
    (alarm,) = installation.journal.open_alarms()
    installation.route(alarm)
    installation.act(alarm, ShownOnBoard(user="op", centre="mons"))
    installation.act(alarm, AlarmClosed(user="op", outcome="technical", reason="-"))
    assert installation.journal.open_alarms() == []
    await give(intake, button, button.held())
    assert alarm_of(installation).closing.reopened == 1


async def test_a_flood_in_the_name_of_a_source_is_limited(
    installation: Installation, intake: IntakeClient
) -> None:
    button, other = enrol_button(installation), enrol_button(installation)
    junk = button.frame(Event.LONG_PRESS, counter=1, key=bytes(16))
    answers = [await give(intake, button, junk) for _ in range(int(REPORT_BURST) + 1)]
    assert answers[-1] == "too-many-reports"
    assert await give(intake, other, other.held()) == "received"


async def test_signs_of_life_fill_no_journal(installation: Installation, intake: IntakeClient) -> None:
    button = enrol_button(installation)
    for _ in range(3):
        assert await give(intake, button, button.frame()) == "received"
    assert failed(installation, button) == ["SourceHeard"]
    installation.set_clock.advance_s(HEARD_AGAIN_US / 1e6 + 1)
    await give(intake, button, button.frame())
    assert failed(installation, button) == ["SourceHeard", "SourceHeard"]


async def test_an_erased_case_takes_its_sources_along(installation: Installation) -> None:
    button = enrol_button(installation)
    returned = KitReturned(kit=button.kit)
    installation.append(f"kit:{button.kit}", returned, case=button.case)
    erasing.do_erase(installation.journal, button.case, "a")
    erasing.do_erase(installation.journal, button.case, "b")
    with installation.journal.reading() as reader:
        assert not reader.execute("SELECT source FROM source").fetchall()
