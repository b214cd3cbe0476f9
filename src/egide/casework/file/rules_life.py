"""Pure rules of a file's life: which step comes next, who may take it, what is missing. No step is ever automatic.

The order and the parts of each step: ../../docs/decisions/0013-life-of-a-file.md.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from egide.casework.file import steps as s
from egide.casework.file.facts import MeasureFacts, PerpetratorFacts

REVIEW_DAYS = 182
NOTICE_DAYS = 30
GRACE_DAYS = 30
# How far ahead a change of life becomes a task.
AHEAD_DAYS = 30
# A death that does not close the file calls for a review by then; one of which too little is known is asked about anew.
AFTER_DEATH_DAYS, ASK_AGAIN_DAYS = 14, 90

ZONE_ROLES = frozenset({"zone-officer", "reference-officer"})
MAGISTRATE_ROLES = frozenset({"magistrate"})
OFFICE_ROLES = frozenset({"magistrate", "clerk"})
DEATH_ROLES = frozenset({"reference-officer"}) | MAGISTRATE_ROLES
LIFE_ROLES = ZONE_ROLES | OFFICE_ROLES


class Stage(StrEnum):
    """What the file waits for."""

    REQUEST = "request"
    ANALYSIS = "analysis"
    CONSULTATION = "consultation"
    DECISION = "decision"
    MORE_ASKED = "more-asked"
    AGREEMENT = "agreement"
    ISSUE = "issue"
    RUNNING = "running"
    ENDING = "ending"
    ENDED = "ended"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    DIED = "died"


CLOSED = frozenset({Stage.ENDED, Stage.REFUSED, Stage.WITHDRAWN, Stage.DIED})
GRANTED = frozenset({Stage.AGREEMENT, Stage.ISSUE, Stage.RUNNING, Stage.ENDING})


class StepRefused(Exception):
    """A step cannot be taken now. `code` is a word of `words.REFUSALS`; `missing` says what it waits for."""

    def __init__(self, code: str, missing: tuple[str, ...] = ()) -> None:
        super().__init__(f"{code} {' '.join(missing)}".strip())
        self.code = code
        self.missing = missing


@dataclass(frozen=True)
class Life:
    """A file's life as its steps tell it.

    `closed_on` is the day on which a grant ended for good. `deaths` holds the latest word of each entry; `before` is
    the life before the protected person died, for an entry that was a mistake.
    """

    stage: Stage = Stage.REQUEST
    has_conditions: bool = False
    danger: bool = False
    urgent: bool = False
    is_analysed: bool = False
    decision: str = ""
    decided_on: date | None = None
    review_on: date | None = None
    is_signed: bool = False
    review_due_on: date | None = None
    proposal: str = ""
    ends_on: date | None = None
    grace_until: date | None = None
    closed_on: date | None = None
    deaths: tuple[s.Died, ...] = ()
    before: "Life | None" = None

    @property
    def grant_ends_on(self) -> date | None:
        """The day after which a press is no longer covered; None while no end is set."""
        return self.closed_on if self.stage == Stage.DIED else self.grace_until or self.closed_on


@dataclass(frozen=True)
class Content:
    """What the rules must know of the file's content: only whether things are there, and since when there is a file."""

    has_name: bool = False
    has_language: bool = False
    has_home: bool = False
    has_perpetrator: bool = False
    has_consent: bool = False
    has_safe_contact: bool = False
    opened_on: date | None = None


def fold(life: Life, step: s.AnyStep, on: date) -> Life:
    """The life after one more step, taken on the day `on`."""
    match step:
        case s.Conditions():
            return replace(life, has_conditions=True)
        case s.Requested():
            return replace(life, stage=Stage.ANALYSIS)
        case s.Analysed():
            analysed = replace(life, is_analysed=True, danger=step.danger, urgent=step.urgent)
            return replace(analysed, stage=Stage.CONSULTATION) if life.stage == Stage.ANALYSIS else analysed
        case s.Raised():
            return replace(life, danger=step.danger, urgent=step.urgent)
        case s.Consulted():
            return replace(_judged(life, step), stage=Stage.DECISION)
        case s.Answered():
            return replace(life, stage=Stage.DECISION)
        case s.Decided():
            return _decided(life, step, on)
        case s.Signed():
            return replace(life, is_signed=True, stage=Stage.ISSUE)
        case s.Issued():
            return replace(life, stage=Stage.RUNNING)
        case s.LifeChanged():
            due = min(step.due, life.review_due_on) if life.review_due_on else step.due
            return replace(life, review_due_on=due)
        case s.Died() | s.DeathTakenBack():
            return _fold_death(life, step, on)
        case _:
            return _fold_running(life, step, on)


def _judged(life: Life, step: s.Consulted | s.Reviewed) -> Life:
    """Danger and urgency as the magistrate sees them, where the step says so."""
    danger = life.danger if step.danger is None else step.danger
    return replace(life, danger=danger, urgent=life.urgent if step.urgent is None else step.urgent)


def _decided(life: Life, step: s.Decided, on: date) -> Life:
    stage = {"granted": Stage.AGREEMENT, "refused": Stage.REFUSED, "more-asked": Stage.MORE_ASKED}
    return replace(
        life,
        stage=stage[step.decision],
        decision=step.decision,
        decided_on=on,
        review_on=step.review_on,
        review_due_on=step.review_on,
    )


def _fold_death(life: Life, step: s.Died | s.DeathTakenBack, on: date) -> Life:
    """The death of the protected person closes the file at once; every other calls for a review at most."""
    deaths = {one.death: one for one in life.deaths}
    if isinstance(step, s.Died):
        deaths[step.death] = step
    else:
        deaths.pop(step.death, None)
    life = replace(life, deaths=tuple(deaths.values()))
    died = died_of(life)
    if died is not None:
        return replace(
            life,
            before=life.before or life,
            stage=Stage.DIED,
            closed_on=life.closed_on or on,
            review_due_on=_asked_again_on(died, on),
        )
    if life.before is not None:
        return replace(life.before, deaths=life.deaths)
    if isinstance(step, s.Died) and step.due is not None:
        return replace(life, review_due_on=min(step.due, life.review_due_on or step.due))
    return life


def died_of(life: Life) -> s.Died | None:
    """The entry of the protected person's death, if there is one."""
    return next((one for one in life.deaths if one.who == s.PROTECTED), None)


def _asked_again_on(died: s.Died, on: date) -> date | None:
    """When a magistrate is to look at it: at once where none has, later where it is not known what is behind it."""
    if not died.by_magistrate:
        return on
    return on + timedelta(days=ASK_AGAIN_DAYS) if died.violence in (s.SUSPECTED, s.UNKNOWN) else None


def _fold_running(life: Life, step: s.AnyStep, on: date) -> Life:
    """Steps of a file whose kit is out: review, ending, withdrawal."""
    match step:
        case s.Proposed():
            return replace(life, proposal=step.proposal)
        case s.Reviewed(outcome="extended"):
            day = step.review_on
            return replace(_judged(life, step), review_on=day, review_due_on=day, proposal="")
        case s.Reviewed():
            return replace(_judged(life, step), stage=Stage.ENDING, proposal="", review_due_on=None)
        case s.EndAnnounced():
            return replace(life, ends_on=step.ends_on, grace_until=step.grace_until)
        case s.Withdrawn():
            return replace(
                life, stage=Stage.WITHDRAWN, review_due_on=None, decision="withdrawn", closed_on=on
            )
        case s.Ended():
            return replace(life, stage=Stage.ENDED, review_due_on=None, closed_on=on)
        case s.Dropped():
            return replace(life, stage=Stage.ENDED, review_due_on=None)
        case _:
            return life


def life_of(steps: Iterable[tuple[s.AnyStep, date]]) -> Life:
    """All steps, oldest first, each with its day."""
    life = Life()
    for step, on in steps:
        life = fold(life, step, on)
    return life


def find_missing(life: Life, content: Content) -> tuple[str, ...]:
    """What the file still needs to be complete, as words of `words.MISSING`, in the order of the pages."""
    wanted = (
        ("name", content.has_name),
        ("language", content.has_language),
        ("safe-contact", content.has_safe_contact),
        ("consent", content.has_consent),
        ("home", content.has_home),
        ("perpetrator", content.has_perpetrator),
        ("conditions", life.has_conditions),
        ("analysis", life.is_analysed),
    )
    return tuple(word for word, is_there in wanted if not is_there)


# --- who may take which step, from which stage ---------------------------------------------------------------------

# Step -> (roles, stages). What is not here is taken by no page.
MAY: dict[type[s.StepFacts], tuple[frozenset[str], frozenset[Stage]]] = {
    s.Conditions: (ZONE_ROLES, (frozenset(Stage) - CLOSED) | {Stage.REFUSED}),
    # A refusal is not the last word: with new facts the zone asks again.
    s.Requested: (ZONE_ROLES, frozenset({Stage.REQUEST, Stage.REFUSED})),
    s.Analysed: (ZONE_ROLES, frozenset(Stage) - CLOSED - {Stage.REQUEST}),
    s.Raised: (ZONE_ROLES, frozenset(Stage) - CLOSED - {Stage.REQUEST}),
    s.Consulted: (LIFE_ROLES, frozenset({Stage.CONSULTATION})),
    s.Decided: (MAGISTRATE_ROLES, frozenset({Stage.DECISION})),
    s.Answered: (ZONE_ROLES, frozenset({Stage.MORE_ASKED})),
    s.Signed: (ZONE_ROLES, frozenset({Stage.AGREEMENT})),
    s.Issued: (ZONE_ROLES, frozenset({Stage.ISSUE})),
    s.LifeChanged: (LIFE_ROLES, frozenset(GRANTED)),
    s.Proposed: (ZONE_ROLES, frozenset({Stage.RUNNING})),
    s.Reviewed: (MAGISTRATE_ROLES, frozenset({Stage.RUNNING})),
    s.EndAnnounced: (ZONE_ROLES, frozenset({Stage.ENDING})),
    s.Withdrawn: (MAGISTRATE_ROLES, frozenset(GRANTED)),
    s.Ended: (ZONE_ROLES, frozenset({Stage.ENDING})),
    s.Dropped: (ZONE_ROLES, frozenset(Stage) - CLOSED - {Stage.RUNNING, Stage.ENDING}),
    s.Moved: (ZONE_ROLES, frozenset(Stage)),
    # Also of a file that is closed: it may become known later, and what is known of it changes.
    s.Died: (DEATH_ROLES, frozenset(Stage)),
    s.DeathTakenBack: (DEATH_ROLES, frozenset(Stage)),
}


# Steps that are refused while the file lacks something.
ASKING_CONTENT = (s.Requested,)


def may_take(kind: type[s.StepFacts], life: Life, roles: frozenset[str]) -> bool:
    """Whether somebody with these roles may take this step now, as far as role and stage go."""
    allowed, stages = MAY[kind]
    return bool(allowed & roles) and life.stage in stages


def check_step(step: s.AnyStep, life: Life, content: Content, roles: frozenset[str], today: date) -> None:
    """Raises StepRefused when the step cannot be taken: wrong role, wrong stage, or something is missing."""
    allowed, stages = MAY[type(step)]
    if not allowed & roles:
        raise StepRefused("not-your-step")
    if life.stage not in stages:
        raise StepRefused("not-now")
    if isinstance(step, s.Died) and step.by_magistrate and not MAGISTRATE_ROLES & roles:
        raise StepRefused("not-your-step")
    if isinstance(step, s.Consulted) and not MAGISTRATE_ROLES & roles:
        check_not_lowered(life, danger=step.danger is not False, urgent=step.urgent is not False)
    _check_content(step, life, content, today)


def _check_content(step: s.AnyStep, life: Life, content: Content, today: date) -> None:
    match step:
        case s.Requested():
            missing = tuple(word for word in find_missing(life, content) if word != "analysis")
            if missing:
                raise StepRefused("incomplete", missing)
        case s.Analysed() | s.Raised():
            check_not_lowered(life, danger=step.danger, urgent=step.urgent)
        case s.Decided():
            check_decision(step, today)
        case s.Reviewed():
            if not life.proposal:
                raise StepRefused("no-proposal")
            check_review_day(step.review_on if step.outcome == "extended" else None, today)
        case s.EndAnnounced():
            check_end(step, today)
        case s.Ended():
            if life.ends_on is None or today < life.ends_on:
                raise StepRefused("notice-runs")
        case s.Died():
            check_death(step, life, content, today)
        case s.DeathTakenBack():
            if step.death not in {one.death for one in life.deaths}:
                raise StepRefused("not-now")
            if not step.reasons.strip():
                raise StepRefused("no-reasons")
        case _:
            return


def check_not_lowered(life: Life, *, danger: bool, urgent: bool) -> None:
    """An officer may raise danger and urgency and not lower them. Raises StepRefused."""
    if (life.danger and not danger) or (life.urgent and not urgent):
        raise StepRefused("not-lower")


def check_decision(step: s.Decided, today: date) -> None:
    """Reasons always; a grant has a day of review ahead. Raises StepRefused."""
    if not step.reasons.strip():
        raise StepRefused("no-reasons")
    if step.decision == "granted":
        if step.review_on is None:
            raise StepRefused("no-review-day")
        check_review_day(step.review_on, today)


def check_review_day(review_on: date | None, today: date) -> None:
    """A day of review lies ahead, within a year. Raises StepRefused."""
    if review_on is not None and not today < review_on <= today + timedelta(days=366):
        raise StepRefused("review-day")


def check_end(step: s.EndAnnounced, today: date) -> None:
    """Thirty days' notice and thirty days of grace at least (rule 31). Raises StepRefused."""
    if step.ends_on < max(step.told_on, today) + timedelta(days=NOTICE_DAYS) or step.told_on > today:
        raise StepRefused("notice-too-short")
    if step.grace_until < step.ends_on + timedelta(days=GRACE_DAYS):
        raise StepRefused("grace-too-short")


def check_death(step: s.Died, life: Life, content: Content, today: date) -> None:
    """A day between the opening of the file and today; the protected person dies once. Raises StepRefused."""
    if step.on > today or (content.opened_on is not None and step.on < content.opened_on):
        raise StepRefused("death-day")
    if (step.violence == s.NOT_ASKED) is not (step.who == s.PERPETRATOR):
        raise StepRefused("death-violence")
    died = died_of(life)
    if step.who == s.PROTECTED and died is not None and died.death != step.death:
        raise StepRefused("died-already")


def default_review(today: date) -> date:
    """Six months on."""
    return today + timedelta(days=REVIEW_DAYS)


def next_change(
    measures: Iterable[MeasureFacts], perpetrators: Iterable[PerpetratorFacts], since: date
) -> date | None:
    """The next end of a ban or release that the file knows of, on `since` or later (rule 31)."""
    days = [measure.ends for measure in measures] + [who.detained_until for who in perpetrators]
    return min((day for day in days if day is not None and day >= since), default=None)
