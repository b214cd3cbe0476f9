"""The order in which the writer takes what waits."""

from collections.abc import Sequence

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from egide.intake.lanes import GROUP, RESTING_GROUP, Lanes
from egide.intake.passing import FORGED, Answered, Arrival, Failure, Item
from egide.protocol.envelope import Kind, Message


def arrival(number: int, kind: Kind, content: int | None = None) -> Arrival:
    """`content`: which message it is; each number is one of its own unless said otherwise."""
    digest = (number if content is None else content).to_bytes(32, "big")
    return Arrival(number, "0" * 16, digest, b"", Message(kind=kind, counter=1, sent_at_s=0))


def answered(group: Sequence[Item]) -> list[Answered]:
    return [Answered(item.number, 201, "", b"receipt %d" % item.number) for item in group]


def test_a_press_overtakes_every_heartbeat_that_waits() -> None:
    lanes = Lanes()
    for number in range(100):
        lanes.add(arrival(number, Kind.HEARTBEAT))
    lanes.add(arrival(100, Kind.PRESS))
    assert [item.number for item in lanes.take()] == [100]
    assert [item.number for item in lanes.take()] == list(range(RESTING_GROUP))


def test_a_press_overtakes_everything_that_was_forged() -> None:
    lanes = Lanes()
    for number in range(100):
        lanes.add(Failure(number, "0" * 16, b"", FORGED))
    lanes.add(arrival(100, Kind.PRESS))
    assert [item.number for item in lanes.take()] == [100]


def test_however_many_presses_wait_heartbeats_are_answered_too() -> None:
    lanes = Lanes()
    lanes.add(arrival(0, Kind.HEARTBEAT))
    for number in range(1, 1000):
        lanes.add(arrival(number, Kind.PRESS))
    taken: list[int] = []
    while 0 not in taken:
        taken += [item.number for item in lanes.take()]
    assert len(taken) < 6 * GROUP


@given(st.lists(st.sampled_from([Kind.PRESS, Kind.HEARTBEAT, Kind.POSITION, Kind.TEST]), max_size=300))
def test_everything_is_taken_once_and_each_lane_in_its_order(kinds: list[Kind]) -> None:
    lanes = Lanes()
    for number, kind in enumerate(kinds):
        lanes.add(arrival(number, kind))
    taken: list[int] = []
    while lanes:
        group = lanes.take()
        assert group
        taken += [item.number for item in group]
    assert sorted(taken) == list(range(len(kinds)))
    for is_resting in (True, False):
        lane = [number for number in taken if (kinds[number] is Kind.HEARTBEAT) is is_resting]
        assert lane == sorted(lane)


def test_what_is_said_again_while_it_waits_is_handled_once_and_answered_each_time() -> None:
    lanes = Lanes()
    for number, content in enumerate((7, 8, 7, 9, 7)):
        lanes.add(arrival(number, Kind.PRESS, content))
    group = lanes.take()
    assert [item.number for item in group] == [0, 1, 3]
    assert not lanes
    bodies = {one.number: one.body for one in lanes.answers(answered(group))}
    assert bodies == {0: b"receipt 0", 2: b"receipt 0", 4: b"receipt 0", 1: b"receipt 1", 3: b"receipt 3"}


def test_however_often_all_phones_ask_again_none_waits_behind_repeats() -> None:
    lanes, phones = Lanes(), 3 * GROUP
    for number in range(20 * phones):
        lanes.add(arrival(number, Kind.PRESS, number % phones))
    turns = 0
    while lanes:
        lanes.answers(answered(lanes.take()))
        turns += 1
    assert turns == 3


def test_what_came_by_sms_is_no_repeat_of_what_came_by_the_network() -> None:
    lanes = Lanes()
    by_sms = msgspec.structs.replace(arrival(0, Kind.PRESS, 7), by_sms=True)
    for item in (by_sms, arrival(1, Kind.PRESS, 7)):
        lanes.add(item)
    assert [item.number for item in lanes.take()] == [0, 1]


def test_what_is_said_again_behind_its_group_is_handled_again() -> None:
    lanes = Lanes()
    lanes.add(arrival(0, Kind.PRESS, 7))
    first = lanes.take()
    lanes.add(arrival(1, Kind.PRESS, 7))
    assert [one.number for one in lanes.answers(answered(first))] == [0]
    again = lanes.take()
    assert [one.number for one in lanes.answers(answered(again))] == [1]
