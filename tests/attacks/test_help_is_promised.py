"""Her phone promised help when an operator clicked, and she opened to the wrong person. It says what people said."""

import pytest

from egide.alarm import events as a
from egide.alarm.events.steps import BY_OPERATOR, BY_TEAM, BY_ZONE
from egide.events.base import Event
from egide.protocol.envelope import Kind
from egide.protocol.receipt import Pending
from tests.support.asgi import IntakeClient
from tests.support.installation import Installation, Phone

SEEN = Pending("seen")
NAMED = a.TeamNamed(user="op", zone="5324", call_sign="M 12")


async def told(intake: IntakeClient, phone: Phone) -> tuple[Pending, ...]:
    """What the phone learns with its next message."""
    return (await intake.send(phone.envelope(Kind.HEARTBEAT, press=1))).receipt.pending


async def pressed(installation: Installation, intake: IntakeClient, *events: Event) -> Phone:
    phone = installation.enrol()
    await intake.send(phone.press())
    for event in (a.AlarmAcknowledged(user="op"), NAMED, *events):
        installation.act(phone.alarm(1), event)
    return phone


async def test_an_operator_who_took_the_alarm_promises_nothing(
    installation: Installation, intake: IntakeClient
) -> None:
    phone = await pressed(installation, intake)
    assert await told(intake, phone) == (SEEN,)


@pytest.mark.parametrize("event", [a.TeamUnderWay, a.TeamOnSite])
async def test_what_an_operator_typed_is_not_passed_on(
    installation: Installation, intake: IntakeClient, event: type[a.TeamUnderWay] | type[a.TeamOnSite]
) -> None:
    phone = await pressed(installation, intake, event(by="op", told=BY_OPERATOR))
    assert Pending("team", "under-way") not in await told(intake, phone)
    assert Pending("team", "on-site") not in await told(intake, phone)


@pytest.mark.parametrize("who", [BY_TEAM, BY_ZONE])
async def test_what_the_team_or_its_zone_said_is_told_as_far_as_it_is(
    installation: Installation, intake: IntakeClient, who: str
) -> None:
    phone = await pressed(installation, intake, a.TeamUnderWay(by="x", told=who))
    assert await told(intake, phone) == (SEEN, Pending("team", "under-way"))
    installation.act(phone.alarm(1), a.TeamOnSite(by="x", told=who))
    assert await told(intake, phone) == (SEEN, Pending("team", "on-site"), Pending("listen-off"))


@pytest.mark.parametrize(
    "event",
    [
        NAMED,
        a.NoPatrolFree(user="op", zone="5324"),
        a.ZoneConfirmed(user="op", zone="5330", reference="Insp. 30"),
    ],
)
async def test_a_team_that_does_not_come_after_all_is_taken_back(
    installation: Installation, intake: IntakeClient, event: Event
) -> None:
    phone = await pressed(installation, intake, a.TeamUnderWay(by="x"), event)
    assert await told(intake, phone) == (SEEN,)


async def test_of_the_alarm_before_nothing_is_left_when_she_presses_again(
    installation: Installation, intake: IntakeClient
) -> None:
    phone = await pressed(installation, intake, a.TeamOnSite(by="x"))
    installation.act(phone.alarm(1), a.AlarmClosed(user="op", outcome="arrest", reason="told"))
    await intake.send(phone.press())
    assert await told(intake, phone) == ()


async def test_rule_08_after_a_code_under_threat_nothing_is_told(
    installation: Installation, intake: IntakeClient
) -> None:
    phone = await pressed(installation, intake, a.TeamUnderWay(by="x"))
    await intake.send(phone.press(trigger=3))
    assert await told(intake, phone) == (Pending("quiet"),)
