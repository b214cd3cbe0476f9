"""Documents of a file as PDF: request, decision, agreement. What each may hold is decided here, before any layout.

Every document has a version for the criminal file, without address, school, safe contact, kit or routine: the
perpetrator may read it one day (rule 28). A non-disclosed address stands in no document at all.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import typst
from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import override

from egide.access.templatetags.units import day as show_day
from egide.casework.file import steps as s
from egide.casework.file import words as w
from egide.casework.file.reading import File, StepTaken, read_file
from egide.casework.file.rules import is_in_force
from egide.casework.file.secrecy import address_words, blacken, pattern_of
from egide.casework.life.questionnaire import questions_answered
from egide.casework.papers.legal import read_legal
from egide.common.signature.pades import Signer, signer_of
from egide.outbox.service import clock

Rows = list[tuple[str | Promise, str]]

LAYOUT = Path(__file__).parent / "typst" / "document.typ"
REQUEST, DECISION, AGREEMENT = "request", "decision", "agreement"
DOCUMENTS = (REQUEST, DECISION, AGREEMENT)
# What binds somebody; a request is an inner paper of the police.
SIGNED = (DECISION, AGREEMENT)


class NotYet(Exception):
    """The file holds nothing yet that this document could say."""


@dataclass(frozen=True)
class WantedDocument:
    """Which document, in which language, for whom."""

    document: str
    language: str
    criminal: bool
    authority: str
    today: date


def make_document(file: File, wanted: WantedDocument) -> bytes:
    """The PDF, signed where the authority has a signature for such a paper. Raises NotYet, SigningError."""
    signer = _signer_for(file, wanted)
    with override(wanted.language):
        data = document_data(file, wanted, signer.holder if signer else "")
    paper = printed(data)
    return signer.sign(paper, clock().now_us()) if signer else paper


def _signer_for(file: File, wanted: WantedDocument) -> Signer | None:
    """Decisions and agreements are signed in the language in which they are authentic (rule 30)."""
    is_authentic = wanted.language == authentic_language(file)
    return signer_of(settings.EGIDE) if is_authentic and wanted.document in SIGNED else None


def printed(data: dict[str, Any]) -> bytes:
    """The PDF of a document, as `document_data` gives its words."""
    return typst.compile(
        LAYOUT.read_bytes(),
        sys_inputs={"data": json.dumps(data)},
        ignore_system_fonts=True,
        pdf_standards=["ua-1"],  # accessible (ISO 14289-1)
        timestamp=clock().now_us() // 1_000_000,
    )


def document_data(file: File, wanted: WantedDocument, signed_by: str = "") -> dict[str, Any]:
    """What the document says, as text, in the language that is active; `signed_by` is the authority that signs it.
    Raises NotYet."""
    build = {REQUEST: _request, DECISION: _decision, AGREEMENT: _agreement}[wanted.document]
    sections = build(file, wanted)
    references = read_legal().references(wanted.document, wanted.language)
    sections.append(_section(_("Legal references"), (), references))
    sections = [section for section in sections if section["rows"] or section["paragraphs"]]
    # Free words may repeat what this paper must not tell.
    words = _secrets(file) if wanted.criminal else _hidden(file)
    sections = blacken(sections, pattern_of(words))
    return {
        "title": _title(wanted.document),
        "language": wanted.language,
        "authority": wanted.authority,
        "number": file.case.number,
        "day": show_day(wanted.today),
        "marks": _marks(file, wanted, signed_by),
        "sections": sections,
        "footer": f"Egide · {file.case.number} · {_title(wanted.document)}",
        "signatures": _signatures(wanted.document),
    }


@dataclass(frozen=True)
class Frame:
    """What a paper of others about a file needs of it. `secrets` finds what the perpetrator must not read one day
    (rule 28), `hidden` the non-disclosed addresses, which stand in no paper at all; `language` is the authentic one
    (rule 30)."""

    number: str
    person: str
    language: str
    secrets: re.Pattern[str] | None
    hidden: re.Pattern[str] | None


def frame_of(case_id: str) -> Frame:
    """That of this file. Raises NoSuchFile, KeyErased."""
    file = read_file(case_id)
    return Frame(
        number=file.case.number,
        person=file.beneficiary.facts.name,
        language=authentic_language(file),
        secrets=pattern_of(_secrets(file)),
        hidden=pattern_of(_hidden(file)),
    )


def _hidden(file: File) -> list[str]:
    return address_words(place.facts for place in file.places if place.non_disclosed)


def _secrets(file: File) -> list[str]:
    """The very words of addresses, schools, contacts and routine in the file."""
    person = file.beneficiary.facts
    words = [person.phone, person.safe_contact, person.safe_when, person.unsafe_contact, person.routine]
    words.append(person.agreed_word)
    words += [child.facts.school for child in file.children]
    words += [one.facts.contact for one in file.people]
    words += address_words(place.facts for place in file.places)
    for place in (row.facts for row in file.places):
        words += [place.door_code, place.bell, place.meeting_point]
    return words


def authentic_language(file: File) -> str:
    """The one language in which the documents of this file are authentic (rule 30)."""
    return read_legal().authentic_language(file.case.office, file.beneficiary.facts.language)


def _title(document: str) -> str:
    return {
        REQUEST: _("Request for an alarm"),
        DECISION: _("Decision on an alarm"),
        AGREEMENT: _("Agreement on the use of the alarm"),
    }[document]


def _marks(file: File, wanted: WantedDocument, signed_by: str) -> list[str]:
    marks = []
    authentic = authentic_language(file)
    if wanted.language != authentic:
        marks.append(
            _("Translation, for information. The authentic version is in %(language)s.")
            % {"language": w.LANGUAGES[authentic]}
        )
    if wanted.criminal:
        marks.append(_("Version for the criminal file"))
    if not read_legal().checked:
        marks.append(_("The legal references have not been checked by counsel yet."))
    if signed_by:
        marks.append(_("Signed electronically by %(holder)s") % {"holder": signed_by})
    return marks


def _signatures(document: str) -> list[str]:
    return {
        REQUEST: [_("For the police zone")],
        DECISION: [_("The magistrate")],
        AGREEMENT: [_("The protected person"), _("For the police zone")],
    }[document]


def _section(
    heading: str, rows: Iterable[tuple[str | Promise, str]], paragraphs: Iterable[str] = ()
) -> dict[str, Any]:
    told = [(str(label), str(value)) for label, value in rows if value]
    return {"heading": heading, "rows": told, "paragraphs": [each for each in paragraphs if each]}


def _yes(value: bool) -> str:
    return str(_("Yes") if value else _("No")) + "."


def _person(file: File, *, brief: bool) -> dict[str, Any]:
    person = file.beneficiary.facts
    rows: Rows = [(_("Name"), person.name), (_("Born on"), show_day(person.born))]
    if not brief:
        rows += [(_("Speaks"), person.languages), (_("Interpreter needed for"), person.interpreter)]
        rows += [(_("Needs"), person.needs), (_("Safe way to reach the person"), person.safe_contact)]
        open_places = (place.facts for place in file.places if not place.non_disclosed)
        rows += [(w.PLACES[place.kind], place.address) for place in open_places]
    return _section(_("Protected person"), rows)


def _request(file: File, wanted: WantedDocument) -> list[dict[str, Any]]:
    analysed = file.last(s.Analysed)
    return [
        _person(file, brief=wanted.criminal),
        _section(_("What happened"), (), [file.context.context] if not wanted.criminal else ()),
        _section(_("Perpetrators and people who act for them"), _perpetrators(file)),
        _section(_("Facts"), _statements(file, assessment=False)),
        _section(_("Assessments"), _statements(file, assessment=True)),
        _section(
            _("Reports"),
            [(one.facts.number, f"{show_day(one.facts.on)} · {one.facts.about}") for one in file.reports],
        ),
        _section(_("Measures"), _measures(file, wanted)),
        *([_danger(analysed, wanted), _answers(analysed, wanted)] if analysed else []),
    ]


def _perpetrators(file: File) -> Rows:
    return [
        (
            w.ROLES.get(one.facts.role, one.facts.role),
            " · ".join(
                filter(
                    None,
                    (one.facts.name, show_day(one.facts.born) if one.facts.born else "", one.facts.relation),
                )
            ),
        )
        for one in file.perpetrators
    ]


def _statements(file: File, *, assessment: bool) -> Rows:
    rows: Rows = []
    if not assessment:
        rows += [(_("Weapon"), _told(one.facts.text, one.facts.source, one.facts.on)) for one in file.weapons]
    rows += [
        (_("Assessment") if assessment else _("Fact"), _told(one.facts.text, one.facts.source, one.facts.on))
        for one in file.antecedents
        if one.facts.assessment == assessment
    ]
    if assessment:
        said = (one for row in file.perpetrators for one in row.facts.personality)
        rows += [(_("Assessment"), _told(one.text, one.source, one.on)) for one in said]
    return rows


def _told(words: str, source: str, on: date) -> str:
    return f"{words} ({source}, {show_day(on)})"


def _measures(file: File, wanted: WantedDocument) -> Rows:
    rows: Rows = []
    for one in (row.facts for row in file.measures if is_in_force(row.facts, wanted.today)):
        until = f" – {show_day(one.ends)}" if one.ends else ""
        against = f" · {one.against}" if one.against else ""
        rows.append(
            (w.MEASURES.get(one.kind, one.kind), f"{one.issuer}, {show_day(one.starts)}{until}{against}")
        )
        rows += [(_("Breached on"), f"{show_day(breach.on)} ({breach.source})") for breach in one.breaches]
    return rows


def _danger(taken: StepTaken, wanted: WantedDocument) -> dict[str, Any]:
    step = taken.step
    assert isinstance(step, s.Analysed)
    return _section(
        _("Danger and urgency, as the police answered"),
        [
            (_("Life in danger"), f"{_yes(step.danger)} {'' if wanted.criminal else step.danger_reasons}"),
            (_("Urgent"), f"{_yes(step.urgent)} {'' if wanted.criminal else step.urgent_reasons}"),
        ],
    )


def _answers(taken: StepTaken, wanted: WantedDocument) -> dict[str, Any]:
    """The questionnaire; the version for the criminal file leaves it out, since its notes tell of daily life."""
    step = taken.step
    if not isinstance(step, s.Analysed) or wanted.criminal:
        return _section(_("Risk analysis"), ())
    words = {"yes": _("Yes"), "no": _("No"), "unclear": _("Unclear")}
    told = questions_answered(step.questionnaire, step.answers, wanted.language)
    rows = [(one.question, f"{words.get(one.answer, one.answer)} {one.note}".strip()) for one in told]
    return _section(_("Risk analysis"), rows)


def _decision(file: File, wanted: WantedDocument) -> list[dict[str, Any]]:
    taken = file.last(s.Decided)
    if taken is None or not isinstance(taken.step, s.Decided):
        raise NotYet(DECISION)
    step = taken.step
    rows: Rows = [
        (_("Decision"), str(w.DECISIONS[step.decision])),
        (_("Decided on"), show_day(taken.on)),
        (_("Magistrate"), step.title),
        (_("Conditions"), step.conditions),
        (_("Review on"), show_day(step.review_on) if step.review_on else ""),
    ]
    return [
        _person(file, brief=True),
        _section(_("Decision"), rows),
        _section(_("Reasons"), (), [step.reasons]),
    ]


def _agreement(file: File, wanted: WantedDocument) -> list[dict[str, Any]]:
    if file.life.decision != "granted":
        raise NotYet(AGREEMENT)
    if wanted.criminal:
        return [
            _person(file, brief=True),
            _section(_("What was agreed"), (), [_("An agreement on use was made.")]),
        ]
    return [
        _person(file, brief=True),
        _section(
            _("What the alarm is"),
            (),
            [
                _(
                    "You hold the button until the phone has it. The police see who you are, where you are, and come."
                ),
                _("It does not replace 112. If you can call 112, call."),
            ],
        ),
        _section(
            _("What you do"),
            (),
            [
                _("You carry button and phone with you, charged, and tell us when something does not work."),
                _(
                    "You take part in the tests, and tell us when your address, your phone or the danger changes."
                ),
                _("You may press whenever you are afraid. No press is ever held against you."),
            ],
        ),
        _section(
            _("What we do"),
            (),
            [
                _("Your position is used while an alarm runs and in tests, and not to follow you."),
                _("Only those who need it for your protection see your file; each reading is recorded."),
                _("Ending takes thirty days’ notice and a plan made with you. You can stop at any time."),
                _(
                    "The agreement is not what allows us to use your data; the law does. You may ask for a copy."
                ),
            ],
        ),
    ]
