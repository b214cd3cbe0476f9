"""Conditions are questions, not walls; danger is said by people and never lowered by an officer (rule 24)."""

from dataclasses import replace
from datetime import date
from itertools import product

import pytest
from django.conf import settings

from egide.casework import models as m
from egide.casework.file import steps as s
from egide.casework.file.reading import read_file
from egide.casework.file.rules_life import Stage, StepRefused
from egide.casework.life.questionnaire import DATA, LANGUAGES, questions_answered, read_questionnaire
from egide.casework.service import standing_of
from egide.common.config import Config, NotSetUp
from egide.common.settings.sources import Sources
from tests.casework.people import (
    Office,
    analysis,
    conditions,
    consultation,
    decision,
    magistrate,
    officer,
    text_of,
)


@pytest.mark.parametrize(("contact", "roof", "residence"), list(product(("yes", "no", "unclear"), repeat=3)))
def test_rule_24_no_answer_about_the_conditions_stops_a_request(
    office: Office, contact: str, roof: str, residence: str
) -> None:
    said = conditions(contact=contact, roof=roof, residence=residence, threat="unclear", agrees="no")
    case = office.take(office.file(), officer(), said, s.Requested())
    assert case.stage == Stage.ANALYSIS


def test_rule_24_without_a_home_the_person_chooses_a_zone(office: Office) -> None:
    case = office.file()
    m.Place.objects.filter(case=case).delete()
    office.take(case, officer(), conditions())
    with pytest.raises(StepRefused) as refused:
        office.take(case, officer(), s.Requested())
    assert refused.value.missing == ("home",)
    chosen = conditions(residence="no", zone_chosen="Sa sœur vit ici")
    case = office.take(case, officer(), chosen, s.Requested())
    assert case.stage == Stage.ANALYSIS
    assert standing_of(case.id).is_minimal


def test_rule_24_an_incomplete_file_says_what_is_missing_and_keeps_what_was_typed(office: Office) -> None:
    case = office.file(consent="", consent_on=None)
    reply = office.officer.post(
        f"/files/{case.id}/step/request", {"version": case.version, "remark": "Très inquiète"}
    )
    page = text_of(reply)
    assert reply.status_code == 409
    assert "Consent, with its date" in page and "Questions about the conditions answered" in page
    assert "Très inquiète" in page
    assert m.Case.objects.get(id=case.id).stage == Stage.REQUEST


def test_an_officer_may_raise_danger_and_not_lower_it(office: Office) -> None:
    case = office.take(office.file(), officer(), conditions(), s.Requested(), analysis(danger=False))
    case = office.take(case, officer(), s.Raised(danger=True, urgent=True, reasons="Arme vue"))
    assert (case.danger, case.urgent) == (True, True)
    for lower in (
        s.Raised(danger=False, urgent=True, reasons="x"),
        s.Raised(danger=True, urgent=False, reasons="x"),
        analysis(danger=False, urgent=True),
        s.Consulted(on=case_day(case), who="x", police_view="x", danger=False),
    ):
        with pytest.raises(StepRefused) as refused:
            office.take(case, officer(), lower)
        assert refused.value.code == "not-lower"
    lowered = s.Consulted(on=case_day(case), who="x", police_view="x", urgent=False)
    case = office.take(case, magistrate(), lowered)
    assert (case.danger, case.urgent) == (True, False)


def case_day(case: m.Case) -> date:
    return consultation().on


def test_the_analysis_decides_nothing(office: Office) -> None:
    """Whatever is answered, the file goes to the same next step, and a magistrate may grant or refuse."""
    for danger, kind in product((True, False), ("granted", "refused")):
        case = office.take(
            office.file(), officer(), conditions(), s.Requested(), analysis(danger=danger), consultation()
        )
        assert case.stage == Stage.DECISION
        office.take(case, magistrate(), decision(kind))


EDITIONS = ("2026-11", "col-15-2020")


def test_every_edition_can_be_chosen_and_no_other() -> None:
    """The setting names those that are packaged."""
    packaged = {path.stem.removeprefix("questionnaire-") for path in DATA.glob("questionnaire-*.toml")}
    assert packaged == set(EDITIONS)
    for edition in EDITIONS:
        assert read_questionnaire(edition).edition == edition
        assert Config.of(Sources({"EGIDE_QUESTIONNAIRE": edition})).questionnaire == edition
    with pytest.raises(NotSetUp, match="EGIDE_QUESTIONNAIRE"):
        Config.of(Sources({"EGIDE_QUESTIONNAIRE": "2031-01"}))


def test_an_analysis_by_col_15_2020_keeps_its_edition_and_its_questions(office: Office) -> None:
    case = office.take(office.file(), officer(), conditions(), s.Requested())
    settings.EGIDE = replace(settings.EGIDE, questionnaire="col-15-2020")
    url = f"/files/{case.id}/step/analysis"
    page = text_of(office.officer.get(url))
    assert "Nobody has held their wording" in page and "strangle or suffocate" in page
    case.refresh_from_db()
    questions = read_questionnaire("col-15-2020").questions
    given = {f"q-{one.id}": "yes" if one.kind == "yes-no" else "Tout." for one in questions}
    given |= {"danger": "yes", "danger_reasons": "Menaces", "urgent": "no", "urgent_reasons": "Calme"}
    assert office.officer.post(url, {"version": str(case.version), **given}).status_code == 302
    # Another edition is in force by now; what was answered keeps its questions.
    settings.EGIDE = replace(settings.EGIDE, questionnaire="2026-11")
    taken = read_file(case.id).last(s.Analysed)
    assert taken is not None and isinstance(taken.step, s.Analysed)
    assert taken.step.questionnaire == "col-15-2020" and len(taken.step.answers) == len(questions)
    shown = text_of(office.officer.get(f"/files/{case.id}/"))
    assert "Is a break-up announced, under way or recent, and not accepted?" in shown


@pytest.mark.parametrize("edition", EDITIONS)
def test_the_questionnaire_speaks_four_languages_and_an_old_answer_keeps_its_question(edition: str) -> None:
    questionnaire = read_questionnaire(edition)
    assert len(questionnaire.questions) == len({one.id for one in questionnaire.questions}) >= 15
    for question in questionnaire.questions:
        assert set(question.text) == set(LANGUAGES) and all(question.text.values())
    told = questions_answered("2026-11", analysis().answers, "nl")
    assert [(one.question, one.answer) for one in told] == [
        ("Heeft hij of zij geprobeerd de persoon te wurgen of te verstikken?", "yes")
    ]


def test_lists_are_in_the_order_of_what_people_answered(office: Office) -> None:
    calm, urgent, danger = (office.file() for _number in range(3))
    for case, said in (
        (calm, analysis(danger=False)),
        (urgent, analysis(danger=False, urgent=True)),
        (danger, analysis(danger=True)),
    ):
        office.take(case, officer(), conditions(), s.Requested(), said)
    page = text_of(office.officer.get("/files/"))
    places = [page.index(f"/files/{case.id}/") for case in (danger, urgent, calm)]
    assert places == sorted(places)
