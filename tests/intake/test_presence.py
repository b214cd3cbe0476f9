"""A device at rest: one row that is replaced, and no trail of where somebody was."""

from egide.intake.resting import Resting
from egide.journal.now.heartbeats import Heartbeats
from egide.protocol.envelope import Battery, Kind, Message
from tests.support.asgi import IntakeClient
from tests.support.installation import HERE, NOW_S, Installation


def presence(installation: Installation, device: str) -> tuple[int | None, ...]:
    heard = Heartbeats(installation.config).find(device)
    assert heard is not None
    return heard.counter, heard.at_s, heard.phone_pct, heard.button_pct, heard.link


async def test_a_heartbeat_updates_presence_and_is_no_event(
    installation: Installation, intake: IntakeClient
) -> None:
    phone = installation.enrol()
    head = installation.journal.head()
    reply = await intake.send(phone.envelope(Kind.HEARTBEAT, battery=Battery(40, 90), link=2))
    assert (reply.receipt.seq, reply.receipt.alarm, reply.receipt.state) == (0, "", "noted")
    assert installation.journal.head() == head
    assert presence(installation, phone.device) == (1, NOW_S, 40, 90, 2)


async def test_of_two_heartbeats_the_one_with_the_higher_counter_stays(
    installation: Installation, intake: IntakeClient
) -> None:
    phone = installation.enrol()
    early = phone.envelope(Kind.HEARTBEAT, battery=Battery(90, 90))
    await intake.send(phone.envelope(Kind.HEARTBEAT, battery=Battery(50, 50)))
    await intake.send(early)
    assert presence(installation, phone.device)[:3] == (2, NOW_S, 50)


async def test_a_position_without_an_alarm_is_not_kept(
    installation: Installation, intake: IntakeClient
) -> None:
    phone = installation.enrol()
    head = installation.journal.head()
    assert (await intake.send(phone.envelope(Kind.POSITION, position=HERE))).receipt.seq == 0
    assert (await intake.send(phone.envelope(Kind.HEARTBEAT, position=HERE))).receipt.seq == 0
    assert installation.journal.head() == head
    assert presence(installation, phone.device)[0] == 2


async def test_a_heartbeat_during_an_alarm_is_kept_with_it(
    installation: Installation, intake: IntakeClient
) -> None:
    phone = installation.enrol()
    await intake.send(phone.press())
    receipt = (await intake.send(phone.envelope(Kind.HEARTBEAT, battery=Battery(3, 90)))).receipt
    assert receipt.alarm == phone.alarm(1)
    state = installation.journal.alarm(phone.alarm(1))
    assert state is not None
    assert state.press.battery == Battery(3, 90)
    assert state.press.without_fix


async def test_a_heartbeat_needs_a_key_to_be_there_and_keeps_none_in_memory(
    installation: Installation, intake: IntakeClient
) -> None:
    phone = installation.enrol()
    installation.keys._cases.clear()
    assert (await intake.send(phone.envelope(Kind.HEARTBEAT))).status == 201
    assert installation.keys._cases == {}, "a million phones at rest are not a million keys in memory"
    installation.keys.destroy(phone.case)
    assert (await intake.send(phone.envelope(Kind.HEARTBEAT))).status == 401


def test_what_the_worker_looks_at_at_once_is_noted_at_once_and_ordinary_signs_wait_together(
    installation: Installation,
) -> None:
    resting = Resting(Heartbeats(installation.config), lambda _case: True)
    now_us = NOW_S * 1_000_000

    def remember(device: str, kind: Kind) -> bool:
        resting.remember(device, Message(kind=kind, counter=1, sent_at_s=NOW_S), now_us)
        return resting.must_note(now_us)

    assert [remember("0" * 15 + "1", Kind.PRESS), remember("0" * 15 + "2", Kind.NOTICE)] == [False, True]
    assert remember("0" * 15 + "3", Kind.PRESS)
    resting.note_remembered()
    assert presence(installation, "0" * 15 + "3")[0] == 1
    assert not remember("0" * 15 + "4", Kind.PRESS)
