"""A tracker's press comes by the word of its service: shown as that, folded like any other, and by nobody else."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from egide.alarm.rules import last_position
from egide.alarm.state import AlarmState
from egide.common.clock import utc
from egide.connectors.registry import problems_of
from egide.events.sources import SourceEnrolled
from egide.journal.now.outcomes import outcomes
from egide.journal.now.signs import Signs
from egide.protocol.sources import PURPOSE, TRACCAR, source_id
from tests.protocol.test_traccar import forward
from tests.support.asgi import JSON, IntakeClient, Reply
from tests.support.installation import Installation, Phone
from tests.support.waiting import until_async

SECRET, OTHER = "fleet" * 8, "other" * 8
TRACKER = "356938035643809"


@pytest.fixture
async def intake(installation: Installation, tmp_path: Path) -> AsyncIterator[IntakeClient]:
    file = tmp_path / "services"
    file.write_text(f"# who may\nfleet-be {SECRET}\nbackup {OTHER}\n", encoding="utf-8")
    file.chmod(0o640)
    installation.config = replace(installation.config, tracker_services=str(file))
    assert problems_of(installation.config) == []
    async with IntakeClient(installation) as client:
        yield client


def enrol(installation: Installation, phone: Phone | None = None, name: str = TRACKER) -> str:
    """A tracker of this phone's kit, or of a new one; returns its id."""
    kit = phone or installation.issue_kit()
    source = source_id(installation.keys.purpose_key(PURPOSE).raw, TRACCAR, name)
    event = SourceEnrolled(source=source, kit=kit.kit, road=TRACCAR, name=name, user="officer")
    installation.append(f"source:{source}", event, case=kit.case)
    return source


async def post(intake: IntakeClient, body: bytes, secret: str = SECRET) -> Reply:
    more = {"authorization": f"Bearer {secret}"} if secret else {}
    return await intake.request("POST", "/v1/reports/traccar", body, JSON, more=more)


def now(installation: Installation, age_s: int = 0, **changes: Any) -> bytes:
    """A forward of an event that happened `age_s` seconds ago."""
    at = utc(installation.clock.now_us()) - timedelta(seconds=age_s)
    times = {"event__eventTime": at.isoformat(), "position__fixTime": (at - timedelta(seconds=4)).isoformat()}
    return forward(**{**times, **changes})


def alarm_of(installation: Installation) -> AlarmState:
    (alarm,) = installation.journal.open_alarms()
    state = installation.journal.alarm(alarm)
    assert state is not None
    return state


async def test_an_sos_opens_an_alarm_by_the_word_of_its_service_with_the_age_of_its_fix(
    installation: Installation, intake: IntakeClient
) -> None:
    source = enrol(installation)
    reply = await post(intake, now(installation, age_s=10))
    assert (reply.status, reply.json) == (200, {"state": "received"})
    state = alarm_of(installation)
    (beside,) = state.press.source_presses
    assert (beside.source, beside.proof, beside.carrier) == (source, "service", "fleet-be")
    assert beside.position is not None and (beside.position.accuracy_m, beside.position.age_s) == (9, 14)
    assert (beside.position_from, state.press.flags, state.press.trail) == ("reported", (), ())


async def test_the_same_event_from_two_servers_of_a_service_is_one_press(
    installation: Installation, intake: IntakeClient
) -> None:
    enrol(installation)
    body = now(installation)
    for secret in (SECRET, SECRET, OTHER):
        assert (await post(intake, body, secret)).status == 200
    assert alarm_of(installation).press.presses == 1


async def test_what_is_no_sos_raises_nothing(installation: Installation, intake: IntakeClient) -> None:
    source = enrol(installation)
    for changes in ({"event__type": "deviceOnline"}, {"event__attributes": {"alarm": "lowBattery"}}):
        assert (await post(intake, now(installation, **changes))).status == 200
    assert installation.journal.open_alarms() == []
    assert installation.kinds(f"source:{source}") == ["SourceEnrolled", "SourceHeard"]


async def test_who_has_no_secret_or_no_such_device_raises_nothing(
    installation: Installation, intake: IntakeClient
) -> None:
    body = now(installation)
    assert (await post(intake, body)).reason == "unknown-source"
    enrol(installation)
    for secret in ("", "wrong", SECRET[:-1], f"{SECRET} "):
        assert (await post(intake, body, secret)).reason == "unknown-service"
    assert (
        await intake.request("POST", "/v1/reports/traccar", body, JSON, more={"authorization": SECRET})
    ).status == 401
    assert (await post(intake, b"{}")).reason == "bad-report"
    assert (await post(intake, b" " * 40_000)).status == 413
    assert installation.journal.open_alarms() == []


async def test_rule_09_tracker_and_phone_fold_and_the_phone_s_position_stays(
    installation: Installation, intake: IntakeClient
) -> None:
    phone = installation.enrol()
    enrol(installation, phone)
    alarm = (await intake.send(phone.press())).receipt.alarm
    assert (await post(intake, now(installation))).status == 200
    state = alarm_of(installation)
    assert (state.alarm, state.press.presses, len(state.press.trail)) == (alarm, 2, 1)


async def test_an_sos_that_was_held_up_says_so(installation: Installation, intake: IntakeClient) -> None:
    enrol(installation)
    await post(intake, now(installation, age_s=3600))
    state = alarm_of(installation)
    position = state.press.source_presses[0].position
    assert state.press.flags == ("late",) and position is not None and position.age_s == 3604


async def test_an_event_that_comes_behind_a_later_one_rings_and_moves_nobody_back(
    installation: Installation, intake: IntakeClient
) -> None:
    """A service that was cut off forwards what it kept in any order."""
    enrol(installation)
    await post(intake, now(installation, age_s=10))
    newest = last_position(alarm_of(installation))
    elsewhere = {"position__latitude": 51.05, "position__longitude": 3.72}
    await post(intake, now(installation, age_s=300, event__id=2, **elsewhere))
    state = alarm_of(installation)
    places = [one.position for one in state.press.source_presses]
    assert state.press.presses == 2 and places[0] != places[1]
    assert newest is not None and last_position(state) == newest == places[0]


async def test_a_device_whose_clock_stands_still_is_never_refused(
    installation: Installation, intake: IntakeClient
) -> None:
    enrol(installation)
    for number in (1, 2, 3):
        assert (await post(intake, now(installation, event__id=number))).status == 200
    assert alarm_of(installation).press.presses == 3


def test_a_file_of_services_that_is_wrong_lets_nobody_speak(
    installation: Installation, tmp_path: Path
) -> None:
    file = tmp_path / "services"
    config = replace(installation.config, tracker_services=str(file))
    for text, mode in (
        ("fleet short\n", 0o640),
        (f"Fleet {SECRET}\n", 0o640),
        ("", 0o640),
        (f"fleet {SECRET}\n", 0o644),
    ):
        file.write_text(text, encoding="utf-8")
        file.chmod(mode)
        ((name, problem),) = problems_of(config)
        assert name == "trackers" and "EGIDE_TRACKER_SERVICES" in problem and SECRET not in problem


async def test_how_the_last_call_went_is_known_without_whose_it_was(
    installation: Installation, intake: IntakeClient
) -> None:
    enrol(installation)
    signs = Signs(installation.config, installation.clock)
    await post(intake, now(installation))
    await post(intake, now(installation), secret="wrong" * 8)

    def words() -> list[tuple[str, str]]:
        return [(road, one.word) for road, parts in outcomes(signs).items() for one in parts.values()]

    await until_async(lambda: words() == [("trackers", "refused-401")], words)
    came = outcomes(signs)["trackers"]["in"]
    assert not came.is_well and came.worked_us
