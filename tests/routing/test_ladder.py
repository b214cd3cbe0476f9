"""Every step has a clock until people are on the spot, and every missed deadline is noted once (safety rule 1)."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from egide.alarm import events as a
from egide.alarm.events import AlarmRouted, Ladder, Rung, StepMissed
from egide.alarm.events.steps import (
    ACKNOWLEDGED,
    CENTRE_HANDED_OVER,
    REPORTED,
    SHOWN,
    ZONE_CONFIRMED,
    ZONE_HANDED_OVER,
)
from egide.alarm.fold import Past, fold
from egide.alarm.ladder import (
    DEFAULT,
    LadderError,
    Responsible,
    by_wall_clock,
    check_ladder,
    clocks,
    decide_due,
    ladder_for,
    responsible,
    rungs_of,
    running,
)
from egide.alarm.state import AlarmState
from egide.alarm.table import STEPS
from egide.common.clock import SetClock
from egide.events.base import Event
from egide.geography.locate import Locator
from egide.journal.now.presence import Presence
from egide.protocol.envelope import Trigger
from egide.routing.service import Climber, Router, do_set_ladder, ladder_of
from tests.support.installation import NOW_S, Installation

START_US = NOW_S * 1_000_000
PRESSED: Event = a.PressReceived(
    device="d", case="c", counter=1, sent_at_s=NOW_S, envelope=b"", trigger=Trigger.BUTTON
)
AGAIN = a.PressedAgain(device="d", case="c", counter=2, sent_at_s=NOW_S, envelope=b"", trigger=Trigger.BUTTON)
REPORT = a.TeamReported(by="M 12", outcome="arrest", text="seen")
CLOSING = a.AlarmClosed(user="op", outcome="arrest", reason="-")
WAY: dict[str, Event] = {
    "shown": a.ShownOnBoard(user="op", centre="HAI"),
    "acknowledged": a.AlarmAcknowledged(user="op"),
    "zone-confirmed": a.ZoneConfirmed(user="op", zone="5324", reference="Insp. 21"),
    "team-named": a.TeamNamed(user="op", zone="5324", call_sign="M 12"),
    "under-way": a.TeamUnderWay(by="op"),
    "on-site": a.TeamOnSite(by="op"),
}


def history(*events: tuple[Event, float]) -> AlarmState:
    """The alarm after these events, each with its second after the press."""
    state = AlarmState(alarm="a")
    for number, (event, at_s) in enumerate(((PRESSED, 0.0), *events), start=1):
        state = fold(state, Past(event, number, number, START_US + round(at_s * 1e6)))
    return state


def due(state: AlarmState, now_us: int) -> list[Event]:
    return decide_due(state, by_wall_clock(now_us))


def missed(state: AlarmState, at_s: float) -> list[tuple[str, int, str]]:
    events = due(state, START_US + round(at_s * 1e6))
    assert all(isinstance(event, StepMissed) for event in events)
    return [(event.step, event.rung, event.action) for event in events if isinstance(event, StepMissed)]


def test_rule_01_an_alarm_that_nobody_takes_climbs_after_15_30_and_60_seconds() -> None:
    state = history((WAY["shown"], 1))
    assert missed(state, 14.9) == []
    assert missed(state, 15) == [("acknowledged", 1, "louder")]
    assert missed(state, 30)[1:] == [("acknowledged", 2, "supervisor")]
    assert missed(state, 60)[2:] == [("acknowledged", 3, "neighbour")]


def test_rule_01_the_clock_runs_until_arrival_not_until_a_click() -> None:
    way = [*WAY.items(), ("reported", REPORT), ("closed", CLOSING)]
    for done in range(1, len(way)):
        state = history(*((event, 0.5) for _, event in way[:done]))
        assert [step for step, _since in running(state)] == [way[done][0]]
        assert missed(state, 100_000)[0] == (way[done][0], 1, "louder")
    assert running(history(*((event, 0.5) for _, event in way))) == []


def test_rule_11_after_the_closing_the_clock_of_the_report_goes_on() -> None:
    state = history(*((event, 0.5) for event in WAY.values()), (CLOSING, 1))
    assert [step for step, _since in running(state)] == [REPORTED]
    assert responsible(state) == Responsible("zone", "5324", "Insp. 21")
    assert missed(state, 3601) == [(REPORTED, 1, "louder")]
    unsent = history((WAY["shown"], 0.5), (WAY["acknowledged"], 0.5), (CLOSING, 1))
    assert running(unsent) == [] and responsible(unsent) is None


def test_rule_01_what_stays_undone_behind_the_last_rung_is_told_again_and_again() -> None:
    state = history((WAY["shown"], 1))
    assert missed(state, 359)[3:] == []
    assert missed(state, 360)[3:] == [("acknowledged", 4, "supervisor")]
    # Looked at for the first time hours later: the latest repetition is enough.
    assert missed(state, 7260)[3:] == [("acknowledged", 27, "supervisor")]


def test_rule_01_an_operator_who_left_makes_it_ring_as_new_and_gives_the_zone_no_more_time() -> None:
    left = a.OperatorLeft(user="op", why="idle")
    state = history((WAY["shown"], 1), (WAY["acknowledged"], 2), (left, 62))
    assert not state.lead.acknowledged_by and not state.lead.shown_at_us and state.state == "received"
    assert dict(running(state)) == {
        SHOWN: START_US + 62_000_000,
        ACKNOWLEDGED: START_US + 62_000_000,
        ZONE_CONFIRMED: START_US + 2_000_000,
    }
    again = fold(state, Past(a.AlarmAcknowledged(user="op-2"), 9, 9, START_US + 70_000_000))
    assert dict(running(again)) == {ZONE_CONFIRMED: START_US + 2_000_000}


def test_rule_02_a_move_to_another_zone_and_centre_starts_two_clocks_and_changes_no_lead() -> None:
    there = a.Route(zone="5325", centre="BRW", managing_zone="5324", basis="position")
    here = a.Route(zone="5324", centre="HAI", managing_zone="5324", basis="position")
    begun = [(AlarmRouted(route=here), 0.1), *((event, 1.0) for event in list(WAY.values())[:3])]
    state = history(*begun, (AlarmRouted(route=there), 10))
    assert (state.lead.centre, state.lead.zone) == ("HAI", "5324")
    assert (state.lead.handover_to, state.lead.zone_moved_to) == ("BRW", "5325")
    assert {CENTRE_HANDED_OVER, ZONE_HANDED_OVER} <= dict(running(state)).keys()
    back = history(*begun, (AlarmRouted(route=there), 10), (AlarmRouted(route=here), 20))
    assert not back.lead.handover_to and not back.lead.zone_moved_to
    taken = history(
        *begun, (AlarmRouted(route=there), 10), (a.HandoverAccepted(user="op-9", centre="BRW"), 15)
    )
    assert (taken.lead.centre, taken.lead.acknowledged_by, taken.lead.handover_to) == ("BRW", "op-9", "")


def test_rule_02_who_was_asked_before_anybody_led_and_takes_the_alarm_is_asked_no_more() -> None:
    asked = a.HandoverOffered(user="op", centre="BRW")
    state = history((asked, 1), (a.AlarmAcknowledged(user="op-9", centre="BRW"), 20))
    assert (state.lead.centre, state.lead.handover_to) == ("BRW", "")
    assert CENTRE_HANDED_OVER not in dict(running(state))
    other = history((asked, 1), (a.AlarmAcknowledged(user="op-1", centre="HAI"), 20))
    assert (other.lead.centre, other.lead.handover_to) == ("HAI", "BRW")
    assert dict(running(other))[CENTRE_HANDED_OVER] == START_US + 1_000_000


def test_rule_14_a_team_that_calls_again_and_again_does_not_push_its_deadline_out() -> None:
    called = [(a.HelpNeeded(by="M 12", age_s=second), float(second)) for second in (10, 18, 26)]
    state = history(*((event, 0.5) for event in list(WAY.values())[:4]), *called)
    assert ("help-seen", 1, "louder") in missed(state, 20) and ("help-seen", 2, "supervisor") in missed(
        state, 30
    )


def test_rule_02_on_a_train_the_clock_runs_since_the_first_border() -> None:
    def at(zone: str, centre: str) -> AlarmRouted:
        return AlarmRouted(
            route=a.Route(zone=zone, centre=centre, managing_zone="5324", basis="position"), ladder=None
        )

    begun = [(at("5324", "HAI"), 0.1), *((event, 1.0) for event in list(WAY.values())[:3])]
    state = history(*begun, (at("5271", "BRW"), 10), (at("5341", "BRU"), 55))
    assert (state.lead.handover_to, state.lead.zone_moved_to) == ("BRU", "5341")
    assert dict(running(state))[ZONE_HANDED_OVER] == dict(running(state))[CENTRE_HANDED_OVER]
    assert ("zone-handed-over", 1, "louder") in missed(state, 70)


def test_rule_03_who_takes_it_late_gives_nobody_more_time_to_find_a_patrol() -> None:
    none_free = a.NoPatrolFree(user="zone", zone="5324")
    state = history((WAY["zone-confirmed"], 5), (none_free, 10), (WAY["acknowledged"], 60))
    assert ("zone-confirmed", 1, "louder") in missed(state, 70)


def test_rule_11_a_team_that_was_sent_owes_its_report_whatever_happens_meanwhile() -> None:
    sent = [(event, 1.0) for event in list(WAY.values())[:4]]
    stopped = history(*sent, (a.NoPatrolFree(user="op", zone="5324"), 2), (CLOSING, 3))
    again = history(*sent, (CLOSING, 3), (AGAIN, 4), (CLOSING, 5))
    second = history(
        *sent, (REPORT, 3), (a.TeamNamed(user="op", zone="5324", call_sign="M 14"), 4), (CLOSING, 5)
    )
    for state in (stopped, again, second):
        assert [step for step, _since in running(state)] == [REPORTED]
        who = responsible(state)
        assert who is not None and (who.kind, who.id) == ("zone", "5324")
    assert second.team.earlier_reports and second.team.report is None


def test_a_press_after_the_closing_starts_all_clocks_anew() -> None:
    closed = a.AlarmClosed(user="op", outcome="arrest", reason="-")
    state = history(*((event, 1.0) for event in WAY.values()), (closed, 2), (AGAIN, 100))
    assert missed(state, 104) == []
    assert ("acknowledged", 1, "louder") in missed(state, 115)
    assert state.team.named is None and not state.team.on_site_at_us


def test_another_team_has_its_own_time_to_leave_and_to_arrive() -> None:
    noted = StepMissed(step="under-way", rung=1, action="louder", due_at_us=0)
    named = [(WAY[step], 0.0) for step in ("shown", "acknowledged", "zone-confirmed", "team-named")]
    state = history(*named, (noted, 130), (a.TeamNamed(user="op", zone="5324", call_sign="M 14"), 140))
    assert missed(state, 259) == []
    assert missed(state, 260) == [("under-way", 1, "louder")]


def test_rule_03_without_a_free_patrol_somebody_else_must_be_informed_and_has_a_clock() -> None:
    done = [(WAY[step], 1.0) for step in ("shown", "acknowledged", "zone-confirmed")]
    state = history(*done, (a.NoPatrolFree(user="op", zone="5324"), 100))
    assert [step for step, _since in running(state)] == ["zone-confirmed"]
    assert missed(state, 159) == [] and missed(state, 160) == [("zone-confirmed", 1, "louder")]


@given(
    st.lists(
        st.tuples(st.sampled_from([*WAY, "again", "closed", "no patrol"]), st.floats(0, 400)), max_size=14
    )
)
def test_whatever_the_times_each_rung_is_noted_once_and_in_order(steps: list[tuple[str, float]]) -> None:
    """Looked at after every event and on the way: since the last start of its step, each rung once, in rising order."""
    others: dict[str, Event] = {
        "again": AGAIN,
        "no patrol": a.NoPatrolFree(user="op", zone="5324"),
        "closed": CLOSING,
    }
    state, now_s, number = history(), 0.0, 1
    noted: dict[tuple[str, int], list[int]] = {}
    for word, pause_s in steps:
        now_s += pause_s
        for event in due(state, START_US + round(now_s * 1e6)):
            assert isinstance(event, StepMissed)
            assert event.due_at_us <= START_US + round(now_s * 1e6)
            since_us = dict(running(state))[event.step]
            noted.setdefault((event.step, since_us), []).append(event.rung)
            number += 1
            state = fold(state, Past(event, number, number, START_US + round(now_s * 1e6)))
        assert due(state, START_US + round(now_s * 1e6)) == []
        number += 1
        event = others.get(word) or WAY[word]
        state = fold(state, Past(event, number, number, START_US + round(now_s * 1e6)))
        assert not state.is_open or running(state), "an open alarm always has a clock"
    for rungs in noted.values():
        assert rungs == sorted(set(rungs))


def test_the_default_is_a_ladder_and_a_centre_can_have_its_own() -> None:
    check_ladder(ladder_for("HAI", None))
    own = Ladder(
        tuple(msgspec.structs.replace(rung, after_s=rung.after_s * 2) for rung in DEFAULT.rungs), "NAM"
    )
    assert ladder_for("HAI", own) == own
    assert ladder_for("LIE", None).neighbour == "NAM"


@pytest.mark.parametrize(
    ("rungs", "words"),
    [
        ([Rung(ACKNOWLEDGED, 30, "louder"), Rung(ACKNOWLEDGED, 15, "supervisor")], "rising deadlines"),
        ([Rung(ACKNOWLEDGED, 15, "whistle")], "whistle"),
        ([Rung("lunch", 15, "louder")], "lunch"),
        ([Rung(ZONE_CONFIRMED, 15, "neighbour")], "none is named"),
    ],
)
def test_a_ladder_that_would_leave_a_step_alone_is_refused_with_the_reason(
    rungs: list[Rung], words: str, installation: Installation
) -> None:
    others = [rung for step in STEPS if step != ACKNOWLEDGED for rung in rungs_of(DEFAULT, step)]
    kept = [rung for rung in others if rung.action != "neighbour"]
    with pytest.raises(LadderError, match=words):
        do_set_ladder(installation.journal, "chief", "HAI", Ladder((*rungs, *kept)))
    assert ladder_of(installation.journal, "HAI") == ladder_for("HAI", None)


def test_the_ladder_is_frozen_when_the_alarm_is_routed(installation: Installation, locator: Locator) -> None:
    alarm = installation.open_alarm(installation.enrol())
    own = Ladder(
        tuple(msgspec.structs.replace(rung, after_s=rung.after_s * 2) for rung in DEFAULT.rungs), "NAM"
    )
    do_set_ladder(installation.journal, "chief", "HAI", own)
    router = Router(installation.journal, locator, installation.clock)
    for row in installation.journal.read():
        router.handle(row)
    state = installation.journal.alarm(alarm)
    assert state is not None and state.ladder == own
    (event,) = (
        installation.journal.open_event(row)
        for row in installation.journal.stream(f"alarm:{alarm}")
        if row.kind == "AlarmRouted"
    )
    assert isinstance(event, AlarmRouted) and event.ladder == own


def test_rule_02_the_neighbouring_centre_is_shown_a_copy_and_the_first_one_stays_concerned(
    installation: Installation,
) -> None:
    alarm = installation.open_alarm(installation.enrol())
    ladder = ladder_for("HAI", None)
    routed = a.Route(zone="5324", centre="HAI", managing_zone="5325", basis="position")
    installation.act(alarm, AlarmRouted(route=routed, ladder=ladder))
    assert isinstance(installation.set_clock, SetClock)
    installation.set_clock.advance_s(61)
    climber = Climber(installation.journal, Presence(installation.config), installation.clock)
    for _ in range(3):
        climber.look_at(alarm)
    rows = [row for row in installation.journal.stream(f"alarm:{alarm}") if row.kind == "StepMissed"]
    assert len(rows) == 4, "shown once, acknowledged three times, however often it is looked at"
    assert rows[-1].centres == ("HAI", ladder.neighbour)
    assert installation.journal.open_alarms([ladder.neighbour]) == [alarm]
    state = installation.journal.alarm(alarm)
    assert state is not None and state.lead.route is not None and state.lead.route.centre == "HAI"


def test_a_clock_says_when_its_step_was_due_and_what_comes_next() -> None:
    (clock,) = clocks(history((WAY["shown"], 1), (WAY["acknowledged"], 2)))
    assert clock.step == ZONE_CONFIRMED and clock.since_us == START_US + 2_000_000
    assert clock.first_due_at_us == clock.due_at_us == START_US + 62_000_000


def shown_and_routed(installation: Installation, *later: Event) -> str:
    alarm = installation.open_alarm(installation.enrol())
    here = a.Route(zone="5324", centre="HAI", managing_zone="5324", basis="position")
    for event in (AlarmRouted(route=here, ladder=ladder_for("HAI", None)), WAY["shown"], *later):
        installation.act(alarm, event)
    return alarm


def kinds(installation: Installation, alarm: str, kind: str) -> list[Event]:
    rows = installation.journal.stream(f"alarm:{alarm}")
    return [installation.journal.open_event(row) for row in rows if row.kind == kind]


@pytest.mark.parametrize("jump_s", [7200.0, -7200.0])
def test_a_clock_that_jumps_by_hours_makes_no_deadline_pass_and_holds_none_up(
    installation: Installation, jump_s: float
) -> None:
    alarm = shown_and_routed(installation)
    climber = Climber(installation.journal, Presence(installation.config), installation.clock)
    climber.look_at(alarm)
    installation.set_clock.jump_s(jump_s)
    climber.look_at(alarm)
    assert kinds(installation, alarm, "StepMissed") == []
    installation.set_clock.advance_s(15.5)
    climber.look_at(alarm)
    (missed_one,) = kinds(installation, alarm, "StepMissed")
    assert isinstance(missed_one, StepMissed) and (missed_one.step, missed_one.rung) == (ACKNOWLEDGED, 1)


@pytest.mark.parametrize(("silent", "why", "after_s"), [(True, "offline", 15), (False, "idle", 60)])
def test_rule_01_an_alarm_whose_operator_is_idle_or_cut_off_rings_again_as_new(
    installation: Installation, silent: bool, why: str, after_s: int
) -> None:
    alarm = shown_and_routed(installation, WAY["acknowledged"])
    presence = Presence(installation.config)
    climber = Climber(installation.journal, presence, installation.clock)
    for second in range(after_s + 1):
        if not silent or second == 0:
            presence.note_board("b", "op", "HAI", installation.clock.now_us(), second * 1_000_000)
        climber.look_at(alarm)
        left = kinds(installation, alarm, "OperatorLeft")
        assert bool(left) == (second >= after_s), f"after {second} s"
        installation.set_clock.advance_s(1)
    assert left == [a.OperatorLeft(user="op", why=why)]
    assert [waiting.alarm for waiting in installation.journal.unshown()] == [alarm]
