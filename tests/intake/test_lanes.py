"""The order in which the writer takes what waits."""

from hypothesis import given
from hypothesis import strategies as st

from egide.intake.lanes import GROUP, RESTING_GROUP, Lanes
from egide.intake.passing import FORGED, Arrival, Failure
from egide.protocol.envelope import Kind, Message


def arrival(number: int, kind: Kind) -> Arrival:
    return Arrival(number, "0" * 16, b"", b"", Message(kind=kind, counter=1, sent_at_s=0))


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
