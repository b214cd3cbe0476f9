"""An event that Traccar forwarded, as its documentation and its users show it, and what is no such event."""

import json
from copy import deepcopy
from typing import Any

import msgspec
import pytest

from egide.protocol.traccar import Fix, read_forward, read_kept

# As version 6 writes it, with invented numbers.
FORWARD: dict[str, Any] = {
    "event": {
        "id": 25183,
        "attributes": {"alarm": "sos"},
        "deviceId": 3,
        "type": "alarm",
        "eventTime": "2026-11-30T10:45:34.984+00:00",
        "positionId": 394607,
        "geofenceId": 0,
        "maintenanceId": 0,
    },
    "position": {
        "id": 394607,
        "attributes": {"alarm": "sos", "batteryLevel": 64, "distance": 0.0, "motion": False},
        "deviceId": 3,
        "protocol": "gt06",
        "serverTime": "2026-11-30T10:45:35.010+00:00",
        "deviceTime": "2026-11-30T10:45:30.000+00:00",
        "fixTime": "2026-11-30T10:45:30.000+00:00",
        "outdated": False,
        "valid": True,
        "latitude": 50.4542,
        "longitude": 3.9523,
        "altitude": 0.0,
        "speed": 0.0,
        "course": 211.0,
        "address": None,
        "accuracy": 8.5,
        "network": None,
    },
    "device": {
        "id": 3,
        "attributes": {},
        "groupId": 0,
        "name": "Alix",
        "uniqueId": "356938035643809",
        "status": "online",
        "lastUpdate": "2026-11-30T10:45:35.010+00:00",
        "phone": "+32470000000",
        "model": "GT06",
        "contact": None,
        "category": "person",
        "disabled": False,
    },
}
AT_S = 1796035534


def forward(**changes: Any) -> bytes:
    """The event with these changes, each named by its way: `event__type="deviceOnline"`; None leaves it out."""
    said = deepcopy(FORWARD)
    for way, value in changes.items():
        *path, last = way.split("__")
        inner = said
        for part in path:
            inner = inner[part]
        if value is None:
            inner.pop(last)
        else:
            inner[last] = value
    return json.dumps(said).encode()


def test_an_sos_is_a_press_with_time_position_and_battery() -> None:
    said = read_forward(forward())
    assert said.is_press and (said.name, said.number, said.at_s) == ("356938035643809", 25183, AT_S)
    assert said.fix == Fix(504542000, 39523000, 9, AT_S - 4) and said.battery_pct == 64


def test_nothing_is_kept_that_is_not_needed() -> None:
    said = read_forward(forward())
    kept = msgspec.json.encode(said)
    assert read_kept(kept) == said
    assert b"Alix" not in kept and b"+32470000000" not in kept and b"gt06" not in kept


@pytest.mark.parametrize(
    "changes",
    [
        {"event__type": "deviceOnline"},
        {"event__type": "geofenceExit", "event__attributes": {}},
        {"event__attributes": {"alarm": "lowBattery"}},
        {"event__attributes": {"alarm": "overspeed,vibration"}},
        {"event__attributes": {}},
    ],
)
def test_every_other_event_is_no_press(changes: dict[str, Any]) -> None:
    assert not read_forward(forward(**changes)).is_press


def test_of_several_alarms_one_is_enough() -> None:
    assert read_forward(forward(event__attributes={"alarm": "lowBattery,sos"})).is_press


@pytest.mark.parametrize(
    "changes",
    [{"position": None}, {"position__valid": False}, {"position__latitude": 0, "position__longitude": 0}],
)
def test_without_a_valid_fix_there_is_no_position_and_it_is_a_press_all_the_same(
    changes: dict[str, Any],
) -> None:
    said = read_forward(forward(**changes))
    assert said.is_press and said.fix is None


def test_an_accuracy_that_is_not_said_is_no_exact_one() -> None:
    said = read_forward(forward(position__accuracy=0.0))
    assert said.fix is not None and said.fix.accuracy_m == 100


@pytest.mark.parametrize(
    "changes",
    [
        {"device": None},
        {"event": None},
        {"device__uniqueId": ""},
        {"device__uniqueId": "x" * 65},
        {"device__uniqueId": 7},
        {"event__eventTime": "yesterday"},
        {"event__eventTime": "2026-11-30T10:45:34"},
        {"event__eventTime": "1960-01-01T00:00:00+00:00"},
        {"event__id": -1},
        {"event__id": 1 << 64},
        {"event__attributes": {"alarm": ["sos"]}},
        {"position__latitude": 91},
        {"position__longitude": "east"},
        {"position__latitude": float("nan")},
        {"position__fixTime": "never"},
    ],
)
def test_what_is_no_such_event_is_refused_without_a_word_of_it(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError) as caught:
        read_forward(forward(**changes))
    assert "356938035643809" not in str(caught.value)


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b"\xff", b"[" * 9999])
def test_what_is_no_json_of_it_is_refused(data: bytes) -> None:
    for read in (read_forward, read_kept):
        with pytest.raises(ValueError):
            read(data)
