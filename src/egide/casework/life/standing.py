"""Where a file stands, for those who hand out kits: complete, decided, agreed. No word of what is in it."""

from dataclasses import dataclass
from datetime import date

from egide.casework import models as m
from egide.casework.file import facts as f
from egide.casework.file import rules_life as rules
from egide.casework.file.reading import check_case, content_of, contents, steps_of
from egide.outbox.service import keys


@dataclass(frozen=True)
class Standing:
    """Where a file stands.

    `stage` is a word of `rules_life.Stage`; `missing` are words of `words.MISSING`, empty when the file is complete;
    `decision` is "", "granted", "refused", "more-asked" or "withdrawn". `grant_ends_on` is set only once an end was
    announced or the grant withdrawn. `is_minimal` says that a name and a home (or chosen zone) are there: enough for
    the provisional issue of safety rule 25.
    """

    case: str
    number: str
    stage: str
    managing_zone: str
    managing_centre: str
    office: str
    missing: tuple[str, ...]
    decision: str
    decided_on: date | None
    review_on: date | None
    grant_ends_on: date | None
    agreement_signed: bool
    is_minimal: bool
    danger: bool
    urgent: bool

    @property
    def is_granted(self) -> bool:
        """Whether the decision stands: granted, and neither ended nor withdrawn."""
        return self.decision == "granted" and self.stage in rules.GRANTED


def standing_of(case_id: str) -> Standing:
    """Where the file stands. Raises NoSuchFile, KeyErased."""
    case = check_case(case_id)
    key, steps = keys().record_key(case_id), steps_of(case_id)
    life = rules.life_of((taken.step, taken.on) for taken in steps)
    content = content_of(
        contents(key, case_id, m.Beneficiary, f.BeneficiaryFacts)[0],
        list(contents(key, case_id, m.Place, f.PlaceFacts)),
        m.Perpetrator.objects.filter(case_id=case_id).exists(),
        steps,
    )
    return Standing(
        case=case.id,
        number=case.number,
        stage=case.stage,
        managing_zone=case.managing_zone,
        managing_centre=case.managing_centre,
        office=case.office,
        missing=rules.find_missing(life, content),
        decision=life.decision,
        decided_on=life.decided_on,
        review_on=case.review_on,
        grant_ends_on=case.grant_ends_on,
        agreement_signed=life.is_signed,
        is_minimal=content.has_name and content.has_home,
        danger=case.danger,
        urgent=case.urgent,
    )
