"""The parts of `make chaos` that need no machine: its plan, a bad cable, and deadlines that nobody hears of."""

import contextlib
import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import Mock, create_autospec

import pytest

from deploy.chaos import cable, faults, plan, run
from deploy.chaos.cable import Bad
from deploy.chaos.deadlines import Missed, listened, missed
from deploy.chaos.plan import Kind, make_plan
from deploy.machines.checker import Clients, Press
from deploy.machines.machine import Machine


def test_a_seed_repeats_its_plan_and_another_makes_another() -> None:
    assert make_plan(7) == make_plan(7)
    assert make_plan(7) != make_plan(8)


def test_every_fault_comes_everywhere_once_in_each_round() -> None:
    once = make_plan(1, with_egide=(1, 2))
    assert {fault.kind for fault in once} == set(Kind)
    killed = {(fault.where, fault.process) for fault in once if fault.kind is Kind.KILLED}
    assert {process for where, process in killed if where == (2,)} == {*plan.OF_EGIDE, *plan.OF_CLUSTER}
    assert {process for where, process in killed if where == (3,)} == set(plan.OF_CLUSTER)
    for kind in (Kind.CUT, Kind.DELAY, Kind.LOSS, Kind.DUPLICATION):
        assert sorted(fault.where for fault in once if fault.kind is kind) == [(1, 2), (1, 3), (2, 3)]
    for kind in (Kind.POWER, Kind.ISOLATED, Kind.DISK_FULL, Kind.DISK_SLOW, Kind.MEMORY, Kind.HUNG):
        assert sorted(fault.where for fault in once if fault.kind is kind) == [(1,), (2,), (3,)]
    for kind in (Kind.CLOCK, Kind.STUCK):
        assert sorted(fault.where for fault in once if fault.kind is kind) == [(1,), (2,)]
    assert len(make_plan(1, with_egide=(1, 2), rounds=3)) == 3 * len(once)


@pytest.mark.parametrize(("given", "on"), [({}, (1, 2)), ({"EGIDE_ON": "1"}, (1,))])
def test_egide_runs_on_two_machines_or_on_one(
    given: dict[str, str], on: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("EGIDE_ON", "ONLY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    assert tuple(run.wanted().with_egide) == on


@pytest.mark.parametrize(
    ("name", "value"), [("EGIDE_ON", "3"), ("EGIDE_ON", "two"), ("ONLY", "hung power fire")]
)
def test_a_word_that_no_run_knows_ends_it_with_that_word(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ONLY", raising=False)
    monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit, match=value.split()[-1]):
        run.wanted()


LISTED = """+ Cluster
egide\tegide1\t10.77.7.1\tLeader\trunning\t2\t
egide\tegide2\t10.77.7.2\tQuorum Standby\tstreaming\t2\t0
egide\tegide3\t10.77.7.3\tReplica\tstreaming\t2\t0
"""


@pytest.mark.parametrize(
    ("with_egide", "listening", "ill"),
    [
        ((1, 2), {"egide1": 1, "egide2": 1}, []),
        ((1, 2), {"egide1": 1, "egide2": 0}, [(2, "egide-live")]),
        ((1,), {"egide1": 1}, []),
    ],
)
def test_a_board_has_to_listen_at_each_machine_that_has_egide(
    with_egide: tuple[int, ...], listening: dict[str, int], ill: list[tuple[int, str]]
) -> None:
    def said(command: str) -> tuple[int, str]:
        # One line for each unit that is asked for.
        return 0, LISTED if "patronictl" in command else "active\n" * (len(command.split()) - 2)

    machines = {number: create_autospec(Machine, instance=True) for number in plan.MACHINES}
    for machine in machines.values():
        machine.tried.side_effect = said
    public = Mock(spec=faults.Public, waiting=0, per_s=5.0, listening=listening)
    assert list(run._ill(faults.Field(machines, with_egide, public, random.Random(1)))) == ill


def test_each_kind_of_fault_can_be_brought_about_and_nothing_else_is() -> None:
    assert set(faults._INJECTORS) == set(Kind)


def test_a_fault_says_what_where_and_how_much() -> None:
    fault = plan.Fault(Kind.LOSS, (1, 3), amount=20)
    assert str(fault) == "loss between two, egide1 and egide3, 20 %"


@pytest.mark.parametrize(
    ("bad", "copies"), [(Bad(lost=0.2), 0.8), (Bad(doubled=0.5), 1.5), (Bad(delay_ms=100), 1.0)]
)
def test_a_bad_cable_loses_doubles_and_delays_as_much_as_it_is_told(bad: Bad, copies: float) -> None:
    chance = random.Random(1)
    fates = [bad.fate(chance) for _ in range(4000)]
    assert sum(map(len, fates)) / len(fates) == pytest.approx(copies, abs=0.05)
    latest = max(after_s for fate in fates for after_s in fate)
    assert latest == pytest.approx(bad.delay_ms * 1.5 / 1000, abs=0.01)


def test_what_the_kernel_says_of_a_packet_is_read() -> None:
    packed = cable._attribute(1, b"abcde") + cable._attribute(10, b"payload!")
    assert cable._attributes(packed) == {1: b"abcde", 10: b"payload!"}


def test_a_full_disk_has_no_room_left_and_has_it_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = [0]

    def allocate(_fd: int, _offset: int, size: int) -> None:
        if room[0] + size > 1_000_000:
            raise OSError(28, "No space left on device")
        room[0] += size

    monkeypatch.setattr(os, "posix_fallocate", allocate)
    faults.fill(tmp_path / "ballast")
    assert 1_000_000 - room[0] < 4096


@pytest.mark.parametrize("shows", [["it was there"], []])
def test_a_fault_that_nothing_shows_has_failed(shows: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    @contextlib.contextmanager
    def injector(_fault: plan.Fault, _field: faults.Field) -> Iterator[list[str]]:
        yield shows

    monkeypatch.setitem(faults._INJECTORS, Kind.STUCK, injector)
    fault, field = plan.Fault(Kind.STUCK, (1,), "worker"), Mock(spec=faults.Field)
    refused = contextlib.nullcontext() if shows else pytest.raises(AssertionError, match="nothing shows")
    with refused, faults.injected(fault, field) as proof:
        assert proof == shows


# --- deadlines ------------------------------------------------------------------------------------------------------


def pressed(at_s: float = 0.0, seq: int = 5, alarm: str = "d-1") -> Clients:
    press = Press("m", "d", at_s, receipts=[(at_s, seq, alarm)])
    return Clients({"m": press}, {"d": "kit"})


def acts(asked_s: float, status: int = 204) -> list[dict[str, Any]]:
    line = {"action": "acknowledge", "alarm": "d-1", "host": "egide1"}
    return [
        {"did": "asked", "at_s": asked_s, **line},
        {"did": "acted", "at_s": asked_s + 0.1, "status": status, **line},
    ]


def rows(*kinds: str) -> list[dict[str, Any]]:
    """Of one alarm, from number 5 on."""
    return [{"seq": seq, "kind": kind, "stream": "alarm:d-1"} for seq, kind in enumerate(kinds, start=5)]


def told(at_s: float, seq: int = 6) -> dict[str, Any]:
    """A board hears of an event; of the first missed deadline unless said otherwise."""
    return {"did": "told", "at_s": at_s, "host": "egide1", "alarm": "d-1", "seq": seq}


def board(did: str, at_s: float, **fields: Any) -> dict[str, Any]:
    return {"did": did, "at_s": at_s, "host": "egide1", **fields}


def opened(at_s: float) -> dict[str, Any]:
    return board("opened", at_s, status=200)


def test_who_takes_an_alarm_in_time_misses_nothing() -> None:
    found = missed(pressed(), acts(3.0), rows("PressReceived", "AlarmAcknowledged"), end_s=20)
    assert found == Missed(0, 0, 0, 0, ())


NOTED = ("PressReceived", "StepMissed", "AlarmAcknowledged")


def test_a_deadline_that_the_journal_notes_is_not_silent() -> None:
    assert missed(pressed(), [told(15.2), *acts(25.0)], rows(*NOTED), end_s=30) == Missed(1, 1, 0, 0, ())


def test_what_only_supervisors_were_told_before_an_alarm_was_routed_is_told_again_in_time() -> None:
    found = rows("PressReceived", "StepMissed", "AlarmRouted", "StepMissed", "AlarmAcknowledged")
    assert missed(pressed(), [told(15.2, seq=8), *acts(25.0)], found, end_s=30) == Missed(1, 1, 0, 0, ())


def test_a_deadline_that_is_noted_nowhere_is_silent() -> None:
    late = rows("PressReceived", "AlarmAcknowledged")
    assert missed(pressed(), acts(25.0), late, end_s=30) == Missed(1, 0, 0, 0, ("d-1: taken, 25 s",))


def test_a_deadline_that_is_shown_late_was_silent_until_then() -> None:
    found = missed(pressed(), [told(120.0), *acts(300.0)], rows(*NOTED), end_s=310)
    assert found == Missed(1, 0, 0, 0, ("d-1: taken, 120 s",))


@pytest.mark.parametrize(
    "meanwhile",
    [
        [board("trouble", 14.0, parts=["ladder"]), board("trouble", 116.0, parts=[])],
        [opened(0.0), board("lost", 14.0), opened(116.0)],
        [opened(0.0), board("kept", 14.0, away=True), board("kept", 116.0, away=False)],
        # Nobody was there; the journal has it all the same.
        [opened(0.0), board("left", 14.0), opened(120.0)],
        # This host itself stood still.
        [{"did": "stood still", "at_s": 118.0, "for_s": 104.0}],
    ],
)
def test_what_is_shown_late_was_not_silent_while_the_chain_was_said_to_be_ill(
    meanwhile: list[dict[str, Any]],
) -> None:
    boards = [*meanwhile, told(120.0), *acts(300.0)]
    assert missed(pressed(), boards, rows(*NOTED), end_s=310) == Missed(1, 0, 1, 0, ())


def test_a_chain_that_is_said_to_be_well_again_excuses_nothing_more() -> None:
    ill = [board("trouble", 14.0, parts=["ladder"]), board("trouble", 60.0, parts=[])]
    found = missed(pressed(), [*ill, told(120.0), *acts(300.0)], rows(*NOTED), end_s=310)
    assert found.silent == ("d-1: taken, 120 s",)


def test_one_board_that_listens_is_enough() -> None:
    other = {"did": "opened", "at_s": 0.0, "host": "egide2", "status": 200}
    boards = [opened(0.0), other, board("lost", 5.0), *acts(40.0)]
    found = missed(pressed(), boards, rows("PressReceived", "AlarmAcknowledged"), end_s=50)
    assert found.silent == ("d-1: taken, 40 s",)


def test_the_time_in_which_a_board_listened_leaves_out_when_nobody_was_there() -> None:
    lines = [opened(0.0), board("lost", 10.0), opened(20.0), board("left", 50.0), opened(90.0), told(100.0)]
    assert listened(lines) == pytest.approx(50 / 60)


def test_what_is_noted_only_after_it_was_taken_says_nothing_of_before() -> None:
    late = rows("PressReceived", "AlarmAcknowledged", "StepMissed")
    assert missed(pressed(), acts(25.0), late, end_s=30).silent == ("d-1: taken, 25 s",)


def test_an_alarm_that_nobody_ever_takes_has_to_be_noted() -> None:
    assert missed(pressed(), [], rows("PressReceived"), end_s=60).silent == ("d-1: taken, 60 s",)
    assert missed(pressed(), [told(15.2)], rows("PressReceived", "StepMissed"), end_s=60).silent == ()


def test_a_zone_that_is_never_told_has_to_be_noted_after_the_alarm_was_taken() -> None:
    early = rows("PressReceived", "StepMissed", "AlarmAcknowledged")
    assert missed(pressed(), acts(3.0), early, end_s=200).silent == ("d-1: zone, 197 s",)
    both = rows("PressReceived", "AlarmAcknowledged", "StepMissed")
    assert missed(pressed(), [*acts(3.0), told(63.5, seq=7)], both, end_s=200) == Missed(1, 1, 0, 0, ())


@pytest.mark.parametrize(
    ("lines", "told_by_chain"),
    [
        ([{"did": "trouble", "at_s": 5, "host": "egide1", "parts": ["worker"]}], 1),
        ([{"did": "lost", "at_s": 5, "host": "egide1"}], 1),
        ([{"did": "trouble", "at_s": 5, "host": "egide1", "parts": []}], 0),
        # Another part: deadlines are noted all the same.
        ([{"did": "trouble", "at_s": 5, "host": "egide1", "parts": ["sms"]}], 0),
        # Over before the deadline ran.
        (
            [
                {"did": "lost", "at_s": -9, "host": "egide1"},
                {"did": "opened", "at_s": -8, "host": "egide1", "status": 200},
            ],
            0,
        ),
        # A board that was closed told nobody.
        ([{"did": "left", "at_s": 5, "host": "egide1"}], 0),
    ],
)
def test_a_board_that_says_the_chain_is_ill_is_not_silent(
    lines: list[dict[str, Any]], told_by_chain: int
) -> None:
    late = rows("PressReceived", "AlarmAcknowledged")
    found = missed(pressed(), [*lines, *acts(25.0)], late, end_s=30)
    assert (found.told_by_chain, len(found.silent)) == (told_by_chain, 1 - told_by_chain)
