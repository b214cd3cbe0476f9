"""Which alarm a press belongs to: presses fold (safety rule 9), and none is ever hidden."""

from egide.alarm.events import AlarmClosed, PressConflicted, ShownOnBoard
from egide.alarm.state import AlarmState
from egide.intake.rules import TAIL_S
from egide.protocol.envelope import Kind
from tests.support.asgi import IntakeClient
from tests.support.installation import HERE, Installation, Phone

CLOSED = AlarmClosed(user="op", outcome="technical", reason="-")


def state_of(installation: Installation, alarm: str) -> AlarmState:
    state = installation.journal.alarm(alarm)
    assert state is not None
    return state


async def closed_alarm(installation: Installation, intake: IntakeClient, phone: Phone) -> str:
    alarm = (await intake.send(phone.press())).receipt.alarm
    installation.route(alarm)
    installation.act(alarm, ShownOnBoard(user="op", centre="mons"))
    installation.act(alarm, CLOSED)
    assert installation.journal.open_alarms() == []
    return alarm


async def test_rule_09_presses_fold_into_the_open_alarm_and_are_counted(
    installation: Installation, intake: IntakeClient
) -> None:
    phone = installation.enrol()
    receipts = [(await intake.send(phone.press())).receipt for _ in range(3)]
    assert {receipt.alarm for receipt in receipts} == {phone.alarm(1)}
    assert installation.journal.open_alarms() == [phone.alarm(1)]
    assert installation.kinds(f"alarm:{phone.alarm(1)}") == ["PressReceived", "PressedAgain", "PressedAgain"]
    assert state_of(installation, phone.alarm(1)).press.presses == 3


async def test_rule_09_presses_fold_whatever_phone_of_the_kit_they_come_by(
    installation: Installation, intake: IntakeClient
) -> None:
    kit = installation.issue_kit()
    first, second = installation.enrol(kit), installation.enrol(kit)
    second.counter = 40
    alarm = (await intake.send(first.press())).receipt.alarm
    assert (await intake.send(second.press())).receipt.alarm == alarm
    assert (await intake.send(second.envelope(Kind.POSITION, position=HERE, press=41))).receipt.alarm == alarm
    assert installation.journal.open_alarms() == [alarm]


async def test_presses_of_two_kits_are_two_alarms(installation: Installation, intake: IntakeClient) -> None:
    phones = [installation.enrol(), installation.enrol()]
    for phone in phones:
        await intake.send(phone.press())
    assert installation.journal.open_alarms() == [phone.alarm() for phone in phones]


async def test_a_kit_that_was_given_to_somebody_else_never_joins_the_earlier_person_s_alarm(
    installation: Installation, intake: IntakeClient
) -> None:
    kit = installation.issue_kit()
    first = installation.enrol(kit)
    alarm = (await intake.send(first.press())).receipt.alarm
    anew = installation.issue_kit(kit=kit.kit, case="another-case")
    second = installation.enrol(anew)
    assert (await intake.send(second.press())).receipt.alarm == second.alarm(1)
    assert installation.journal.open_alarms() == [alarm, second.alarm(1)]


async def test_rule_09_presses_fold_into_a_closed_alarm_within_the_tail_and_open_it_again(
    installation: Installation, intake: IntakeClient
) -> None:
    phone = installation.enrol()
    alarm = await closed_alarm(installation, intake, phone)
    installation.set_clock.advance_s(TAIL_S - 1)
    receipt = (await intake.send(phone.press())).receipt
    assert (receipt.alarm, receipt.state) == (alarm, "routed")
    assert installation.journal.open_alarms() == [alarm]
    state = state_of(installation, alarm)
    assert (state.state, state.closing.reopened, state.press.presses) == ("routed", 1, 2)
    assert (state.lead.shown_by, state.lead.acknowledged_by, state.closing.closed_by) == ((), "", "")


async def test_a_press_after_the_tail_is_a_new_alarm(
    installation: Installation, intake: IntakeClient
) -> None:
    phone = installation.enrol()
    alarm = await closed_alarm(installation, intake, phone)
    installation.set_clock.advance_s(TAIL_S + 1)
    assert (await intake.send(phone.press())).receipt.alarm == phone.alarm(2)
    assert installation.journal.open_alarms() == [phone.alarm(2)]
    assert not state_of(installation, alarm).is_open


async def test_an_alarm_closed_before_it_was_routed_waits_for_its_route_when_it_is_open_again(
    installation: Installation, intake: IntakeClient
) -> None:
    phone = installation.enrol()
    alarm = (await intake.send(phone.press())).receipt.alarm
    installation.act(alarm, CLOSED)
    assert (await intake.send(phone.press())).receipt.state == "received"
    assert [row.stream for row in installation.journal.unrouted()] == [f"alarm:{alarm}"]
    assert state_of(installation, alarm).state == "received"


async def test_a_position_whose_press_has_not_come_opens_the_alarm_and_the_press_joins_it(
    installation: Installation, intake: IntakeClient
) -> None:
    phone = installation.enrol()
    press = phone.press()
    for _ in range(2):
        receipt = (await intake.send(phone.envelope(Kind.POSITION, position=HERE, press=1))).receipt
        assert (receipt.alarm, receipt.state) == (phone.alarm(1), "received")
    assert installation.journal.open_alarms() == [phone.alarm(1)]
    state = state_of(installation, phone.alarm(1))
    assert (state.press.flags, state.press.presses, state.origin.home_centre) == (
        ("press-missing",),
        0,
        "mons",
    )
    assert (await intake.send(press)).receipt.alarm == phone.alarm(1)
    state = state_of(installation, phone.alarm(1))
    assert (state.press.flags, state.press.presses, state.press.pressed_at_s > 0) == ((), 1, True)
    assert installation.kinds(f"alarm:{phone.alarm(1)}") == [
        "PositionReceived",
        "PositionReceived",
        "PressReceived",
    ]


async def test_a_press_that_comes_after_its_alarm_was_closed_opens_it_again(
    installation: Installation, intake: IntakeClient
) -> None:
    phone = installation.enrol()
    press = phone.press()
    alarm = (await intake.send(phone.envelope(Kind.POSITION, position=HERE, press=1))).receipt.alarm
    installation.act(alarm, CLOSED)
    assert installation.journal.open_alarms() == []
    assert (await intake.send(press)).receipt.state == "received"
    assert installation.journal.open_alarms() == [alarm]
    assert state_of(installation, alarm).is_open


async def test_a_position_whose_press_has_not_come_joins_the_open_alarm(
    installation: Installation, intake: IntakeClient
) -> None:
    phone = installation.enrol()
    await intake.send(phone.press())
    again = phone.press()
    receipt = (await intake.send(phone.envelope(Kind.POSITION, position=HERE, press=2))).receipt
    assert receipt.alarm == phone.alarm(1)
    assert "press-missing" in state_of(installation, phone.alarm(1)).press.flags
    assert (await intake.send(again)).receipt.alarm == phone.alarm(1)
    assert installation.journal.open_alarms() == [phone.alarm(1)]


async def test_two_presses_under_one_counter_are_one_alarm_with_the_flag_possible_clone(
    installation: Installation, intake: IntakeClient
) -> None:
    phone = installation.enrol()
    await intake.send(phone.press())
    clone = phone.press(counter=1, position=None)
    receipt = (await intake.send(clone)).receipt
    assert receipt.alarm == phone.alarm(1)
    state = state_of(installation, phone.alarm(1))
    assert "possible-clone" in state.press.flags
    assert state.press.presses == 2
    rows = installation.journal.stream(f"alarm:{phone.alarm(1)}")
    assert [row.kind for row in rows] == ["PressReceived", "PressConflicted"]
    event = installation.journal.open_event(rows[1])
    assert isinstance(event, PressConflicted) and event.envelope == clone
    assert (await intake.send(clone)).receipt == receipt


async def test_a_conflicting_press_opens_a_closed_alarm_again_however_old_it_is(
    installation: Installation, intake: IntakeClient
) -> None:
    phone = installation.enrol()
    alarm = await closed_alarm(installation, intake, phone)
    installation.set_clock.advance_s(30 * 86_400)
    # A phone restored from a back-up begins again with counters that it used before: this press is a real one.
    receipt = (await intake.send(phone.press(counter=1, trigger=1))).receipt
    assert (receipt.alarm, receipt.state) == (alarm, "routed")
    assert installation.journal.open_alarms() == [alarm]
    assert state_of(installation, alarm).closing.reopened == 1


async def test_a_press_under_the_counter_of_a_test_or_a_notice_is_an_alarm_all_the_same(
    installation: Installation, intake: IntakeClient
) -> None:
    for kind in (Kind.TEST, Kind.NOTICE):
        phone = installation.enrol()
        await intake.send(phone.envelope(kind))
        receipt = (await intake.send(phone.press(counter=1))).receipt
        assert (receipt.alarm, receipt.state) == (phone.alarm(1), "received")
        assert phone.alarm(1) in installation.journal.open_alarms()
        state = state_of(installation, phone.alarm(1))
        assert (state.press.flags, state.press.presses, state.origin.home_centre) == (
            ("possible-clone",),
            1,
            "mons",
        )
        assert state.press.pressed_at_s > 0


async def test_a_conflicting_press_joins_the_alarm_that_is_open(
    installation: Installation, intake: IntakeClient
) -> None:
    phone = installation.enrol()
    await closed_alarm(installation, intake, phone)
    installation.set_clock.advance_s(TAIL_S + 1)
    await intake.send(phone.press())
    assert (await intake.send(phone.press(counter=1, trigger=2))).receipt.alarm == phone.alarm(2)
    assert installation.journal.open_alarms() == [phone.alarm(2)]


async def test_another_message_under_a_used_counter_is_refused_and_nothing_is_stored(
    installation: Installation, intake: IntakeClient
) -> None:
    phone = installation.enrol()
    await intake.send(phone.press())
    head = installation.journal.head()
    for kind in (Kind.POSITION, Kind.CANCEL, Kind.TEST, Kind.TEXT, Kind.AUDIO, Kind.NOTICE):
        reply = await intake.send(phone.envelope(kind, counter=1))
        assert (reply.status, reply.reason) == (409, "counter-used")
    assert installation.journal.head() == head


async def test_a_device_only_ever_joins_its_own_alarms(
    installation: Installation, intake: IntakeClient
) -> None:
    victim, other = installation.enrol(), installation.enrol()
    other.counter = 5
    await intake.send(victim.press())
    await intake.send(other.press())
    receipt = (await intake.send(other.envelope(Kind.POSITION, position=HERE, press=1))).receipt
    assert receipt.alarm == other.alarm(6)
    assert installation.kinds(f"alarm:{victim.alarm(1)}") == ["PressReceived"]
