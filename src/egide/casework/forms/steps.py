"""Forms of the steps in a file's life: each becomes one step; nothing is chosen or written in advance (rule 15)."""

from datetime import timedelta
from typing import Any, ClassVar

import msgspec
from django import forms
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from egide.access.rules import Scope
from egide.casework.file import rules_life as rules
from egide.casework.file import steps as s
from egide.casework.file import words as w
from egide.casework.forms.fields import YES_NO, YES_NO_UNCLEAR, choice, day, either, line, text
from egide.casework.forms.parts import check_past
from egide.casework.life.questionnaire import Question, in_force
from egide.common.ids import new_id
from egide.outbox.days import today

MEANS_YES = "yes"


class StepForm(forms.Form):
    """Fields that bear the names of the step's fields."""

    step: ClassVar[type[s.StepFacts]]
    use_required_attribute = False

    def values(self) -> dict[str, Any]:
        names = self.step.__struct_fields__
        return {name: self.cleaned_data[name] for name in names if name in self.cleaned_data}

    def build(self, scope: Scope) -> s.AnyStep:
        """The step as `scope`'s person takes it."""
        content = {**self.values(), "by": scope.user, "title": scope.title}
        return msgspec.convert(content, self.step)  # type: ignore[return-value]


class ConditionsForm(StepForm):
    """Rule 24: questions with reasons, no answer refuses."""

    step = s.Conditions
    threat = either(_("Is the threat shown by a report, or will one be filed?"), YES_NO_UNCLEAR)
    threat_note = text(_("Which report, or why not yet"), rows=2)
    contact = either(_("Is there contact of the person’s own will (except about children)?"), YES_NO_UNCLEAR)
    contact_note = text(_("What kind of contact; is it forced on the person?"), rows=2)
    roof = either(_("Do they live under one roof?"), YES_NO_UNCLEAR)
    roof_note = text(_("Why, and until when"), rows=2)
    residence = either(_("Does the person live in the managing zone?"), YES_NO_UNCLEAR)
    zone_chosen = text(_("Without a fixed home: why the person chose this zone"), rows=2)
    agrees = either(_("Does the person agree to the agreement on use?"), YES_NO_UNCLEAR)

    def offer_request(self) -> None:
        """Ask the prosecutor's office on the same page."""
        self.fields["remark"] = text(_("Remark for the magistrate"))


class RequestedForm(StepForm):
    step = s.Requested
    remark = text(_("Remark for the magistrate"))


class AnalysedForm(StepForm):
    """The questionnaire, then danger and urgency, answered by a person with reasons."""

    step = s.Analysed
    danger = either(_("Is the person’s life in danger?"), YES_NO)
    danger_reasons = text(_("Why you answer so"), required=True)
    urgent = either(_("Is it urgent?"), YES_NO)
    urgent_reasons = text(_("Why you answer so"), required=True)

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        asked: dict[str, forms.Field] = {}
        language = (get_language() or "en")[:2]
        for group in in_force().group:
            for number, question in enumerate(group.question):
                for name, field in _fields(question, language).items():
                    field.group = group.title[language] if number == 0 and name.startswith("q-") else ""  # type: ignore[attr-defined]
                    asked[name] = field
        self.fields = asked | self.fields

    @property
    def is_unchecked(self) -> bool:
        """Whether nobody has held the questions against the text that they follow."""
        return in_force().checked == ""

    def values(self) -> dict[str, Any]:
        given, asked = self.cleaned_data, in_force()
        answers = tuple(
            s.Answer(question=one.id, answer=given[f"q-{one.id}"], note=given.get(f"n-{one.id}", ""))
            for one in asked.questions
        )
        said = {name: given[name] == MEANS_YES for name in ("danger", "urgent")}
        return super().values() | said | {"questionnaire": asked.edition, "answers": answers}


def _fields(question: Question, language: str) -> dict[str, forms.Field]:
    label = question.text[language]
    if question.kind == "text":
        return {f"q-{question.id}": text(label, rows=2)}
    # What nobody touches is kept as "unclear", never as "no".
    return {
        f"q-{question.id}": either(label, YES_NO_UNCLEAR, initial="unclear"),
        f"n-{question.id}": line(gettext("Remark, source")),
    }


class RaisedForm(StepForm):
    step = s.Raised
    danger = either(_("Is the person’s life in danger?"), YES_NO)
    urgent = either(_("Is it urgent?"), YES_NO)
    reasons = text(_("What changed"), required=True)

    def values(self) -> dict[str, Any]:
        return super().values() | {n: self.cleaned_data[n] == MEANS_YES for n in ("danger", "urgent")}


class JudgingForm(StepForm):
    """A step in which the magistrate may also see danger and urgency otherwise; empty leaves them."""

    danger = choice(_("Life in danger (empty: as before)"), YES_NO, required=False)
    urgent = choice(_("Urgent (empty: as before)"), YES_NO, required=False)

    def values(self) -> dict[str, Any]:
        judged = {name: self.cleaned_data.get(name, "") for name in ("danger", "urgent")}
        return super().values() | {name: said == MEANS_YES if said else None for name, said in judged.items()}


class ConsultedForm(JudgingForm):
    step = s.Consulted
    on = day(_("Held on"), required=True, validators=[check_past])
    who = text(_("Who took part"), required=True, rows=2)
    police_view = text(_("What the police say"), required=True)
    office_view = text(_("What the prosecutor’s office says"))


class DecidedForm(StepForm):
    """Reasons first; the day of review is the only field with a value, six months on, and it can be changed."""

    step = s.Decided
    reasons = text(
        _("Reasons"),
        required=True,
        rows=6,
        help_text=_("The perpetrator may read them one day: no address, school, contact or kit."),
    )
    conditions = text(_("Conditions"), rows=2)
    review_on = day(_("Day of review, if granted"))
    decision = forms.ChoiceField(choices=[(word, word) for word in ("granted", "more-asked", "refused")])

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.fields["review_on"].initial = rules.default_review(today())

    def values(self) -> dict[str, Any]:
        values = super().values()
        return values if values["decision"] == "granted" else values | {"review_on": None, "conditions": ""}


class AnsweredForm(StepForm):
    step = s.Answered
    answer = text(_("Answer to the magistrate"), required=True, rows=6)


class LifeChangedForm(StepForm):
    step = s.LifeChanged
    kind = choice(_("What changes"), w.LIFE_EVENTS.items())
    on = day(_("On"), required=True)
    source = line(_("Source (report, certificate, who said it)"), required=True)
    due = day(_("Review at the latest on"), required=True)


class ProposedForm(StepForm):
    step = s.Proposed
    proposal = either(_("What the zone proposes"), (("extend", _("To go on")), ("end", _("To end"))))
    analysis = text(_("What the danger is today, and why"), required=True, rows=5)
    her_view = text(_("What the person says"), required=True)


class ReviewedForm(JudgingForm):
    step = s.Reviewed
    outcome = either(
        _("Outcome of the review"),
        (("extended", _("It goes on")), ("ending", _("It ends, with notice"))),
    )
    reasons = text(_("Reasons"), required=True, rows=5)
    review_on = day(_("Next review, if it goes on"))

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("outcome") == "extended" and not given.get("review_on") and "review_on" in given:
            self.add_error("review_on", gettext("Name the day of the next review."))
        return given


class EndAnnouncedForm(StepForm):
    step = s.EndAnnounced
    told_on = day(_("The person was informed on"), required=True)
    ends_on = day(_("The alarm ends on (thirty days later at least)"), required=True)
    grace_until = day(_("Presses still get through until (thirty days more at least)"), required=True)
    named_contact = line(_("Named contact afterwards"), required=True)
    plan = text(_("Plan for the time after"), required=True)
    removal = text(_("How kit and app go without a trace"), required=True, rows=2)


class WithdrawnForm(StepForm):
    step = s.Withdrawn
    reasons = text(_("Reasons"), required=True, rows=5)


class EndedForm(StepForm):
    step = s.Ended
    kit = either(
        _("What became of the kit"),
        (
            ("returned", _("Returned")),
            ("lost", _("Lost")),
            ("faulty", _("Faulty")),
            ("none", _("There was none")),
        ),
    )


class DroppedForm(StepForm):
    step = s.Dropped
    reasons = text(_("What the person says"), required=True)


class MovedForm(StepForm):
    """To another zone: the office follows the zone."""

    step = s.Moved
    to_zone = forms.ChoiceField(label=_("New managing zone"))
    reasons = text(_("Why"), required=True, rows=2)


class DiedForm(StepForm):
    """A new entry, or what is known by now of one that is there. No answer on violence is ever filled in."""

    step = s.Died
    who = either(_("Who died?"), w.DEATHS.items())
    on = day(_("On which day"), required=True, validators=[check_past])
    violence = either(
        _("Is violence by the perpetrator behind it?"), [(word, w.VIOLENCE[word]) for word in s.VIOLENCE]
    )
    source = line(_("Who says so, and on what ground"), required=True)
    in_alarm = either(_("Did it happen in an alarm that was closed with “killed”?"), YES_NO)

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._about: dict[str, Any] = {}
        self.fields["violence"].required = False
        self.fields["violence"].help_text = gettext(
            "A suicide to which violence drove somebody counts. What is not known yet can be said later. Of the"
            " perpetrator’s own death it is not asked."
        )
        self.fields["in_alarm"].help_text = gettext(
            "Such a death stands in the figures already, with the outcome of its alarm."
        )

    def concern(self, death: str, *, by_magistrate: bool, runs: bool, killed_in_alarm: bool) -> None:
        """Which entry it is (a new one for ""), who writes it, and what the file is like: whether a grant runs, and
        whether an alarm of it was closed with somebody killed."""
        due = today() + timedelta(days=rules.AFTER_DEATH_DAYS) if runs and not death else None
        self._about = {"death": death or new_id(), "by_magistrate": by_magistrate, "due": due}
        if not killed_in_alarm:
            del self.fields["in_alarm"]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("who") == s.PERPETRATOR:
            given["violence"] = s.NOT_ASKED
        elif "who" in given and not given.get("violence"):
            self.add_error("violence", gettext("Choose one: “not known yet” is an answer too."))
        return given

    def values(self) -> dict[str, Any]:
        values = super().values() | self._about | {"in_alarm": self.cleaned_data.get("in_alarm") == MEANS_YES}
        # The death of the protected person closes the file: nothing is left to review.
        return values | {"due": None} if values["who"] == s.PROTECTED else values


class DeathTakenBackForm(StepForm):
    step = s.DeathTakenBack
    reasons = text(_("What was mistaken"), required=True, rows=2)


class SignedForm(StepForm):
    step = s.Signed
    on = day(_("Signed on"), required=True, validators=[check_past])
    scan = forms.FileField(label=_("Scan of the signed agreement (PDF or JPEG)"))


# Name in the address -> form. The decision and the agreement have pages of their own.
STEP_FORMS: dict[str, type[StepForm]] = {
    "conditions": ConditionsForm,
    "request": RequestedForm,
    "analysis": AnalysedForm,
    "raise": RaisedForm,
    "consultation": ConsultedForm,
    "decision": DecidedForm,
    "answer": AnsweredForm,
    "agreement": SignedForm,
    "life-event": LifeChangedForm,
    "proposal": ProposedForm,
    "review": ReviewedForm,
    "announce-end": EndAnnouncedForm,
    "withdrawal": WithdrawnForm,
    "end": EndedForm,
    "drop": DroppedForm,
    "move": MovedForm,
    "death": DiedForm,
}
STEP_TITLES = {
    "conditions": _("Conditions"),
    "request": _("Ask the prosecutor’s office"),
    "analysis": _("Risk analysis"),
    "raise": _("Raise danger or urgency"),
    "consultation": _("Consultation"),
    "decision": _("Decision"),
    "answer": _("Answer the magistrate"),
    "agreement": _("Signed agreement"),
    "life-event": _("Life has changed"),
    "proposal": _("Zone’s part of the review"),
    "review": _("Decide the review"),
    "announce-end": _("Announce the end"),
    "withdrawal": _("Withdraw the alarm"),
    "end": _("Close the file"),
    "drop": _("The person no longer asks for it"),
    "move": _("Move to another zone"),
    "death": _("A death"),
}
