"""What the desk's templates show of an alarm: texts chosen, times in milliseconds for the running clocks."""

from collections.abc import Mapping, Set
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from egide.access.rules import SUPERVISOR, Scope
from egide.alarm.events import ABORTED, EARLIER_PHONE, NO_DEVICE, RAISED, REJECTED
from egide.alarm.events.steps import REPORTED, TEAM_NAMED, ZONE_CONFIRMED
from egide.alarm.ladder import done_at_us
from egide.alarm.leading import is_asked, leads, may_take_over
from egide.alarm.rules import needs_help, supervisor_waits, team_was_there, zones_to_inform
from egide.alarm.sent import HandOver, Told
from egide.alarm.state import AlarmState
from egide.alarm.table import WAY
from egide.boards.desk.rules import rings, sms_answer, unwoken, urgency
from egide.boards.desk.words import (
    ANSWERED_ELSEWHERE,
    COPY_ANSWERS,
    COPY_ENDED,
    COPY_LOST,
    COPY_SENT,
    COPY_THERE,
    COPY_WAITS,
    FLAGS,
    LEFT,
    NO_DEVICE_THERE,
    SHOWN_ELSEWHERE,
    TOLD,
)
from egide.boards.rules import late_steps
from egide.boards.shown.acts import Act
from egide.boards.shown.alarm import ShownAlarm
from egide.boards.shown.clocks import Coming, coming_of
from egide.boards.shown.told import UNITS, called, is_meant
from egide.boards.shown.words import STEPS
from egide.boards.waking.rules import TEAM
from egide.routing.holding import needs_its_operator


@dataclass(frozen=True)
class Stance:
    """How the reader's centres stand to the lead (safety rule 2).

    `leads`: one of them has it. `asked_code`: the centre that is to take over, since `asked_since_ms`; `is_asked`: that
    is the reader's. `has_copy`: the reader's centre was shown a copy, and another one leads.
    """

    leads: bool
    asked_code: str
    asked_since_ms: int
    is_asked: bool
    has_copy: bool
    may_take_over: bool


@dataclass(frozen=True)
class Unwoken:
    """A zone (by its name) or a team whose page could not be woken, since when."""

    name: str
    is_team: bool
    at_ms: int
    unit: str


@dataclass(frozen=True)
class SmsAnswerLine:
    """Whether the gateway took the answer to a press by SMS, and when."""

    was_sent: bool
    at_ms: int


@dataclass(frozen=True)
class ToldLine:
    """How far a dispatch system is, in words, and since when; `is_waiting` while no machine there took what it was told
    last. `by`, `reference`, `units` and `cause` are what it says itself."""

    receiver: str
    word: str
    is_waiting: bool
    at_ms: int
    by: str
    reference: str
    units: tuple["UnitLine", ...] = ()
    cause: str = ""


@dataclass(frozen=True)
class UnitLine:
    """How far a unit of that system is, as it says, and since when."""

    call_sign: str
    word: str
    at_ms: int


@dataclass(frozen=True)
class AlarmRow:
    """One alarm in the list, as one reader sees it.

    `flags` are those of the phone that speaks for the kit; `left` says who gave it up and why, until somebody takes it.
    `supervisor_for` asks for the supervisor, until one comes.
    `late` are the steps that missed a deadline; `late_too` those of them that `coming` does not say.
    """

    shown: ShownAlarm
    zone: str
    flags: tuple[str, ...]
    stance: Stance
    coming: Coming | None = None
    late: tuple[str, ...] = ()
    late_too: tuple[str, ...] = ()
    unwoken: tuple["Unwoken", ...] = ()
    sms_answer: "SmsAnswerLine | None" = None
    left: str = ""
    supervisor_for: str = ""
    mine: bool = False
    was_shown: bool = False
    rings: bool = False
    urgency: int = 0

    @property
    def state(self) -> AlarmState:
        return self.shown.state

    @property
    def holds(self) -> bool:
        """Whether the reader has it and must stay at the board for it."""
        return self.mine and needs_its_operator(self.state)

    @property
    def needs_help(self) -> bool:
        return needs_help(self.state)

    @property
    def looks(self) -> str:
        """The class that gives shape and colour: help, duress, new, ack or closed."""
        if not self.state.is_open:
            return "closed"
        if self.needs_help:
            return "help"
        if self.state.press.duress:
            return "duress"
        return "ack" if self.state.lead.acknowledged_by and not self.stance.is_asked else "new"


@dataclass(frozen=True)
class Step:
    """One step of the alarm's way. `at_ms` is None while it has not happened; `is_next` marks what comes now."""

    word: str
    at_ms: int | None
    is_next: bool


@dataclass(frozen=True)
class Progress:
    """The alarm's way: the steps that are done one after the other from its beginning, and those from there on."""

    done: tuple[Step, ...]
    ahead: tuple[Step, ...]


@dataclass(frozen=True)
class Way:
    """What comes next on the way. `next_act` is the button of the step that an operator records next, None when
    all are; `may_rename`, `may_send_back`, `may_change_zone`: whether another team or zone can go or be informed;
    `moved_to` is the zone of the position when another one leads, `moved_since_ms` is 0 once that was decided."""

    next_act: Act | None
    may_rename: bool
    may_send_back: bool
    may_change_zone: bool
    moved_to: str
    moved_code: str
    moved_since_ms: int
    choices: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Missing:
    """What is still to come once people are on the spot, who must act, and which button of the desk moves it on:
    "link", "close", "ask_supervisor", or none."""

    word: str
    who: str
    button: str


def missing_of(state: AlarmState, acts: Mapping[str, Act]) -> tuple[Missing, ...]:
    """What is still missing when the way of a team is recorded, or its report is there, for the centre that leads;
    nothing before. `acts` are by name.
    """
    team = state.team
    if "zone" not in acts or not (team.on_site_at_us or team.report):
        return ()
    who = team.named.call_sign if team.named else ""
    link = "link" if team.named else ""
    found = []
    if not team_was_there(state):
        found.append(Missing(_("The word of the team or its zone that it is on site"), who, link))
    if team.report is None:
        found.append(Missing(_("The report of the team"), who, link if team_was_there(state) else ""))
    closes = next((name for name in ("close", "ask_supervisor") if name in acts), "")
    return (*found, Missing(_("The closing"), "", closes))


@dataclass(frozen=True)
class View:
    """Everything about a reader that a row depends on: readers who are alike in it see the same row, painted once.

    `supervises`: the centres whose supervisor the reader is. `mine`: the reader acknowledged the alarm. `was_shown`: it
    was on a board of theirs.
    """

    centres: frozenset[str]
    supervisor: bool
    supervises: frozenset[str]
    mine: bool
    was_shown: bool


def view_of(state: AlarmState, reader: Scope) -> View:
    """How this reader sees this alarm; whether they may is decided elsewhere."""
    return View(
        centres=reader.centres,
        supervisor=reader.supervisor,
        supervises=reader.places(SUPERVISOR),
        mine=state.lead.acknowledged_by == reader.user,
        was_shown=reader.user in state.lead.shown_by,
    )


def rows_of(shown: list[ShownAlarm], reader: Scope) -> list[AlarmRow]:
    """Rows for these alarms, in their order."""
    return [row_of(one, view_of(one.state, reader)) for one in shown]


def row_of(shown: ShownAlarm, view: View) -> AlarmRow:
    """One alarm as everybody with this view sees it."""
    state = shown.state
    answer = sms_answer(state)
    left = LEFT.get(state.lead.left_why, "") if state.lead.left_by and state.is_open else ""
    route, late = state.lead.route, late_steps(state)
    coming = coming_of(state, shown.lead.handed_to)
    return AlarmRow(
        shown=shown,
        zone=shown.units.zone(route.zone) if route else _("Not routed yet"),
        flags=tuple(str(FLAGS.get(flag, flag)) for flag in state.press.flags if flag != EARLIER_PHONE),
        stance=stance_of(state, view.centres),
        coming=coming,
        late=tuple(str(STEPS[step]) for step in late),
        late_too=tuple(str(STEPS[step]) for step in late if coming is None or step != coming.step),
        unwoken=tuple(
            Unwoken(
                push.unit if push.to == TEAM else shown.units.zone(push.unit),
                push.to == TEAM,
                push.at_us // 1000,
                push.unit,
            )
            for push in unwoken(state)
        ),
        sms_answer=SmsAnswerLine(answer.was_sent, answer.at_us // 1000) if answer else None,
        left=str(left) % {"by": shown.people.get(state.lead.left_by, "")},
        mine=view.mine,
        was_shown=view.was_shown,
        rings=rings(state, view.centres, view.supervises),
        supervisor_for=shown.people.get(state.closing.supervisor_asked_by, "")
        if supervisor_waits(state)
        else "",
        urgency=urgency(state, view.centres, supervisor=view.supervisor),
    )


def told_of(state: AlarmState) -> tuple[ToldLine, ...]:
    """A line for each dispatch system, or team on it, that was told of the alarm, in the order of their names. A team
    that could not be told is a matter of the moment: one that is no longer sent has no line."""
    known = sorted(state.told, key=lambda one: one.receiver)
    return tuple(
        _copy_line(one, one.hand, state.opened_at_us) if one.hand else _told_line(one)
        for one in known
        if one.why != NO_DEVICE or is_meant(state, one)
    )


def _told_line(one: Told) -> ToldLine:
    """What was not taken stands first, then the farthest that it came. Who answers what we sent has it, also where our
    call to them has not come back."""
    word, at_us = TOLD[one.about, bool(one.taken_at_us)], one.taken_at_us or one.sent_at_us
    answers = ((ANSWERED_ELSEWHERE, one.answered_at_us), (SHOWN_ELSEWHERE, one.shown_at_us))
    came = [(said, us) for said, us in answers if us and (one.taken_at_us or us >= one.sent_at_us)]
    has_answered = bool(came) and one.about == RAISED
    if has_answered:
        word, at_us = came[0]
    if one.why == NO_DEVICE:
        word = NO_DEVICE_THERE
    by = one.answered_by if word is ANSWERED_ELSEWHERE else ""
    units = tuple(
        UnitLine(unit.call_sign, str(UNITS.get(unit.word, unit.word)), unit.at_us // 1000)
        for unit in one.units
    )
    return ToldLine(
        called(one.receiver),
        str(word),
        not (one.taken_at_us or has_answered),
        at_us // 1000,
        by,
        one.reference,
        units,
    )


def _copy_line(one: Told, hand: HandOver, opened_at_us: int) -> ToldLine:
    """What a person there said goes before what a machine says; what somebody here must act on is marked."""
    is_taken = bool(one.taken_at_us) and one.taken_at_us >= hand.asked_at_us
    word: str | Promise = COPY_WAITS
    at_us, cause = hand.asked_at_us, ""
    if hand.asked_at_us < opened_at_us:
        word = COPY_ENDED
    elif hand.ended:
        word, at_us, cause = COPY_ANSWERS[hand.ended], hand.ended_at_us, hand.ended_cause
    elif hand.word:
        word, at_us, cause = COPY_ANSWERS[hand.word], hand.answered_at_us, hand.cause
    elif hand.is_lost:
        word, at_us = COPY_LOST, one.sent_at_us
    elif hand.delivered_at_us:
        word, at_us = COPY_THERE, hand.delivered_at_us
    elif is_taken:
        word, at_us = COPY_SENT, one.taken_at_us
    is_urgent = word in (COPY_WAITS, COPY_LOST, COPY_ANSWERS[REJECTED], COPY_ANSWERS[ABORTED])
    return ToldLine(one.receiver, str(word), is_urgent, at_us // 1000, "", "", (), cause)


def stance_of(state: AlarmState, centres: Set[str]) -> Stance:
    """How a reader of these centres stands to the lead."""
    is_leading = leads(state, centres)
    is_shown_copy = any(missed.centre in centres for missed in state.missed if missed.centre)
    return Stance(
        leads=is_leading,
        asked_code=state.lead.handover_to,
        asked_since_ms=state.lead.handover_since_us // 1000,
        is_asked=is_asked(state, centres),
        has_copy=bool(state.lead.centre) and is_shown_copy and not is_leading,
        may_take_over=any(may_take_over(state, centre) for centre in centres),
    )


def progress_of(state: AlarmState) -> Progress:
    """Received, routed, and on until people are on the spot; closed at the end."""
    done = done_at_us(state)
    times_us = (
        (_("Received"), state.received_at_us),
        (_("Routed"), state.lead.routed_at_us),
        *((str(STEPS[step]), done[step]) for step in WAY),
    )
    first_open = next((i for i, (_word, at_us) in enumerate(times_us) if not at_us), len(times_us))
    steps = tuple(
        Step(word, at_us // 1000 if at_us else None, i == first_open)
        for i, (word, at_us) in enumerate(times_us)
    )
    return Progress(steps[:first_open], steps[first_open:])


def way_of(shown: ShownAlarm, acts: list[Act]) -> Way:
    """What comes next, and what may be changed; `acts` is what can be said now."""
    state, units = shown.state, shown.units
    done = done_at_us(state)
    ahead = WAY[WAY.index(ZONE_CONFIRMED) : WAY.index(REPORTED)]
    next_step = next((step for step in ahead if not done[step]), "")
    goes = next_step in ahead[ahead.index(TEAM_NAMED) + 1 :]
    moved = (
        state.lead.route.zone
        if state.lead.route and state.lead.zone not in ("", state.lead.route.zone)
        else ""
    )
    moved_since_us = state.lead.zone_moved_since_us if state.lead.zone_moved_to else 0
    return Way(
        next_act=next((act for act in acts if next_step and act.step == next_step), None),
        may_rename=goes,
        may_send_back=next_step == TEAM_NAMED or (goes and not state.team.under_way_at_us),
        may_change_zone=next_step != ZONE_CONFIRMED and not moved_since_us,
        moved_to=units.zone(moved),
        moved_code=moved,
        moved_since_ms=moved_since_us // 1000,
        choices=tuple((zone, units.zone(zone)) for zone in zones_to_inform(state)),
    )
