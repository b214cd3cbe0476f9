"""What is written at the steps of an invented file up to the signed agreement: one way for all of them."""

from dataclasses import dataclass
from datetime import date

from egide.casework.file import steps as s


@dataclass(frozen=True, kw_only=True)
class Said:
    """The texts of one file. `calm` stands where there is no danger, or nothing urgent."""

    questionnaire: str
    answers: tuple[s.Answer, ...] = ()
    contact: str = ""
    danger: str
    urgent: str
    calm: str
    who: str
    view: str
    reasons: str

    @classmethod
    def alike(cls, text: str, questionnaire: str) -> "Said":
        """The same text everywhere."""
        return cls(
            questionnaire=questionnaire,
            danger=text,
            urgent=text,
            calm=text,
            who=text,
            view=text,
            reasons=text,
        )

    def conditions(self) -> s.Conditions:
        """All conditions hold."""
        return s.Conditions(
            threat="yes", contact="no", contact_note=self.contact, roof="no", residence="yes", agrees="yes"
        )

    def analysed(self, *, danger: bool, urgent: bool) -> s.Analysed:
        return s.Analysed(
            questionnaire=self.questionnaire,
            answers=self.answers,
            danger=danger,
            danger_reasons=self.danger if danger else self.calm,
            urgent=urgent,
            urgent_reasons=self.urgent if urgent else self.calm,
        )

    def consulted(self, on: date) -> s.Consulted:
        return s.Consulted(on=on, who=self.who, police_view=self.view)

    def decided(self, decision: str, review_on: date | None = None) -> s.Decided:
        return s.Decided(decision=decision, reasons=self.reasons, review_on=review_on)

    def way(
        self, on: date, review_on: date | None, *, danger: bool, urgent: bool, decision: str = "granted"
    ) -> list[s.AnyStep]:
        """Every step up to the signed agreement; the magistrate takes the `Decided`, an officer the others."""
        return [
            self.conditions(),
            s.Requested(),
            self.analysed(danger=danger, urgent=urgent),
            self.consulted(on),
            self.decided(decision, review_on),
            s.Signed(on=on, paper="", sha256=""),
        ]
