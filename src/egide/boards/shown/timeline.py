"""One alarm from its first press to what followed, event by event: what each is called, and what stands beside it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property, singledispatch

from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from egide.access.service import titles
from egide.access.templatetags.units import clock_time, day, metres
from egide.alarm import events as a
from egide.alarm.events import silent
from egide.alarm.events.steps import BY_OPERATOR, BY_TEAM
from egide.alarm.ladder import NEIGHBOUR, SUPERVISOR
from egide.alarm.state import AlarmState
from egide.alarm.table import STEP, TELLING
from egide.boards.shown import told
from egide.boards.shown.earlier import PLACES, PROOFS
from egide.boards.shown.position import address_of
from egide.boards.shown.words import (
    OUTCOMES,
    RUNS,
    STEPS,
    UnitNames,
    Words,
    coordinates_of,
    place_of,
    unit_names,
)
from egide.common.clock import utc
from egide.events.base import Event
from egide.outbox.service import journal
from egide.protocol.envelope import Position, Trigger

WORDS: Words = {
    "PressReceived": _("Press"),
    "PressedAgain": _("Pressed again"),
    "PressConflicted": _("Press under a number that was used before"),
    "SourcePressed": _("Press on a device that is no phone"),
    "PositionReceived": _("Position from the phone"),
    "CancelReceived": _("PIN entered"),
    "NoticeReceived": _("The phone reports on itself"),
    "TextReceived": _("Silent answer"),
    "AudioReceived": _("Sound from the phone"),
    "SmsAnswerTried": _("Answer by SMS"),
    "AlarmRouted": _("Given to zone and centre"),
    "PositionLocated": _("Placed on the map"),
    "ShownOnBoard": _("Shown on a board"),
    "AlarmAcknowledged": _("Taken"),
    "OperatorLeft": _("Given up: rings again"),
    "HandoverOffered": _("Another centre is asked"),
    "HandoverAccepted": _("Taken over"),
    "LeadKept": _("Kept, although the position moved on"),
    "LocalisationAsked": _("Telephone network asked where the phone is"),
    "PhoneBlocked": _("An earlier phone was blocked"),
    "NoteAdded": _("Note"),
    "ZoneConfirmed": _("Zone informed"),
    "NoPatrolFree": _("No patrol free"),
    "TeamNamed": _("Team named"),
    "TeamLinkMade": _("Link for the team made"),
    "TeamLinkOpened": _("Link opened by the team"),
    **{kind: STEPS[step] for kind, step in TELLING.items() if step},
    "TeamDelayed": _("Delayed"),
    "TeamPositioned": _("Position of the team"),
    "StepCorrected": _("Correction"),
    "StepUndone": _("Undone"),
    "HelpNeeded": _("Team needs help"),
    "HelpSeen": _("Call for help seen"),
    "TeamReported": _("Report"),
    "StepMissed": _("Deadline passed"),
    "PushTried": _("Devices to be woken"),
    "SystemTold": _("Dispatch system to be told"),
    "SystemAnswered": _("Dispatch system answers"),
    "SystemSaidUnit": _("Dispatch system says of a unit"),
    "SystemWrote": _("Control room writes"),
    "TextPassed": _("Silent question or answer passed on"),
    "NeighbourAsked": _("Copy handed to a control room of others"),
    "NeighbourSaid": _("Control room of others says of the copy"),
    "TextAsked": _("Asked silently"),
    "ListenStopped": _("Listening switched off"),
    "SoundHeard": _("Sound listened to"),
    "SoundExported": _("Sound handed out"),
    "SoundKept": _("Sound kept by a magistrate"),
    "SoundExpired": _("Sound discarded, as nobody heard it"),
    "SupervisorAsked": _("Supervisor asked"),
    "SupervisorCame": _("The supervisor looks at it"),
    "AlarmClosed": _("Closed"),
    "FollowUpDone": _("Followed up"),
}
UNREAD = _("Something that this version cannot read")
_LEFT: Words = {
    "idle": _("away from the board"),
    "offline": _("board cut off"),
    "signed-out": _("signed out"),
}
_ACTIONS: Words = {
    SUPERVISOR: _("the supervisor is notified, and the zone directly"),
    NEIGHBOUR: _("%(centre)s is shown a copy; this centre goes on leading"),
}
_QUESTIONS: Words = {word: _(text) for word, text in silent.QUESTIONS.items()}
_ANSWERS: Words = {word: _(text) for word, text in silent.ANSWERS.items()}


@dataclass(frozen=True)
class EventContext:
    """Where an event stands: the alarm before it, and the names of zones and centres."""

    before: AlarmState
    units: UnitNames
    at_us: int


@singledispatch
def details_of(event: Event, context: EventContext) -> list[str]:
    """What is written beside the word of an event, most telling first; of a step of the team, whose word it is."""
    told = getattr(event, "told", "")
    return [word_of(told), *_waited(getattr(event, "age_s", 0))] if told else []


@details_of.register
def _from_phone(event: a.FromPhone, context: EventContext) -> list[str]:
    told = [gettext("Under duress")] if event.trigger == Trigger.DURESS else []
    if event.is_from_earlier_phone:
        told.append(gettext("An earlier phone of this kit pressed."))
    if isinstance(event, a.TextReceived):
        word = event.body.decode(errors="replace")[:200]
        told.append(str(_ANSWERS.get(word, word)))
    return told


@details_of.register
def _from_source(event: a.SourcePressed, context: EventContext) -> list[str]:
    return [
        str(PROOFS.get(event.proof, event.proof)),
        event.carrier,
        str(PLACES.get(event.position_from, "")),
    ]


@details_of.register
def _routed(event: a.AlarmRouted, context: EventContext) -> list[str]:
    route = event.route
    return [context.units.zone(route.zone), context.units.centre(route.centre), place_of(route)]


@details_of.register
def _located(event: a.PositionLocated, context: EventContext) -> list[str]:
    return [place_of(event.route)]


@details_of.register
def _of_centre(
    event: a.ShownOnBoard | a.AlarmAcknowledged | a.HandoverOffered | a.HandoverAccepted,
    context: EventContext,
) -> list[str]:
    return [context.units.centre(event.centre)]


@details_of.register
def _left(event: a.OperatorLeft, context: EventContext) -> list[str]:
    return [str(_LEFT.get(event.why, event.why))]


@details_of.register
def _kept(event: a.LeadKept, context: EventContext) -> list[str]:
    return [
        gettext("The zone that leads keeps the alarm")
        if event.what == "zone"
        else gettext("This centre keeps the alarm")
    ]


@details_of.register
def _noted(event: a.NoteAdded, context: EventContext) -> list[str]:
    return [*([gettext("for the team")] if event.for_team else []), event.text]


@details_of.register
def _zone(event: a.ZoneConfirmed, context: EventContext) -> list[str]:
    return [context.units.zone(event.zone), event.reference]


@details_of.register
def _no_patrol(event: a.NoPatrolFree, context: EventContext) -> list[str]:
    return [context.units.zone(event.zone)]


@details_of.register
def _team(event: a.TeamNamed, context: EventContext) -> list[str]:
    return [event.call_sign, event.telephone, context.units.zone(event.zone)]


@details_of.register
def _delayed(event: a.TeamDelayed, context: EventContext) -> list[str]:
    expected = clock_time(context.at_us + (event.in_s - event.age_s) * 1_000_000)
    return [gettext("expected at %(time)s") % {"time": expected}, event.reason, word_of(event.told)]


@details_of.register
def _corrected(event: a.StepCorrected, context: EventContext) -> list[str]:
    was_at_us = STEP[event.step].done(context.before) if event.step in STEP else 0
    before_and_after = gettext("%(step)s: before %(before)s, now %(after)s") % {
        "step": STEPS.get(event.step, event.step),
        "before": _said_at(was_at_us),
        "after": _said_at(event.was_at_us),
    }
    return [before_and_after, event.reason, word_of(event.told)]


@details_of.register
def _undone(event: a.StepUndone, context: EventContext) -> list[str]:
    return [str(WORDS.get(event.undone, event.undone))]


@details_of.register
def _reported(event: a.TeamReported, context: EventContext) -> list[str]:
    again = [gettext("in the place of the one before")] if event.again else []
    return [str(OUTCOMES.get(event.outcome, event.outcome)), *again, event.text]


@details_of.register
def _missed(event: a.StepMissed, context: EventContext) -> list[str]:
    action = str(_ACTIONS.get(event.action, "")) % {"centre": context.units.centre(event.centre)}
    return [str(STEPS.get(event.step, event.step)), action]


@details_of.register
def _woken(event: a.PushTried, context: EventContext) -> list[str]:
    unit = event.unit if event.to == "team" else context.units.zone(event.unit)
    return [unit, gettext("not woken") if event.why else gettext("woken")]


details_of.register(a.SystemTold, told.details_told)
details_of.register(a.SystemAnswered, told.details_answered)
details_of.register(a.SystemSaidUnit, told.details_of_unit)
details_of.register(a.SystemWrote, told.details_written)
details_of.register(a.TextPassed, told.details_passed)
details_of.register(a.NeighbourAsked, told.details_handed)
details_of.register(a.NeighbourSaid, told.details_neighbour)


@details_of.register
def _by_sms(event: a.SmsAnswerTried, context: EventContext) -> list[str]:
    return [gettext("failed") if event.why else gettext("sent")]


@details_of.register
def _team_position(event: a.TeamPositioned, context: EventContext) -> list[str]:
    return [event.by, *_waited(event.age_s)]


@details_of.register
def _asked(event: a.TextAsked, context: EventContext) -> list[str]:
    return [str(_QUESTIONS.get(event.question, event.question))]


@details_of.register
def _sound(event: a.SoundKept, context: EventContext) -> list[str]:
    return [event.reason]


@details_of.register
def _closed(event: a.AlarmClosed, context: EventContext) -> list[str]:
    basis = (
        gettext("after a call-back with the agreed word")
        if event.basis == "call-back"
        else gettext("a team was with the person")
    )
    return [str(OUTCOMES.get(event.outcome, event.outcome)), basis, event.reason]


@details_of.register
def _followed_up(event: a.FollowUpDone, context: EventContext) -> list[str]:
    return [event.text]


def word_of(told: str) -> str:
    """Whose word it is, in words."""
    if told == BY_OPERATOR:
        return gettext("as told by the operator")
    return gettext("as told by the team") if told == BY_TEAM else gettext("as told by its zone")


def _said_at(at_us: int) -> str:
    return clock_time(at_us) if at_us else gettext("not yet")


def _waited(age_s: int) -> list[str]:
    return [gettext("kept on the phone for %(n)s s") % {"n": age_s}] if age_s else []


# --- the lines -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class TimelineLine:
    """One event, or a run of `count` of the same kind until `until_us`.

    `told` stands beside its word, and where it was, at `position`. `step` is the step that it says, for who may correct
    it. `day` stands where a day begins. `undone_by` took it back.
    """

    kind: str
    at_us: int
    word: str
    who: str
    told: tuple[str, ...]
    position: Position | None = None
    step: str = ""
    is_unread: bool = False
    undone_by: str = ""
    count: int = 1
    until_us: int = 0
    day: str = ""

    @cached_property
    def details(self) -> tuple[str, ...]:
        """What stands beside its word: the address before the degrees, as everywhere."""
        at = self.position
        if at is None:
            return self.told
        return tuple(
            filter(None, (*self.told, address_of(at), f"{coordinates_of(at)} · ± {metres(at.accuracy_m)}"))
        )

    @property
    def looks(self) -> str:
        """The class that gives it its look."""
        if self.is_unread:
            return "unread"
        return "undone" if self.undone_by or self.kind == "StepUndone" else ""


def timeline_of(alarm: str, may_see: Callable[[Event], bool] | None = None) -> list[TimelineLine]:
    """Every event of the alarm, oldest first; with `may_see` those alone for which it is true, and none that this
    version cannot read. Raises KeyErased, JournalError."""
    history = journal().history(alarm)
    happened = [each for each in history if not may_see or (each.event and may_see(each.event))]
    people = titles({_who(each.event) for each in happened if each.event} - {""})
    taken_back = {
        each.event.version: each.event.by for each in happened if isinstance(each.event, a.StepUndone)
    }
    units = unit_names()
    lines = []
    for each in happened:
        event, who = each.event, people.get(_who(each.event), _who(each.event)) if each.event else ""
        details = details_of(event, EventContext(each.before, units, each.at_us)) if event else [each.kind]
        lines.append(
            TimelineLine(
                kind=each.kind,
                at_us=each.at_us,
                word=str(WORDS.get(each.kind, each.kind) if event else UNREAD),
                who=who,
                told=tuple(filter(None, details)),
                position=getattr(event, "position", None),
                step=TELLING.get(each.kind, "") if each.version not in taken_back else "",
                is_unread=event is None,
                undone_by=people.get(taken_back.get(each.version, ""), ""),
            )
        )
    return list(_with_days(_joined(lines)))


def _who(event: object) -> str:
    """The account, or the team, that an event names as its author."""
    return str(getattr(event, "user", "") or getattr(event, "by", ""))


def _joined(lines: Iterable[TimelineLine]) -> Iterator[TimelineLine]:
    """Positions, sound and the like come by the hundred: a run of the same kind is one line."""
    run: TimelineLine | None = None
    for line in lines:
        if run and _goes_on(run, line):
            who = ", ".join(dict.fromkeys(filter(None, (*run.who.split(", "), line.who))))
            count = run.count + (line.kind == run.kind)
            position = line.position or run.position
            run = replace(run, count=count, until_us=line.at_us, told=line.told, position=position, who=who)
            continue
        if run:
            yield run
        run = line
    if run:
        yield run


def _goes_on(run: TimelineLine, line: TimelineLine) -> bool:
    if line.is_unread or run.is_unread or line.kind not in RUNS or RUNS[line.kind] != RUNS.get(run.kind):
        return False
    # Each zone and team has its own line for the devices that were woken.
    return line.kind != "PushTried" or line.told == run.told


def _with_days(lines: Iterable[TimelineLine]) -> Iterator[TimelineLine]:
    before = ""
    for line in lines:
        now = day(timezone.localtime(utc(line.at_us)))
        yield replace(line, day="" if now == before else now)
        before = now
