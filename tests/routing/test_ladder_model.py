"""Model: whatever people do, in whatever order and at whatever times, an alarm has a next deadline and somebody
responsible until it is closed and its report is written; one zone and one centre lead (safety rules 1, 2, 3, 11, 14).

Histories are made only of what the rules of desk, response and routing allow; what they refuse changes nothing.
"""

import sqlite3
from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from egide.alarm import events as a
from egide.alarm import rules as response
from egide.alarm.events import steps
from egide.alarm.events.outcomes import OUTCOMES
from egide.alarm.fold import Past, fold
from egide.alarm.ladder import (
    DEFAULT,
    PUSH,
    by_wall_clock,
    clocks,
    decide_due,
    ladder_for,
    noted,
    responsible,
    rungs_of,
    running,
)
from egide.alarm.rows import DESK, TEAM, Given, Speaker
from egide.alarm.state import AlarmState
from egide.alarm.table import SAID, STEPS, TAKEN, decide
from egide.boards.desk import rules as desk
from egide.events.base import Event
from egide.journal import tables
from egide.journal.chain import Stored
from egide.journal.engines.sqlite_schema import TABLES_SQL
from egide.protocol.envelope import Position, Trigger
from egide.routing.holding import decide_left, decide_signed_out
from egide.routing.rules import decide_route
from tests.routing.people_and_places import ABROAD, NOWHERE, PEOPLE, PLACES, Person, locate
from tests.routing.undoing import Undoing
from tests.support.examples import examples
from tests.support.installation import NOW_S
from tests.support.saying import operator, say

SECOND_US = 1_000_000
ORIGIN = a.Origin("5325", "5324", "HAI")
CENTRES = ("HAI", "BRW", "NAM", "LUX")
PAUSES_S = st.one_of(st.sampled_from((0, 1, 5, 14, 15, 16, 29, 30, 59, 60, 61)), st.integers(0, 9000))
FIXES = st.one_of(st.none(), st.sampled_from((*PLACES, ABROAD, NOWHERE)))
ZONES = st.sampled_from(("5324", "5325", "5271", "5303", a.FEDERAL))
# A running clock may start anew by these alone, whose meaning it is; the clock of another step never does.
RESTARTS: dict[str, tuple[type[Event], ...]] = {
    steps.ZONE_CONFIRMED: (a.NoPatrolFree,),
    steps.TEAM_NAMED: (a.ZoneConfirmed,),
    steps.UNDER_WAY: (a.TeamNamed,),
    # Put right, it counts from when the team truly left.
    steps.ON_SITE: (a.TeamNamed, a.StepCorrected),
    steps.CENTRE_HANDED_OVER: (a.HandoverOffered,),
    steps.HELP_SEEN: (),
    steps.ZONE_HANDED_OVER: (),
    steps.SUPERVISOR_CAME: (a.SupervisorAsked,),
}


def said(state: AlarmState, name: str, who: Person, **fields: str) -> list[Event]:
    """What somebody at a desk says, through the table."""
    at = (who.centre,) if who.supervisor else ()
    return say(state, name, operator(who.user, who.centre, supervises=at), **fields)


class Alarm(Undoing, RuleBasedStateMachine):
    """One alarm's life. Time passes before each act; the worker looks whenever it comes to it."""

    def __init__(self) -> None:
        super().__init__()
        self.state = AlarmState(alarm="a")
        self.now_us = NOW_S * SECOND_US
        self.counter = 0
        self.noted: set[tuple[str, int, int]] = set()
        self.looked_us = 0
        self.unreported: set[str] = set()
        # The small tables of the journal, from which the worker learns which alarms it has to look at.
        self.tables = sqlite3.connect(":memory:", isolation_level=None)
        self.tables.executescript(TABLES_SQL)

    def teardown(self) -> None:
        self.tables.close()

    # --- how events come about ---------------------------------------------------------------------------------------

    def happen(self, events: Sequence[Event]) -> None:
        for event in events:
            before = self.state
            at_seq = before.version + 1
            self.state = fold(before, Past(event, at_seq, at_seq, self.now_us))
            self._write_tables(event)
            self._check_clocks_go_on(before, event)
            self._check_lead(before, event)
            self._remember_teams(event)

    def attempt(self, pause_s: int, decide: Callable[[AlarmState], Sequence[Event]]) -> None:
        self.now_us += pause_s * SECOND_US
        try:
            events = decide(self.state)
        except response.Refused:
            return
        self.happen(events)

    def from_phone(self, kind: type[a.FromPhone], fix: int | None, **fields: Any) -> None:
        self.counter += 1
        event = kind(
            device="d",
            case="c",
            counter=self.counter,
            sent_at_s=self.now_us // SECOND_US,
            envelope=b"",
            position=None if fix is None else Position(fix, 1, 20, 1, 1),
            origin=ORIGIN if self.counter == 1 else None,
            **fields,
        )
        self.happen([event])

    def _check_clocks_go_on(self, before: AlarmState, event: Event) -> None:
        """What was begun and is not done keeps its time, however often somebody repeats something."""
        ran, runs = dict(running(before)), dict(running(self.state))
        if before.is_open != self.state.is_open:
            return
        for step in RESTARTS:
            if step not in ran or step not in runs:
                continue
            if isinstance(event, a.StepUndone):
                assert runs[step] <= ran[step] or event.undone == "StepCorrected", f"undoing gave {step} time"
            elif not isinstance(event, RESTARTS[step]):
                assert runs[step] == ran[step], f"{event.kind} gave {step} more time"

    def _check_lead(self, before: AlarmState, event: Event) -> None:
        """Who leads changes by a person's word alone, and one leads at every moment (safety rule 2)."""
        if before.lead.centre and not isinstance(event, a.HandoverAccepted):
            assert self.state.lead.centre == before.lead.centre, event
        if self.state.lead.zone != before.lead.zone:
            assert (
                isinstance(event, a.ZoneConfirmed | a.StepUndone)
                or self.state.closing.reopened > before.closing.reopened
            ), event

    def _write_tables(self, event: Event) -> None:
        at, concerned = self.state.version, tables.concerned(self.tables.execute, "alarm:a", event)
        row = (at, "alarm:a", at, event.kind, self.now_us, *concerned, "c", None, b"", b"", b"")
        self.tables.execute("INSERT INTO event VALUES (?,?,?,?,?,?,?,?,?,?,?,?)", row)
        tables.apply(event, Stored(*row), self.tables.execute)

    def _remember_teams(self, event: Event) -> None:
        if isinstance(event, a.TeamNamed):
            self.unreported.add(event.call_sign)
        if isinstance(event, a.StepUndone) and event.undone == "TeamNamed":
            self.unreported.clear()
        if isinstance(event, a.TeamReported):
            self.unreported.clear()

    # --- the phone ---------------------------------------------------------------------------------------------------

    @initialize(fix=FIXES, kind=st.sampled_from((a.PressReceived, a.PressConflicted, a.PositionReceived)))
    def begin(self, fix: int | None, kind: type[a.FromPhone]) -> None:
        self.from_phone(kind, fix)

    @rule(pause_s=PAUSES_S, fix=FIXES, trigger=st.sampled_from((Trigger.BUTTON, Trigger.DURESS)))
    def press_again(self, pause_s: int, fix: int | None, trigger: Trigger) -> None:
        self.now_us += pause_s * SECOND_US
        self.from_phone(a.PressedAgain, fix, trigger=trigger)

    @rule(pause_s=PAUSES_S, fix=FIXES)
    def move(self, pause_s: int, fix: int | None) -> None:
        self.now_us += pause_s * SECOND_US
        self.from_phone(a.PositionReceived, fix)

    @rule(fix=FIXES)
    def cancel(self, fix: int | None) -> None:
        """A PIN stands nobody down (safety rule 8)."""
        before = running(self.state)
        self.from_phone(a.CancelReceived, fix)
        assert running(self.state) == before

    # --- the worker --------------------------------------------------------------------------------------------------

    @rule(pause_s=st.integers(0, 3))
    def route(self, pause_s: int) -> None:
        self.attempt(
            pause_s, lambda s: decide_route(s, locate, self.now_us, lambda centre: ladder_for(centre, None))
        )

    @rule(pause_s=PAUSES_S)
    def look(self, pause_s: int) -> None:
        self.now_us += pause_s * SECOND_US
        events = decide_due(self.state, by_wall_clock(self.now_us))
        begun = dict(running(self.state))
        for event in events:
            assert isinstance(event, a.StepMissed)
            mark = event.step, begun[event.step], event.rung
            assert mark not in self.noted, f"noted twice: {mark}"
            assert event.due_at_us <= self.now_us, "noted before it was due"
            self.noted.add(mark)
        self.happen(events)
        assert decide_due(self.state, by_wall_clock(self.now_us)) == []
        late = {clock.step for clock in clocks(self.state) if clock.first_due_at_us <= self.now_us}
        early = {missed.step for missed in self.state.missed if missed.because == PUSH}
        said = set(desk.late_steps(self.state))
        assert late <= said and said <= late | early, "late and not said, or said and not late"
        assert all(clock.due_at_us > self.now_us for clock in clocks(self.state))

    @rule(pause_s=PAUSES_S, zone=ZONES, why=st.sampled_from(("", "timeout")))
    def wake(self, pause_s: int, zone: str, why: str) -> None:
        """A wake-up that reaches nobody makes the next rung due at once, and no other rung late."""
        self.look(pause_s)
        step = next((step for step, _since in running(self.state) if step != steps.SHOWN), "")
        before, rung = dict(running(self.state)), noted(self.state, step)
        name = f"wake-{self.state.version}"
        tried = a.PushTried(
            road="webpush", wake=name, to="zone", unit=zone, device="d", step=step, rung=rung, why=why
        )
        self.happen([tried])
        due = decide_due(self.state, by_wall_clock(self.now_us))
        has_next = rung < len(rungs_of(self.state.ladder or DEFAULT, step)) if step else False
        expected = [(step, rung + 1)] if why and has_next else []
        assert [(event.step, event.rung) for event in due if isinstance(event, a.StepMissed)] == expected
        assert dict(running(self.state)) == before
        self.look(0)

    @rule(silent_s=st.integers(0, 70), idle_s=st.integers(0, 70))
    def operator_leaves(self, silent_s: int, idle_s: int) -> None:
        self.attempt(0, lambda s: decide_left(s, silent_s * SECOND_US, idle_s * SECOND_US))

    # --- the desk ----------------------------------------------------------------------------------------------------

    @rule(pause_s=PAUSES_S, who=PEOPLE)
    def show(self, pause_s: int, who: Person) -> None:
        self.attempt(pause_s, lambda s: said(s, "shown", who))

    @rule(pause_s=PAUSES_S, who=PEOPLE)
    def acknowledge(self, pause_s: int, who: Person) -> None:
        self.attempt(pause_s, lambda s: said(s, "acknowledge", who))

    @rule(who=PEOPLE)
    def sign_out(self, who: Person) -> None:
        self.attempt(0, lambda s: decide_signed_out(s, who.user))

    @rule(pause_s=PAUSES_S, who=PEOPLE, to=st.sampled_from(CENTRES))
    def offer(self, pause_s: int, who: Person, to: str) -> None:
        self.attempt(pause_s, lambda s: said(s, "offer", who, centre=to))

    @rule(pause_s=PAUSES_S, who=PEOPLE)
    def take_over(self, pause_s: int, who: Person) -> None:
        self.attempt(pause_s, lambda s: said(s, "take-over", who))

    @rule(who=PEOPLE, what=st.sampled_from(("zone", "centre")))
    def keep(self, who: Person, what: str) -> None:
        self.attempt(0, lambda s: said(s, f"keep-{what}", who))

    @rule(who=PEOPLE)
    def help_seen(self, who: Person) -> None:
        self.attempt(1, lambda s: said(s, "help-seen", who))

    @rule(who=PEOPLE, outcome=st.sampled_from(tuple(OUTCOMES)), called_back=st.booleans())
    def close(self, who: Person, outcome: str, called_back: bool) -> None:
        word = {"called_back": "yes"} if called_back else {}
        self.attempt(1, lambda s: said(s, "close", who, outcome=outcome, reason="as told", **word))

    # --- zone and team -----------------------------------------------------------------------------------------------

    @rule(pause_s=PAUSES_S, zone=ZONES, name=st.sampled_from(("Insp. 21", "Insp. 22")))
    def confirm_zone(self, pause_s: int, zone: str, name: str) -> None:
        self.attempt(pause_s, lambda s: response.decide_confirm_zone(s, "hai-1", zone, name))

    @rule(pause_s=PAUSES_S)
    def no_patrol(self, pause_s: int) -> None:
        self.attempt(pause_s, lambda s: response.decide_no_patrol(s, "hai-1"))

    @rule(pause_s=PAUSES_S, call_sign=st.sampled_from(("M 12", "M 14")))
    def name_team(self, pause_s: int, call_sign: str) -> None:
        self.attempt(pause_s, lambda s: response.decide_name_team(s, "hai-1", call_sign, ""))

    @rule(pause_s=PAUSES_S, told=st.sampled_from((steps.BY_OPERATOR, steps.BY_TEAM)))
    def under_way(self, pause_s: int, told: str) -> None:
        self.attempt(pause_s, lambda s: response.decide_under_way(s, "M 12", told, pause_s))

    @rule(pause_s=PAUSES_S, told=st.sampled_from((steps.BY_OPERATOR, steps.BY_TEAM)))
    def on_site(self, pause_s: int, told: str) -> None:
        self.attempt(pause_s, lambda s: response.decide_on_site(s, "M 12", told))

    @rule(
        pause_s=PAUSES_S,
        minutes=st.integers(1, 240),
        told=st.sampled_from((steps.BY_OPERATOR, steps.BY_TEAM)),
    )
    def be_late(self, pause_s: int, minutes: int, told: str) -> None:
        before = self.state
        self.say(pause_s, "delayed", told, minutes=str(minutes), reason="Accident")
        assert running(self.state) == running(before), "a new time of arrival moves no clock"

    @rule(
        pause_s=PAUSES_S,
        step=st.sampled_from(SAID),
        minutes=st.sampled_from(("", "1", "5")),
        told=st.sampled_from((steps.BY_OPERATOR, steps.BY_TEAM)),
    )
    def correct(self, pause_s: int, step: str, minutes: str, told: str) -> None:
        arrived = self.state.is_arrival_confirmed
        so = TAKEN if minutes else "not"
        self.say(pause_s, "correct", told, step=step, so=so, minutes=minutes, reason="Wrong button")
        if told == steps.BY_OPERATOR:
            assert self.state.is_arrival_confirmed == arrived, "the operator's word changed the team's"

    def say(self, pause_s: int, name: str, told: str, **fields: str) -> None:
        now_us = self.now_us + pause_s * SECOND_US
        page = DESK if told == steps.BY_OPERATOR else TEAM
        speaker = Speaker(page, "x", told, centres=frozenset({self.state.lead.centre}))
        given = Given(speaker, now_us=now_us, fields=fields)
        self.attempt(pause_s, lambda s: decide(s, name, given))

    @precondition(lambda self: self.unreported)
    @rule(pause_s=PAUSES_S, fix=FIXES)
    def need_help(self, pause_s: int, fix: int | None) -> None:
        """A team that was sent and has not reported is always heard (safety rule 14)."""
        position = None if fix is None else Position(fix, 1, 20, 1, 1)
        self.now_us += pause_s * SECOND_US
        self.happen(response.decide_help(self.state, "M 12", position))
        assert self.state.is_open and steps.HELP_SEEN in dict(running(self.state))

    @precondition(lambda self: self.unreported)
    @rule(pause_s=PAUSES_S, outcome=st.sampled_from(tuple(OUTCOMES)))
    def report(self, pause_s: int, outcome: str) -> None:
        """A team that was sent can write its report, whatever happened meanwhile (safety rule 11)."""
        self.now_us += pause_s * SECOND_US
        self.happen(response.decide_report(self.state, "M 12", outcome, "as seen"))
        assert self.state.team.report is not None

    @rule(pause_s=PAUSES_S)
    def make_link(self, pause_s: int) -> None:
        secret = f"link-{self.state.version}"
        now_s = self.now_us // SECOND_US
        self.attempt(pause_s, lambda s: response.decide_make_link(s, "hai-1", secret, secret + "c", now_s))

    @rule(pause_s=PAUSES_S)
    def follow_up(self, pause_s: int) -> None:
        self.attempt(pause_s, lambda s: response.decide_follow_up(s, "officer", "seen at home"))

    # --- what must hold after each of them ---------------------------------------------------------------------------

    @invariant()
    def somebody_is_responsible_and_has_a_deadline(self) -> None:
        state = self.state
        if not state.received_at_us:
            return
        found, who = clocks(state), responsible(state)
        if not state.is_open and not self.unreported:
            assert found == [] and who is None
            return
        assert found, "no deadline"
        assert all(clock.due_at_us > clock.since_us > 0 for clock in found)
        assert {clock.step for clock in found} <= set(STEPS)
        assert who is not None and who.id, "nobody is responsible"
        if not state.is_open:
            assert [clock.step for clock in found] == [steps.REPORTED]

    @invariant()
    def one_centre_leads_once_there_is_a_route(self) -> None:
        assert self.state.lead.centre or self.state.lead.route is None
        assert self.state.lead.centre in ("", *self.state.centres)

    @invariant()
    def what_is_led_elsewhere_is_offered_or_was_decided_by_a_person(self) -> None:
        state = self.state
        if state.lead.handover_to:
            assert state.lead.handover_to != state.lead.centre and state.lead.handover_since_us
        if state.lead.zone_moved_to:
            assert state.lead.zone_moved_to != state.lead.zone and state.lead.zone_moved_since_us

    @invariant()
    def a_team_that_was_sent_keeps_its_way_in_until_its_report(self) -> None:
        assert self.state.awaits_report == bool(self.unreported and self.state.team.report is None)

    @invariant()
    def the_journals_tables_say_the_same(self) -> None:
        if not self.state.received_at_us:
            return
        sql = "SELECT state, report, follow_up, centres, zones FROM alarm"
        ((word, report, follow_up, centres, zones),) = self.tables.execute(sql).fetchall()
        assert (word == "closed", report == "due") == (not self.state.is_open, self.state.awaits_report)
        assert (follow_up == "due") == (not self.state.is_open and not self.state.closing.followed_up_at_us)
        assert tuple(centres.split()) == self.state.centres
        assert tuple(zones.split()) == self.state.zones
        if self.state.is_open and self.state.lead.route:
            assert word == self.state.state


TestAlarm = Alarm.TestCase
TestAlarm.settings = settings(max_examples=examples(50), stateful_step_count=40)
