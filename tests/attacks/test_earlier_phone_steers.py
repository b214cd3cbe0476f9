"""He kept the phone that she had before: it moves nothing, learns nothing, ends nothing (safety rule 38)."""

import hashlib

import pytest

from egide.alarm import events as a
from egide.alarm.rules import Refused, decide_block_phone
from egide.alarm.state import AlarmState
from egide.journal.sealing.blobs import Blobs
from egide.protocol import cbor
from egide.protocol.envelope import Kind, Position, Trigger
from egide.protocol.receipt import Pending
from egide.routing.rules import decide_route
from tests.support.asgi import IntakeClient
from tests.support.installation import HERE, HOME_CENTRE, HOME_ZONE, Installation, Phone

# Eupen, where she is not.
THERE = Position(506_280_000, 60_360_000, 8, 0, 1)


def two_phones(installation: Installation) -> tuple[Phone, Phone]:
    """The phone that he kept, and hers, of one kit."""
    kit = installation.issue_kit()
    return installation.enrol(kit), installation.enrol(kit)


def state_of(installation: Installation, alarm: str) -> AlarmState:
    state = installation.journal.alarm(alarm)
    assert state is not None
    return state


async def alarm_of(intake: IntakeClient, phone: Phone) -> str:
    return (await intake.send(phone.press())).receipt.alarm


@pytest.mark.parametrize("kind", [Kind.POSITION, Kind.HEARTBEAT])
@pytest.mark.parametrize("press", [None, 1])
async def test_where_he_is_moves_no_alarm(
    installation: Installation, intake: IntakeClient, kind: Kind, press: int | None
) -> None:
    his, hers = two_phones(installation)
    his.counter = 1
    alarm = await alarm_of(intake, hers)
    before = state_of(installation, alarm)
    receipt = (await intake.send(his.envelope(kind, position=THERE, press=press))).receipt
    assert (receipt.alarm, receipt.state, receipt.pending) == ("", "noted", ())
    assert state_of(installation, alarm) == before
    assert installation.journal.open_alarms() == [alarm]
    assert installation.kinds(f"device:{his.device}") == ["DeviceEnrolled"], (
        "nor is it kept: anybody may have it"
    )


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (Kind.CANCEL, b"safe"),
        (Kind.TEXT, b"yes"),
        (Kind.NOTICE, b"app 9.9"),
        (Kind.AUDIO, cbor.encode([0, b"opus"])),
    ],
)
@pytest.mark.parametrize("trigger", [None, Trigger.DURESS])
async def test_what_he_says_is_no_word_of_hers(
    installation: Installation, intake: IntakeClient, kind: Kind, body: bytes, trigger: Trigger | None
) -> None:
    his, hers = two_phones(installation)
    his.counter = 1
    alarm = await alarm_of(intake, hers)
    before = state_of(installation, alarm)
    said = his.envelope(kind, press=1, body=body, trigger=trigger)
    for _ in range(2):
        receipt = (await intake.send(said)).receipt
        assert (receipt.alarm, receipt.state, receipt.pending) == ("", "noted", ())
    assert state_of(installation, alarm) == before
    assert "AudioReceived" not in installation.kinds(f"device:{his.device}"), "what he hears is not kept"
    sounds = Blobs(installation.config, installation.journal.keys)
    assert not sounds.has(hashlib.sha256(said).hexdigest())


@pytest.mark.parametrize(
    "kind", [Kind.PRESS, Kind.POSITION, Kind.HEARTBEAT, Kind.TEXT, Kind.CANCEL, Kind.TEST]
)
async def test_he_learns_nothing_of_her_alarm(
    installation: Installation, intake: IntakeClient, kind: Kind
) -> None:
    his, hers = two_phones(installation)
    body = b"yes" if kind in (Kind.TEXT, Kind.CANCEL) else None
    quiet = (await intake.send(his.envelope(kind, body=body))).receipt
    for alarm in installation.journal.open_alarms():
        installation.act(alarm, a.AlarmClosed(user="op", outcome="test", reason="-"))
    alarm = await alarm_of(intake, hers)
    installation.act(alarm, a.AlarmAcknowledged(user="op"))
    installation.act(alarm, a.TextAsked(user="op", question="weapon"))
    said = his.envelope(kind, body=body)
    for _ in range(2):
        receipt = (await intake.send(said)).receipt
        assert (receipt.state, receipt.pending) == (quiet.state, ())
        assert receipt.alarm in ("", his.alarm())


async def test_his_press_shows_flagged_with_its_own_position_beside_and_never_instead(
    installation: Installation, intake: IntakeClient
) -> None:
    his, hers = two_phones(installation)
    alarm = await alarm_of(intake, hers)
    before = state_of(installation, alarm)
    await intake.send(his.press(position=THERE, trigger=Trigger.DURESS))
    after = state_of(installation, alarm)
    assert installation.journal.open_alarms() == [alarm]
    assert "earlier-phone" in after.press.flags and after.press.presses == 2
    assert [(press.device, press.position) for press in after.press.earlier_presses] == [(his.device, THERE)]
    assert (after.press.trail, after.device, after.press.battery) == (
        before.press.trail,
        before.device,
        before.press.battery,
    )
    assert not after.press.duress
    told = (await intake.send(hers.envelope(Kind.HEARTBEAT, press=1))).receipt
    assert Pending("quiet") not in told.pending, "his code under threat mutes no phone of hers"


async def test_his_press_alone_still_rings_at_home_and_hers_then_says_where_she_is(
    installation: Installation, intake: IntakeClient
) -> None:
    his, hers = two_phones(installation)
    alarm = await alarm_of(intake, his)
    alone = state_of(installation, alarm)
    assert alone.is_open and "earlier-phone" in alone.press.flags
    [routed] = decide_route(alone, _nowhere, 0, lambda _centre: a.Ladder(()))
    assert isinstance(routed, a.AlarmRouted)
    assert (routed.route.zone, routed.route.centre, routed.route.basis) == (HOME_ZONE, HOME_CENTRE, "home")
    assert await alarm_of(intake, hers) == alarm
    joined = state_of(installation, alarm)
    assert joined.device == hers.device and [fix.position for fix in joined.press.trail] == [HERE]


async def test_her_next_phone_takes_over_in_the_middle_of_an_alarm(
    installation: Installation, intake: IntakeClient
) -> None:
    kit = installation.issue_kit()
    first = installation.enrol(kit)
    alarm = await alarm_of(intake, first)
    second = installation.enrol(kit)
    before = state_of(installation, alarm)
    await intake.send(first.envelope(Kind.POSITION, position=THERE, press=1))
    assert state_of(installation, alarm) == before
    await intake.send(second.envelope(Kind.POSITION, position=THERE))
    assert state_of(installation, alarm).press.trail[-1].position == THERE


def _nowhere(lat_e7: int, lon_e7: int, radius_m: float) -> None:
    raise AssertionError((lat_e7, lon_e7, radius_m))


async def test_blocked_he_raises_no_alarm_any_more_and_shows_in_the_technical_lane(
    installation: Installation, intake: IntakeClient
) -> None:
    his, hers = two_phones(installation)
    alarm = await alarm_of(intake, hers)
    await intake.send(his.press())
    installation.act(alarm, a.PhoneBlocked(user="op", device=his.device))
    before = state_of(installation, alarm)
    for kind in (Kind.PRESS, Kind.PRESS, Kind.POSITION, Kind.HEARTBEAT, Kind.TEST):
        refused = await intake.send(his.envelope(kind, position=THERE))
        assert (refused.status, refused.reason) == (401, "unknown-key")
    assert state_of(installation, alarm) == before
    [*_, seen] = installation.journal.stream(f"device:{his.device}")
    failed = installation.journal.open_event(seen)
    assert isinstance(failed, a.VerificationFailed) and failed.reason == "blocked-phone"
    assert seen.key == his.case, "under the seal of her case: whom it bars hears nothing of it"
    assert len(installation.kinds(f"device:{his.device}")) == 2, "one in a while, and no flood"


async def test_nobody_silences_the_phone_that_speaks_for_the_kit(
    installation: Installation, intake: IntakeClient
) -> None:
    """Whatever stands in the journal: a traitor's word about her phone loses no alarm."""
    his, hers = two_phones(installation)
    alarm = await alarm_of(intake, hers)
    for device in (hers.device, his.device, "0" * 16):
        with pytest.raises(Refused, match="not-earlier"):
            decide_block_phone(state_of(installation, alarm), "op", device)
    installation.act(alarm, a.PhoneBlocked(user="op", device=hers.device))
    assert (await intake.send(hers.press())).receipt.alarm == alarm
