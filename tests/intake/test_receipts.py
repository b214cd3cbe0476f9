"""What a phone gets for a message that verifies, and what the journal then holds."""

import asyncio
import sqlite3
import threading

import msgspec
import pytest

from egide.alarm import events as a
from egide.common.files import secret_file
from egide.intake.service import Answer, Intake, Reply
from egide.journal.service import Journal
from egide.protocol.envelope import Battery, Kind
from egide.protocol.keys import SigningKey
from egide.protocol.receipt import Receipt, receipt_is_valid
from tests.support.asgi import IntakeClient
from tests.support.installation import HERE, NOW_S, ORIGIN, Installation
from tests.support.waiting import WITHIN_S


def server_key(installation: Installation) -> bytes:
    return bytes(SigningKey(secret_file(installation.config.data_dir / "receipt.key", 32)).verify_key)


async def test_a_press_gets_a_signed_receipt_and_is_in_the_journal(
    installation: Installation, intake: IntakeClient
) -> None:
    phone = installation.enrol()
    data = phone.press(battery=Battery(80, 60), link=3, trigger=1)
    receipt = (await intake.send(data)).receipt
    assert receipt_is_valid(receipt, data, server_key(installation))
    assert receipt.alarm == phone.alarm()
    assert (receipt.state, receipt.next_counter, receipt.received_at) == ("received", 2, NOW_S * 1000)
    stored = installation.journal.stream(f"alarm:{phone.alarm()}")[0]
    event = installation.journal.open_event(stored)
    assert isinstance(event, a.PressReceived)
    assert stored.seq == receipt.seq
    assert (event.envelope, event.position, event.origin) == (data, HERE, ORIGIN)
    assert (event.battery, event.link, event.trigger, event.flags) == (Battery(80, 60), 3, 1, ())
    assert installation.journal.open_alarms() == [phone.alarm()]


def test_an_answer_leaves_only_when_the_event_is_in_the_database(installation: Installation) -> None:
    phones = [installation.enrol() for _ in range(40)]
    answers: list[tuple[int, bool]] = []
    done = threading.Event()

    def deliver(group: list[tuple[Reply, Answer]]) -> None:
        # In the writer's own thread, by a connection that shares nothing with it.
        beside = Journal.open(installation.config, installation.clock)
        for _, (status, body) in group:
            seq = msgspec.json.decode(body, type=Receipt).seq
            answers.append((status, [row.seq for row in beside.read_clear(seq - 1, 1)] == [seq]))
        beside.close()
        if len(answers) == len(phones):
            done.set()

    intake = Intake(installation.config, installation.journal, installation.clock, deliver)
    intake.start()
    for phone in phones:
        intake.submit(phone.press(), lambda answer: None)
    assert done.wait(WITHIN_S)
    intake.stop()
    assert answers == [(201, True)] * len(phones)


@pytest.mark.files("SQLite says what it is asked")
def test_the_key_of_a_phone_that_enrolled_before_the_start_needs_no_look(installation: Installation) -> None:
    phone, statuses, asked = installation.enrol(), list[int](), list[str]()
    done = threading.Event()

    def deliver(group: list[tuple[Reply, Answer]]) -> None:
        statuses.extend(status for _, (status, _body) in group)
        done.set()

    intake = Intake(installation.config, installation.journal, installation.clock, deliver)
    intake.start()
    # The writer has a thread and a connection of its own: this is what the door asks.
    installation.journal.connection.set_trace_callback(asked.append)
    intake.submit(phone.press(), lambda answer: None)
    installation.journal.connection.set_trace_callback(None)
    assert done.wait(WITHIN_S)
    intake.stop()
    assert (statuses, asked) == ([201], [])


@pytest.mark.files("SQLite refuses; tests/intake/test_process_alone.py has a database that is away")
def test_an_intake_that_cannot_read_keys_at_its_start_takes_presses_as_soon_as_it_can(
    installation: Installation,
) -> None:
    phone, statuses, refused = installation.enrol(), list[int](), list[Answer]()
    done = threading.Event()

    def deliver(group: list[tuple[Reply, Answer]]) -> None:
        statuses.extend(status for _, (status, _body) in group)
        done.set()

    installation.journal.connection.set_authorizer(lambda *_: sqlite3.SQLITE_DENY)
    intake = Intake(installation.config, installation.journal, installation.clock, deliver)
    intake.start()
    intake.submit(phone.press(), refused.append)
    installation.journal.connection.set_authorizer(None)
    intake.submit(phone.press(), refused.append)
    assert done.wait(WITHIN_S)
    intake.stop()
    assert ([status for status, _body in refused], statuses) == ([503], [201])


async def test_the_same_bytes_get_the_first_receipt_again(
    installation: Installation, intake: IntakeClient
) -> None:
    phone = installation.enrol()
    data = phone.press()
    first = (await intake.send(data)).receipt
    installation.set_clock.advance_s(60)
    assert (await intake.send(data)).receipt == first
    assert installation.kinds(f"alarm:{phone.alarm()}") == ["PressReceived"]


async def test_the_same_bytes_many_times_at_once_are_one_event(
    installation: Installation, intake: IntakeClient
) -> None:
    phone = installation.enrol()
    data = phone.press()
    receipts = [reply.receipt for reply in await asyncio.gather(*(intake.send(data) for _ in range(50)))]
    assert set(receipts) == {receipts[0]}
    assert installation.kinds(f"alarm:{phone.alarm()}") == ["PressReceived"]


async def test_a_repeat_tells_how_far_the_alarm_has_come_meanwhile(
    installation: Installation, intake: IntakeClient
) -> None:
    phone = installation.enrol()
    data = phone.press()
    states = [(await intake.send(data)).receipt.state]
    alarm = phone.alarm()
    installation.route(alarm)
    states.append((await intake.send(data)).receipt.state)
    for event in (
        a.ShownOnBoard(user="op", centre="mons"),
        a.AlarmAcknowledged(user="op"),
        a.AlarmClosed(user="an-operator", outcome="technical", reason="-"),
    ):
        installation.act(alarm, event)
        states.append((await intake.send(data)).receipt.state)
    assert states == ["received", "routed", "shown", "acknowledged", "closed"]


async def test_replies_bring_what_the_phone_should_show(
    installation: Installation, intake: IntakeClient
) -> None:
    phone = installation.enrol()
    press = phone.press()
    assert (await intake.send(press)).receipt.pending == ()
    installation.act(phone.alarm(), a.AlarmAcknowledged(user="an-operator"))
    reply = await intake.send(phone.envelope(Kind.POSITION, position=HERE, press=1))
    assert [pending.what for pending in reply.receipt.pending] == ["seen"]
    installation.act(phone.alarm(1), a.AlarmClosed(user="an-operator", outcome="technical", reason="-"))
    reply = await intake.send(phone.envelope(Kind.POSITION, position=HERE, press=1))
    assert [pending.what for pending in reply.receipt.pending] == ["closed"]
    assert b"an-operator" not in reply.body


async def test_next_counter_is_above_everything_that_came(
    installation: Installation, intake: IntakeClient
) -> None:
    phone = installation.enrol()
    phone.counter = 99
    assert (await intake.send(phone.press())).receipt.next_counter == 101
    heartbeat = phone.envelope(Kind.HEARTBEAT, counter=500, press=None)
    assert (await intake.send(heartbeat)).receipt.next_counter == 501
    # A press held back by a poor network: it counts, and what is next stays next.
    late = phone.press(counter=50)
    assert (await intake.send(late)).receipt.next_counter == 501


async def test_an_answer_is_signed_over_the_hash_of_what_was_sent(
    installation: Installation, intake: IntakeClient
) -> None:
    phone = installation.enrol()
    data, other = phone.press(), phone.press()
    receipt = (await intake.send(data)).receipt
    assert receipt_is_valid(receipt, data, server_key(installation))
    assert not receipt_is_valid(receipt, other, server_key(installation))


async def test_every_kind_lands_in_the_alarm_that_it_names(
    installation: Installation, intake: IntakeClient
) -> None:
    phone = installation.enrol()
    await intake.send(phone.press())
    for kind in (Kind.POSITION, Kind.HEARTBEAT, Kind.CANCEL, Kind.TEXT, Kind.AUDIO, Kind.NOTICE):
        body = b"hello" if kind in (Kind.CANCEL, Kind.TEXT, Kind.AUDIO, Kind.NOTICE) else None
        receipt = (await intake.send(phone.envelope(kind, press=1, body=body))).receipt
        assert receipt.alarm == phone.alarm(1)
    assert installation.kinds(f"alarm:{phone.alarm(1)}") == [
        "PressReceived",
        "PositionReceived",
        "PositionReceived",
        "CancelReceived",
        "TextReceived",
        "AudioReceived",
        "NoticeReceived",
    ]
    state = installation.journal.alarm(phone.alarm(1))
    assert state is not None and state.is_open
    text = installation.journal.open_event(installation.journal.stream(f"alarm:{phone.alarm(1)}")[4])
    assert isinstance(text, a.TextReceived) and text.body == b"hello"


async def test_a_test_press_is_no_alarm_and_hides_no_press(
    installation: Installation, intake: IntakeClient
) -> None:
    phone = installation.enrol()
    receipt = (await intake.send(phone.envelope(Kind.TEST, position=HERE))).receipt
    assert (receipt.alarm, receipt.state) == ("", "noted")
    assert installation.journal.open_alarms() == []
    assert installation.kinds(f"test:{phone.device}-1") == ["TestReceived"]
    await intake.send(phone.press())
    assert installation.journal.open_alarms() == [phone.alarm(2)]


async def test_a_notice_at_rest_stands_with_the_device(
    installation: Installation, intake: IntakeClient
) -> None:
    phone = installation.enrol()
    receipt = (await intake.send(phone.envelope(Kind.NOTICE, body=b"button-unpaired"))).receipt
    assert receipt.alarm == ""
    assert installation.kinds(f"device:{phone.device}") == ["DeviceEnrolled", "NoticeReceived"]
