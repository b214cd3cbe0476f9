"""The ladder in numbers: what is noted of a missed deadline, what is due next, who has to act (safety rule 1)."""

import msgspec
import pytest

from egide.alarm import events as a
from egide.alarm.events import Ladder, Origin, Rung, StepMissed
from egide.alarm.events.steps import (
    ACKNOWLEDGED,
    CENTRE_HANDED_OVER,
    CLOSED,
    HELP_SEEN,
    ON_SITE,
    REPORTED,
    SHOWN,
    SUPERVISOR_CAME,
    TEAM_NAMED,
    UNDER_WAY,
    ZONE_CONFIRMED,
    ZONE_HANDED_OVER,
)
from egide.alarm.ladder import (
    DEFAULT,
    LOUDER,
    NEIGHBOUR,
    NEIGHBOURS,
    PUSH,
    RUNGS,
    SUPERVISOR,
    Clock,
    LadderError,
    Responsible,
    by_wall_clock,
    check_ladder,
    clocks,
    decide_due,
    done_at_us,
    ladder_for,
    noted,
    responsible,
    rungs_of,
    running,
)
from egide.alarm.state import AlarmState, Help, Team, TeamReport
from egide.alarm.table import STEPS
from egide.events.base import Event
from egide.geography.zone_set import ZoneSet
from tests.routing.test_ladder import START_US, WAY, history
from tests.support.standing import standing

SECOND_US = 1_000_000
ROUTED = a.AlarmRouted(
    route=a.Route(zone="5324", centre="HAI", managing_zone="5324", basis="position"),
    ladder=Ladder(RUNGS, "BRW"),
)
TEAM, OTHER_TEAM = Team("5324", "M 12", ""), Team("5330", "B 1", "")
REPORT = TeamReport("M 12", "arrest", "seen", 9)


def at_us(second: float) -> int:
    return START_US + round(second * SECOND_US)


def due(state: AlarmState, second: float) -> list[bytes]:
    """What is missed at this second, as it is written into the journal: a number is whole or it is another one."""
    return written(decide_due(state, by_wall_clock(at_us(second))))


def written(events: list[Event]) -> list[bytes]:
    return [msgspec.json.encode(event) for event in events]


def noted_before(rung: int, step: str = ACKNOWLEDGED) -> StepMissed:
    return StepMissed(step=step, rung=rung, action=LOUDER, due_at_us=0)


def push(second: float, why: str, rung: int = 0, unit: str = "5324") -> tuple[Event, float]:
    tried = a.PushTried(
        road="webpush",
        wake=f"w{second}",
        to="zone",
        unit=unit,
        device="d",
        step=ACKNOWLEDGED,
        rung=rung,
        why=why,
    )
    return tried, second


# --- the settings ---------------------------------------------------------------------------------------------------


def test_rule_01_the_deadlines_are_these_where_a_centre_has_not_set_its_own() -> None:
    table = {step: [(rung.after_s, rung.action) for rung in RUNGS if rung.step == step] for step in STEPS}
    assert table == {
        SHOWN: [(5, LOUDER)],
        ACKNOWLEDGED: [(15, LOUDER), (30, SUPERVISOR), (60, NEIGHBOUR)],
        ZONE_CONFIRMED: [(60, LOUDER), (120, SUPERVISOR)],
        TEAM_NAMED: [(90, LOUDER), (180, SUPERVISOR)],
        UNDER_WAY: [(120, LOUDER), (240, SUPERVISOR)],
        ON_SITE: [(600, LOUDER), (1200, SUPERVISOR)],
        REPORTED: [(3600, LOUDER), (7200, SUPERVISOR)],
        CLOSED: [(900, LOUDER), (1800, SUPERVISOR)],
        HELP_SEEN: [(10, LOUDER), (20, SUPERVISOR)],
        CENTRE_HANDED_OVER: [(30, LOUDER), (60, SUPERVISOR)],
        ZONE_HANDED_OVER: [(60, LOUDER), (120, SUPERVISOR)],
        SUPERVISOR_CAME: [(60, LOUDER), (180, NEIGHBOUR)],
    }
    assert Ladder(RUNGS, "") == DEFAULT


def test_rule_02_each_centre_has_another_one_to_which_a_copy_goes(reference: ZoneSet) -> None:
    centres = set(reference.centres)
    assert set(NEIGHBOURS) == centres
    assert set(NEIGHBOURS.values()) <= centres
    assert [centre for centre, other in NEIGHBOURS.items() if centre == other] == []
    assert ladder_for("HAI", None) == Ladder(RUNGS, "BRW")
    assert ladder_for("nowhere", None) == Ladder(RUNGS, "")


def with_rungs(*rungs: Rung, neighbour: str = "NAM") -> Ladder:
    """The default ladder with other deadlines for the acknowledgement, and no other that goes to a neighbour."""
    kept = (rung for rung in RUNGS if rung.step != ACKNOWLEDGED and rung.action != NEIGHBOUR)
    return Ladder((*rungs, *kept), neighbour)


@pytest.mark.parametrize(
    ("ladder", "words"),
    [
        (with_rungs(Rung(ACKNOWLEDGED, 0, LOUDER)), "not a rung: 'acknowledged' after 0 s: 'louder'"),
        (with_rungs(Rung(ACKNOWLEDGED, -1, LOUDER)), "not a rung: 'acknowledged' after -1 s: 'louder'"),
        (
            with_rungs(Rung(ACKNOWLEDGED, 9, LOUDER), Rung(ACKNOWLEDGED, 9, SUPERVISOR)),
            r"step 'acknowledged' needs rising deadlines, it has \[9, 9\] s",
        ),
        (
            with_rungs(Rung(ACKNOWLEDGED, 7, NEIGHBOUR), neighbour=""),
            "'acknowledged' goes to a neighbour after 7 s, but none is named",
        ),
    ],
)
def test_a_deadline_that_is_none_is_refused_with_its_value(ladder: Ladder, words: str) -> None:
    with pytest.raises(LadderError, match=words):
        check_ladder(ladder)


def test_a_deadline_of_one_second_is_one() -> None:
    check_ladder(with_rungs(Rung(ACKNOWLEDGED, 1, LOUDER), Rung(ACKNOWLEDGED, 2, NEIGHBOUR)))
    check_ladder(with_rungs(Rung(ACKNOWLEDGED, 1, LOUDER), neighbour=""))


def test_a_frozen_ladder_that_does_not_know_a_step_has_the_default_deadlines_for_it() -> None:
    old = Ladder((Rung(ACKNOWLEDGED, 20, LOUDER),))
    assert rungs_of(old, ACKNOWLEDGED) == [Rung(ACKNOWLEDGED, 20, LOUDER)]
    assert rungs_of(old, CLOSED) == [Rung(CLOSED, 900, LOUDER), Rung(CLOSED, 1800, SUPERVISOR)]
    # A copy needs a centre that it goes to.
    assert rungs_of(old, SUPERVISOR_CAME) == [Rung(SUPERVISOR_CAME, 60, LOUDER)]


# --- what is noted --------------------------------------------------------------------------------------------------


def test_rule_01_a_missed_deadline_is_noted_with_its_own_moment_and_the_last_goes_to_the_neighbour() -> None:
    state = history((ROUTED, 0.1), (WAY["shown"], 1))
    assert due(state, 61) == written(
        [
            StepMissed(step=ACKNOWLEDGED, rung=1, action=LOUDER, due_at_us=at_us(15)),
            StepMissed(step=ACKNOWLEDGED, rung=2, action=SUPERVISOR, due_at_us=at_us(30)),
            StepMissed(step=ACKNOWLEDGED, rung=3, action=NEIGHBOUR, due_at_us=at_us(60), centre="BRW"),
        ]
    )


def test_rule_01_a_deadline_that_was_noted_does_not_hold_up_the_next() -> None:
    state = history((ROUTED, 0.1), (WAY["shown"], 1), (noted_before(1), 15))
    assert due(state, 29.9) == []
    second = StepMissed(step=ACKNOWLEDGED, rung=2, action=SUPERVISOR, due_at_us=at_us(30))
    assert due(state, 30) == written([second])
    assert (noted(state, ACKNOWLEDGED), noted(state, SHOWN)) == (1, 0)
    late = history((ROUTED, 0.1), (WAY["shown"], 1), (noted_before(2), 31), (noted_before(1), 32))
    assert noted(late, ACKNOWLEDGED) == 2


@pytest.mark.parametrize(
    ("second", "rung", "due_s"), [(360, 4, 360), (659.9, 4, 360), (660, 5, 660), (7559.9, 27, 7260)]
)
def test_rule_01_the_repetitions_behind_the_last_rung_are_five_minutes_apart(
    second: float, rung: int, due_s: int
) -> None:
    state = history((ROUTED, 0.1), (WAY["shown"], 1), (noted_before(3), 60))
    again = StepMissed(step=ACKNOWLEDGED, rung=rung, action=SUPERVISOR, due_at_us=at_us(due_s))
    assert due(state, second) == written([again])


def test_rule_01_a_repetition_is_told_once() -> None:
    state = history((ROUTED, 0.1), (WAY["shown"], 1), (noted_before(3), 60))
    assert due(state, 359.9) == []
    told = history((ROUTED, 0.1), (WAY["shown"], 1), (noted_before(4), 360))
    assert due(told, 659.9) == []


def test_rule_01_each_step_goes_by_the_time_that_passed_for_it() -> None:
    state = history((ROUTED, 0.1))
    passed = {SHOWN: 5 * SECOND_US, ACKNOWLEDGED: 14 * SECOND_US}
    assert decide_due(state, lambda step, _since_us: passed[step]) == [
        StepMissed(step=SHOWN, rung=1, action=LOUDER, due_at_us=at_us(5))
    ]


def test_a_wake_up_that_reached_nobody_makes_the_next_rung_due_at_its_moment_and_says_why() -> None:
    state = history((ROUTED, 0.1), (WAY["shown"], 1), push(7, "gone", unit="5325"), push(5, "timeout"))
    early = StepMissed(step=ACKNOWLEDGED, rung=1, action=LOUDER, due_at_us=at_us(5), because=PUSH)
    assert due(state, 8) == written([early])
    in_time = StepMissed(step=ACKNOWLEDGED, rung=1, action=LOUDER, due_at_us=at_us(15))
    assert due(state, 16) == written([in_time])
    at_once = StepMissed(step=ACKNOWLEDGED, rung=1, action=LOUDER, due_at_us=START_US, because=PUSH)
    assert due(history((ROUTED, 0), (WAY["shown"], 0), push(0, "timeout")), 1) == written([at_once])


def test_a_wake_up_that_reached_somebody_or_belongs_to_an_earlier_rung_or_clock_makes_nothing_due() -> None:
    begun = [(ROUTED, 0.1), (WAY["shown"], 1)]
    assert due(history(*begun, push(5, "")), 8) == []
    assert due(history(*begun, push(5, "timeout"), (noted_before(1), 6)), 8) == []
    assert due(history(*begun, (noted_before(1), 15), push(16, "timeout", rung=0)), 17) == []
    left = a.OperatorLeft(user="op", why="idle")
    rings_anew = history(*begun, push(5, "timeout"), (WAY["acknowledged"], 6), (left, 70), (WAY["shown"], 71))
    assert [step for step, _since_us in running(rings_anew)] == [ACKNOWLEDGED, ZONE_CONFIRMED]
    assert b"push" not in b"".join(due(rings_anew, 72))


# --- which clocks run -----------------------------------------------------------------------------------------------


def open_alarm(**fields: object) -> AlarmState:
    """An alarm that was shown, taken and confirmed at the microseconds 1 to 4."""
    known: dict[str, object] = {
        "received_at_us": 1,
        "rings_since_us": 1,
        "shown_at_us": 2,
        "acknowledged_by": "op",
        "acknowledged_at_us": 3,
        "first_acknowledged_at_us": 3,
        "zone_confirmed_at_us": 4,
        "zone": "5324",
        "zone_reference": "Insp. 21",
        "centre": "HAI",
        "origin": Origin("5325", "5324", "MONS"),
    }
    return standing(alarm="a", **(known | fields))  # type: ignore[arg-type]


ASKED = {"supervisor_asked_by": "op", "supervisor_asked_at_us": 8}


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (AlarmState(alarm="a"), []),
        (open_alarm(), [(TEAM_NAMED, 4)]),
        (open_alarm(named=TEAM, named_at_us=5), [(UNDER_WAY, 5)]),
        (open_alarm(named=TEAM, named_at_us=5, under_way_at_us=6), [(ON_SITE, 6)]),
        # Who is on the spot is asked for nothing that comes before, said or not.
        (open_alarm(on_site_at_us=7), [(REPORTED, 7)]),
        (open_alarm(named=TEAM, named_at_us=5, on_site_at_us=7), [(REPORTED, 7)]),
        # Nor is who has reported already.
        (open_alarm(report=REPORT), [(CLOSED, 9)]),
        (open_alarm(named=TEAM, named_at_us=5, report=REPORT), [(CLOSED, 9)]),
        (open_alarm(named=TEAM, named_at_us=5, under_way_at_us=6, report=REPORT), [(CLOSED, 9)]),
        (open_alarm(help=Help("M 12", 8)), [(HELP_SEEN, 8), (TEAM_NAMED, 4)]),
        (open_alarm(help=Help("M 12", 8, None, "op")), [(TEAM_NAMED, 4)]),
        (open_alarm(handover_since_us=8), [(TEAM_NAMED, 4), (CENTRE_HANDED_OVER, 8)]),
        (open_alarm(zone_moved_since_us=8), [(TEAM_NAMED, 4), (ZONE_HANDED_OVER, 8)]),
        (open_alarm(**ASKED), [(TEAM_NAMED, 4), (SUPERVISOR_CAME, 8)]),
        (open_alarm(**ASKED, supervisor="chief"), [(TEAM_NAMED, 4)]),
        (open_alarm(zone_confirmed_at_us=0, no_patrol_at_us=6), [(ZONE_CONFIRMED, 6)]),
        (open_alarm(zone_confirmed_at_us=0), [(ZONE_CONFIRMED, 3)]),
        (open_alarm(closed_at_us=10), []),
        (open_alarm(named=TEAM, closed_at_us=10), [(REPORTED, 10)]),
        (open_alarm(named=TEAM, report=REPORT, closed_at_us=10), []),
    ],
)
def test_rule_01_these_clocks_run_since_these_moments(
    state: AlarmState, expected: list[tuple[str, int]]
) -> None:
    assert running(state) == expected


def test_rule_01_what_is_taken_needs_no_board_that_paints_it_and_what_is_done_has_its_moment() -> None:
    assert dict(running(open_alarm(shown_at_us=0, acknowledged_at_us=0))).keys() == {ACKNOWLEDGED, TEAM_NAMED}
    done = open_alarm(named_at_us=5, under_way_at_us=6, on_site_at_us=7, report=REPORT, closed_at_us=10)
    moments = zip(
        (SHOWN, ACKNOWLEDGED, ZONE_CONFIRMED, TEAM_NAMED, UNDER_WAY, ON_SITE), range(2, 8), strict=True
    )
    assert done_at_us(done) == {**dict(moments), REPORTED: 9, CLOSED: 10}
    assert done_at_us(open_alarm())[REPORTED] == 0


@pytest.mark.parametrize(("rung", "due_s"), [(0, 15), (1, 30), (2, 60), (3, 360), (4, 660)])
def test_a_clock_goes_on_to_the_next_deadline_and_then_by_five_minutes(rung: int, due_s: int) -> None:
    begun = [(ROUTED, 0.1), (WAY["shown"], 1)]
    state = history(*begun, *([(noted_before(rung), 100)] if rung else []))
    assert clocks(state) == [Clock(ACKNOWLEDGED, START_US, at_us(15), at_us(due_s))]


def test_the_clocks_of_an_alarm_go_by_its_own_ladder() -> None:
    state = open_alarm(ladder=Ladder((Rung(TEAM_NAMED, 7, LOUDER),)))
    assert clocks(state) == [Clock(TEAM_NAMED, 4, 4 + 7 * SECOND_US, 4 + 7 * SECOND_US)]
    assert clocks(open_alarm()) == [Clock(TEAM_NAMED, 4, 4 + 90 * SECOND_US, 4 + 90 * SECOND_US)]
    assert decide_due(state, by_wall_clock(4 + 7 * SECOND_US)) == [
        StepMissed(step=TEAM_NAMED, rung=1, action=LOUDER, due_at_us=4 + 7 * SECOND_US)
    ]


# --- who has to act -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (open_alarm(acknowledged_by="", centre=""), Responsible("centre", "MONS")),
        (open_alarm(acknowledged_by=""), Responsible("centre", "HAI")),
        (open_alarm(zone_confirmed_at_us=0), Responsible("centre", "HAI", "op")),
        (open_alarm(), Responsible("zone", "5324", "Insp. 21")),
        (open_alarm(named=TEAM), Responsible("zone", "5324", "M 12")),
        # A team in danger waits for the operator's answer, whatever comes next on its way.
        (open_alarm(named=TEAM, help=Help("M 12", 8)), Responsible("centre", "HAI", "op")),
        (open_alarm(named=TEAM, help=Help("M 12", 8, None, "op")), Responsible("zone", "5324", "M 12")),
        (open_alarm(named=TEAM, report=REPORT), Responsible("centre", "HAI", "op")),
        (open_alarm(closed_at_us=10), None),
        (open_alarm(named=TEAM, report=REPORT, closed_at_us=10), None),
        (open_alarm(named=TEAM, closed_at_us=10), Responsible("zone", "5324", "Insp. 21")),
        (open_alarm(named=OTHER_TEAM, closed_at_us=10), Responsible("zone", "5330", "B 1")),
        (open_alarm(earlier=(TEAM, OTHER_TEAM), closed_at_us=10), Responsible("zone", "5330", "B 1")),
        (
            open_alarm(named=TEAM, earlier=(OTHER_TEAM,), closed_at_us=10),
            Responsible("zone", "5324", "Insp. 21"),
        ),
    ],
)
def test_rule_01_at_every_moment_one_place_has_to_act_and_is_named(
    state: AlarmState, expected: Responsible | None
) -> None:
    assert responsible(state) == expected
