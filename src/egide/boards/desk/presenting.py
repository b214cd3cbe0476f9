"""What the desk's templates show of an alarm: texts chosen, times in milliseconds for the running clocks."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from egide.access.rules import Scope
from egide.access.service import titles
from egide.alarm.events import EARLIER_PHONE
from egide.alarm.events.steps import REPORTED, TEAM_NAMED, ZONE_CONFIRMED
from egide.alarm.ladder import done_at_us
from egide.alarm.leading import is_asked, leads, may_take_over
from egide.alarm.rules import needs_help, zones_to_inform
from egide.alarm.state import AlarmState
from egide.alarm.table import WAY
from egide.boards.desk.rules import late_steps, rings, sms_answer, unwoken, urgency
from egide.boards.desk.words import FLAGS, LEFT, OUTCOMES
from egide.boards.geography import Atlas
from egide.boards.shown.acts import Act
from egide.boards.shown.words import STEPS, language
from egide.boards.waking.rules import TEAM


@dataclass(frozen=True)
class Lead:
    """Who leads, and to whom the lead is to go (safety rule 2). Names are empty where there is nothing to say.

    `is_here`: a centre of the reader leads. `asked`: the centre that is to take over, with its code, and since when;
    `is_asked`: that is the reader's. `is_copy`: the reader's centre was shown a copy.
    """

    centre: str
    is_here: bool
    asked: str = ""
    asked_code: str = ""
    asked_since_ms: int = 0
    is_asked: bool = False
    is_copy: bool = False
    may_take_over: bool = False

    @property
    def copy_of(self) -> str:
        """The centre that leads, when the reader's one is only shown a copy."""
        return self.centre if self.is_copy and not self.is_here else ""


@dataclass(frozen=True)
class Unwoken:
    """A zone (by its name) or a team whose page could not be woken, since when."""

    name: str
    is_team: bool
    at_ms: int


@dataclass(frozen=True)
class SmsAnswerLine:
    """Whether the gateway took the answer to a press by SMS, and when."""

    was_sent: bool
    at_ms: int


@dataclass(frozen=True)
class AlarmRow:
    """One alarm in the list, as one reader sees it.

    `flags` are those of the phone that speaks for the kit; `left` says who gave it up and why, until somebody takes it.
    """

    state: AlarmState
    name: str
    zone: str
    taken_by: str
    flags: tuple[str, ...]
    lead: Lead
    late: tuple[str, ...] = ()
    unwoken: tuple["Unwoken", ...] = ()
    sms_answer: "SmsAnswerLine | None" = None
    left: str = ""
    mine: bool = False
    rings: bool = False
    urgency: int = 0

    @property
    def received_ms(self) -> int:
        return self.state.received_at_us // 1000

    @property
    def last_contact_ms(self) -> int:
        return self.state.press.last_contact_us // 1000

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
        return "ack" if self.state.lead.acknowledged_by and not self.lead.is_asked else "new"


@dataclass(frozen=True)
class Step:
    """One step of the alarm's way. `at_ms` is None while it has not happened; `is_next` marks what comes now."""

    word: str
    at_ms: int | None
    is_next: bool


@dataclass(frozen=True)
class Way:
    """Who is informed and who was sent. `next_act` is the button of the step that an operator records next, None when
    all are; `may_rename`, `may_send_back`, `may_change_zone`: whether another team or zone can go or be informed;
    `moved_to` is the zone of the position when another one leads, `moved_since_ms` is 0 once that was decided."""

    next_act: Act | None
    may_rename: bool
    may_send_back: bool
    may_change_zone: bool
    zone: str
    zone_reference: str
    moved_to: str
    moved_code: str
    moved_since_ms: int
    no_patrol: str
    choices: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ReportLines:
    """What the team, or its zone, wrote."""

    by: str
    outcome_word: str
    outcome: str
    text: str
    at_ms: int


@dataclass(frozen=True)
class NoteLine:
    """A note with its author's title."""

    by: str
    text: str
    at_ms: int
    for_team: bool = False


def rows_of(states: list[AlarmState], names: dict[str, str], atlas: Atlas, reader: Scope) -> list[AlarmRow]:
    """Rows for `states`, in their order; two look-ups in all, however many there are."""
    by = titles(who for state in states for who in (state.lead.acknowledged_by, state.lead.left_by))
    return [_row(state, names, by, atlas, reader) for state in states]


def _row(
    state: AlarmState, names: dict[str, str], by: dict[str, str], atlas: Atlas, reader: Scope
) -> AlarmRow:
    answer = sms_answer(state)
    zone = state.lead.route.zone if state.lead.route else state.origin.home_zone
    left = LEFT.get(state.lead.left_why, "") if state.lead.left_by and state.is_open else ""
    return AlarmRow(
        state=state,
        name=names.get(state.case) or _("Kit without a file"),
        zone=atlas.zone_name(zone, language()) if state.lead.route else _("Not routed yet"),
        taken_by=by.get(state.lead.acknowledged_by, ""),
        flags=tuple(str(FLAGS.get(flag, flag)) for flag in state.press.flags if flag != EARLIER_PHONE),
        lead=lead_of(state, atlas, reader),
        late=tuple(str(STEPS[step]) for step in late_steps(state)),
        unwoken=tuple(
            Unwoken(
                push.unit if push.to == TEAM else atlas.zone_name(push.unit, language()),
                push.to == TEAM,
                push.at_us // 1000,
            )
            for push in unwoken(state)
        ),
        sms_answer=SmsAnswerLine(answer.was_sent, answer.at_us // 1000) if answer else None,
        left=str(left) % {"by": by.get(state.lead.left_by, "")},
        mine=state.lead.acknowledged_by == reader.user,
        rings=rings(state, reader.centres),
        urgency=urgency(state, reader.centres, supervisor=reader.supervisor),
    )


def lead_of(state: AlarmState, atlas: Atlas, reader: Scope) -> Lead:
    """Who leads, as a reader of some centres sees it."""
    return Lead(
        centre=atlas.centre_name(state.lead.centre, language()) if state.lead.centre else "",
        is_here=leads(state, reader.centres),
        asked=atlas.centre_name(state.lead.handover_to, language()) if state.lead.handover_to else "",
        asked_code=state.lead.handover_to,
        asked_since_ms=state.lead.handover_since_us // 1000,
        is_asked=is_asked(state, reader.centres),
        is_copy=any(missed.centre in reader.centres for missed in state.missed if missed.centre),
        may_take_over=any(may_take_over(state, centre) for centre in reader.centres),
    )


def steps_of(state: AlarmState) -> list[Step]:
    """Received, routed, and on until people are on the spot; closed at the end."""
    done = done_at_us(state)
    times_us = (
        (_("Received"), state.received_at_us),
        (_("Routed"), state.lead.routed_at_us),
        *((str(STEPS[step]), done[step]) for step in WAY),
    )
    first_open = next((i for i, (_word, at_us) in enumerate(times_us) if not at_us), len(times_us))
    return [
        Step(word, at_us // 1000 if at_us else None, i == first_open)
        for i, (word, at_us) in enumerate(times_us)
    ]


def way_of(state: AlarmState, atlas: Atlas, acts: list[Act]) -> Way:
    """Who is informed, who was sent, what comes next; `acts` is what can be said now."""
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
        zone=atlas.zone_name(state.lead.zone, language()) if state.lead.zone else "",
        zone_reference=state.lead.zone_reference,
        moved_to=atlas.zone_name(moved, language()) if moved else "",
        moved_code=moved,
        moved_since_ms=moved_since_us // 1000,
        no_patrol=", ".join(atlas.zone_name(zone, language()) for zone in state.lead.no_patrol),
        choices=tuple((zone, atlas.zone_name(zone, language())) for zone in zones_to_inform(state)),
    )


def report_of(state: AlarmState) -> ReportLines | None:
    """The report of the team that was sent, None while it is not written."""
    report = state.team.report
    if report is None:
        return None
    by = titles([report.by])[report.by]
    outcome = str(OUTCOMES.get(report.outcome, report.outcome))
    return ReportLines(by, report.outcome, outcome, report.text, report.at_us // 1000)


def notes_of(state: AlarmState) -> list[NoteLine]:
    """Notes, latest first."""
    by = titles(note.user for note in state.lead.notes)
    return [
        NoteLine(by[note.user], note.text, note.at_us // 1000, note.for_team)
        for note in reversed(state.lead.notes)
    ]
