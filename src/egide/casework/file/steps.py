"""Steps in the life of a file, as typed values: what each says, sealed in one row of `models.Step`."""

from datetime import date
from typing import Any, cast

import msgspec

from egide.casework.file.facts import Facts
from egide.common.encoding import decoder_of


class Answer(Facts, frozen=True, kw_only=True):
    """An answer to one question. `question` is its id in the questionnaire, whose version the step names."""

    question: str
    answer: str
    note: str = ""


class StepFacts(Facts, frozen=True, kw_only=True, tag_field="step"):
    """Base: `by` is the account that took the step, `title` what colleagues saw then."""

    by: str = ""
    title: str = ""


class Conditions(StepFacts, frozen=True, kw_only=True, tag="conditions"):
    """The conditions, asked as questions and answered with reasons (rule 24): none of them refuses anything.

    Each answer is "yes", "no" or "unclear". `zone_chosen` says why a person without a fixed home chose this zone.
    """

    threat: str
    threat_note: str = ""
    contact: str
    contact_note: str = ""
    roof: str
    roof_note: str = ""
    residence: str
    zone_chosen: str = ""
    agrees: str


class Requested(StepFacts, frozen=True, kw_only=True, tag="requested"):
    """The zone asks the prosecutor's office."""

    remark: str = ""


class Analysed(StepFacts, frozen=True, kw_only=True, tag="analysed"):
    """The answers to the questionnaire, and what people say of danger and urgency, each with reasons."""

    questionnaire: str
    answers: tuple[Answer, ...] = ()
    danger: bool
    danger_reasons: str
    urgent: bool
    urgent_reasons: str


class Raised(StepFacts, frozen=True, kw_only=True, tag="raised"):
    """An officer raised danger or urgency. Nothing in the software lets an officer lower them."""

    danger: bool
    urgent: bool
    reasons: str


class Consulted(StepFacts, frozen=True, kw_only=True, tag="consulted"):
    """Police and prosecutor looked at it together.

    Here and in `Reviewed`, and by the magistrate alone, danger and urgency can be lowered; None leaves them.
    """

    on: date
    who: str
    police_view: str
    office_view: str = ""
    danger: bool | None = None
    urgent: bool | None = None


class Decided(StepFacts, frozen=True, kw_only=True, tag="decided"):
    """The prosecutor's decision. `decision` is "granted", "refused" or "more-asked"."""

    decision: str
    reasons: str
    conditions: str = ""
    review_on: date | None = None


class Answered(StepFacts, frozen=True, kw_only=True, tag="answered"):
    """The zone answered what the prosecutor had asked for."""

    answer: str


class Signed(StepFacts, frozen=True, kw_only=True, tag="signed"):
    """The agreement came back signed. `paper` is the scan, `sha256` its hash in hexadecimal."""

    on: date
    paper: str
    sha256: str


class Issued(StepFacts, frozen=True, kw_only=True, tag="issued"):
    """A kit left for this file."""

    kit: str = ""


class LifeChanged(StepFacts, frozen=True, kw_only=True, tag="life-changed"):
    """Something happened that calls for a review (rule 31). `kind` is a word of `LIFE_EVENTS`; the review by `due`."""

    kind: str
    on: date
    source: str
    due: date


class Proposed(StepFacts, frozen=True, kw_only=True, tag="proposed"):
    """The zone's part of a review: a new analysis in words, and the person's own view."""

    proposal: str
    analysis: str
    her_view: str


class Reviewed(StepFacts, frozen=True, kw_only=True, tag="reviewed"):
    """The prosecutor's part: `outcome` is "extended" or "ending"."""

    outcome: str
    reasons: str
    review_on: date | None = None
    danger: bool | None = None
    urgent: bool | None = None


class EndAnnounced(StepFacts, frozen=True, kw_only=True, tag="end-announced"):
    """The end is announced, thirty days ahead at least (rule 31)."""

    ends_on: date
    grace_until: date
    told_on: date
    named_contact: str
    plan: str
    removal: str


class Withdrawn(StepFacts, frozen=True, kw_only=True, tag="withdrawn"):
    """The prosecutor withdrew the grant, with reasons (rule 31)."""

    reasons: str


class Ended(StepFacts, frozen=True, kw_only=True, tag="ended"):
    """The file is closed; `kit` says what became of the kit."""

    kit: str


class Dropped(StepFacts, frozen=True, kw_only=True, tag="dropped"):
    """The person no longer asks for it; nobody decides this for her."""

    reasons: str


class Moved(StepFacts, frozen=True, kw_only=True, tag="moved"):
    """Another zone manages the file from here on."""

    from_zone: str
    to_zone: str
    from_office: str
    to_office: str
    to_centre: str = ""
    reasons: str


class Died(StepFacts, frozen=True, kw_only=True, tag="died"):
    """Somebody died: what is needed of it, and no more.

    `death` is the id of the entry: a later step with the same one says what is known by then, and holds instead. `who`
    is a word of `DEATHS`, `violence` (by the perpetrator) one of `VIOLENCE`. `in_alarm`: an alarm was closed with it.
    `due`: a review is due by then. `by_magistrate`: a magistrate of the file's office said so.
    """

    death: str
    who: str
    on: date
    violence: str
    source: str
    in_alarm: bool = False
    due: date | None = None
    by_magistrate: bool = False


class DeathTakenBack(StepFacts, frozen=True, kw_only=True, tag="death-taken-back"):
    """The entry was a mistake: nobody died, or it is no matter of this file."""

    death: str
    reasons: str


AnyStep = (
    Conditions
    | Requested
    | Analysed
    | Raised
    | Consulted
    | Decided
    | Answered
    | Signed
    | Issued
    | LifeChanged
    | Proposed
    | Reviewed
    | EndAnnounced
    | Withdrawn
    | Ended
    | Dropped
    | Moved
    | Died
    | DeathTakenBack
)

PROTECTED, CHILD, RELATIVE, PERPETRATOR = "protected", "child", "relative", "perpetrator"
DEATHS = (PROTECTED, CHILD, RELATIVE, PERPETRATOR)
# Of the perpetrator's own death it is not asked.
KNOWN, SUSPECTED, EXCLUDED, UNKNOWN, NOT_ASKED = "known", "suspected", "excluded", "unknown", "not-asked"
VIOLENCE = (KNOWN, SUSPECTED, EXCLUDED, UNKNOWN)
LIFE_EVENTS = ("release", "end-of-ban", "hearing", "custody", "moved-house", "other")


def encode(step: StepFacts) -> bytes:
    """JSON with the name of the step."""
    return msgspec.json.encode(step)


def decode(content: bytes) -> AnyStep:
    """The step behind `content`."""
    return cast(AnyStep, decoder_of(cast(Any, AnyStep)).decode(content))


def with_author(step: AnyStep, by: str, title: str) -> AnyStep:
    """The same step, taken by somebody."""
    return msgspec.structs.replace(step, by=by, title=title)
